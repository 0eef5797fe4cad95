"""What must always be true of cases (cases/invariants.py), each with the change that breaks it."""

from datetime import timedelta

import pytest
from django.db import connection

from cases import invariants
from cases.models import Benefit, Case, Household, IncomeAccount, Member, Notice
from cases.operations import notices
from tests import road
from tests.audit.chains import owner
from tests.cast import Cast, make_cast
from yuquan_relief.kernel.clock import today


@pytest.fixture
def cast_of_today(db: None) -> Cast:
    return make_cast()


def broken() -> list[str]:
    return list(invariants.broken())


def test_every_kind_of_case_is_sound(cast_of_today: Cast) -> None:
    road.submitted(cast_of_today, serial=1)
    road.accepted(cast_of_today, serial=2, on=today())
    road.approved(cast_of_today, serial=3, on=today() - timedelta(days=40))
    assert broken() == []
    assert invariants.counted().startswith("3 件案件")


def test_a_state_without_its_event_is_found(cast_of_today: Cast) -> None:
    case = road.submitted(cast_of_today)
    Case.objects.filter(pk=case.pk).update(state="DECLINED")
    assert broken() == [f"{case.no} 的状态 DECLINED 没有对应的操作记录"]


def test_a_due_date_that_was_moved_is_found(cast_of_today: Cast) -> None:
    case = road.accepted(cast_of_today)
    assert case.due_on is not None
    Case.objects.filter(pk=case.pk).update(due_on=case.due_on + timedelta(days=1))
    assert [text.split(" 与")[0] for text in broken()] == [
        f"{case.no} 的到期日 {case.due_on + timedelta(days=1)}"
    ]


@pytest.mark.clause("3(4)")
def test_a_notice_left_hanging_is_found(cast_of_today: Cast) -> None:
    case = road.investigated(cast_of_today)
    notices.post_notice(
        case.no, "post_review_notice", place="公示栏", photo=road.photo(),
        actor=cast_of_today.clerk, on=road.START,
    )  # fmt: skip
    Notice.objects.update(last_day=today() - timedelta(days=3))
    assert f"{case.no} 的公示期满超过一天仍未结束" in broken()


def second_household(case: Case) -> Household:
    member = Member.objects.filter(household=case.household).earliest("id")
    other = Household.objects.create(
        key="HSECOND", head_name="演练甲", district_id=case.district_id,
        office_id=case.office_id, village_id=case.village_id,
    )  # fmt: skip
    Member.objects.create(
        household=other, name=member.name, id_no=member.id_no, id_digest=member.id_digest,
        id_tail=member.id_tail, birth_on=member.birth_on, is_male=member.is_male,
        relation=member.relation, joined_on=member.joined_on,
    )  # fmt: skip
    return other


def test_a_person_in_two_live_households_is_found(cast_of_today: Cast) -> None:
    case = road.approved(cast_of_today)
    other = second_household(case)
    assert broken() == []  # the second one gets nothing and asks for nothing
    benefit = Benefit.objects.get(source_case=case)
    Benefit.objects.create(
        key="B-SECOND", certificate_no="X", household=other, programme=benefit.programme,
        district_id=case.district_id, office_id=case.office_id, village_id=case.village_id,
        persons=1, monthly_fen=100, start_month=benefit.start_month,
        paid_with=benefit.paid_with, source="演练",
    )  # fmt: skip
    assert len(broken()) == 1
    assert "HSECOND" in broken()[0]


@pytest.fixture
def decided(own_database: str) -> tuple[str, Case]:
    return own_database, road.approved(make_cast())


@pytest.mark.clause("4(1).1")
@pytest.mark.parametrize(
    ("table", "change", "sentence"),
    [
        (
            "kernel_signature",
            "UPDATE kernel_signature SET content_sha256 = repeat('a', 64) WHERE stage = 'decide'",
            "已有决定，却没有与操作记录一致的审批签字",
        ),
        (
            "kernel_signature",
            "DELETE FROM kernel_signature WHERE stage = 'decide'",
            "已有决定，却没有与操作记录一致的审批签字",
        ),
        ("cases_decision", "DELETE FROM cases_decision", "的决定与状态不符"),
    ],
)
def test_a_decision_without_its_signature_is_found(
    decided: tuple[str, Case], table: str, change: str, sentence: str
) -> None:
    name, case = decided
    assert broken() == []
    with owner(name) as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(change)
    assert broken() == [f"{case.no} {sentence}"]


@pytest.mark.clause("4(1)")
@pytest.mark.parametrize(
    "changed", ["monthly_fen = monthly_fen + 1", "persons = persons + 1", "supplement_fen = 5"]
)
def test_a_benefit_that_nobody_decided_so_is_found(cast_of_today: Cast, changed: str) -> None:
    case = road.approved(cast_of_today)
    assert broken() == []
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE cases_benefit SET {changed}")
    assert broken() == [
        f"保障 {Benefit.objects.get(source_case=case).key} 的金额、人口或月份与批准决定不符"
    ]


@pytest.mark.clause("4(1)")
def test_a_decision_on_another_sum_than_was_settled_is_found(cast_of_today: Cast) -> None:
    case = road.approved(cast_of_today)
    IncomeAccount.objects.filter(case=case).update(monthly_fen=1)
    assert broken() == [
        f"{case.no} 的批准决定与核算结果不符",
        f"{case.no} 第 1 轮核算：monthly_fen 当时为 1，重算为 68200",
    ]
