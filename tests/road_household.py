"""Driving a household in benefit through its changes, through operations only."""

from datetime import date
from typing import Any

from cases.models import Benefit, Case, Draft, Household, HouseholdChange, Member
from cases.operations import applications, decisions, households, investigation
from cases.rules.application import nest
from tests import road
from tests.cast import Cast
from tests.funds import payouts
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import RuleValue, Unit

OLD = date(2026, 6, 1)  # approved on 17 June, in benefit from July
DIED = date(2026, 7, 16)
ON = date(2026, 7, 20)  # approved on 5 August
ADULT, YOUNG = date(1975, 3, 4), date(2012, 3, 4)
ACCOUNT = {
    "bank": "演练银行",
    "holder": "演练乙",
    "account_kind": "card",
    "account_number": "6228480000000000117",
}


def rates(**percents: int) -> None:
    """分类施保 as the district has set it, in percent of the standard."""
    value = [{"code": code, "label": code, "percent": n} for code, n in percents.items()]
    RuleValue.objects.create(
        parameter="supplement.rates",
        rule_set="*",
        valid_from=date(2026, 1, 1),
        value=value,
        unit="%",
        source="文",
    )


def person(name: str, serial: int, relation: str, **changes: Any) -> dict[str, Any]:
    """A member as the interface sends one, born in 1975."""
    id_no = road.number(serial, born=changes.pop("born", ADULT))
    return {"name": name, "id_no": id_no, "relation": relation} | changes


def three(serial: int = 1) -> list[dict[str, Any]]:
    """A disabled head with wages of 12,000 a year, a wife with 6,000, a child of fourteen."""
    wages = [[{"kind": "WAGES", "annual": annual}] for annual in ("12000", "6000")]
    at = serial * 10
    return [
        person("演练甲", at, "SELF", condition="DISABLED_1", incomes=wages[0]),
        person("演练乙", at + 1, "SPOUSE", incomes=wages[1]),
        person("演练丙", at + 2, "CHILD", born=YOUNG),
    ]


def in_benefit(cast: Cast, serial: int = 1, **changes: Any) -> Household:
    """The household of three, in benefit from July by the whole road."""
    return road.approved(cast, serial, OLD, **{"members": three(serial)} | changes).household


def on_the_roster(cast: Cast, serial: int = 1, *others: str, village: Any = None) -> Household:
    """A household in benefit since January, taken over from the roster; made quickly."""
    household = payouts.in_benefit(cast, serial, name=f"演练户{serial}", village=village).household
    for i, name in enumerate(others, 1):
        add(household, serial * 100 + i, name, relation="SPOUSE" if i == 1 else "CHILD")
    return household


def without_benefit(cast: Cast, serial: int = 1) -> Household:
    """A household whose application was refused: it never had a benefit."""
    household = on_the_roster(cast, serial)
    Benefit.objects.filter(household=household).delete()
    return household


def add(household: Household, serial: int, name: str, **changes: Any) -> Member:
    """One more member."""
    id_no = road.number(serial)
    more = {"id_no": id_no, "id_digest": digest(id_no), "id_tail": id_no[-4:]}
    return payouts.member(household, serial, name, **more | changes)


def member(household: Household, name: str) -> Member:
    """The row of somebody who belongs to the household now."""
    return Member.objects.get(household=household, name=name, left_on__isnull=True)


def names(household: Household, day: date) -> list[str]:
    """Who belongs to the household on the day."""
    living = Member.objects.filter(household=household).living_on(day)
    return list(living.order_by("id").values_list("name", flat=True))


def change(kind: str = "HEAD", **changes: Any) -> households.Change:
    """The head has died; or what is said."""
    values: dict[str, Any] = {
        "kind": kind,
        "happened_on": DIED,
        "reason": {
            "HEAD": "DIED",
            "SPLIT": "APART",
            "MERGE": "MARRIED",
            "MOVE": "MOVED",
            "CLASS": "OTHER",
        }[kind],
        "note": "演练情况",
        "programme": "URBAN_ALLOWANCE",
    }
    return households.Change(**values | changes)


