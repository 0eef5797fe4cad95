"""支出型: a family in no benefit is measured by its income and property, and by nothing older."""

from typing import Any

import pytest

from cases.models import Case, IncomeAccount
from cases.models.record import CaseRecord
from cases.operations import investigation
from cases.rules.settlement import replay
from tests import road
from tests import road_relief as roads
from tests.cast import Cast
from yuquan_relief.kernel.rulebook_values import rules

ON = roads.START
PERSONS = 2
LINE = 35_921_00  # a head and year, as the rule says: below it
CEILING = 36 * 841_00 * PERSONS  # what a family of two may have in the bank


def yuan(fen: int) -> str:
    """As it is typed."""
    return f"{fen // 100}.{fen % 100:02d}"


def members(fen: int, **changes: Any) -> list[dict[str, Any]]:
    """A family of two that earned so much in the year."""
    found: list[dict[str, Any]] = road.application(1)["members"]
    found[0]["incomes"] = [{"kind": "WAGES", "annual": yuan(fen)}]
    found[1] |= changes
    return found


def proposed(cast: Cast, **changes: Any) -> IncomeAccount:
    """The office proposes 8,000 for the family."""
    case = roads.expense(cast, **changes)
    roads.propose_sum(cast, case)
    account = CaseRecord(case, ON).account
    assert account is not None
    return account


def test_the_figures_of_this_test_are_those_of_the_rulebook() -> None:
    values = rules(ON)
    assert values["relief.income_line"] == LINE
    months = values["property.limits"]["money_months"]
    assert months * values["standard.URBAN_ALLOWANCE"] * PERSONS == CEILING


@pytest.mark.clause("4(2)")
@pytest.mark.parametrize(
    ("fen", "is_below"),
    [
        (0, True),
        (PERSONS * LINE - 100, True),
        (PERSONS * LINE - 2, True),
        (PERSONS * LINE, False),
        (PERSONS * LINE + 1, False),
        (PERSONS * LINE + 100, False),
    ],
)
def test_the_income_a_head_lies_below_the_line(cast: Cast, fen: int, is_below: bool) -> None:
    account = proposed(cast, members=members(fen))
    assert account.is_eligible is is_below
    assert account.once_fen == (8_000_00 if is_below else 0)
    words = "".join(account.sentences)
    assert "收入线 35,921.00 元" in words
    assert ("不低于收入线" in words) is (not is_below)


def test_who_is_not_counted_shares_nothing(cast: Cast) -> None:
    alone = members(LINE, counts_for_income="", is_insured="", not_counted="APART")
    assert not proposed(cast, members=alone).is_eligible
    assert proposed(cast, serial=5).is_eligible  # the control


def test_an_income_that_does_not_count_is_left_out(cast: Cast) -> None:
    people = members(0)
    people[0]["incomes"] = [{"kind": "BASIC_PENSION", "annual": yuan(3 * LINE)}]
    case = roads.expense(cast, members=people)
    roads.propose_sum(cast, case)
    account = CaseRecord(case, ON).account
    assert account is not None
    assert account.facts["income"]["annual_fen"] == 0
    assert account.is_eligible


def money(fen: int) -> list[dict[str, str]]:
    """So much in the bank."""
    return [{"kind": "MONEY", "note": "定期存款", "value": yuan(fen)}]


@pytest.mark.parametrize(
    ("owned", "said"),
    [
        ([], ""),
        (money(CEILING - 1), ""),
        (money(CEILING), ""),
        (money(CEILING + 1), "超过 36 个月标准"),
        ([{"kind": "VEHICLE", "note": "轿车一辆", "value": "30000"}], "名下有机动车辆"),
        ([{"kind": "PREMISES", "note": "商铺", "value": "1"}], "名下有非居住用房"),
        ([{"kind": "DWELLING", "note": "住房", "value": "0", "area": "120"}], ""),
    ],
)
def test_property_lies_within_the_ceilings(
    cast: Cast, owned: list[dict[str, str]], said: str
) -> None:
    account = proposed(cast, property=owned)
    assert account.is_eligible is (not said)
    assert said in "".join(account.sentences)


