"""A finding on its way: answered by its owner, judged by another, mended (8-16)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from archives.operations.road import Road
from cases.models import Benefit, Case, Household, Review
from supervision.models import Finding, Mending, Sample, Suppression
from supervision.models.paper import district_of
from supervision.rules.checks import CHECKS
from supervision.rules.checks.shape import DAYS
from supervision.rules.findings import STEPS, VERDICT_OF, FindingFacts
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Event, Unit, next_number
from yuquan_relief.kernel.roles import Reach
from yuquan_relief.kernel.workdays import LimitUnit

SUBJECT = "finding"
# Who may answer for an owner: the office's own people; what belongs to the district, its post.
OFFICE_ROLES = frozenset({"office_staff", "deputy_leader", "chief_leader"})


def facts_of(row: Finding, actor: Actor, on: date) -> FindingFacts:
    """The plain facts that the table's needs look at."""
    return FindingFacts(
        on=on,
        is_mine=is_owner(row, actor),
        is_other=row.answered_by_id is None or row.answered_by_id != actor.person_id,
        has_answer=bool(row.answer),
        is_demanded=hasattr(row, "mending") and not row.mending.is_over,
        is_about_actor=_is_about(row, actor),
    )


def _is_about(row: Finding, actor: Actor) -> bool:
    """Whether the actor himself drew, checked or looked at what was found."""
    if row.subject_kind == "sample":
        mine = Sample.objects.filter(no=row.subject_key, opened_by=actor.person_id).exists()
        return mine or row.evidence.get("person") == actor.person_id
    return actor.person_id is not None and row.evidence.get("person") == actor.person_id


def is_owner(row: Finding, actor: Actor) -> bool:
    """Whether the actor answers for it: of its office, or in its post of the district."""
    if row.owner in OFFICE_ROLES and row.office_id:
        return actor.reach == Reach.OFFICE and actor.unit_id == row.office_id
    return actor.role_code == row.owner


def content_of(row: Finding) -> Mapping[str, Any]:
    """A finding is not signed; what it says, for the record."""
    return {"subject": SUBJECT, "no": row.no, "what": row.what, "evidence": row.evidence}


ROAD = Road("核查发现", SUBJECT, Finding, STEPS, facts_of, content_of, lambda row: row.office_id)
perform = ROAD.perform


@dataclass(frozen=True, kw_only=True)
class Registered:
    """What a person found. `source` of rules.findings; `origin`: its sheet or complaint."""

    source: str
    severity: str
    cites: str
    subject_kind: str
    subject_key: str
    what: str
    office_id: int | None
    owner: str = "office_staff"
    evidence: Mapping[str, Any] = field(default_factory=dict)
    origin_kind: str = ""
    origin_key: str = ""
    mark: str = ""


@transaction.atomic
def register(found: Registered, *, actor: Actor, on: date) -> Finding:
    """What a person found stands as a finding, open for its owner to answer (8, 9, 10, 11).

    The same question of the same sheet is registered once. Raises PermissionDenied.
    """
    if not actor.can(STEPS["register"].capability):
        raise PermissionDenied(STEPS["register"].label)
    same = Finding.objects.filter(
        origin_kind=found.origin_kind, origin_key=found.origin_key, mark=found.mark, rule=""
    )
    earlier: Finding | None = same.first() if found.origin_key else None
    if earlier is not None:
        return earlier
    row: Finding = Finding.objects.create(
        no=next_number(f"HC-{on:%Y}-", digits=6),
        district_id=district_of(actor),
        state="OPEN",
        opened_on=on,
        due_on=work_calendar().due(on, DAYS[found.severity], LimitUnit.WORKDAY).on,
        last_seen_on=on,
        **{**found.__dict__, "evidence": dict(found.evidence)},
    )
    ROAD.tell(row, "register", actor, on, before="", body={"source": found.source})
    return row


