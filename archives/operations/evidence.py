"""证据册: all evidence of one case in a package that proves itself, for auditors (ux G12)."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string

from archives.models import Dossier, DossierItem, EvidenceExport
from archives.papers.benefits import Subject
from archives.papers.sections import Section, more
from archives.pdf import make_pdf
from archives.rules import bag
from archives.rules.naming import cell, file_name
from cases.models import Benefit, Case, Review
from cases.rules.procedures import STATES
from funds.models import PayoutLine
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.event_words import action_label
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.inputs.money import show
from yuquan_relief.kernel.models import Attachment, Event, Look, Signature, next_number

from .contents import MOST_BYTES, VERIFY, chain_of, event_lines, pretty, signature_row

SUBJECT = "evidence"
OPEN_DAYS = 7  # after which it has to be asked for again
PAPER = {"title": "案件证据册"}


@dataclass(frozen=True)
class File:
    """One file of the case: its name in the package, what it is, and whether it is sound."""

    path: str
    title: str
    sha256: str
    size: int
    state: str  # 完好, 缺失或被改动, 已撤下, 已按规定销毁


@dataclass(frozen=True)
class Book:
    """Everything on record of one case."""

    case: Case
    dossier: Dossier | None
    files: list[File]
    events: list[Event]
    signatures: list[Signature]
    looks: list[Look]
    payments: list[PayoutLine]


def ask(no: str, purpose: str, recipient: str, *, actor: Actor, on: date) -> EvidenceExport:
    """The evidence of the case was asked for. Whose post is to audit may take it at once; others
    wait for the bureau's leader. Raises Case.DoesNotExist outside the scope, Refused without
    purpose and recipient."""
    case = Case.objects.visible_to(actor).get(no=no)
    if not actor.can("archives.export"):
        raise PermissionDenied("archives.export")
    if not purpose.strip() or not recipient.strip():
        raise Refused("请写明用途和交给谁")
    with transaction.atomic():
        row = EvidenceExport(
            no=next_number(f"ZJ-{on:%Y%m}-"), case=case, purpose=purpose.strip()[:200],
            recipient=recipient.strip()[:100], asked_on=on, asked_by_id=actor.human_id,
        )  # fmt: skip
        if actor.can("audit.view"):
            row.by_right, row.answered_on, row.answered_by_id = True, on, actor.human_id
            row.ends_on = on + timedelta(days=OPEN_DAYS)
        row.save(force_insert=True)
        _tell(row, "ask", actor, on, {"by_right": row.by_right})
    return row


@transaction.atomic
def answer(no: str, refusal: str, *, actor: Actor, on: date) -> EvidenceExport:
    """The bureau's leader lets it go, or says why not ("" lets it go)."""
    if not actor.can("archives.release"):
        raise PermissionDenied("archives.release")
    row = visible(actor).select_for_update(of=("self",)).get(no=no)
    if row.answered_on:
        raise Refused("这份申请已经答复过")
    if row.asked_by_id == actor.person_id:
        raise Refused("不能批准自己的申请，请由另一人答复")
    row.answered_on, row.answered_by_id = on, actor.human_id
    row.refusal = refusal.strip()[:200]
    row.ends_on = None if row.refusal else on + timedelta(days=OPEN_DAYS)
    row.save()
    _tell(row, "refuse" if row.refusal else "approve", actor, on, {})
    return row


def visible(actor: Actor) -> QuerySet[EvidenceExport]:
    """Askings for cases in the actor's scope, by who may ask or let go."""
    if not (actor.can("archives.export") or actor.can("archives.release")):
        return EvidenceExport.objects.none()
    return EvidenceExport.objects.filter(case__in=Case.objects.visible_to(actor))


