"""The part of the district that the other programmes and the registers bring, on 21 October."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cases.models import Notice
from cases.operations import applications, deferrals, delegations, kin, leads, standing_notices
from tests import road, road_relief
from tests.browser.house import House
from tests.cases.answers import flat
from yuquan_relief.kernel.inputs import identity_numbers

LATER = date(2026, 10, 16)
OWNS = {
    "property": [{"kind": "VEHICLE", "note": "面包车", "value": "12000", "area": ""}],
    "obligors": [
        {
            "name": "演练丁", "relation": "CHILD", "persons": "3", "month": "5200",
            "ground": "ABLE", "support": "2400",
        }
    ],
}  # fmt: skip


@dataclass(kw_only=True)
class Programmes:
    """Keys of cases of the other programmes, and of what stands in the registers."""

    owned: str  # 低保 with property and obligors, checked
    lacking: str  # submitted without a document
    destitute: str  # checked, not assessed
    assessed: str  # of 特困, with all that the three tests need
    destitute_to_decide: str
    expense: str  # checked, no sum proposed
    above_office: str  # on the bureau's desk
    urgent: str  # just asked for
    relieved: str  # help went out, nothing else is there
    urgent_to_decide: str
    public_key: str  # of a notice that hangs
    drafts: list[str] = field(default_factory=list)
    topics: list[tuple[str, str]] = field(default_factory=list)  # (draft, topic of its own)


def build(house: House, on: date) -> dict[str, Any]:
    """Make it, through operations only; the names are those of Programmes."""
    registers(house, on)
    return {**monthly(house), **relief(house, on), **drafts(house)}


def monthly(house: House) -> dict[str, Any]:
    """低保 with something to weigh, and 特困 at three points of its road."""
    cast = house.cast
    owned = road.accepted(cast, 401, LATER, **OWNS)
    road.survey(cast, owned, LATER)
    road.means_check(cast, owned, LATER)
    lacking = road_relief.submitted(
        cast, road.application(402), {"id_card": "身份证"}, LATER, "lacking"
    )
    deferrals.defer_document(
        lacking.no,
        slot="household_book",
        promised_on=road_relief.next_day(LATER).replace(day=23),
        reason="户口簿在外地",
        actor=cast.staff,
        on=LATER,
    )
    destitute, assessed = (road_relief.destitute(cast, serial, LATER) for serial in (403, 404))
    road_relief.assess(cast, assessed, LATER)
    waiting = road_relief.destitute_to_decide(cast, 405)
    return {
        "owned": owned.no,
        "lacking": lacking.no,
        "destitute": destitute.no,
        "assessed": assessed.no,
        "destitute_to_decide": waiting.no,
    }


def relief(house: House, on: date) -> dict[str, Any]:
    """临时救助, both kinds, and one above the office's limit."""
    cast = house.cast
    large = road_relief.expense_to_decide(cast, 411, amount_fen=1_200_000)
    expense = road_relief.expense(cast, 412, LATER)
    urgent = road_relief.urgent(cast, 413, on)
    relieved = road_relief.relieved(cast, 414, on)
    waiting = road_relief.urgent_to_decide(cast, road_relief.urgent(cast, 415, on), on)
    return {
        "above_office": large.no,
        "expense": expense.no,
        "urgent": urgent.no,
        "relieved": relieved.no,
        "urgent_to_decide": waiting.no,
        "public_key": Notice.objects.filter(closed_on__isnull=True).latest("id").public_key,
    }


def registers(house: House, on: date) -> None:
    """Two relatives, one of them withdrawn; a delegation; the long-term list hangs."""
    cast = house.cast
    for serial, name in ((421, "演练亲属"), (422, "演练" + "长" * 20)):
        number = identity_numbers.clean(road.number(serial), today=on)
        relative = kin.Relative(
            post_id=cast.clerk.post_id or 0, name=name, relation="SIBLING", identity=number
        )
        row = kin.register_relative(relative, actor=cast.clerk, on=on)
    kin.withdraw_relative(row.pk, reason="登记错了人", actor=cast.clerk, on=on)
    mandate = delegations.Mandate(
        taker_id=cast.chief.person_id or 0,
        starts_on=on,
        ends_on=on.replace(day=28),
        programmes=["URBAN_ALLOWANCE", "URGENT_RELIEF"],
        basis="党政办〔2026〕12 号",
    )
    delegations.delegate(mandate, actor=cast.leader, on=on)
    standing_notices.post_standing(
        place="社区公示栏", photo=road.photo((8, 8, 8)), actor=cast.clerk, on=on
    )


NOTICED = ("演练困难户", "演练戊", "演练己")


def found(house: House, on: date) -> None:
    """Three families that somebody noticed: one waits, one was explained, one applies."""
    clerk = house.cast.clerk
    rows = [leads.record_lead(noticed(on, name), actor=clerk, on=on) for name in NOTICED]
    leads.explain_lead(rows[1].pk, reason="有固定收入，不符合条件", actor=clerk, on=on)
    leads.apply_for_lead(rows[2].pk, "URGENT_RELIEF", actor=clerk, on=on)


def noticed(on: date, name: str) -> leads.Noticed:
    """A family that somebody noticed."""
    return leads.Noticed(
        found_on=on,
        source="NEIGHBOUR",
        name=name,
        phone="19900000000",
        difficulty="丈夫住院，家里没有人干活，" * 8,
    )


def drafts(house: House) -> dict[str, Any]:
    """A full and an empty draft of each programme that has topics of its own."""
    applications_of = {
        "RURAL_DESTITUTE": (road_relief.destitute_application(431), ("support", "obligors")),
        "URGENT_RELIEF": (road_relief.relief_application(432, urgent=True), ("claim",)),
        "EXPENSE_RELIEF": (road_relief.relief_application(433), ("claim",)),
    }
    keys, topics = [], []
    for programme, (application, own) in applications_of.items():
        for answers in (answers_of(application), {}):
            made = applications.start_draft(programme, actor=house.cast.clerk)
            patches = [{"field": k, "value": v, "base_version": 0} for k, v in answers.items()]
            applications.save_answers(made.key, patches, actor=house.cast.clerk)
            keys.append(made.key)
            topics += [(made.key, topic) for topic in own]
    return {"drafts": keys, "topics": topics}


def answers_of(application: dict[str, Any]) -> dict[str, str]:
    """An application as the pages send it, with its tables."""
    tables = {name: application.get(name, []) for name in ("property", "obligors")}
    plain = {k: v for k, v in application.items() if k not in (*tables, "programme")}
    found = flat(plain)
    for name, rows in tables.items():
        for i, row in enumerate(rows):
            found |= {f"{name}-{i}-{key}": str(value) for key, value in row.items()}
    return found
