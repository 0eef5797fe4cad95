"""Which rule set binds is the district's setting with a date; who was accepted before keeps his."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import Q

from cases.operations import investigation
from tests import road
from tests.cases.days import at
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import RuleValue
from yuquan_relief.kernel.operations.rulebook import confirm_value, enter_value
from yuquan_relief.kernel.rulebook_values import RULE_SET, rules

FROM = date(2026, 12, 1)


def entered(cast: Cast, value: Any = "NAT-2022", *, confirmed: bool = True) -> None:
    """The district has said so, before the day from which it holds."""
    with at(FROM - timedelta(days=5)):
        made = enter_value(
            RULE_SET,
            rule_set="*",
            valid_from=FROM,
            value=value,
            unit="规则集",
            source="呼民发〔2026〕9 号",
            note="",
            actor=cast.supervisor,
        )
        if confirmed:
            confirm_value(made.pk, actor=cast.supervisor2)


def limits(cast: Cast, serial: int, on: date) -> tuple[str, int]:
    """The rule set of a case accepted on that day, and its limit in working days."""
    case = road.accepted(cast, serial, on)
    return case.rule_set, rules(on, case.rule_set)["limit.allowance.total"]["days"]


@pytest.mark.clause("4(1).1")
def test_who_is_accepted_from_the_day_on_is_under_the_new_set(cast: Cast) -> None:
    entered(cast)
    assert limits(cast, 1, FROM - timedelta(days=1)) == ("YQ-2020", 30)
    assert limits(cast, 2, FROM) == ("NAT-2022", 20)


@pytest.mark.clause("4(1).1")
def test_who_was_accepted_before_keeps_set_and_due_date(cast: Cast) -> None:
    before = road.accepted(cast, 1, FROM - timedelta(days=1))
    entered(cast)
    road.survey(cast, before, FROM + timedelta(days=1))
    after = road.fresh(before)
    assert (after.rule_set, after.due_on) == (before.rule_set, before.due_on)


def test_handed_in_before_and_accepted_after_is_under_the_new_set(cast: Cast) -> None:
    entered(cast)
    case = road.submitted(cast, on=FROM - timedelta(days=1))
    assert case.rule_set == "YQ-2020"
    investigation.accept(case.no, actor=cast.staff, on=FROM)
    case = road.fresh(case)
    assert case.rule_set == "NAT-2022"
    assert case.due_on is not None
    assert case.due_on < road.accepted(cast, 2, FROM - timedelta(days=1)).due_on  # type: ignore[operator]


def test_one_persons_word_does_not_count(cast: Cast) -> None:
    entered(cast, confirmed=False)
    assert limits(cast, 1, FROM) == ("YQ-2020", 30)


def test_without_the_second_person_one_word_would_count(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered(cast, confirmed=False)
    monkeypatch.setattr("yuquan_relief.kernel.rulebook_values.in_force", Q)
    assert limits(cast, 1, FROM) == ("NAT-2022", 20)


def test_the_set_is_entered_on_the_page_as_its_name(cast: Cast) -> None:
    values = {
        "rule_set": "*",
        "valid_from": str(FROM),
        "value": "NAT-2022",
        "unit": "规则集",
        "source": "呼民发〔2026〕9 号",
    }
    with at(FROM - timedelta(days=5)):
        answer = cast.client("supervisor").post(f"/settings/rules/{RULE_SET}/", values)
    assert answer.status_code == 302
    assert RuleValue.objects.get(parameter=RULE_SET, valid_from=FROM).value == "NAT-2022"


@pytest.mark.parametrize("value", ["YQ-2031", "", "*", 20])
def test_a_set_that_there_is_not_is_refused(cast: Cast, value: Any) -> None:
    with pytest.raises(Refused, match="数值的写法与现有的不同"):
        entered(cast, value)
