"""The household file builds itself: opened by the approval, filled from what is on record."""

import json
import logging
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from archives.models import Dossier, DossierItem
from archives.models.checklist import checklist
from archives.papers import PAPERS, CaseSheet, Sheet, make_sheet, print_sheet, read_case
from archives.papers.benefits import BenefitSheet, ReviewPage, pages_of
from archives.rules.checklist import LAST, Gap, Slot, gaps
from archives.rules.retention import retain_until
from cases.models import Benefit, Case, Review
from cases.models.record import rules_of
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Attachment, Signature, Unit, next_number
from yuquan_relief.kernel.operations.attachments import attach

logger = logging.getLogger(__name__)

SUBJECT = "dossier"
FONDS = "YQMZ-MS"  # 全宗号-门类代码; the district's archive office gives the final one (ADR 11)
EXTRA_FORMS = {"acceptance": LAST, "decision": LAST + 1}
OF_REVIEWS = LAST + 10


@dataclass(frozen=True)
class Made:
    """An item as it should stand in the file now."""

    key: str
    slot: str
    position: int
    title: str
    responsible: str
    formed_on: date
    attachment: Attachment | None = None
    sheet: Sheet | ReviewPage | None = None


@transaction.atomic
def open_dossier(case_no: str, *, on: date) -> Dossier:
    """The approved case has its file, numbered and filled; a second call changes nothing (6.1)."""
    case = Case.objects.select_for_update(of=("self",)).get(no=case_no)
    found = Dossier.objects.filter(case=case).order_by("part").first()
    if found:
        return found
    years = rules_of(case, on)["retention.approval_years"]
    office = Unit.objects.only("code").get(pk=case.office_id)
    dossier = Dossier.objects.create(
        no=next_number(f"{FONDS}·{on.year}-D{years}-{office.code[:9]}-"),
        case=case,
        household_id=case.household_id,
        district_id=case.district_id,
        office_id=case.office_id,
        village_id=case.village_id,
        opened_on=on,
        retain_years=years,
        retain_until=retain_until(stopped_on(case), years),
        retain_reason="停止保障",
    )
    fill(dossier, on=on)
    _tell(dossier, "open", ROBOT, on, {"case": case.no})
    return dossier


def stopped_on(case: Case) -> date | None:
    """The last day of the month with which the case's benefit ended; None while it runs."""
    ended = Benefit.objects.filter(source_case=case).values_list("end_month", flat=True).first()
    return ended and ended.replace(day=monthrange(ended.year, ended.month)[1])


@transaction.atomic
def refresh(case_no: str, *, on: date, actor: Actor = ROBOT) -> int:
    """The file holds what is on record now; returns how many items are new or taken out.

    A sealed file stays as it is: what is new begins the next part (续卷). A case without a file
    has nothing to be refreshed.
    """
    parts = Dossier.objects.visible_to(actor).filter(case__no=case_no)
    latest = parts.order_by("-part").first()
    if latest is None:
        return 0
    dossier = (
        Dossier.objects.select_for_update(of=("self",)).select_related("case").get(pk=latest.pk)
    )
    if dossier.is_sealed:
        return _begin_next(dossier, on=on) if not dossier.is_destroyed else 0
    changed = fill(dossier, on=on)
    if changed:
        _tell(dossier, "refresh", actor, on, {"changed": changed})
    return changed


def _begin_next(sealed: Dossier, *, on: date) -> int:
    """The next part, when something came that no part has; how many items."""
    known = _keys_before(sealed.case_id, sealed.part + 1)
    if all(made.key in known for made in _wanted(sealed, checklist(sealed), on)):
        return 0
    first = sealed.no.partition("-X")[0]
    part = Dossier.objects.create(
        no=f"{first}-X{sealed.part}", part=sealed.part + 1, case=sealed.case, opened_on=on,
        household_id=sealed.household_id, district_id=sealed.district_id,
        office_id=sealed.office_id, village_id=sealed.village_id,
        retain_years=sealed.retain_years, retain_until=sealed.retain_until,
        retain_reason=sealed.retain_reason,
    )  # fmt: skip
    count = fill(part, on=on)
    _tell(part, "open", ROBOT, on, {"case": sealed.case.no, "part": part.part})
    return count


def _keys_before(case_id: int, part: int) -> set[str]:
    """What stands in the parts before this one."""
    earlier = DossierItem.objects.filter(dossier__case_id=case_id, dossier__part__lt=part)
    return set(earlier.values_list("key", flat=True))


