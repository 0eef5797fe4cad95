"""The demo district: every desk has work, the second run changes nothing, nobody is real."""

from collections import Counter
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import Client

from cases.models import Benefit, Case, Draft, Member, Notice
from cases.rules.procedures import STATES
from supervision.demo import families, photos, rosters, seed, staff
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.file_kinds import examine
from yuquan_relief.kernel.inputs import bank_accounts, identity_numbers
from yuquan_relief.kernel.models import Account, Event, Person, Post, Unit
from yuquan_relief.kernel.roles import ADMINISTRATORS, ROLES
from yuquan_relief.kernel.signing import prove

TOWN = staff.TOWN


def counts() -> dict[str, int]:
    models = [m for m in apps.get_models() if m.__module__.split(".")[0] != "django"]
    return {m._meta.label: m._default_manager.count() for m in models}


def states(office: str) -> Counter[str]:
    return Counter(Case.objects.filter(office__code=office).values_list("state", flat=True))


def test_every_state_has_cases_and_the_leader_a_full_desk(seeded: str) -> None:
    assert set(states(TOWN)) == set(STATES) - {"DRAFT"}
    assert states(TOWN)["TO_DECIDE"] >= 6
    assert states(staff.STREET)["TO_DECIDE"] >= 2
    assert Draft.objects.filter(case_no="").count() == 10  # a lead and a change of head, too


def test_one_case_is_overdue_and_one_nearly(seeded: str) -> None:
    town = Case.objects.filter(office__code=TOWN)
    assert town.overdue(today()).exists()
    soon = today() + timedelta(days=6)
    assert town.open().filter(due_on__gte=today(), due_on__lte=soon).exists()


def test_notices_hang_and_have_just_ended(seeded: str) -> None:
    hanging = Notice.objects.filter(closed_on__isnull=True, last_day__gte=today())
    assert {n.kind for n in hanging} == {"REVIEW", "APPROVAL"}
    assert Case.objects.filter(state="TO_PROPOSE", state_since=today()).exists() or (
        Case.objects.filter(
            state="TO_PROPOSE", state_since__gte=today() - timedelta(days=4)
        ).exists()
    )


def test_nothing_lies_in_the_future_and_days_follow_each_other(seeded: str) -> None:
    assert not Event.objects.filter(on_day__gt=today()).exists()
    for case in Case.objects.all():
        days = list(
            Event.objects.of("case", case.no)
            .exclude(action="attach")
            .order_by("seq")
            .values_list("on_day", flat=True)
        )
        assert days == sorted(days)


def test_second_run_changes_nothing_and_prints_the_logins_again(seeded: str) -> None:
    before, said = counts(), StringIO()
    call_command("seed_demo", stdout=said)
    assert counts() == before
    assert staff.PASSWORD in said.getvalue()
    assert "xhh_lingdao" in said.getvalue()


def test_everybody_can_sign_in_and_sign(seeded: str) -> None:
    assert len(list(staff.everybody())) >= len(ROLES)
    for one in staff.everybody():
        assert one.username in seeded
        assert Account.objects.get(username=one.username).check_password(staff.PASSWORD)
        assert prove(staff.actor_of(one.username), staff.SIGN_CODE)


def test_login_through_the_backends(seeded: str) -> None:
    user = authenticate(
        request=Client().get("/").wsgi_request, username="xhh_lingdao", password=staff.PASSWORD
    )
    assert user == Account.objects.get(username="xhh_lingdao")


def test_every_role_is_there_and_administrators_are_three_people(seeded: str) -> None:
    assert set(Post.objects.values_list("role", flat=True)) == set(ROLES)
    admins = Post.objects.filter(role__in=ADMINISTRATORS)
    assert admins.values("person").distinct().count() == 3
    assert all(p.posts.count() == 1 for p in Person.objects.filter(posts__in=admins))
    desks = Post.objects.filter(role="office_staff").values_list("unit__code", flat=True)
    assert set(desks) == {TOWN, staff.STREET}


def test_units_are_those_of_the_2026_list(seeded: str) -> None:
    assert Unit.objects.offices().count() == 10
    assert Unit.objects.villages().count() == 133


def test_roster_is_paid_from_this_month(seeded: str) -> None:
    month = today().replace(day=1)
    taken = Benefit.objects.filter(source_case__isnull=True)
    assert taken.count() == 60
    assert set(taken.values_list("paid_with", flat=True)) == {month}


def test_all_numbers_belong_to_nobody(seeded: str) -> None:
    members = Member.objects.all()
    assert len(members) > 60
    for member in members:
        assert identity_numbers.clean(member.id_no, today=today()).area.startswith("1599")


def test_same_seed_gives_the_same_families() -> None:
    def one(number: int) -> dict[str, Any]:
        return families.family(7, "URBAN_ALLOWANCE", "演练社区", seed=number)

    assert one(1) == one(1)
    assert one(1) != one(2)


def test_account_numbers_are_valid_and_distinct() -> None:
    numbers = [families.account_number(serial) for serial in (0, 1, 2, 999_999, 1_300_000)]
    assert [bank_accounts.clean(n) for n in numbers] == numbers
    assert len(set(numbers)) == 5


def test_identity_numbers_of_rosters_are_distinct() -> None:
    numbers = {rosters.identity_number(n, is_male=True) for n in range(1, 20_000)}
    assert len(numbers) == 19_999


def test_photos_are_small_real_pictures_that_differ() -> None:
    one, other = (photos.photo("house", "入户", seed=n) for n in (1, 2))
    assert one == photos.photo("house", "入户", seed=1)
    assert one != other
    assert examine(one).content_type == "image/jpeg"
    assert len(one) < 60_000


def test_production_is_refused(db: None, settings: Any) -> None:
    settings.MODE = "production"
    with pytest.raises(CommandError, match="演练环境"):
        call_command("seed_demo", stdout=StringIO())
    assert not Unit.objects.exists()


def test_failed_part_leaves_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(number: int, say: Any) -> None:
        Draft.objects.all().delete()
        raise RuntimeError("stopped half-way")

    with pytest.raises(RuntimeError):
        seed.once("part", 1, broken, print)
    assert not Event.objects.filter(subject_kind="demo").exists()
