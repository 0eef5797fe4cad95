"""Golden cases (k) and (l) of domain 18: a spouse in another province, a minor who comes of age."""

from datetime import date
from typing import Any

import pytest

from cases.models import Benefit, Case, Household, IncomeAccount
from cases.models.checks import check_facts
from cases.models.record import CaseRecord
from cases.operations import applications, decisions, destitution, extension
from cases.rules.application import ApplicationErrors
from cases.rules.checks import hits
from tests import road
from tests import road_relief as roads
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused

ON = road.START
BORN = date(2011, 3, 4)
EIGHTEEN = date(2029, 3, 4)

# ------------------------------------------------------------------ (l) 特困 minor


def minor(born: date = BORN, *, at_school: bool = False) -> dict[str, Any]:
    """A boy without parents; at school he has a scholarship, which does not count."""
    incomes = [{"kind": "SCHOLARSHIP", "annual": "2000"}] if at_school else []
    person = {
        "name": "演练丙",
        "id_no": road.number(2, born=born),
        "relation": "SELF",
        "incomes": incomes,
    }
    return {"members": [person], "obligors": []}


def settled(cast: Cast, **changes: Any) -> Case:
    """The office has found that he is under sixteen."""
    case = roads.destitute(cast, **changes)
    roads.assess(cast, case, failed=0)
    standing = roads.standing(case, labour_ground="UNDER16")
    destitution.settle_standing(case.no, standing, actor=cast.staff, on=ON)
    return case


def account_of(case: Case) -> IncomeAccount:
    """What was settled."""
    account = CaseRecord(case, ON).account
    assert account is not None
    return account


@pytest.mark.parametrize(
    ("born", "is_eligible"), [(date(2010, 9, 22), True), (date(2010, 9, 21), False)]
)
def test_a_minor_is_recognised_to_the_day_before_sixteen(
    cast: Cast, born: date, is_eligible: bool
) -> None:
    account = account_of(settled(cast, **minor(born)))
    assert account.is_eligible is is_eligible
    told = "选定的情形“未满十六周岁”与申请人的年龄或残疾情况不符。" in account.sentences
    assert told is not is_eligible


def noticed(cast: Cast, born: date) -> Case:
    """His first notice is over."""
    case = settled(cast, **minor(born))
    road.appraise(cast, case, ON)
    return road.through_notice(cast, case, "post_review_notice", ON)


def test_who_turns_sixteen_while_the_notice_hangs_is_settled_again(cast: Cast) -> None:
    case = noticed(cast, date(2010, 9, 23))
    with pytest.raises(Refused, match="重算金额与核算结果不一致，请退回重新核算"):
        _propose(cast, case)
    assert road.fresh(case).state == "TO_PROPOSE"


def test_control_a_younger_one_is_proposed(cast: Cast) -> None:
    assert _propose(cast, noticed(cast, BORN)).state == "APPROVAL_NOTICE"


def _propose(cast: Cast, case: Case) -> Case:
    assert case.state_since is not None
    decisions.propose(case.no, actor=cast.staff, on=case.state_since, proof=cast.proof("staff"))
    return road.fresh(case)


def supported(cast: Cast, *, at_school: bool) -> Case:
    """In benefit since the autumn in which he was fifteen."""
    case = settled(cast, **minor(at_school=at_school))
    if at_school:
        road.add_file(cast, case, "other", "在校证明", (8, 8, 8))
    road.appraise(cast, case, ON)
    case = road.through_notice(cast, case, "post_review_notice", ON)
    case = _propose(cast, case)
    assert case.state_since is not None
    case = road.through_notice(cast, case, "post_approval_notice", case.state_since)
    return roads.approve(cast, case)


def said(case: Case, on: date) -> set[tuple[str, str]]:
    """What the checks find that has to do with his age."""
    found = hits(check_facts(CaseRecord(case, on)))
    return {(h.rule.id, h.text) for h in found if "周岁" in h.text or "重算" in h.text}


TOO_OLD = "现在看：选定的情形“未满十六周岁”与申请人的年龄或残疾情况不符"
RESETTLED = ("R31", f"重算金额与核算结果不一致，请退回重新核算（{TOO_OLD}）")
OF_AGE = ("R53", "按未成年人认定，本人已满 18 周岁，请核对是否在校")