def refresh_for_review(review_no: str, *, on: date) -> int:
    """The file of the case that the benefit came from has what the review left; as refresh."""
    case = Review.objects.filter(no=review_no).values_list("benefit__source_case__no", flat=True)
    no = case.first()
    return refresh(no, on=on) if no else 0


@transaction.atomic
def refresh_by_hand(dossier_no: str, *, actor: Actor, on: date) -> int:
    """The same, asked for by a person on the file's page."""
    dossier = for_change(dossier_no, actor)
    return refresh(dossier.case.no, on=on, actor=actor)


def supplement(dossier_no: str, slot: str, files: list[bytes], *, actor: Actor, on: date) -> None:
    """Files that came late stand in their slot of the file (6.1).

    One transaction for each, so that the chain of events is not held while the next is examined:
    when one is refused, those before it are in the file.
    """
    with transaction.atomic():
        for_change(dossier_no, actor)  # who may not, is told so first
    if not files:
        raise Refused("请先选择文件")
    case_no = ""
    try:
        for content in files:
            case_no = _supplement(dossier_no, slot, content, actor)
    finally:
        if case_no:
            refresh(case_no, on=on, actor=actor)


@transaction.atomic
def _supplement(dossier_no: str, slot: str, content: bytes, actor: Actor) -> str:
    dossier = for_change(dossier_no, actor)
    titles = {s.slot: s.title for s in checklist(dossier)}
    if slot not in titles or slot in PAPERS:
        raise Refused("这一项由系统生成或不在目录里，不能上传")
    _attach(dossier, slot, titles[slot], content, actor)
    return dossier.case.no


def _attach(dossier: Dossier, slot: str, title: str, content: bytes, actor: Actor) -> None:
    attach(
        SUBJECT,
        dossier.no,
        slot,
        content,
        title=title,
        village_id=dossier.village_id,
        office_id=dossier.office_id,
        actor=actor,
    )


def for_change(dossier_no: str, actor: Actor) -> Dossier:
    """The dossier, locked; raises as every act does: 404 outside, 403, or Refused once sealed."""
    found = Dossier.objects.visible_to(actor).filter(no=dossier_no)
    dossier = found.select_related("case").select_for_update(of=("self",)).get()
    if not actor.can("archives.seal"):
        raise PermissionDenied("archives.seal")
    if dossier.is_sealed:
        raise Refused("本卷已封存，不能再改（第六条（三）），请报区局核查")
    return dossier


def gaps_of(dossier: Dossier) -> list[Gap]:
    """What is required and missing in a file that is being built."""
    there = set(
        DossierItem.objects.filter(dossier=dossier).current().values_list("slot", flat=True)
    )
    return gaps(checklist(dossier), there, PAPERS)


def fill(dossier: Dossier, *, on: date) -> int:
    """Append what is new, take out what is gone, count what is there; how much changed."""
    slots = checklist(dossier)
    now = {item.key: item for item in DossierItem.objects.filter(dossier=dossier).current()}
    earlier = _keys_before(dossier.case_id, dossier.part)
    wanted = {m.key: m for m in _wanted(dossier, slots, on) if m.key not in earlier}
    added = [_row(dossier, made) for key, made in wanted.items() if _differs(made, now.get(key))]
    gone = [_taken_out(item) for key, item in now.items() if key not in wanted]
    rows = [row for row in added if row] + gone
    DossierItem.objects.bulk_create(rows, batch_size=200)
    required = [s for s in slots if s.required]
    dossier.required_total = len(required)
    dossier.required_present = len(required) - len(gaps_of(dossier))
    until = retain_until(stopped_on(dossier.case), dossier.retain_years)
    if until and (dossier.retain_until is None or until > dossier.retain_until):
        dossier.retain_until = until  # a longer rule may have moved it further (keeping.move_ends)
    dossier.save(update_fields=["required_total", "required_present", "retain_until"])
    return len(rows)


def _wanted(dossier: Dossier, slots: list[Slot], on: date) -> Iterator[Made]:
    places = {s.slot: s.position for s in slots}
    case_record = read_case(dossier.case.no, on)
    for code in PAPERS:
        if code in places or code in EXTRA_FORMS:
            yield from _form(case_record, code, places.get(code) or EXTRA_FORMS[code], dossier)
    for file in _files(dossier):
        yield Made(
            key=f"file:{file.pk}",
            slot=file.slot,
            position=places.get(file.slot, LAST + 2),
            title=file.title,
            responsible=file.uploaded_by.name if file.uploaded_by else "",
            formed_on=timezone.localtime(file.taken_at or file.uploaded_at).date(),
            attachment=file,
        )
    yield from _of_reviews(dossier)


