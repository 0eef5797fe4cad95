"""提标: computed at once, signed in one list, told, back pay from the day of the standard (R76).

Golden case (d) of domain 18: five months' back pay, and a household that left in March.
"""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import Benefit, Entitlement, Review, StandardLine, StandardRun
from cases.models.entitlement import amounts_of
from cases.operations import standards
from cases.rules.amounts import Household, IncomeEntry, assess
from funds.models import PayoutLine
from funds.operations import batches, building, ledger
from tests import road
from tests.benefit import walks
from tests.cases.days import at
from tests.cast import Cast
from tests.funds import payouts
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import RuleValue
from yuquan_relief.kernel.operations.rulebook import confirm_value, enter_value
from yuquan_relief.kernel.rulebook_values import rules

JANUARY, MAY, JUNE = date(2027, 1, 1), date(2027, 5, 1), date(2027, 6, 1)
DAY = date(2027, 5, 10)
BEFORE, AFTER = 841_00, 891_00  # fifty yuan more for each insured


def raised(parameter: str = "standard.URBAN_ALLOWANCE", value: Any = AFTER) -> None:
    """The new standard stands in the rulebook from January."""
    RuleValue.objects.create(
        rule_set="*",
        parameter=parameter,
        valid_from=JANUARY,
        value=value,
        unit="分",
        source="玉政发〔2027〕1 号",
    )


def opened(cast: Cast, programme: str = payouts.PROGRAMME, on: date = DAY) -> StandardRun:
    return standards.open_run(programme, valid_from=JANUARY, actor=cast.staff, on=on)


def signed(cast: Cast, run: StandardRun, on: date = DAY) -> StandardRun:
    standards.propose(run.no, actor=cast.staff, on=on, proof=cast.proof("staff"))
    standards.agree(run.no, actor=cast.leader, on=on, proof=cast.proof("leader"))
    return StandardRun.objects.get(pk=run.pk)


def told(cast: Cast, run: StandardRun, name: str = "clerk", on: date = DAY) -> None:
    posted = standards.Posted(told_on=on, place="公示栏", photo=walks.PHOTO)
    standards.tell(run.no, posted, actor=cast.actors[name], on=on)


def paid(cast: Cast, month: date) -> list[PayoutLine]:
    """The list of the month is made, and paid."""
    opened_on = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 22)
    batch = building.open_month(
        cast.office.pk, payouts.PROGRAMME, month=month, actor=cast.staff, on=opened_on
    )
    batches.lock(batch.no, actor=cast.staff, on=month, proof=cast.proof("staff"))
    batches.approve(batch.no, actor=cast.leader, on=month, proof=cast.proof("leader"))
    batches.take_file(batch.no, actor=cast.accountant, on=month, proof=cast.proof("accountant"))
    rows = [r | {"交易时间": f"{month:%Y-%m}-08 10:30:00"} for r in payouts.answers(batch)]
    payouts.imported(cast, batch, rows, month.replace(day=9))
    return list(PayoutLine.objects.filter(batch=batch).order_by("line_no"))


def money(cast: Cast) -> None:
    """The office has money for the year."""
    payouts.funded(cast)
    grant = ledger.Grant(
        office_id=cast.office.pk,
        programme=payouts.PROGRAMME,
        source="CITY",
        year=2027,
        amount_fen=10_000_000,
        document="玉财社〔2027〕1 号",
        reason="演练",
    )
    ledger.allocate(grant, key="2027", actor=cast.supervisor, on=JANUARY)