def test_what_the_centre_found_counts_as_what_was_declared(cast: Cast) -> None:
    data = roads.relief_application()
    case = roads.submitted(cast, data, roads.RELIEF_SLOTS)
    investigation.accept(case.no, actor=cast.staff, on=ON)
    road.survey(cast, case, ON)
    investigation.request_means_check(case.no, actor=cast.staff, on=ON)
    line = case.income_lines.get()
    found = investigation.MeansReport(
        report_no="HD-1", data_upto=ON, valid_until=ON, conclusion="OVER",
        lines=[
            investigation.CheckedIncome(
                member_id=line.member_id, kind=line.kind, annual_fen=PERSONS * LINE
            )
        ],
        property=[
            investigation.CheckedProperty(member_id=line.member_id, kind="VEHICLE", note="轿车")
        ],
    )  # fmt: skip
    investigation.return_means_check(case.no, found, actor=cast.verifier, on=ON)
    roads.propose_sum(cast, case)
    account = CaseRecord(road.fresh(case), ON).account
    assert account is not None
    assert not account.is_eligible
    words = "".join(account.sentences)
    assert "不低于收入线" in words
    assert "名下有机动车辆" in words


RICH: dict[str, Any] = {"property": [{"kind": "VEHICLE", "note": "轿车", "value": "90000"}]}


def rich(serial: int = 1) -> dict[str, Any]:
    """Above every line."""
    people = road.application(serial)["members"]
    people[0]["incomes"] = [{"kind": "WAGES", "annual": yuan(9 * LINE)}]
    return RICH | {"members": people}


@pytest.mark.parametrize("in_benefit", [True, False])
def test_a_family_in_benefit_proves_its_spending_only(cast: Cast, in_benefit: bool) -> None:
    if in_benefit:
        road.approved(cast)  # the family of serial 1
    case = roads.expense(cast, key="relief", claim_class="ALLOWANCE", **rich())
    roads.propose_sum(cast, case)
    account = CaseRecord(case, ON).account
    assert account is not None
    assert account.is_eligible is in_benefit  # the twin only says that it is
    assert ("income" in account.facts) is (not in_benefit)


@pytest.mark.parametrize("claim_class", ["EDGE", "RIGID", "ORDINARY", "OUTSIDER"])
def test_every_other_class_is_measured(cast: Cast, claim_class: str) -> None:
    assert not proposed(cast, claim_class=claim_class, **rich()).is_eligible


def test_an_emergency_is_not_measured_by_income(cast: Cast) -> None:
    case = roads.urgent(cast, **rich())
    roads.papers(cast, case)
    roads.looked_into(cast, case)
    roads.propose_sum(cast, case)
    account = CaseRecord(road.fresh(case), ON).account
    assert account is not None
    assert account.is_eligible
    assert "income" not in account.facts


# ------------------------------------------------------------------ years later

NEW_KEYS = ("income", "members", "property")


def figures(account: IncomeAccount) -> dict[str, int]:
    """What was stored."""
    return {name: getattr(account, name) for name in IncomeAccount.FIGURES.split()}


@pytest.mark.clause("8")
def test_facts_from_before_give_the_same(cast: Cast) -> None:
    account = proposed(cast)
    old = {name: value for name, value in account.facts.items() if name not in NEW_KEYS}
    assert set(account.facts) - set(old) == set(NEW_KEYS)
    assert replay(account.facts, figures(account)).differences == ()
    assert replay(old, figures(account)).differences == ()


def test_twin_without_them_a_family_above_the_line_would_have_passed(cast: Cast) -> None:
    account = proposed(cast, **rich())
    old = {name: value for name, value in account.facts.items() if name not in NEW_KEYS}
    assert replay(account.facts, figures(account)).differences == ()
    assert replay(old, figures(account)).again.is_eligible


def test_an_allowance_from_before_where_people_are_registered_gives_the_same(cast: Cast) -> None:
    case: Case = road.investigated(cast)
    account = IncomeAccount.objects.get(case=case)
    people = [{k: v for k, v in m.items() if k != "registered"} for m in account.facts["members"]]
    assert people != account.facts["members"]
    assert replay(account.facts | {"members": people}, figures(account)).differences == ()
    elsewhere = [m | {"registered": "ELSEWHERE"} for m in people]  # the twin: now it would say so
    assert replay(account.facts | {"members": elsewhere}, figures(account)).differences


def test_who_is_not_counted_brings_no_income_either(cast: Cast) -> None:
    people = members(0, counts_for_income="", is_insured="", not_counted="APART")
    people[1]["incomes"] = [{"kind": "WAGES", "annual": yuan(9 * LINE)}]
    assert proposed(cast, members=people).is_eligible


def test_one_fen_of_the_family_below_the_line_is_below_it(cast: Cast) -> None:
    """Half a fen a head is not rounded up to the line: 人均收入低于 is compared exactly."""
    assert proposed(cast, members=members(PERSONS * LINE - 1)).is_eligible
