"""From a draft to a submitted case: autosave, conflicts by field, one submission only."""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from simple_history.utils import bulk_create_with_history

from cases.models import Case, Draft, Household, HouseholdChange, Member, PayeeAccount
from cases.models.locks import hold_people
from cases.models.people import known
from cases.rules.application import (
    ApplicantMember,
    Application,
    ApplicationErrors,
    FieldError,
    nest,
    read_application,
)
from cases.rules.programmes import Family, Programme
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.inputs import pinyin
from yuquan_relief.kernel.models import Attachment, Event, next_number
from yuquan_relief.kernel.roles import Reach
from yuquan_relief.kernel.rulebook_values import DEFAULT_RULE_SET

from .declarations import add_declarations
from .steps import start


@dataclass(frozen=True)
class Place:
    """Where a clerk's application belongs, from the clerk's own post."""

    village_id: int
    office_id: int
    district_id: int
    office_code: str

    @classmethod
    def of(cls, actor: Actor) -> "Place":
        """The place of a village post; raises PermissionDenied for any other."""
        if actor.reach != Reach.VILLAGE or not (
            actor.unit_id and actor.office_id and actor.district_id
        ):
            raise PermissionDenied("submit")
        return cls(actor.unit_id, actor.office_id, actor.district_id, actor.office_code)

    @property
    def keys(self) -> dict[str, int]:
        """The three keys that every large table carries."""
        return {
            "village_id": self.village_id,
            "office_id": self.office_id,
            "district_id": self.district_id,
        }


MOST_ANSWERS = 900
ANSWER = re.compile(
    r"phone|address|registered_(address|kind)|reason|is_by_proxy|for_incapable|proxy_name|kin_declared|kin_note|support"
    r"|bank|account_kind|holder|account_number"
    r"|claim_(cause|class|on|place|total|covered|asked)"
    r"|obligors-[0-9]-(name|relation|persons|month|ground|support)"
    r"|property-[0-9]-(kind|note|value|area)|members-[0-9]{1,2}-"
    r"(name|id_no|relation|condition|registered|counts_for_income|not_counted|is_insured"
    r"|incomes-[0-9]-(kind|annual|months|evidence))"
)
BIN_LIFE = timedelta(days=30)
TICKS = ("counts_for_income", "is_insured")
MOST_LENGTH = 5000


@transaction.atomic
def start_draft(programme: str, *, actor: Actor) -> Draft:
    """A new empty draft of the clerk for one of the programmes; its village is the clerk's."""
    if not actor.can("cases.submit"):
        raise PermissionDenied("submit")
    if programme not in set(Programme):
        raise Refused("请选择要申请的事项")
    assert actor.unit_id is not None
    return Draft.objects.create(
        key=f"D-{secrets.token_hex(5)}",
        programme=programme,
        village_id=actor.unit_id,
        owner_id=actor.human_id,
    )


@dataclass(frozen=True)
class Conflict:
    """The same field was changed elsewhere after it was loaded here (IR-7)."""

    field: str
    theirs: str
    mine: str
    version: int


@dataclass(frozen=True)
class Saved:
    """What autosave did: the new versions by field, and fields that need a choice."""

    versions: dict[str, int]
    conflicts: list[Conflict]


def drafts_of(actor: Actor) -> Any:
    """Drafts that the actor may work on: those of the village that are not yet submitted."""
    return Draft.objects.filter(village_id=actor.unit_id, discarded_at__isnull=True, case_no="")


@transaction.atomic
def save_answers(key: str, patches: Sequence[Mapping[str, Any]], *, actor: Actor) -> Saved:
    """Store what was typed, without judging it. Each patch: {field, base_version, value}.

    Versions count the changes of the whole draft; a field remembers the one at which it last
    changed. A field that somebody else changed since `base_version` is left as it is and
    reported; the same value twice is no conflict. Raises Draft.DoesNotExist outside the village.
    """
    draft = drafts_of(actor).select_for_update().get(key=key)
    versions: dict[str, int] = {}
    conflicts: list[Conflict] = []
    latest = draft.version
    for patch in patches:
        name, value = str(patch.get("field", "")), str(patch.get("value", ""))
        if not ANSWER.fullmatch(name):
            raise Refused("页面与系统不一致，请刷新后重试")
        if len(value) > MOST_LENGTH:
            raise Refused(f"这一项不能超过 {MOST_LENGTH} 个字，现在是 {len(value)} 个字，请缩短")
        value = value.replace("\x00", "")
        current = int(draft.versions.get(name, 0))
        if _stands(draft, name, value):
            versions[name] = current
        elif int(patch.get("base_version") or 0) < current:
            conflicts.append(Conflict(name, draft.answers.get(name, ""), value, current))
        else:
            latest += 1
            draft.answers[name], draft.versions[name] = value, latest
            versions[name] = latest
    if len(draft.answers) > MOST_ANSWERS:
        raise Refused("填写的内容太多，请核对家庭成员人数")
    draft.save()
    return Saved(versions, conflicts)