def take(no: str, *, actor: Actor, on: date) -> tuple[str, bytes]:
    """(name, bytes) of the package, made now and kept nowhere; that it was taken is on record.

    Raises Refused while it is not let go, or after OPEN_DAYS days.
    """
    row = visible(actor).select_related("case", "asked_by").get(no=no)
    if row.asked_by_id != actor.person_id:
        raise Refused("这份证据册是别人申请的，请自己申请")
    if row.ends_on is None or row.ends_on < on:
        raise Refused("还没有批准，或者已经过期，请重新申请")
    book = book_of(row.case)
    package = _package(book, row, actor, on)
    _tell(row, "take", actor, on, {"case": row.case.no, "bytes": len(package)})
    return f"{row.no}.zip", package


def book_of(case: Case) -> Book:
    """Everything on record of the case, with each file looked at."""
    dossier = Dossier.objects.filter(case=case).order_by("part").first()
    mine = Q(subject_kind="case", subject_key=case.no)
    parts = list(Dossier.objects.filter(case=case).values_list("no", flat=True))
    mine |= Q(subject_kind="dossier", subject_key__in=parts)
    reviews = Review.objects.filter(benefit__source_case=case).values_list("no", flat=True)
    mine |= Q(subject_kind="review", subject_key__in=list(reviews))
    keys = [f"{pk}" for pk in Attachment.objects.filter(mine).values_list("pk", flat=True)]
    looks = Q(kind="case", key=case.no) | Q(kind="file", key__in=keys)
    looks |= Q(kind="dossier", key__in=parts)
    benefit = Benefit.objects.filter(source_case=case).first()
    paid = Q(case=case) | Q(benefit=benefit) if benefit else Q(case=case)
    return Book(
        case=case,
        dossier=dossier,
        files=_files(mine, dossier),
        events=list(Event.objects.filter(mine).order_by("seq")),
        signatures=list(Signature.objects.filter(mine).order_by("id")),
        looks=list(Look.objects.filter(looks).order_by("id")),
        payments=list(PayoutLine.objects.filter(paid).select_related("batch").order_by("month")),
    )


def _files(mine: Q, dossier: Dossier | None) -> list[File]:
    is_gone = dossier is not None and dossier.is_destroyed
    found: list[tuple[str, str, str, int, str]] = []
    if dossier:
        items = DossierItem.objects.filter(dossier__case=dossier.case_id).current()
        found = [(i.slot, i.title, i.sha256, i.size, i.content_type) for i in items]
    listed = {sha256 for _, _, sha256, *_ in found}
    others = Attachment.objects.filter(mine).exclude(sha256__in=listed).order_by("id")
    withdrawn = {a.sha256 for a in others if a.withdrawn_at}
    found += [(a.slot, a.title, a.sha256, a.size, a.content_type) for a in others]
    return [
        File(
            path=f"data/documents/{file_name(n, slot, title, kind)}",
            title=title,
            sha256=sha256,
            size=size,
            state=_state(sha256, is_gone=is_gone, is_withdrawn=sha256 in withdrawn),
        )
        for n, (slot, title, sha256, size, kind) in enumerate(found, start=1)
    ]


def _state(sha256: str, *, is_gone: bool, is_withdrawn: bool) -> str:
    if file_store.is_sound(sha256):
        return "已撤下" if is_withdrawn else "完好"
    return "已按规定销毁" if is_gone else "缺失或被改动"


def _package(book: Book, row: EvidenceExport, actor: Actor, on: date) -> bytes:
    kept = [file for file in book.files if file.state in ("完好", "已撤下")]
    if sum(file.size for file in kept) > MOST_BYTES:
        raise Refused("本案文件合计超过 300 MB，请联系系统管理员")
    payload = {file.path: file_store.read(file.sha256) for file in kept}
    payload["data/证据册.pdf"] = make_pdf(sheet(book, row, actor, on), made_on=on).content
    payload["data/events.jsonl"] = event_lines(book.events)
    payload["data/chain.json"] = pretty(chain_of(book.events))
    payload["data/signatures.json"] = pretty([signature_row(s) for s in book.signatures])
    payload["data/access.csv"] = _table(
        ["时间", "人员", "职务", "单位", "看了什么", "来源地址"], [_look(x) for x in book.looks]
    )
    payload["data/文件.csv"] = _table(
        ["文件", "题名", "SHA-256", "字节", "状态"],
        [(f.path.removeprefix("data/"), f.title, f.sha256, f.size, f.state) for f in book.files],
    )
    payload["data/VERIFY.md"] = VERIFY
    info = {
        "Source-Organization": book.case.office.name,
        "External-Identifier": book.case.no,
        "Internal-Sender-Identifier": row.no,
        "Bagging-Date": on.isoformat(),
    }
    return bag.bag(row.no, payload, {}, info)


