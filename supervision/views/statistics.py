"""统计: the regular tables, made, compared, locked, reported, taken away (5(8))."""

import io

import xlsxwriter
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archives.papers.benefits import Subject
from archives.papers.sections import Section, more
from archives.pdf import make_pdf
from cases.views.common import csv_file
from funds.tables import Cell, Table
from supervision.acts import lock_report, make_report
from supervision.list_forms import StatForm
from supervision.models import StatReport
from supervision.operations import statistics as operations
from supervision.rules.stat_tables import PERIODS
from supervision.views.lists import day, listed
from supervision.views.pages import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import money
from yuquan_relief.kernel.middleware import PersonRequest

HEADS = ("报表", "期", "版次", "生成", "锁定", "状态")
TONES = {"DRAFT": "warn", "LOCKED": "brand", "REPORTED": "ok"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def period_text(row: StatReport) -> str:
    """`2026 年 11 月`, `2026 年第 4 季度`, `2026 年`."""
    first = row.first_month
    if row.period == "M":
        return f"{first.year} 年 {first.month} 月"
    if row.period == "Q":
        return f"{first.year} 年第 {(first.month + 2) // 3} 季度"
    return f"{first.year} 年"


@require_http_methods(["GET", "HEAD", "POST"])
def reports(request: PersonRequest) -> HttpResponse:
    """Every table that was made; one more, in three clicks and without typing a number (G13)."""
    require(request, "stats.view")
    actor, on, status = request.actor, today(), 200
    form = StatForm(request.POST or None, on=on)
    if request.method == "POST":
        require(request, "stats.make")
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            wanted = operations.Period(
                table=data["table"], period=data["when"][0], year=int(data["when"][1:5]),
                number=int(data["when"][6:] or 1),
            )  # fmt: skip
            try:
                made = make_report(wanted, actor=actor, on=on)
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
            else:
                return redirect("stat_report", made.no)
    found = operations.visible_reports(actor).order_by("-id")
    page = listed(request, found, "统计报表", HEADS, _row, unit="份", empty="还没有报表")
    page |= {
        "page_title": "统计报表",
        "new": form if actor.can("stats.make") else None,
        "button": "生成报表",
        "post_url": "/stats/",
        "hint": "数据由系统生成，与看板、接口同一口径；锁定以后不再变动。",
        "links": [("看板", "/board/"), ("接口说明", "/api/docs/")],
    }
    return render(request, "supervision/list.html", page, status=status)


def _row(row: StatReport) -> list[Cell]:
    return [
        Cell(row.figures["title"], url=f"/stats/{row.no}/"),
        Cell(period_text(row)),
        Cell(str(row.edition), True),
        Cell(day(localtime(row.made_at))),
        Cell(day(row.locked_on)),
        Cell(row.get_state_display(), tone=TONES[row.state]),
    ]


def visible(request: PersonRequest, no: str) -> StatReport:
    """The table, or 404 as for one that does not exist."""
    row: StatReport | None = operations.visible_reports(request.actor).filter(no=no).first()
    if row is None:
        raise Http404
    return row


def show(value: int | None, unit: str) -> str:
    """A cell as it is read: yuan, per cent, counts with thousands."""
    if value is None:
        return "—"
    if unit == "fen":
        return money.show(value)
    return f"{value / 100:.2f}%" if unit == "%" else f"{value:,}"


def table_of(row: StatReport, previous: StatReport | None = None) -> Table:
    """The table; with the one of the period before, the change stands under each number."""
    figures = row.figures
    units = [unit for _, _, unit in figures["heads"]]
    heads = tuple(_head(label, unit) for _, label, unit in figures["heads"])
    earlier = _by_code(previous) if previous else {}
    codes = [code for code, _, _ in figures["heads"]]
    rows = [
        [Cell(r["label"]), *(
            Cell(_beside(value, earlier.get((r["code"], code)), unit), True)
            for value, code, unit in zip(r["cells"], codes, units, strict=True)
        )]
        for r in figures["rows"]
    ]  # fmt: skip
    sums = [
        Cell("合计"),
        *(Cell(show(v, u), True) for v, u in zip(figures["sums"], units, strict=True)),
    ]
    return Table(f"{figures['title']}（{period_text(row)}）", ("项目", *heads), [*rows, sums])


def _head(label: str, unit: str) -> str:
    """The column with its unit; a share has its sign beside each number."""
    unit = "元" if unit == "fen" else unit
    if unit in ("%", label):  # 人次 are counted in 人次
        return label
    return f"{label[:-1]}，{unit}）" if label.endswith("）") else f"{label}（{unit}）"


def _by_code(row: StatReport) -> dict[tuple[str, str], int | None]:
    """Numbers by row and column: another template may have other columns, or another order."""
    codes = [code for code, _, _ in row.figures["heads"]]
    return {
        (r["code"], code): value
        for r in row.figures["rows"]
        for code, value in zip(codes, r["cells"], strict=True)
    }


def _beside(value: int | None, earlier: int | None, unit: str) -> str:
    text = show(value, unit)
    if value is None or earlier is None:
        return text
    if not (change := value - earlier):
        return text
    more = f"{abs(change) / 100:.2f} 个百分点" if unit == "%" else show(abs(change), unit)
    return f"{text}（{'+' if change > 0 else '−'}{more}）"


@require_safe
def stat_report(request: PersonRequest, no: str) -> HttpResponse:
    """One table; ?as=csv, xlsx or pdf takes it away."""
    row = visible(request, no)
    kind = request.GET.get("as", "")
    if kind == "csv":
        return csv_file(f"{row.no}.csv", _plain(row))
    if kind == "xlsx":
        return _attached(_workbook(row), f"{row.no}.xlsx", XLSX)
    if kind == "pdf":
        return _attached(_paper(row), f"{row.no}.pdf", "application/pdf")
    return _page(request, row)


def _page(
    request: PersonRequest, row: StatReport, status: int = 200, error: str = "", note: str = ""
) -> HttpResponse:
    previous = operations.previous_of(row)
    page = {
        "page_title": f"{row.figures['title']} {period_text(row)}",
        "row": row,
        "tone": TONES[row.state],
        "period": period_text(row),
        "kind": PERIODS[row.period],
        "table": table_of(row, previous),
        "previous": previous,
        "previous_period": period_text(previous) if previous else "",
        "may_make": request.actor.can("stats.make"),
        "error": error,
        "note": note,
    }
    return render(request, "supervision/stat_report.html", page, status=status)


def _plain(row: StatReport) -> list[list[str]]:
    table = table_of(row)
    return [list(table.heads), *([cell.text for cell in line] for line in table.rows)]


def _attached(content: bytes, name: str, content_type: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    return HttpResponse(content, content_type=content_type, headers=headers)


def _workbook(row: StatReport) -> bytes:
    """The table with numbers as numbers: yuan and shares as what they are."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(row.figures["title"][:31])
    formats = {"fen": book.add_format({"num_format": "#,##0.00"}),
               "%": book.add_format({"num_format": "0.00%"})}  # fmt: skip
    sheet.write_string(0, 0, f"{row.figures['title']}　{period_text(row)}")
    units = [unit for _, _, unit in row.figures["heads"]]
    for at, text in enumerate(
        ("项目", *(_head(label, unit) for _, label, unit in row.figures["heads"]))
    ):
        sheet.write_string(1, at, text)
    lines = [(r["label"], r["cells"]) for r in row.figures["rows"]]
    lines.append(("合计", row.figures["sums"]))
    for number, (label, cells) in enumerate(lines, 2):
        sheet.write_string(number, 0, label)
        for at, (value, unit) in enumerate(zip(cells, units, strict=True), 1):
            if value is not None:
                shown = value / 100 if unit == "fen" else value / 10_000 if unit == "%" else value
                sheet.write_number(number, at, shown, formats.get(unit))
    book.close()
    return out.getvalue()


def _paper(row: StatReport) -> bytes:
    table = table_of(row)
    where, made_on = row.district, localtime(row.made_at).date()
    page = render_to_string(
        "forms/sections.html",
        {
            "case": Subject(row.no, where, where, where),
            "paper": {"title": f"{row.figures['title']}（{period_text(row)}）"},
            "no_label": "报表编号", "formed_on": made_on,
            "is_demo": settings.MODE == "demo", "size": "A4 landscape",
            **more(
                Section(head=table.heads, rows=[tuple(c.text for c in r) for r in table.rows]),
                Section(text=[row.figures["note"]] if row.figures["note"] else []),
                Section(pairs=[("状态", row.get_state_display()), ("摘要", row.figures_sha256)]),
            ),
        },
    )  # fmt: skip
    return make_pdf(page, made_on=made_on).content


@require_POST
def stat_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """Lock, or say that it was reported."""
    row = visible(request, no)
    require(request, "stats.make")
    try:
        if code == "lock":
            lock_report(no, actor=request.actor, on=today())
            messages.success(request, "已锁定，数据不再变动")
        elif code == "report":
            operations.report(
                no, note=request.POST.get("note", ""), actor=request.actor, on=today()
            )
            messages.success(request, "已登记上报")
        else:
            raise Http404
    except Refused as refused:
        row.refresh_from_db()
        return _page(request, row, 409, refused.reason, request.POST.get("note", ""))
    return redirect("stat_report", no)