@pytest.mark.clause("4(3)")
@pytest.mark.parametrize("at_school", [True, False])
@pytest.mark.parametrize(
    ("on", "found"),
    [
        (date(2027, 3, 3), set()),  # fifteen
        (date(2029, 3, 3), {RESETTLED}),  # the day before
        (EIGHTEEN, {RESETTLED, OF_AGE}),
        (date(2031, 3, 4), {RESETTLED, OF_AGE}),
    ],
)
def test_on_the_day_of_eighteen_the_check_asks_for_school_whatever_is_on_file(
    cast: Cast, on: date, found: set[tuple[str, str]], at_school: bool
) -> None:
    assert said(supported(cast, at_school=at_school), on) == found


@pytest.mark.parametrize("month", [date(2029, 3, 1), date(2029, 4, 1), date(2031, 4, 1)])
def test_at_eighteen_the_benefit_goes_on_until_somebody_ends_it(cast: Cast, month: date) -> None:
    case = supported(cast, at_school=True)
    benefit = Benefit.objects.in_month(month).get(source_case=case)
    assert (benefit.end_month, benefit.year_fen) == (None, 968_800)


def test_an_old_person_is_never_asked_for_school(cast: Cast) -> None:
    case = roads.approve(cast, roads.destitute_to_decide(cast))
    assert said(case, date(2031, 3, 4)) == set()


# ------------------------------------------------------------------ (k) a spouse elsewhere


def couple(**spouse: Any) -> dict[str, Any]:
    """A man here and a wife who is registered and works in another province."""
    data = road.application()
    data["members"][1] |= spouse
    return data


def figures(cast: Cast, **spouse: Any) -> tuple[int, int, bool, int]:
    """Persons, insured, whether eligible, and the sum of a month (fen)."""
    case = road.investigated(cast, **couple(**spouse))
    account = account_of(case)
    return account.persons, account.insured, account.is_eligible, account.monthly_fen


def test_a_wife_in_another_province_is_one_of_the_family(cast: Cast) -> None:
    assert figures(cast) == (2, 2, True, 68_200)  # (841 - 500) x 2


def test_her_wages_there_count_here(cast: Cast) -> None:
    earns = {"incomes": [{"kind": "WAGES", "annual": "9000"}]}
    assert figures(cast, **earns) == (2, 2, False, 0)  # 875 a head


def test_she_may_be_counted_and_not_insured(cast: Cast) -> None:
    assert figures(cast, is_insured=False) == (2, 1, True, 34_100)


def test_who_is_said_to_live_apart_is_left_out_and_the_man_stands_alone(cast: Cast) -> None:
    apart = {"counts_for_income": False, "is_insured": False, "not_counted": "APART"}
    assert figures(cast, **apart) == (1, 1, False, 0)  # 1,000 a head


def test_the_household_is_where_the_clerk_took_it_in_and_that_office_decides(cast: Cast) -> None:
    case = road.submitted(cast, **couple())
    household = Household.objects.get()
    assert (household.village, household.office) == (cast.village, cast.office)
    assert (case.village, case.office) == (cast.village, cast.office)
    assert Case.objects.visible_to(cast.staff).count() == 1
    assert Case.objects.visible_to(cast.foreign_staff).count() == 0


def test_she_cannot_apply_in_a_household_of_her_own_meanwhile(cast: Cast) -> None:
    road.submitted(cast)
    alone = road.application(9)
    alone["members"] = [couple()["members"][1] | {"relation": "SELF"}]
    alone["holder"] = "演练乙"
    with pytest.raises(ApplicationErrors) as refused:
        applications.submit(alone, submission_key="hers", actor=cast.foreign_clerk, on=ON)
    assert [(e.field, e.code) for e in refused.value.errors] == [
        ("members-0-id_no", "duplicate_person")
    ]


def test_control_another_woman_applies_there(cast: Cast) -> None:
    road.submitted(cast)
    case = applications.submit(
        road.application(9), submission_key="hers", actor=cast.foreign_clerk, on=ON
    )
    assert case.office == cast.other_office


@pytest.mark.parametrize("reason", ["APART", "ELSEWHERE"])
def test_a_family_in_two_provinces_may_take_45_working_days(cast: Cast, reason: str) -> None:
    case = road.accepted(cast, **couple())
    extension.extend(
        case.no,
        reason=reason,
        note="配偶户籍在外省",
        told_how="电话告知",
        actor=cast.leader,
        on=ON,
    )
    assert road.fresh(case).due_on == date(2026, 11, 30)  # domain 6.3: 2026-09-21 + 45
