"""Households that became others, and people who are cared for, on 21 October."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.models import Case, Draft, Household, HouseholdChange
from cases.operations import applications, care, decisions, households, investigation
from tests import road, road_relief
from tests.browser.house import House
from tests.cast import Cast
from tests.funds import payouts
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.fields import digest

PROGRAMME = "RURAL_ALLOWANCE"
LATER = date(2026, 10, 19)
MISSING = {  # what no household of the roster has, and the continuing draft must be told
    "phone": "19900000000",
    "address": "甲街道演练路 9 号",
    "bank": "演练银行",
    "account_number": "6228480000000000018",
}


@dataclass(kw_only=True)
class Households:
    """Keys of households, institutions and cases of 特困."""

    rostered: str  # in benefit, never changed, no case
    changing: str  # one change withdrawn, another recorded; its draft waits
    headed: list[str]  # the old one, and the one under a new head
    split: list[str]  # the old one, those who stayed, those who left
    homes: list[int]  # institutions: full, with room, closed
    cared: str  # 特困, approved, in an institution
    worse: str  # 特困, approved, cared for at home; a change was reported
    binned: str  # a draft in the bin


def build(house: House) -> dict[str, Any]:
    """Make it, through operations only; the names are those of Households."""
    cast = house.cast
    rostered, changing, head, split = (family(cast, serial) for serial in (501, 511, 521, 531))
    waiting(cast, changing)
    return {
        "rostered": rostered.key,
        "changing": changing.key,
        "headed": [head.key, *headed(cast, head)],
        "split": [split.key, *split_up(cast, split)],
        **cared_for(cast),
        "binned": binned(cast),
    }


def family(cast: Cast, serial: int) -> Household:
    """A household of the roster: a man, his wife and their son."""
    household: Household = payouts.in_benefit(
        cast, serial, programme=PROGRAMME, name="演练甲", persons=3
    ).household
    wife = road.number(serial + 1, is_male=False)
    payouts.member(
        household,
        serial + 1,
        "演练乙",
        id_no=wife,
        id_digest=digest(wife),
        id_tail=wife[-4:],
        is_male=False,
        relation="SPOUSE",
    )
    payouts.member(household, serial + 2, "演练丙·额尔敦陶克陶", relation="CHILD")
    return household


def change_of(household: Household, kind: str, reason: str, note: str, **more: Any) -> Any:
    """What happened to the household."""
    return households.Change(
        kind=kind, happened_on=road.START, reason=reason, note=note, programme=PROGRAMME, **more
    )


def who(household: Household, relation: str) -> int:
    """The member who is that to the head."""
    return household.members.get(relation=relation, left_on__isnull=True).pk


def waiting(cast: Cast, household: Household) -> None:
    """A division was recorded by mistake; then the head died."""
    son, wife = who(household, "CHILD"), who(household, "SPOUSE")
    note = "儿子结婚后分家另过，" * 12
    mistaken = change_of(household, "SPLIT", "MARRIED", note, head=son, goes=(son,))
    row = households.record_change(household.key, mistaken, actor=cast.clerk, on=LATER)
    households.withdraw_change(row.pk, actor=cast.clerk, on=LATER)
    died = change_of(household, "HEAD", "DIED", "户主病故，有死亡证明", head=wife)
    households.record_change(household.key, died, actor=cast.clerk, on=LATER)


def headed(cast: Cast, household: Household) -> list[str]:
    """The head died; his widow's application has taken the old one's place."""
    died = change_of(
        household, "HEAD", "DIED", "户主病故，有死亡证明", head=who(household, "SPOUSE")
    )
    row = households.record_change(household.key, died, actor=cast.clerk, on=road.START)
    return [go_on(cast, row, "ALL", {"holder": "演练乙", "members-1-relation": "CHILD"})]


def split_up(cast: Cast, household: Household) -> list[str]:
    """The son left; those who stayed were decided first."""
    son = who(household, "CHILD")
    left = change_of(household, "SPLIT", "APART", "儿子另立门户", head=son, goes=(son,))
    row = households.record_change(household.key, left, actor=cast.clerk, on=road.START)
    rest = go_on(cast, row, "REST", {"holder": "演练甲"})
    return [rest, go_on(cast, row, "NEW", {"holder": "演练丙·额尔敦陶克陶"})]


def go_on(cast: Cast, change: HouseholdChange, part: str, answers: dict[str, str]) -> str:
    """The continuing application of one part is approved; the key of the new household."""
    draft = Draft.objects.get(change=change, part=part)
    patches = [{"field": k, "value": v, "base_version": 99} for k, v in (MISSING | answers).items()]
    applications.save_answers(draft.key, patches, actor=cast.clerk)
    case = applications.submit_draft(draft.key, actor=cast.clerk, on=road.START)
    return approved(cast, case).household.key


def approved(cast: Cast, case: Case) -> Case:
    """The case has gone the whole road."""
    on = road.START
    for i, (slot, title) in enumerate(road.SLOTS.items()):
        road.add_file(cast, case, slot, title, (case.pk % 250, i, 11))
    investigation.accept(case.no, actor=cast.staff, on=on)
    case = road.fresh(case)
    for act in (road.survey, road.means_check, road.settle, road.appraise):
        act(cast, case, on)
    case = road.through_notice(cast, case, "post_review_notice", on)
    on = case.state_since or on
    decisions.propose(case.no, actor=cast.staff, on=on, proof=cast.proof("staff", "建议批准"))
    case = road.through_notice(cast, case, "post_approval_notice", on)
    on = case.state_since or on
    decisions.approve(case.no, actor=cast.leader, on=on, proof=cast.proof("leader", "同意。"))
    return road.fresh(case)


HOMES = (
    ("演练第一敬老院", "演练路 18 号", 1, True),
    (
        "演练区社会福利院（特困人员供养服务中心）",
        "演练大街与新华路交汇处东北角，旧粮库对面" * 2,
        40,
        True,
    ),
    ("演练停办敬老院", "演练路 20 号", 12, False),
)


def cared_for(cast: Cast) -> dict[str, Any]:
    """Three institutions, one of them full; two people of 特困 who are cared for."""
    homes = [
        care.keep_institution(
            care.InstitutionFacts(
                name=name, address=address, phone="0471-5950018", beds=beds, is_open=is_open
            ),
            actor=cast.supervisor,
            on=LATER,
        ).pk
        for name, address, beds, is_open in HOMES
    ]
    cared, worse = (
        road_relief.approve(cast, road_relief.destitute_to_decide(cast, serial))
        for serial in (541, 542)
    )
    in_a_home = care.Arranged(
        support="CENTRAL", began_on=LATER, institution_id=homes[0], bed="1-101"
    )
    care.arrange_care(cared.no, in_a_home, actor=cast.clerk, on=LATER)
    at_home = care.Arranged(
        support="SCATTERED",
        began_on=LATER,
        carer_name="演练照料人",
        carer_relation="邻居",
        month_fen=300_00,
        agreed_on=LATER,
    )
    care.arrange_care(worse.no, at_home, actor=cast.clerk, on=LATER)
    care.report_care_change(
        worse.no, reported_on=LATER, what="近一个月不能自己上下床", actor=cast.clerk, on=LATER
    )
    return {"homes": homes, "cared": cared.no, "worse": worse.no}


def binned(cast: Cast) -> str:
    """A draft that was begun and thrown away; its key."""
    draft = applications.start_draft(PROGRAMME, actor=cast.clerk)
    patches = [{"field": "phone", "value": "19900000000", "base_version": 0}]
    applications.save_answers(draft.key, patches, actor=cast.clerk)
    applications.discard_draft(draft.key, actor=cast.clerk, at=now())
    return draft.key