def _stands(draft: Draft, name: str, value: str) -> bool:
    """Whether the answer is there already. A box that is not ticked is an answer of its own: left
    out, it would be read as its default."""
    if value == "" and name.endswith(TICKS):
        return bool(draft.answers.get(name) == "")
    return bool(draft.answers.get(name, "") == value)


def submit_draft(key: str, *, actor: Actor, on: date) -> Case:
    """The draft is a submitted case; a second submission gives the same case (IR-8).

    Raises ApplicationErrors with every field to mend, Refused when a member already has an open
    case or a benefit.
    """
    draft = Draft.objects.filter(village_id=actor.unit_id, discarded_at__isnull=True).get(key=key)
    if draft.case_no:
        return Case.objects.visible_to(actor).get(no=draft.case_no)
    answers = {**draft.answers, "programme": draft.programme}
    return submit(nest(answers), submission_key=draft.key, actor=actor, on=on, draft=draft)


def submit(
    data: Mapping[str, Any],
    *,
    submission_key: str,
    actor: Actor,
    on: date,
    draft: Draft | None = None,
) -> Case:
    """A case for the application in `data`, in state 待受理, with its household and members.

    The same `submission_key` gives the case that is there already: double click, retry and a
    crash in between have one effect.
    """
    if not actor.can("cases.submit"):
        raise PermissionDenied("submit")
    application = read_application(data, today=on)
    try:
        with transaction.atomic():
            return _submit(application, submission_key, actor, on, draft)
    except (IntegrityError, ApplicationErrors) as error:
        if there := Case.objects.visible_to(actor).filter(submission_key=submission_key).first():
            _refuse_other(there, application)
            return there
        if isinstance(error, ApplicationErrors):
            raise
        raise Refused("这户刚刚由别人提交了申请，请刷新后查看") from error


def declared(application: Application) -> str:
    """A keyed digest of everything that was declared: equal applications have equal ones."""
    return digest(json.dumps(asdict(application), ensure_ascii=False, default=str, sort_keys=True))


def _refuse_other(there: Case, application: Application) -> None:
    """Raise Refused when the key stands for another application than this one."""
    event = Event.objects.of("case", there.no).filter(action="submit").get()
    if event.body["declared"] != declared(application):
        raise Refused("这个提交编号已用于另一份申请，请换一个编号后重新提交", code="key_reused")


def _submit(
    application: Application, submission_key: str, actor: Actor, on: date, draft: Draft | None
) -> Case:
    assert actor.unit_id is not None
    place = Place.of(actor)
    if draft:  # no file joins the draft while it becomes a case
        _hold_draft(draft)
    change, part = (draft.change, draft.part) if draft else (None, "")
    has_staff = _compare(application, on, change)
    household = _household(application, place, on, change)
    members = bulk_create_with_history(
        [member_row(household, m, on) for m in application.members], Member
    )
    case = _case(application, place, household, on)
    case.kin_found, case.change, case.part = has_staff, change, part
    case.submitted_by_id, case.submission_key = actor.person_id, submission_key

    def write(case: Case) -> Mapping[str, Any]:
        add_declarations(case, members, application)
        body = {"persons": len(members), "declared": declared(application)}
        return body | (_hand_over(draft, case) if draft else {})

    start(case, actor=actor, on=on, write=write)
    return case


def _case(application: Application, place: Place, household: Household, on: date) -> Case:
    """The case as the application states it; not stored yet."""
    return Case(
        no=next_number(f"YQ-{application.programme.kind.letters}-{place.office_code}-{on:%Y%m%d}-"),
        programme=application.programme.value,
        household=household,
        **place.keys,
        rule_set=DEFAULT_RULE_SET,
        submitted_on=on,
        state_since=on,
        reason=application.reason,
        kin_declared=application.kin_declared,
        kin_note=application.kin_note,
        is_by_proxy=application.is_by_proxy,
        for_incapable=application.for_incapable,
        proxy_name=application.proxy_name,
        support=application.support,
    )