def _of_reviews(dossier: Dossier) -> Iterator[Made]:
    """动态管理: the forms and files of each review of the benefit, by date, after the rest."""
    ended = Review.objects.filter(benefit__source_case=dossier.case, state="ENDED")
    for review in ended.select_related(
        "benefit__household", "benefit__village", "benefit__office", "benefit__district",
        "benefit__source_case",
    ).order_by("id"):  # fmt: skip
        on, office = review.ended_on or dossier.opened_on, review.benefit.office.name
        for code, page in pages_of(BenefitSheet(review.benefit, on, review)):
            key = f"review:{review.no}:{code}"
            yield Made(key, "review", OF_REVIEWS, page.title, office, page.formed_on, sheet=page)
        files = Attachment.objects.filter(
            subject_kind="review", subject_key=review.no, withdrawn_at=None
        )
        for file in files.select_related("uploaded_by").order_by("id"):
            who = file.uploaded_by.name if file.uploaded_by else ""
            day = timezone.localtime(file.taken_at or file.uploaded_at).date()
            yield Made(f"file:{file.pk}", "review", OF_REVIEWS, file.title, who, day, file)


def _form(case_record: CaseSheet, code: str, position: int, dossier: Dossier) -> Iterator[Made]:
    try:
        sheet = make_sheet(case_record, code, dossier_no=dossier.no)
    except Refused:
        return  # its evidence is not there: a gap, shown as such
    responsible = case_record.case.office.name
    title = sheet.paper.title
    yield Made(f"form:{code}", code, position, title, responsible, sheet.formed_on, sheet=sheet)


def _files(dossier: Dossier) -> list[Attachment]:
    """Files of the case and of the dossier; what the leader signed on stays, even if withdrawn."""
    mine = Q(subject_kind="case", subject_key=dossier.case.no)
    mine |= Q(subject_kind=SUBJECT, subject_key=dossier.no)
    counts = Q(withdrawn_at__isnull=True) | Q(sha256__in=signed_files(dossier.case))
    found = Attachment.objects.filter(mine & counts).select_related("uploaded_by").order_by("id")
    standing = {file.sha256 for file in found if file.withdrawn_at is None}
    # What was put into the right slot afterwards does not come back in the wrong one.
    return [f for f in found if f.withdrawn_at is None or f.sha256 not in standing]


def signed_files(case: Case) -> list[str]:
    """The digests of the files on which the decision was signed."""
    decided = Signature.objects.filter(subject_kind="case", subject_key=case.no, stage="decide")
    latest = decided.order_by("-id").first()
    return list(json.loads(latest.content).get("files", [])) if latest else []


def _differs(made: Made, item: DossierItem | None) -> bool:
    if item is None:
        return True
    if made.sheet:
        return made.sheet.made_from != item.made_from
    return made.position != item.position


def _row(dossier: Dossier, made: Made) -> DossierItem | None:
    """The new row, its bytes kept; None for a form that cannot be printed here and now."""
    row = DossierItem(
        dossier=dossier,
        key=made.key,
        slot=made.slot,
        position=made.position,
        title=made.title,
        responsible=made.responsible,
        formed_on=made.formed_on,
    )
    if made.sheet:
        return _printed(row, made.sheet)
    file = made.attachment
    assert file is not None
    is_photo = file.content_type.startswith("image/")
    row.attachment, row.sha256, row.size = file, file.sha256, file.size
    row.content_type, row.pages = file.content_type, 1 if is_photo else None
    row.source = DossierItem.Source.PHOTO if is_photo else DossierItem.Source.UPLOAD
    return row


def _printed(row: DossierItem, sheet: Sheet | ReviewPage) -> DossierItem | None:
    try:
        pdf = print_sheet(sheet)
    except Refused as refused:
        logger.warning("form %s of dossier %s: %s", row.slot, row.dossier_id, refused.code)
        return None
    row.sha256, row.size, row.pages = file_store.keep(pdf.content), len(pdf.content), pdf.pages
    row.content_type, row.source = "application/pdf", DossierItem.Source.FORM
    row.made_from = sheet.made_from
    return row


def _taken_out(item: DossierItem) -> DossierItem:
    item.pk = None
    item._state.adding = True
    item.is_removed = True
    return item


def _tell(dossier: Dossier, action: str, actor: Actor, on: date, body: dict[str, object]) -> None:
    record(SUBJECT, dossier.no, action, actor=actor, on=on, unit_id=dossier.village_id, body=body)