@pytest.mark.clause("4(1).2")
def test_golden_d_five_months_back_pay_and_one_who_left_in_march(cast: Cast) -> None:
    money(cast)
    stays, leaves, late = (payouts.in_benefit(cast, n) for n in (1, 2, 3))
    Benefit.objects.filter(pk=late.pk).update(start_month=date(2027, 3, 1),
                                              paid_with=date(2027, 3, 1))  # fmt: skip
    for month in (1, 2):
        paid(cast, date(2027, month, 1))
    gone = walks.told(
        cast,
        leaves,
        date(2027, 3, 10),
        walks.from_roster(how="STOP", ground="MOVED", reason="迁出"),
    )
    assert gone.last_month == date(2027, 3, 1)
    for month in (3, 4, 5):
        paid(cast, date(2027, month, 1))
    raised()
    run = opened(cast)
    assert (run.households, run.persons) == (2, 4)
    assert run.total_after_fen - run.total_before_fen == 4 * 50_00
    assert not StandardLine.objects.filter(benefit=leaves).exists()
    assert amounts_of(stays, JUNE).total_fen == 682_00  # nothing is in force before it is told
    told(cast, signed(cast, run))
    assert StandardRun.objects.get().state == "ENDED"
    lines = paid(cast, JUNE)
    back = [(x.benefit_id, x.month.month, x.amount_fen) for x in lines if x.kind == "ARREARS"]
    assert [x for x in back if x[0] == stays.pk] == [
        (stays.pk, month, 100_00) for month in (1, 2, 3, 4, 5)
    ]
    assert [x for x in back if x[0] == late.pk] == [(late.pk, month, 100_00) for month in (3, 4, 5)]
    assert not [x for x in lines if x.benefit_id == leaves.pk]
    normal = {x.benefit_id: x.amount_fen for x in lines if x.kind == "NORMAL"}
    assert normal == {stays.pk: 782_00, late.pk: 782_00}
    assert {x.kind for x in paid(cast, date(2027, 7, 1))} == {"NORMAL"}  # once


def test_who_was_decided_here_is_computed_by_the_formula(cast: Cast) -> None:
    case = road.approved(cast)  # two persons, 12,000 a year: (841 - 500) x 2
    benefit = Benefit.objects.get(source_case=case)
    assert (benefit.annual_fen, benefit.counted) == (12_000_00, 2)
    raised(value=891_01)
    run = opened(cast)
    line = run.lines.get(is_latest=True)
    assert (line.before_monthly_fen, line.monthly_fen) == (682_00, (891_01 - 500_00) * 2)


def test_odd_figures_are_rounded_once_as_a_decision_is(cast: Cast) -> None:
    benefit = payouts.in_benefit(cast, 1, persons=2)
    Benefit.objects.filter(pk=benefit.pk).update(
        annual_fen=10_000_01, counted=3, percents=[10, 15], method="difference", persons=2
    )
    raised(value=845_37)
    line = opened(cast).lines.get(is_latest=True)
    entry = IncomeEntry(member="1", kind="OTHER", annual_fen=10_000_01)
    again = assess(
        Household(persons=3, insured=2, entries=[entry]), standard_fen=845_37
    ).monthly_fen
    assert line.monthly_fen == again
    assert line.supplement_fen == 84_54 + 126_81  # 84.537 and 126.8055, each rounded


def test_a_change_within_the_year_has_a_line_of_its_own(cast: Cast) -> None:
    benefit = payouts.in_benefit(cast, 1)
    review = walks.told(cast, benefit, date(2027, 2, 10), walks.from_roster(annual=15_000))
    assert review.from_month == date(2027, 3, 1)
    raised()
    run = opened(cast)
    found = list(run.lines.order_by("from_month").values_list("from_month", "monthly_fen"))
    assert found == [(JANUARY, 782_00), (date(2027, 3, 1), 532_00)]
    told(cast, signed(cast, run))
    shown = [amounts_of(benefit, date(2027, m, 1)).total_fen for m in (1, 2, 3, 6)]
    assert shown == [782_00, 782_00, 532_00, 532_00]


@pytest.mark.clause("4(3)")
def test_destitute_gets_the_new_year_and_the_new_care(cast: Cast) -> None:
    benefit = payouts.in_benefit(
        cast, 1, programme="URBAN_DESTITUTE", persons=1, monthly_fen=1_093_30,
        supplement_fen=1_265_00, year_fen=13_119_60, support="SCATTERED", care_tier="FULL",
    )  # fmt: skip
    raised()
    raised("destitute.basic.URBAN", {"SCATTERED": 14_400_00, "CENTRAL": 15_000_00})
    raised("destitute.care", {t: {"SCATTERED": 1_300_00, "CENTRAL": 1_400_00}
                              for t in ("SELF", "PARTIAL", "FULL")})  # fmt: skip
    run = opened(cast, "URBAN_DESTITUTE")
    line = run.lines.get(is_latest=True)
    assert (line.year_fen, line.monthly_fen, line.supplement_fen) == (
        14_400_00, 1_200_00, 1_300_00,
    )  # fmt: skip
    assert line.benefit_id == benefit.pk


