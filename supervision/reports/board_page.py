"""The board as its page shows it: cards, tables and bars of plain values."""

from dataclasses import replace
from datetime import date
from typing import Any

from cases.rules.programmes import Programme
from funds.tables import Cell, Table
from supervision.reports.board import (
    MONTH,
    PERIODS,
    STATE,
    YEAR,
    Board,
    ages,
    heat,
    latest_month,
    level,
    paid_offices,
    tolerated,
    worst_error,
)
from supervision.reports.figures import Filter, Value, by_group, figure_values
from supervision.reports.run_out import RunOut, run_outs
from supervision.rules.figures import FIGURES
from supervision.rules.sheets import interval
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.inputs import money


def percent(value: Value) -> str:
    """`97.8%`, or a dash where there is nothing to divide by."""
    return "—" if value.share is None else f"{value.share * 100:.1f}%"


def basis(value: Value) -> str:
    """The definition with the numbers in it, and the clause."""
    figure = value.figure
    text = f"{figure.numerator}（{_number(value, value.numerator)}）"
    if value.denominator is not None:
        text += f" ÷ {figure.denominator}（{_number(value, value.denominator)}）"
    return f"{text}。依据《办法》{figure.cites.replace(' ', '、')}。"


def _number(value: Value, n: int) -> str:
    return f"{money.show(n)} 元" if value.figure.is_money else f"{n:,}"


def cards(report: Board) -> list[dict[str, Any]]:
    """The four numbers that create liability."""
    values = report.values
    late, timely = values["late"], values["decided_in_time"]
    paid, all_, behind = paid_offices(report)
    visited, line = values["visited"], report.error_line()
    worst = worst_error(report)
    return [
        {
            "label": f"{report.now_words}超期在办", "value": late.numerator, "unit": "件",
            "url": report.url("late"), "tone": "bad" if late.numerator else "",
            "note": f"{report.month_words}按时办结率 {percent(timely)}",
            "basis": basis(late),
        },
        {
            "label": f"{report.month_words} 10 日前发放", "value": f"{paid} / {all_}",
            "unit": "街镇", "url": report.url("paid_in_time"), "tone": "bad" if behind else "",
            "note": ("差 " + "、".join(behind)) if behind
            else f"到户率 {percent(values['paid_in_full'])}",
            "note_tone": "bad" if behind else "mute", "basis": basis(values["paid_in_time"]),
            "more": (f"退票 {values['returned_lines'].numerator:,} 笔",
                     report.url("returned_lines")),
        },
        {
            "label": f"{report.year_words}入户（应 100%）",
            "value": f"{visited.numerator:,} / {visited.denominator or 0:,}", "unit": "户",
            "url": report.url("visited"), "note": f"{percent(visited)}　{_pace(report)}",
            "basis": basis(visited),
        },
        {
            "label": f"{_of_year(report)}认定不准（红线 5%）",
            "value": f"{line.wrong} / {line.approved}", "unit": "户",
            "url": report.url("errors"), "tone": "bad" if line.is_reached else "",
            "note": _error_note(report, line, worst), "basis": basis(values["errors"]),
        },
    ]  # fmt: skip


def _of_year(report: Board) -> str:
    """Which year a label is of, where it is not the running one."""
    return report.year_words if report.is_past else ""


def _pace(report: Board) -> str:
    """How many should have been visited by the last day asked for, day by day over the year."""
    visited, last = report.values["visited"], report.last
    whole = visited.denominator or 0
    due = whole * last.timetuple().tm_yday // (366 if last.year % 4 == 0 else 365)
    behind = due - visited.numerator
    return f"按日进度差 {behind} 户" if behind > 0 else "不落后于按日进度"


def _error_note(report: Board, line: Any, worst: Any) -> str:
    if not line.approved:
        return f"{report.year_words}还没有批准"
    near = f"，最高 {worst[0]} {worst[1].wrong}/{worst[1].approved}" if worst else ""
    if line.is_reached:
        return f"已达 5%{near}"
    small = "（基数小）" if line.is_small else ""
    return f"再有 {line.headroom} 户达 5%{small}{near}"


