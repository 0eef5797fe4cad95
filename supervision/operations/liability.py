"""责任追究: opened, heard, exemptions looked at, proposed, decided, appealed (17-21)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F

from supervision.models import Complaint, Exemption, Finding, Liability
from supervision.models.exempting import evidence_of
from supervision.models.paper import district_of
from supervision.rules.liability import (
    EXEMPTIONS,
    FOR_PERSONS,
    FOR_UNITS,
    ITEMS,
    NO_MEASURE,
    STEPS,
    LiabilityFacts,
)
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Person, Unit, next_number
from yuquan_relief.kernel.signing import Proof

from .words import DiscreetRoad

SUBJECT = "liability"
Verdict = Exemption.Verdict
KINDS = {"17": ("VILLAGE", "COMMUNITY"), "18": ("OFFICE",), "19": ("DISTRICT",)}


def facts_of(row: Liability, actor: Actor, on: date) -> LiabilityFacts:
    """The plain facts that the table's needs look at."""
    exemptions = list(row.exemptions.values_list("verdict", flat=True))
    return LiabilityFacts(
        on=on,
        is_subject=row.person_id is not None and row.person_id == actor.person_id,
        has_statement=bool(row.statement),
        unproved=exemptions.count(Verdict.WAITING),
        is_exempt=Verdict.ADOPTED in exemptions,
        measures=len(row.for_person) + len(row.for_unit),
        is_other=row.decided_by_id is None or row.decided_by_id != actor.person_id,
    )


def content_of(row: Liability) -> dict[str, Any]:
    """What a decision's signature covers."""
    exemptions = row.exemptions.order_by("clause").values_list("clause", "verdict", "note")
    return {
        "subject": SUBJECT,
        "no": row.no,
        "clause": row.clause,
        "unit": row.unit_id,
        "person": row.person_id,
        "facts": row.facts,
        "statement": row.statement,
        "exemptions": [list(e) for e in exemptions],
        "proposal": row.proposal,
        "for_person": row.for_person,
        "for_unit": row.for_unit,
    }


ROAD = DiscreetRoad(
    "责任追究", SUBJECT, Liability, STEPS, facts_of, content_of, lambda row: row.district_id
)
perform = ROAD.perform


@dataclass(frozen=True, kw_only=True)
class Clue:
    """What somebody is held to: which item of 17-19, who, when, what, and where it was found."""

    clause: str
    unit_id: int
    happened_on: date
    facts: str
    person_id: int | None = None
    finding_no: str = ""
    complaint_no: str = ""


@transaction.atomic
def open_liability(clue: Clue, *, actor: Actor, on: date) -> Liability:
    """A case of accountability stands, with what the system itself kept for each exemption of 20.

    Raises PermissionDenied, Refused for a unit that the item is not about.
    """
    if not actor.can(STEPS["open"].capability):
        raise PermissionDenied(STEPS["open"].label)
    if clue.clause not in ITEMS:
        raise Refused("请选择责任事项")
    if not clue.facts.strip() or clue.happened_on > on:
        raise Refused("请写明事实，发生日期不能在今天以后")
    unit = _unit(clue, actor)
    finding = Finding.objects.visible_to(actor).filter(no=clue.finding_no).first()
    complaint = Complaint.objects.visible_to(actor).filter(no=clue.complaint_no).first()
    row = Liability.objects.create(
        no=next_number(f"ZR-{on:%Y}-", digits=4), district_id=district_of(actor),
        office=unit if unit.kind == "OFFICE" else unit.parent if unit.parent_id != actor.unit_id
        else None,
        state="OPEN", opened_on=on, level=clue.clause[:2], clause=clue.clause, unit=unit,
        person=_person(clue), finding=finding, complaint=complaint,
        happened_on=clue.happened_on, facts=clue.facts.strip()[:2000], year=clue.happened_on.year,
    )  # fmt: skip
    for clause, lines in evidence_of(row).items():
        if lines:
            Exemption.objects.create(liability=row, clause=clause, evidence=lines)
    ROAD.tell(row, "open", actor, on, before="", body={"clause": clue.clause, "unit": unit.pk})
    return row


def _unit(clue: Clue, actor: Actor) -> Unit:
    unit = Unit.objects.select_related("parent").filter(pk=clue.unit_id).first()
    mine = unit and actor.unit_id in (
        unit.pk, unit.parent_id, unit.parent.parent_id if unit.parent else None,
    )  # fmt: skip
    if unit is None or not mine or unit.kind not in KINDS[clue.clause[:2]]:
        raise Refused(
            "责任单位与责任事项不符，请核对第十七条（村居）、第十八条（镇街）、第十九条（区局）"
        )
    return unit