def test_tiers_are_left_to_be_reviewed_one_by_one(cast: Cast) -> None:
    benefit = payouts.in_benefit(cast, 1)
    Benefit.objects.filter(pk=benefit.pk).update(method="tiers", annual_fen=0, counted=2)
    payouts.in_benefit(cast, 2)
    raised()
    run = opened(cast)
    assert (run.households, run.left_out) == (1, 1)


def test_gradual_exit_and_single_insured_are_left_as_they_are(cast: Cast) -> None:
    """A sum that does not follow from income is not computed from it: it would become one fen."""
    exit_, single, plain = (payouts.in_benefit(cast, n) for n in (1, 2, 3))
    found = walks.from_roster(annual=40_000, how="EXIT", exit_months=6, reason="就业")
    walks.told(cast, exit_, date(2027, 4, 9), found)
    Benefit.objects.filter(pk=single.pk).update(method="single", annual_fen=1, counted=2)
    raised()
    run = opened(cast)
    assert set(run.lines.values_list("benefit", flat=True)) == {plain.pk}
    assert run.left_out == 2


def test_each_village_is_told_and_in_force_by_itself(cast: Cast) -> None:
    here, there = (
        payouts.in_benefit(cast, 1),
        payouts.in_benefit(cast, 2, village=cast.other_village),
    )
    raised()
    run = signed(cast, opened(cast))
    told(cast, run)
    assert amounts_of(here, JUNE).total_fen == 782_00
    assert amounts_of(there, JUNE).total_fen == 682_00
    assert StandardRun.objects.get().state == "TO_TELL"
    with pytest.raises(Refused, match="已经登记过告知"):
        told(cast, run)
    told(cast, run, "neighbour_clerk")
    assert amounts_of(there, JUNE).total_fen == 782_00
    assert StandardRun.objects.get().state == "ENDED"


def test_what_changed_meanwhile_is_not_undone_by_an_older_list(cast: Cast) -> None:
    benefit = payouts.in_benefit(cast, 1)
    payouts.in_benefit(cast, 2)
    raised()
    run = signed(cast, opened(cast))
    walks.told(cast, benefit, DAY, walks.from_roster(annual=15_000))
    now = amounts_of(benefit, JUNE).total_fen
    told(cast, run)
    assert amounts_of(benefit, JUNE).total_fen == now
    assert Entitlement.objects.filter(line__isnull=False).count() == 1
    again = Review.objects.get(benefit=benefit, cause=f"STANDARD:{run.no}")
    assert again.state == "OPEN"


def test_a_list_that_changed_after_the_office_signed_is_not_signed(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    raised()
    run = opened(cast)
    standards.propose(run.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))
    StandardLine.objects.update(monthly_fen=9_999_00)
    with pytest.raises(Refused, match="不再覆盖现在的内容"):
        standards.agree(run.no, actor=cast.leader, on=DAY, proof=cast.proof("leader"))


def test_a_benefit_that_changed_after_it_was_computed_is_computed_again(cast: Cast) -> None:
    benefit = payouts.in_benefit(cast, 1)
    raised()
    run = opened(cast)
    walks.told(cast, benefit, date(2027, 4, 9), walks.from_roster(annual=15_000))
    with pytest.raises(Refused, match="请退回重新测算"):
        standards.propose(run.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))
    standards.compute(run.no, actor=cast.staff, on=DAY)
    told(cast, signed(cast, run))
    assert amounts_of(benefit, date(2027, 4, 1)).total_fen == 782_00
    assert amounts_of(benefit, MAY).total_fen == 532_00  # reviewed under the new standard already