def record(
    cast: Cast, household: Household, what: households.Change, who: str = "clerk", on: date = ON
) -> HouseholdChange:
    """The change is on record."""
    return households.record_change(household.key, what, actor=cast.actors[who], on=on)


def head_died(cast: Cast, household: Household, heir: str = "演练乙") -> HouseholdChange:
    """The head has died and somebody else is head."""
    return record(cast, household, change(head=member(household, heir).pk))


def split(cast: Cast, household: Household, *gone: str) -> HouseholdChange:
    """The named people have a household of their own, the first as its head."""
    goes = [member(household, name).pk for name in gone]
    return record(cast, household, change("SPLIT", head=goes[0], goes=goes))


def draft_of(row: HouseholdChange, part: str = "ALL") -> Draft:
    """The draft of the part."""
    return Draft.objects.get(change=row, part=part, discarded_at__isnull=True)


def people_in(draft: Draft) -> list[tuple[str, str, str]]:
    """Name, relation and health of everybody whom the draft names."""
    members = nest(draft.answers)["members"]
    return [(m["name"], m.get("relation", ""), m["condition"]) for m in members]


def fill(cast: Cast, draft: Draft, **answers: str) -> None:
    """More is answered; `members__1__name` is members-1-name."""
    values = {k.replace("__", "-"): v for k, v in answers.items()}
    patches = [{"field": k, "base_version": 10**6, "value": v} for k, v in values.items()]
    assert applications.save_answers(draft.key, patches, actor=cast.clerk).conflicts == []


def submit(cast: Cast, draft: Draft, **answers: str) -> Case:
    """The draft filled in, submitted, with its papers."""
    fill(cast, draft, **answers)
    case = applications.submit_draft(draft.key, actor=cast.clerk, on=ON)
    for i, (slot, title) in enumerate(road.SLOTS.items()):
        road.add_file(cast, case, slot, title, (case.pk % 250, i, 99))
    return road.fresh(case)


def investigate(cast: Cast, case: Case) -> Case:
    """Accepted, visited, checked, settled, appraised."""
    investigation.accept(case.no, actor=cast.staff, on=ON)
    return evidence(cast, case)


def evidence(cast: Cast, case: Case, on: date = ON) -> Case:
    """Everything that stands before the first notice."""
    road.survey(cast, case, on)
    road.means_check(cast, case, on)
    road.settle(cast, case, on)
    road.appraise(cast, case, on)
    return road.fresh(case)


def to_desk(cast: Cast, case: Case, on: date = ON) -> Case:
    """Both notices are over, and the leader decides."""
    case = road.through_notice(cast, case, "post_review_notice", on)
    assert case.state_since is not None
    decisions.propose(case.no, actor=cast.staff, on=case.state_since, proof=cast.proof("staff"))
    return road.through_notice(cast, case, "post_approval_notice", case.state_since)


def to_decide(cast: Cast, draft: Draft, **answers: str) -> Case:
    """From the draft to the leader's desk."""
    return to_desk(cast, investigate(cast, submit(cast, draft, **answers)))


def approve(cast: Cast, case: Case, on: date | None = None) -> Benefit:
    """The leader agrees; the benefit that begins."""
    on = on or case.state_since
    assert on is not None
    decisions.approve(case.no, actor=cast.leader, on=on, proof=cast.proof("leader", "同意。"))
    return Benefit.objects.get(source_case=case)


def benefits_of(name: str, months: int = 8) -> list[int]:
    """In how many benefits the person is in each month from July on."""
    homes = Member.objects.filter(name=name, is_insured=True).values("household")
    firsts = [date(2026 + (6 + i) // 12, (6 + i) % 12 + 1, 1) for i in range(months)]
    return [Benefit.objects.in_month(m).filter(household__in=homes).count() for m in firsts]


def moved(village: Unit) -> households.Change:
    """The household lives in that village now."""
    return change("MOVE", village_id=village.pk)


def roster(cast: Cast) -> Household:
    """A family of three on the roster: 演练户1, 妻, 子."""
    return on_the_roster(cast, 1, "妻", "子")