def _person(clue: Clue) -> Person | None:
    if clue.person_id is None:
        return None
    person = Person.objects.filter(pk=clue.person_id).first()
    if person is None:
        raise Refused("没有这个人员，请重新选择")
    return person


def state(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """What the person or unit says for itself stands; said again, the later words stand."""

    def write(row: Liability) -> Mapping[str, Any]:
        row.statement, row.stated_on = note.strip()[:2000], on
        return {}

    return perform(
        no, "state", actor=actor, on=on, note="陈述、申辩已登记", version=version, write=write
    )


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One exemption of 20: whether it holds, and why."""

    clause: str
    verdict: str
    note: str


def exempt(no: str, judged: Judged, *, actor: Actor, on: date, version: int | None = None) -> Event:
    """One exemption was looked at: by the evidence that was kept, or that the person brings."""
    if judged.clause not in EXEMPTIONS or judged.verdict not in (
        Verdict.ADOPTED,
        Verdict.REJECTED,
    ):
        raise Refused("请选择免责情形和结论")

    def write(row: Liability) -> Mapping[str, Any]:
        found, _ = Exemption.objects.get_or_create(liability=row, clause=judged.clause)
        found.verdict, found.note = judged.verdict, judged.note.strip()[:500]
        found.judged_on = on
        found.save()
        return {"clause": judged.clause, "verdict": judged.verdict}

    note = judged.note
    return perform(no, "exempt", actor=actor, on=on, note=note, version=version, write=write)


@dataclass(frozen=True, kw_only=True)
class Measures:
    """What is proposed for the person and for the unit (codes of 21), with the reasons."""

    for_person: Sequence[str] = ()
    for_unit: Sequence[str] = ()
    note: str = ""


def propose(
    no: str, measures: Measures, *, actor: Actor, on: date, version: int | None = None
) -> Event:
    """What is to follow waits for the bureau's leader (21).

    Raises Refused for none, for a measure beside an exemption that holds, for one of a person
    where there is none.
    """
    known = FOR_PERSONS | NO_MEASURE, FOR_UNITS | NO_MEASURE
    if not set(measures.for_person) <= set(known[0]) or not set(measures.for_unit) <= set(known[1]):
        raise Refused("请在列出的处理方式里选择")

    def write(row: Liability) -> Mapping[str, Any]:
        chosen = {*measures.for_person, *measures.for_unit}
        if not chosen:
            raise Refused("请选择处理方式；免责的选“免于承担责任”")
        if measures.for_person and row.person_id is None:
            raise Refused("没有登记当事人，不能提出对个人的处理")
        is_exempt = row.exemptions.filter(verdict=Verdict.ADOPTED).exists()
        if is_exempt and chosen != set(NO_MEASURE):
            raise Refused("第二十条的免责情形成立，处理意见应为“免于承担责任”")
        row.for_person, row.for_unit = list(measures.for_person), list(measures.for_unit)
        row.proposal = measures.note.strip()[:1000]
        return {"for_person": row.for_person, "for_unit": row.for_unit}

    note = measures.note
    return perform(no, "propose", actor=actor, on=on, note=note, version=version, write=write)


def decide(no: str, *, actor: Actor, on: date, proof: Proof, version: int | None = None) -> Event:
    """The bureau's leader has signed the decision (21)."""

    def write(row: Liability) -> Mapping[str, Any]:
        row.decided_on, row.decided_by_id = on, actor.human_id
        return {"for_person": row.for_person, "for_unit": row.for_unit}

    return perform(no, "decide", actor=actor, on=on, proof=proof, version=version, write=write)


def serve(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """The decision was handed over."""

    def write(row: Liability) -> Mapping[str, Any]:
        row.served_on = on
        return {}

    return perform(no, "serve", actor=actor, on=on, note=note, version=version, write=write)


def appeal(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """The person or unit asks for another look."""

    def write(row: Liability) -> Mapping[str, Any]:
        row.appeal, row.appealed_on = note.strip()[:1000], on
        return {}

    return perform(
        no, "appeal", actor=actor, on=on, note="复核申请已登记", version=version, write=write
    )


@transaction.atomic
def change(
    no: str, *, note: str, actor: Actor, on: date, proof: Proof, version: int | None = None
) -> Event:
    """On appeal the decision is taken back, and another is made; what was signed stays signed."""
    event = perform(no, "change", actor=actor, on=on, note=note, proof=proof, version=version)
    # The signature covers the decision as it was; only then is there room for another.
    Liability.objects.filter(no=no).update(
        for_person=[], for_unit=[], proposal="", decided_on=None, decided_by=None, served_on=None,
        round=F("round") + 1,
    )  # fmt: skip
    return event