def answer(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """The owner has said how it is."""

    def write(row: Finding) -> Mapping[str, Any]:
        row.answer, row.answered_on = note.strip()[:1000], on
        row.answered_by_id = actor.human_id
        return {}

    return perform(no, "answer", actor=actor, on=on, note=note, version=version, write=write)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How a finding is judged. `is_error`: the household was recognised wrongly (18(4))."""

    code: str
    note: str
    is_error: bool = False


def judge(
    no: str, verdict: Verdict, *, actor: Actor, on: date, version: int | None = None
) -> Event:
    """The finding is judged by somebody else than who answered; nothing happens to the benefit.

    Raises Refused when a wrong recognition names no household.
    """
    if verdict.code not in VERDICT_OF:
        raise Refused("请选择判定结论", code="unknown_step")

    def write(row: Finding) -> Mapping[str, Any]:
        row.outcome = VERDICT_OF[verdict.code]
        row.verdict, row.judged_on = verdict.note.strip()[:1000], on
        row.judged_by_id = actor.human_id
        _count_error(row, on, is_error=verdict.is_error)
        if STEPS[verdict.code].target == "DONE" and hasattr(row, "mending"):
            drop_mending(row.mending.pk, actor, on)
        return {"outcome": row.outcome, "is_error": row.is_error}

    note = verdict.note
    return perform(no, verdict.code, actor=actor, on=on, note=note, version=version, write=write)


def drop_mending(pk: int, actor: Actor, on: date) -> None:
    """What was demanded for a finding that is over is not demanded any more."""
    mending = Mending.objects.select_for_update(of=("self",)).get(pk=pk)
    if mending.is_over:
        return
    before, mending.state = mending.state, "DROPPED"
    mending.version += 1
    mending.save(update_fields=["state", "version"])
    record(
        "mending", mending.no, "drop", actor=actor, on=on, unit_id=mending.office_id,
        before=before, after="DROPPED", body={"finding": mending.finding.no},
    )  # fmt: skip


def _count_error(row: Finding, on: date, *, is_error: bool) -> None:
    """A wrong recognition counts once a household, in the year in which it was found (18(4))."""
    row.is_error = is_error and row.outcome not in ("UNTRUE", "FALSE_ALARM")
    row.error_year = on.year if row.is_error else None
    if row.is_error:
        row.household = household_of(row)
        if row.household is None:
            raise Refused("这项发现没有对应的家庭，不能记为认定不准")


def household_of(row: Finding) -> Household | None:
    """The household that the finding is about, if it is about one."""
    found: dict[str, Any] = {
        "case": Case.objects.filter(no=row.subject_key).values("household"),
        "benefit": Benefit.objects.filter(key=row.subject_key).values("household"),
        "review": Review.objects.filter(no=row.subject_key).values("benefit__household"),
    }
    mine = found.get(row.subject_kind)
    return None if mine is None else Household.objects.filter(pk__in=mine).first()


def reopen(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """A verdict is taken back by the bureau's leader, and judged anew."""

    def write(row: Finding) -> Mapping[str, Any]:
        before = row.outcome
        row.outcome, row.verdict, row.judged_on, row.judged_by_id = "", "", None, None
        row.is_error, row.error_year, row.round = False, None, row.round + 1
        return {"outcome_before": before}

    return perform(no, "reopen", actor=actor, on=on, note=note, version=version, write=write)


@transaction.atomic
def suppress(  # noqa: PLR0913 - which rule, for whom, how long, why
    rule: str,
    *,
    until: date,
    reason: str,
    actor: Actor,
    on: date,
    office_id: int | None = None,
    subject: tuple[str, str] = ("", ""),
) -> Suppression:
    """A rule is silent until a day, for all, an office or one subject; what it finds is counted on.

    Raises PermissionDenied, Refused for an unknown rule, a day that is past or beyond half a year.
    """
    if not actor.can("supervision.check"):
        raise PermissionDenied("supervision.check")
    if rule not in CHECKS:
        raise Refused("没有这条规则，请在列出的规则里选择")
    if not on <= until or (until - on).days > 183:
        raise Refused("暂停期限应在今天以后、半年以内，请修改日期")
    if office_id is not None:
        Unit.objects.offices().filter(parent_id=actor.unit_id or 0).get(pk=office_id)
    kind, key = subject
    row = Suppression.objects.create(
        district_id=district_of(actor), rule=rule, office_id=office_id,
        subject_kind=kind, subject_key=key, until=until, reason=reason.strip()[:300],
        made_on=on, made_by_id=actor.human_id,
    )  # fmt: skip
    body = {"rule": rule, "until": until.isoformat(), "office": office_id, "subject": key}
    record("check_rule", rule, "suppress", actor=actor, on=on, note=row.reason, body=body)
    return row


@transaction.atomic
def end_suppression(pk: int, *, actor: Actor, on: date) -> Suppression:
    """The rule speaks again before its time. Raises DoesNotExist outside the district."""
    if not actor.can("supervision.check"):
        raise PermissionDenied("supervision.check")
    mine = Suppression.objects.select_for_update().filter(district=actor.unit_id)
    row = mine.get(pk=pk)
    if row.ended_on or row.until < on:
        raise Refused("这条暂停已经结束")
    row.ended_on = on
    row.save(update_fields=["ended_on"])
    record("check_rule", row.rule, "end_suppression", actor=actor, on=on, body={"row": row.pk})
    return row