@pytest.mark.parametrize(
    ("value", "day", "sentence"),
    [
        (None, JANUARY, "没有从 2027-01-01 起提高的标准"),
        (800_00, JANUARY, "没有从 2027-01-01 起提高的标准"),
        (AFTER, date(2027, 1, 2), "从每月 1 日执行"),
        (AFTER, date(2027, 2, 1), "没有从 2027-02-01 起提高的标准"),
    ],
)
def test_only_a_raised_standard_is_computed(
    cast: Cast, value: int | None, day: date, sentence: str
) -> None:
    payouts.in_benefit(cast, 1)
    if value:
        raised(value=value)
    with pytest.raises(Refused, match=sentence):
        standards.open_run(payouts.PROGRAMME, valid_from=day, actor=cast.staff, on=DAY)


def test_one_run_for_one_standard(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    raised()
    run = opened(cast)
    with pytest.raises(Refused, match="已经测算过"):
        opened(cast)
    standards.withdraw(run.no, note="录错了", actor=cast.staff, on=DAY)
    assert opened(cast).pk != run.pk


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"photo": None}, "上传张贴照片"),
        ({"place": " "}, "请填写张贴地点"),
        ({"told_on": date(2027, 5, 9)}, "告知日期应在"),
    ],
)
def test_telling_is_proved(cast: Cast, more: dict[str, Any], sentence: str) -> None:
    payouts.in_benefit(cast, 1)
    raised()
    run = signed(cast, opened(cast))
    posted = {"told_on": DAY, "place": "公示栏", "photo": walks.PHOTO, **more}
    with pytest.raises(Refused, match=sentence):
        standards.tell(run.no, standards.Posted(**posted), actor=cast.clerk, on=DAY)
    assert not Entitlement.objects.exists()


def test_rights(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    raised()
    with pytest.raises(PermissionDenied):
        standards.open_run(payouts.PROGRAMME, valid_from=JANUARY, actor=cast.leader, on=DAY)
    run = opened(cast)
    with pytest.raises(PermissionDenied):
        standards.agree(run.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))
    with pytest.raises(StandardRun.DoesNotExist):
        standards.withdraw(run.no, note="x", actor=cast.foreign_staff, on=DAY)


def test_it_takes_the_same_number_of_statements_for_one_and_for_twenty(cast: Cast) -> None:
    counts = []
    raised()
    rules(DAY)  # the process knows the new standard already
    for serial in (1, 20):
        for n in range(serial * 100, serial * 100 + serial):
            payouts.in_benefit(cast, n)
        with CaptureQueriesContext(connection) as seen:
            run = opened(cast)
        counts.append(len(seen))
        standards.withdraw(run.no, note="再来", actor=cast.staff, on=DAY)
    assert counts[0] == counts[1]


def test_a_village_that_was_told_stays_told(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    raised()
    told(cast, signed(cast, opened(cast)))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute("DELETE FROM cases_standardtelling")


@pytest.mark.parametrize(
    ("parameter", "value", "day", "says"),
    [
        ("standard.URBAN_ALLOWANCE", 891_00, date(2027, 1, 1), ""),
        ("standard.URBAN_ALLOWANCE", 891_00, date(2026, 12, 31), "最早从今年 1 月 1 日"),
        ("notice.days", 8, date(2027, 1, 1), "生效日期应在今天之后"),
        ("notice.days", 8, date(2027, 5, 11), ""),
    ],
)
def test_a_standard_published_in_spring_holds_from_january(
    cast: Cast, parameter: str, value: Any, day: date, says: str
) -> None:
    def enter() -> RuleValue:
        with at(DAY):
            entered = enter_value(
                parameter, rule_set="*", valid_from=day, value=value, unit="分",
                source="玉政发〔2027〕1 号", note="", actor=cast.supervisor,
            )  # fmt: skip
            return confirm_value(entered.pk, actor=cast.supervisor2)

    if says:
        with pytest.raises(Refused, match=says):
            enter()
    else:
        assert enter().confirmed_by_id == cast.supervisor2.person_id


def test_a_raised_standard_that_nobody_computed_is_named(cast: Cast) -> None:
    """R76."""
    payouts.in_benefit(cast, 1)
    assert standards.not_computed(cast.staff, DAY) == []
    raised()
    assert standards.not_computed(cast.staff, DAY) == [("城市低保", JANUARY)]
    assert standards.not_computed(cast.supervisor, DAY) == []
    opened(cast)
    assert standards.not_computed(cast.staff, DAY) == []
