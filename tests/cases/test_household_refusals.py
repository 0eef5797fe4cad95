"""What may not become of a household, and a change that is taken back (domain 3.10)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from cases.invariants import broken
from cases.models import Benefit, Case, Draft, Household, HouseholdChange, Member
from cases.operations import applications, households
from cases.operations.households import Change
from tests import road
from tests import road_household as homes
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event

ON = homes.ON
DIED = homes.DIED
SUBMITTED = {**homes.ACCOUNT, "members__1__relation": "CHILD"}


# ------------------------------------------------------------------ refused


def head_of(home: Household) -> int:
    """The head's row."""
    return homes.member(home, "演练户1").pk


def wife_of(home: Household) -> int:
    """The wife's row."""
    return homes.member(home, "妻").pk


REFUSED: list[tuple[str, Callable[[Cast, Household], Change], str]] = [
    ("kind", lambda c, h: replace(homes.change(), kind="X"), "请选择变更的种类和原因"),
    ("reason", lambda c, h: homes.change(reason=""), "请选择变更的种类和原因"),
    ("relief", lambda c, h: homes.change(programme="URGENT_RELIEF"), "请选择接续申请的事项"),
    ("note", lambda c, h: homes.change(note=" \n"), "请写明变更的情况"),
    ("future", lambda c, h: homes.change(happened_on=date(2026, 7, 21)), "发生日期不能晚于今天"),
    ("no heir", lambda c, h: homes.change(), "请在其他成员中选择新户主"),
    ("the head", lambda c, h: homes.change(head=head_of(h)), "请在其他成员中选择新户主"),
    ("a stranger", lambda c, h: homes.change(head=987654321), "请在其他成员中选择新户主"),
    ("nobody goes", lambda c, h: homes.change("SPLIT"), "请选择分出去的成员；原户主留在原户"),
    (
        "the head goes",
        lambda c, h: homes.change("SPLIT", head=head_of(h), goes=[head_of(h)]),
        "请选择分出去的成员；原户主留在原户",
    ),
    (
        "with the head",
        lambda c, h: homes.change("SPLIT", head=wife_of(h), goes=[wife_of(h), head_of(h)]),
        "请选择分出去的成员；原户主留在原户",
    ),
    (
        "head stays",
        lambda c, h: homes.change("SPLIT", head=wife_of(h), goes=[homes.member(h, "子").pk]),
        "新户主应当是分出去的成员",
    ),
    (
        "split dead",
        lambda c, h: homes.change("SPLIT", reason="DIED", head=wife_of(h), goes=[wife_of(h)]),
        "成员死亡不是分户",
    ),
    (
        "unknown other",
        lambda c, h: homes.change("MERGE", other_id_no=road.number(77)),
        "没有找到并入的户：请填写本辖区另一在享户户主的身份证号",
    ),
    (
        "itself",
        lambda c, h: homes.change("MERGE", other_id_no=road.number(1)),
        "没有找到并入的户",
    ),
    (
        "not its head",
        lambda c, h: homes.change("MERGE", other_id_no=road.number(201)),
        "没有找到并入的户",
    ),
    (
        "elsewhere",
        lambda c, h: homes.change("MERGE", other_id_no=road.number(3)),
        "没有找到并入的户",
    ),
    (
        "merge dead",
        lambda c, h: homes.change("MERGE", reason="DIED", other_id_no=road.number(2)),
        "成员死亡请登记变更户主，再并户",
    ),
    ("same village", lambda c, h: homes.moved(c.village), "请选择迁入的村（社区）"),
    ("an office", lambda c, h: homes.moved(c.other_office), "请选择迁入的村（社区）"),
    (
        "move dead",
        lambda c, h: homes.change("MOVE", reason="DIED", village_id=c.foreign_village.pk),
        "成员死亡请登记变更户主，再迁移",
    ),
]


