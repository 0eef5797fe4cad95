"""The paper of an issued bulletin: made once from what was frozen, kept in the store (14)."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.timezone import localtime

from archives.papers.benefits import Subject
from archives.papers.sections import Section, more
from archives.pdf import make_pdf
from supervision.models import Bulletin
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.models import Signature


def make_paper(no: str) -> str:
    """The bulletin's PDF stands in the store; its SHA-256. Made again it is the same."""
    row = Bulletin.objects.select_related("district").get(no=no)
    if row.pdf_sha256:
        return str(row.pdf_sha256)
    assert row.issued_on is not None
    page = render_to_string("forms/sections.html", context_of(row))
    sha256 = file_store.keep(make_pdf(page, made_on=row.issued_on).content)
    Bulletin.objects.filter(pk=row.pk, pdf_sha256="").update(pdf_sha256=sha256)
    return sha256


def context_of(row: Bulletin) -> dict[str, Any]:
    """What the paper says: words, each office, each finding with its day, who signed."""
    tables = row.tables
    signature = Signature.objects.filter(
        subject_kind="bulletin", subject_key=row.no, stage="issue"
    ).last()
    sections = [
        Section("", text=[f"文号：{row.document_no}", *row.text.splitlines()]),
        Section("各镇、街道情况", head=tuple(tables["heads"]), rows=_rows(tables["rows"])),
        Section(
            "各镇、街道发现项数", head=("镇、街道", "项数", "图示"), rows=_bars(tables["bars"])
        ),
        Section("发现来源", head=("来源", "项数"), rows=_rows(tables["sources"])),
        Section(
            "问题清单和整改期限",
            head=("编号", "镇、街道", "问题", "依据", "整改期限"),
            rows=[
                (f["no"], f["office"], f["what"], f["cites"], f["mend_by"])
                for f in tables["findings"]
            ],
        ),
        Section(
            "整改要求", text=row.demand.splitlines() or ["请按期整改，逐项报送整改情况和证明。"]
        ),
    ]
    if signature:
        who = f"签发：{signature.unit}{signature.post} {signature.name}"
        sections.append(Section("签发", text=[who, f"{localtime(signature.signed_at):%Y-%m-%d}"]))
    return {
        "case": Subject(row.no, row.district, row.district, row.district),
        "paper": {"title": row.title},
        "no_label": "通报编号",
        "formed_on": row.issued_on,
        "is_demo": settings.MODE == "demo",
        "size": "A4",
        **more(*sections),
    }


def _bars(found: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Bars that print anywhere: at most twenty squares for the largest."""
    most = max((bar["value"] for bar in found), default=0)
    size = max(1, -(-most // 20))
    return [(bar["label"], str(bar["value"]), "■" * -(-bar["value"] // size)) for bar in found]


def _rows(found: list[list[str]]) -> list[tuple[str, ...]]:
    return [tuple(row) for row in found]
