"""封面、卷内目录、备考表 of a file as PDF, under the names of clause 6.2, in binding order."""

from datetime import date
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from archives.models import Dossier, DossierItem, PaperFile
from archives.models.checklist import checklist
from archives.pdf import Pdf, make_pdf
from archives.rules.checklist import gaps
from cases.rules.programmes import Family, Programme

from .benefits import Subject
from .forms import PAPERS
from .sections import Section, more

# 6.2 names the two files and the form; the region and the form of support are filled in.
TITLES = {
    Family.ALLOWANCE: "玉泉区城乡居民最低生活保障档案",
    Family.DESTITUTE: "玉泉区民政局城乡特困（分散）人员档案",
    Family.RELIEF: "玉泉区城乡居民临时救助审批档案",
}


def title_of(dossier: Dossier) -> str:
    """The name that the regulation gives to the file of this programme."""
    return TITLES[Programme(dossier.case.programme).family]


def make_cover(dossier: Dossier, on: date) -> Pdf:
    """Cover, directory and closing note, dated on the day of printing."""
    case = dossier.case
    page = render_to_string(
        "forms/sections.html",
        {
            "case": Subject(dossier.no, dossier.district, dossier.office, dossier.village),
            "paper": {"title": title_of(dossier)},
            "no_label": "档号",
            "formed_on": on,
            "is_demo": settings.MODE == "demo",
            "size": "A4",
            **more(*_sections(dossier, case)),
        },
    )
    return make_pdf(page, made_on=on)


def _sections(dossier: Dossier, case: Any) -> list[Section]:
    paper = PaperFile.objects.filter(dossier=dossier).select_related("box").first()
    items = list(DossierItem.objects.filter(dossier=dossier).current())
    missing = [gap.slot.title for gap in gaps(checklist(dossier), {i.slot for i in items}, PAPERS)]
    cover = [
        ("档案编号", dossier.no),
        ("享受类别", case.programme_label),
        ("案卷题名", f"{dossier.household.head_name}{case.programme_label}审批档案"),
        ("户主姓名", dossier.household.head_name),
        ("住址", dossier.household.address),
        ("申请年份", f"{case.submitted_on:%Y}" if case.submitted_on else ""),
        ("业务终结时间", str(case.decided_on or "")),
        ("保管期限", dossier.retention_text),
        ("盒号、件号", f"{paper.box.no}　第 {paper.seat} 件" if paper else "未上架"),
        ("立卷单位、日期", f"{dossier.office.name}　{dossier.opened_on}"),
    ]
    rows, page = [], 1
    for number, item in enumerate(items, start=1):
        day = item.formed_on.isoformat()
        rows.append((str(number), item.responsible, item.title, day, str(page), ""))
        page += item.pages or 1
    pages = sum(item.pages or 0 for item in items)
    uncounted = sum(item.pages is None for item in items)
    closing = [
        ("件数", f"{len(items)} 件"),
        ("页数", f"{pages} 页" + (f"，另有 {uncounted} 件未计页数" if uncounted else "")),
        ("缺件说明", "、".join(missing) or "必备件齐全"),
        ("封存", f"{dossier.sealed_on}　{dossier.package_sha256[:16]}"
         if dossier.sealed_on else "还没有封存"),
    ]  # fmt: skip
    head = ("序号", "责任者", "题名", "日期", "页号", "备注")
    return [
        Section("封面", cover),
        Section("卷内目录", head=head, rows=rows),
        Section("备考表", closing, signs=("立卷人", "检查人")),
    ]