@pytest.mark.parametrize(
    ("what", "said"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(
    cast: Cast, what: Callable[[Cast, Household], Change], said: str
) -> None:
    home = homes.roster(cast)
    homes.on_the_roster(cast, 2, "嫂")
    homes.on_the_roster(cast, 3, village=cast.other_village)
    with pytest.raises(Refused) as refused:
        homes.record(cast, home, what(cast, home))
    assert refused.value.reason.startswith(said)
    assert not HouseholdChange.objects.exists()
    assert not Draft.objects.exists()
    assert not Member.objects.exclude(left_on=None).exists()


def test_a_household_of_one_has_no_other_head(cast: Cast) -> None:
    home = homes.on_the_roster(cast)
    with pytest.raises(Refused, match="只有一人的户不能变更户主"):
        homes.record(cast, home, homes.change(head=head_of(home)))


def test_of_a_roster_that_names_the_head_alone_who_goes_on_is_typed(cast: Cast) -> None:
    home = homes.on_the_roster(cast)
    row = homes.record(cast, home, homes.change())
    draft = homes.draft_of(row)
    assert homes.people_in(draft) == []
    assert not home.members.filter(left_on=None).exists()  # the head has died
    typed = {"members__0__name": "演练遗属", "members__0__id_no": road.number(77)}
    typed |= {"members__0__relation": "SELF", "phone": "19900000001", "address": "甲街道 3 号"}
    answers = {**homes.ACCOUNT, "holder": "演练遗属", **typed}
    homes.fill(cast, draft, **answers)
    case = homes.submit(cast, draft)
    assert (case.household.head_name, case.change) == ("演练遗属", row)
    assert not list(broken())


@pytest.mark.parametrize("ended", [True, False])
def test_a_household_in_no_benefit_applies_directly(cast: Cast, ended: bool) -> None:
    home = homes.roster(cast) if ended else homes.without_benefit(cast)
    Benefit.objects.update(end_month=date(2026, 6, 1))
    with pytest.raises(Refused, match="这户没有在享待遇，不用接续，请直接申请"):
        homes.record(cast, home, homes.change())


def test_while_an_application_is_open_nothing_changes(cast: Cast) -> None:
    home, case = homes.roster(cast), road.accepted(cast)
    Case.objects.filter(pk=case.pk).update(household=home)
    with pytest.raises(Refused, match="这户有在办的申请，请办结后再变更"):
        homes.head_died(cast, home, "妻")
    Case.objects.filter(pk=case.pk).update(programme="URGENT_RELIEF")  # the control
    homes.head_died(cast, home, "妻")


def test_one_change_at_a_time(cast: Cast) -> None:
    home = homes.in_benefit(cast)
    row = homes.head_died(cast, home)
    with pytest.raises(Refused, match="这户已登记过变更，接续申请还没有提交，请先办完或者撤销"):
        homes.head_died(cast, home)
    homes.submit(cast, homes.draft_of(row), **SUBMITTED)
    with pytest.raises(Refused, match="这户的接续申请正在办理，请办结后再变更"):
        homes.head_died(cast, home)


def test_twin_without_the_look_there_would_be_two(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = homes.roster(cast)
    monkeypatch.setattr(households, "_require_free", lambda _: None)
    homes.split(cast, home, "妻")
    homes.split(cast, home, "妻")
    assert HouseholdChange.objects.count() == 2


@pytest.mark.parametrize(
    "who", ["leader", "head", "chief", "bureau", "supervisor", "verifier", "auditor", "sysadmin"]
)
def test_other_posts_change_no_household(cast: Cast, who: str) -> None:
    home = homes.roster(cast)
    row = homes.head_died(cast, home, "妻")
    with pytest.raises(PermissionDenied):
        homes.record(cast, home, homes.change(), who=who)
    with pytest.raises(PermissionDenied):
        households.withdraw_change(row.pk, actor=cast.actors[who], on=ON)
    row.refresh_from_db()
    assert row.withdrawn_at is None


@pytest.mark.parametrize("who", ["neighbour_clerk", "foreign_clerk", "foreign_staff"])
def test_elsewhere_the_household_is_not_there(cast: Cast, who: str) -> None:
    home = homes.roster(cast)
    with pytest.raises(Household.DoesNotExist):
        homes.record(cast, home, homes.change(), who=who)
    row = homes.record(cast, home, homes.change(head=wife_of(home)), who="staff")
    with pytest.raises(HouseholdChange.DoesNotExist):
        households.withdraw_change(row.pk, actor=cast.actors[who], on=ON)


# ------------------------------------------------------------------ 撤销


def withdraw(cast: Cast, row: HouseholdChange) -> None:
    """The clerk takes it back."""
    households.withdraw_change(row.pk, actor=cast.clerk, on=ON)


def test_withdrawn_nobody_has_died_and_the_drafts_are_in_the_bin(cast: Cast) -> None:
    home = homes.roster(cast)
    row = homes.head_died(cast, home, "妻")
    assert homes.names(home, ON) == ["妻", "子"]
    withdraw(cast, row)
    row.refresh_from_db()
    head = homes.member(home, "演练户1")
    assert row.withdrawn_at is not None
    assert (head.left_reason, homes.names(home, ON)) == ("", ["演练户1", "妻", "子"])
    assert Draft.objects.get(change=row).discarded_at == row.withdrawn_at
    acts = Event.objects.of("household", home.key).order_by("seq")
    assert [e.action for e in acts] == ["change_head", "withdraw_change"]
    with pytest.raises(Refused, match="这次变更已经撤销"):
        withdraw(cast, row)
    homes.head_died(cast, home, "妻")  # recorded anew


def test_both_drafts_of_a_split_are_in_the_bin(cast: Cast) -> None:
    row = homes.split(cast, homes.roster(cast), "妻")
    withdraw(cast, row)
    assert Draft.objects.filter(change=row).exclude(discarded_at=None).count() == 2


def test_once_submitted_it_is_not_withdrawn(cast: Cast) -> None:
    home = homes.in_benefit(cast)
    row = homes.head_died(cast, home)
    case = homes.submit(cast, homes.draft_of(row), **SUBMITTED)
    with pytest.raises(Refused, match="接续申请已经提交，不能撤销；请在该申请里办理"):
        withdraw(cast, row)
    row.refresh_from_db()
    assert (row.withdrawn_at, homes.names(home, ON)) == (None, ["演练乙", "演练丙"])
    assert road.fresh(case).state == "SUBMITTED"


def test_a_head_who_died_before_stays_dead(cast: Cast) -> None:
    home = homes.roster(cast)
    Member.objects.filter(name="演练户1").update(left_on=date(2026, 1, 5), left_reason="DIED")
    Member.objects.filter(name="妻").update(relation="SELF")
    withdraw(cast, homes.head_died(cast, home, "子"))
    assert homes.names(home, ON) == ["妻", "子"]


@pytest.mark.parametrize(
    "act",
    [
        lambda rows: rows.update(note="别的"),
        lambda rows: rows.update(happened_on=date(2026, 1, 1)),
        lambda rows: rows.update(kind="MOVE"),
        lambda rows: rows._raw_delete(rows.db),
    ],
    ids=["note", "day", "kind", "delete"],
)
def test_the_database_keeps_a_change_as_it_was_recorded(
    cast: Cast, act: Callable[[Any], Any]
) -> None:
    row = homes.split(cast, homes.roster(cast), "妻")
    Draft.objects.filter(change=row).update(change=None)
    rows = HouseholdChange.objects.filter(pk=row.pk)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        act(rows)
    assert (rows.get().note, rows.get().kind) == ("演练情况", "SPLIT")


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "MERGE"},  # without the other one
        {"note": ""},
        {"recorded_on": date(2026, 7, 15)},  # before it happened
    ],
)
def test_the_database_refuses_a_change_that_is_not_whole(cast: Cast, wrong: dict[str, Any]) -> None:
    values = {
        "kind": "SPLIT", "household": homes.roster(cast), "happened_on": DIED, "reason": "APART",
        "note": "演练情况", "recorded_on": ON, "recorded_by_id": cast.clerk.person_id,
    }  # fmt: skip
    with pytest.raises(DatabaseError, match="violates check constraint"), transaction.atomic():
        HouseholdChange.objects.create(**values | wrong)
    HouseholdChange.objects.create(**values)  # the control


def test_the_draft_of_a_withdrawn_change_stays_in_the_bin(cast: Cast) -> None:
    row = homes.head_died(cast, homes.in_benefit(cast))
    key = homes.draft_of(row).key
    withdraw(cast, row)
    with suppress(Refused, Draft.DoesNotExist):
        applications.restore_draft(key, actor=cast.clerk)
    assert not Draft.objects.filter(change=row, discarded_at=None).exists()