def _hold_draft(draft: Draft) -> None:
    if Draft.objects.select_for_update().get(pk=draft.pk).discarded_at:
        raise Refused("这份草稿刚刚被放弃或撤销，不能提交；需要的请先找回")


def _compare(application: Application, on: date, change: HouseholdChange | None) -> bool:
    """Whether somebody of the household holds a post today, whatever was declared.

    Raises ApplicationErrors when somebody has an open application or is in benefit already, but
    in the household that this one continues; who applies with one of them at the same moment waits.
    """
    digests = [digest(m.identity.number) for m in application.members]
    hold_people(digests)
    besides = [i for i in (change.household_id, change.other_id) if i] if change else []
    is_relief = application.programme.family == Family.RELIEF
    busy, staff = known(digests, on, for_relief=is_relief, besides=besides)
    errors = [
        FieldError(
            f"members-{i}-id_no",
            "duplicate_person",
            "这位成员已有在办申请或正在享受救助，请先核对是否重复申请",
        )
        for i, number in enumerate(digests)
        if number in busy
    ]
    if errors:
        raise ApplicationErrors(errors)
    return bool(staff)


def _household(
    application: Application, place: Place, on: date, change: HouseholdChange | None
) -> Household:
    household = Household.objects.create(
        change=change,
        key=f"H{secrets.token_hex(6).upper()}",
        head_name=application.head.name,
        **place.keys,
        address=application.address,
        registered_address=application.registered_address,
        registered_kind=application.registered_kind,
        phone=application.phone,
        phone_tail=application.phone[-4:],
    )
    if application.account_number:
        _payee(household, application, on)
    return household


def _payee(household: Household, application: Application, on: date) -> None:
    PayeeAccount.objects.create(
        household=household,
        holder=application.holder,
        bank=application.bank,
        kind=application.account_kind,
        number=application.account_number,
        number_digest=digest(application.account_number),
        number_tail=application.account_number[-4:],
        valid_from=on,
    )


def member_row(household: Household, member: ApplicantMember, on: date) -> Member:
    """The row of one person who belongs to the household from `on`; not stored yet."""
    identity = member.identity
    return Member(
        household=household,
        name=member.name,
        initials=searchable(member.name),
        sort_key=pinyin.sort_key(member.name)[:200],
        id_no=identity.number,
        id_digest=digest(identity.number),
        id_tail=identity.number[-4:],
        birth_on=identity.birth_on,
        is_male=identity.is_male,
        relation=member.relation,
        counts_for_income=member.counts_for_income,
        is_insured=member.is_insured,
        not_counted=member.not_counted,
        condition=member.condition,
        registered=member.registered,
        joined_on=on,
    )


def searchable(name: str) -> str:
    """Initials and whole pinyin of a name in every reading, for the one search box (IR-28)."""
    spelled = [text.upper() for text in pinyin.spellings(name)]
    return " ".join([*pinyin.initials(name), *spelled])[:400]


def _hand_over(draft: Draft, case: Case) -> dict[str, Any]:
    """The draft's files are the case's, which its event names; the draft keeps no answers."""
    files = Attachment.objects.filter(subject_kind="draft", subject_key=draft.key)
    listed = [
        {"slot": f.slot, "attachment": f.pk, "sha256": f.sha256}
        for f in files.filter(withdrawn_at__isnull=True).order_by("id")
    ]
    files.update(subject_kind="case", subject_key=case.no)
    Draft.objects.filter(pk=draft.pk).update(case_no=case.no, answers={}, versions={})
    return {"draft": draft.key, "files": listed}


@transaction.atomic
def restore_draft(key: str, *, actor: Actor) -> Draft:
    """The draft is out of the bin. Raises Draft.DoesNotExist outside the village or when it was
    emptied."""
    draft = binned(actor).select_for_update(of=("self",)).get(key=key)
    draft.discarded_at = None
    draft.save(update_fields=["discarded_at"])
    return draft


def binned(actor: Actor) -> QuerySet[Draft]:
    """Drafts of the actor's village in the bin that still hold what was typed."""
    return Draft.objects.filter(
        village_id=actor.unit_id, discarded_at__date__gte=today() - BIN_LIFE, case_no=""
    ).exclude(change__withdrawn_at__isnull=False)


@transaction.atomic
def discard_draft(key: str, *, actor: Actor, at: Any) -> None:
    """The draft is in the bin, from which it can be taken back for 30 days."""
    drafts_of(actor).filter(key=key).update(discarded_at=at)