def _look(look: Look) -> tuple[str, ...]:
    at = f"{look.at:%Y-%m-%d %H:%M:%S%z}"
    return at, look.name, look.post, look.unit, look.what, look.address


def _table(head: list[str], rows: list[tuple[Any, ...]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([cell(str(value)) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def sheet(book: Book, row: EvidenceExport, actor: Actor, on: date) -> str:
    """The book as a page, with a watermark that says whose copy it is and for what."""
    case = book.case
    return render_to_string(
        "forms/sections.html",
        {
            "case": Subject(case.no, case.district, case.office, case.village),
            "paper": PAPER,
            "no_label": "案件编号",
            "formed_on": on,
            "is_demo": settings.MODE == "demo",
            "size": "A4",
            "watermark": f"{row.no}　仅供{row.recipient}用于{row.purpose[:30]}　{actor.name} {on}",
            **_sections(book, row),
        },
    )


def _sections(book: Book, row: EvidenceExport) -> Mapping[str, Any]:
    case = book.case
    facts = [
        ("户主", case.household.head_name),
        ("类别、状态", f"{case.programme_label}　{STATES[case.state]}"),
        ("提交、受理、决定", f"{case.submitted_on}　{case.accepted_on or '—'}　"
         f"{case.decided_on or '—'}"),
        ("档号", book.dossier.no if book.dossier else "没有立卷"),
        ("用途、交给", f"{row.purpose}　{row.recipient}"),
    ]  # fmt: skip
    return more(Section("案件", facts), *_proofs(book), *_trails(book))


def _proofs(book: Book) -> list[Section]:
    """Signatures, payments and files."""
    signed = [
        (s.name, f"{s.unit}{s.post}", f"{s.signed_at:%Y-%m-%d %H:%M}", s.opinion, s.hash[:16])
        for s in book.signatures
    ]
    paid = [
        (f"{x.month:%Y-%m}", x.batch.no, show(x.amount_fen), x.get_state_display(),
         str(x.paid_on or "—"))
        for x in book.payments
    ]  # fmt: skip
    files = [(f.title, f.sha256[:16], f.state) for f in book.files]
    return [
        Section(
            "签字", head=("人员", "单位、职务", "时间", "意见", "摘要（前 16 位）"), rows=signed
        ),
        Section("发放", head=("月份", "名单", "金额（元）", "状态", "到账日期"), rows=paid),
        Section("文件", head=("题名", "SHA-256（前 16 位）", "状态"), rows=files),
    ]


def _trails(book: Book) -> list[Section]:
    """What was done, and who looked."""
    done = [
        (str(e.seq), f"{e.at:%Y-%m-%d %H:%M}", f"{e.actor_unit}{e.actor_name}",
         action_label(e.subject_kind, e.action))
        for e in book.events
    ]  # fmt: skip
    looks = [(f"{x.at:%Y-%m-%d %H:%M}", f"{x.unit}{x.name}", x.what) for x in book.looks]
    return [
        Section("办理经过", head=("序号", "时间", "人员", "动作"), rows=done),
        Section("查看痕迹", head=("时间", "人员", "看了什么"), rows=looks),
    ]


def _tell(row: EvidenceExport, code: str, actor: Actor, on: date, body: Mapping[str, Any]) -> None:
    record(
        SUBJECT, row.no, code, actor=actor, on=on, unit_id=row.case.village_id,
        body={"case": row.case.no, **body},
    )  # fmt: skip