def samples_table(report: Board) -> Table:
    """Progress of samples towards their share (4(1).2), and of the re-check (5(9))."""
    rows = []
    for code in ("sampled_new", "sampled_relief", "rechecked"):
        value = report.values[code]
        target = value.figure.target or 0.0
        whole = value.denominator or 0
        due = -(-whole * round(target * 100) // 100)
        rows.append(
            [
                Cell(f"{value.figure.label}（{value.figure.unit}）"),
                Cell(f"{whole:,}", True, report.url(code, whole=True)),
                Cell(f"{target:.0%}", True),
                Cell(f"{value.numerator:,}", True, report.url(code)),
                Cell(f"{due:,}", True),
                Cell(percent(value), True, tone=_tone(value)),
            ]
        )
    heads = ("抽查", "范围", "目标", "已查", "应查", "完成")
    return Table(f"{_of_year(report)}抽查进度（第四条、第五条）", heads, rows)


def _tone(value: Value) -> str:
    return {None: "", True: "ok", False: "warn"}[value.is_good]


def others(report: Board) -> list[dict[str, Any]]:
    """Smaller numbers, each with its list."""
    codes = ("open", "in_benefit", "told", "reviews_in_time", "proofs_in_time", "files_complete",
             "old_files", "petitions_in_time", "mended", "findings_open")  # fmt: skip
    return [_small(report, code) for code in codes] + _phone(report)


def _small(report: Board, code: str) -> dict[str, Any]:
    value = report.values[code]
    share = value.denominator is not None
    shown = percent(value) if share else f"{value.numerator:,}"
    note = f"{value.numerator:,} / {value.denominator:,} {value.figure.unit}" if share else ""
    if report.asked.programme and not value.figure.programme:
        note += "　不分类别"
    return {
        "label": _label(report, code), "value": shown, "unit": "" if share else value.figure.unit,
        "url": report.url(code), "note": note, "tone": "bad" if value.is_good is False else "",
        "basis": basis(value),
    }  # fmt: skip


def _label(report: Board, code: str) -> str:
    """The figure's name; on the board of another month with what it is of."""
    label = FIGURES[code].label
    if not report.is_past:
        return label
    words = {STATE: report.now_words, MONTH: report.month_words, YEAR: report.year_words}
    return f"{words[PERIODS[code]]} {label}"


def _phone(report: Board) -> list[dict[str, Any]]:
    """Satisfaction and awareness with what can be said of so few (95 %)."""
    found = []
    for code in ("satisfied", "aware"):
        value = report.values[code]
        asked = value.denominator or 0
        range_ = interval(value.numerator, asked)
        note = f"共问 {asked:,} 人" + (
            f"，95% 区间 {range_[0] * 100:.1f}–{range_[1] * 100:.1f}%" if range_ else ""
        )
        found.append(
            {
                "label": _label(report, code), "value": percent(value), "unit": "",
                "url": report.url(code), "note": note, "basis": basis(value),
            }
        )  # fmt: skip
    return found


def offices_table(report: Board) -> Table:
    """Each office with the numbers that count."""
    codes = ("open", "late", "decided_in_time", "paid_in_time", "visited", "errors",
             "files_complete", "findings_open")  # fmt: skip
    now, month, year = report.now_words, report.month_words, report.year_words
    of_month, of_year = (month, year) if report.is_past else ("", "")
    labels = (
        f"{now}在办（件）",
        f"{now}超期（件）",
        f"{of_month}按时办结",
        f"{of_month}按时发放",
        f"{year}入户",
        f"{of_year}认定不准（户）",
        f"{of_year}档案齐全",
        f"{now}未结发现（项）",
    )
    rows = [
        [Cell(u.name)] + [_office_cell(report, code, u.pk) for code in codes]
        for u in report.offices
    ]
    return Table("各街镇情况", ("街镇", *labels), rows, empty="没有街镇")


def _office_cell(report: Board, code: str, office: int) -> Cell:
    value = report.by_office[code].get(office)
    if value is None:
        value = Value(code, 0, 0 if report.values[code].denominator is not None else None)
    if code == "errors":
        text = f"{value.numerator}/{value.denominator}"
    else:
        text = percent(value) if value.denominator is not None else f"{value.numerator:,}"
    tone = "bad" if value.is_good is False and value.numerator + (value.denominator or 0) else ""
    return Cell(text, True, report.url(code, office), tone if code == "late" else "")


def money_bars(report: Board, actor: Actor, on: date) -> dict[str, Any]:
    """Of what was sent down this year, what has arrived, by programme."""
    asked: Filter = report.asked.period("year", on)
    sent = by_group(figure_values("allocated", actor, asked, "programme"))
    paid = by_group(figure_values("paid", actor, asked, "programme"))
    bars, rows = [], []
    for programme in Programme:
        down = sent[programme.value].numerator if programme.value in sent else 0
        out = paid[programme.value].numerator if programme.value in paid else 0
        if not down and not out:
            continue
        share = out * 100 // down if down else 100
        bars.append(
            {"label": programme.label, "value": min(share, 100), "text": f"{share}%",
             "tone": "brand"}
        )  # fmt: skip
        where = f"{report.asked.query}&programme={programme.value}"
        rows.append(
            [
                Cell(programme.label),
                Cell(money.show(down), True, f"/figures/allocated/?{where}"),
                Cell(money.show(out), True, f"/figures/paid/?{where}"),
            ]
        )
    heads = ("类别", "下拨（元）", "已发放（元）")
    return {
        "bars": bars,
        "caption": f"已发放占下拨（{report.year_words}）",
        "whole": 100,
        "table": Table("资金执行", heads, rows),
    }


RUN_OUTS = 5  # purses that are shown


def run_out_table(report: Board, rows: list[RunOut]) -> Table:
    """The purses that are empty first, by what the last lists took."""
    names = {unit.pk: unit.short_name for unit in report.offices}
    labels = {programme.value: programme.label for programme in Programme}
    cells = [
        [
            Cell(names.get(row.office_id, "—")),
            Cell(labels[row.programme]),
            Cell(money.show(row.available_fen), True, "/funds/"),
            Cell(money.show(row.monthly_fen), True),
            Cell(f"{row.short_month:%Y-%m}", True, tone="warn" if row.is_near else ""),
        ]
        for row in rows[:RUN_OUTS]
    ]
    heads = ("街镇", "类别", "可用（元）", "月均（元）", "不够发的月份")
    caption = f"{report.now_words}预计用完（按近三个月用款）"
    return Table(caption, heads, cells, empty="近三个月没有发放")


def _run_out(report: Board, actor: Actor, on: date) -> Table:
    asked = report.asked
    found = run_outs(actor, on, office_id=asked.office_id, programme=asked.programme)
    return run_out_table(report, found)


def _gap(report: Board, actor: Actor) -> dict[str, str] | None:
    """Where the month has nothing to show: the month that has."""
    values = report.values
    if values["decided_in_time"].denominator or values["paid_in_time"].denominator:
        return None
    latest = latest_month(actor, report.asked)
    if latest is None or latest == report.asked.month:
        return None
    asked = replace(report.asked, month=latest)
    return {"text": f"{latest.year} 年 {latest.month} 月", "url": f"/board/?{asked.query}"}


def page_of(report: Board, actor: Actor, on: date) -> dict[str, Any]:
    """Everything the page needs; None for a block that could not be read."""
    return {
        "report": report,
        "cards": cards(report),
        "heat": heat(report) if report.offices and not report.is_past else None,
        "ages": None if report.is_past else ages(report),
        "now_url": f"/board/?{replace(report.asked, month=on.replace(day=1)).query}",
        "samples": samples_table(report),
        "money": tolerated("money", lambda: money_bars(report, actor, on)),
        "run_out": tolerated("run_out", lambda: _run_out(report, actor, on)),
        "gap": _gap(report, actor),
        "others": others(report),
        "offices": offices_table(report),
    }


def tiles(report: Board) -> list[dict[str, Any]]:
    """A square for each office: darker where more is in process, marked where something is late."""

    def count(code: str, unit: int) -> int:
        value = report.by_office[code].get(unit)
        return value.numerator if value else 0

    most = max((count("open", unit.pk) for unit in report.offices), default=0)
    return [
        {
            "label": unit.short_name, "open": count("open", unit.pk),
            "late": count("late", unit.pk), "level": level(count("open", unit.pk), most),
            "url": report.url("late" if count("late", unit.pk) else "open", unit.pk),
        }
        for unit in report.offices
    ]  # fmt: skip


def wall_of(report: Board) -> dict[str, Any]:
    """What many look at together on one screen: the same numbers, fewer of them, larger."""
    return {
        "report": report,
        "cards": cards(report),
        "tiles": tiles(report),
        "ages": ages(report),
    }
