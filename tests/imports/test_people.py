"""People, accounts, posts: three administrators are three people without business rights."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from tests.cast import Cast
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.models import Account, Event, Person, Post, Unit
from yuquan_relief.kernel.operations import people

PASSWORD = "清晨的白杨与渠水-2026"
NUMBER = identity_numbers.synthetic(400, birth_on=date(1990, 1, 1), is_male=True)


def person(cast: Cast, number: str = NUMBER) -> Person:
    return people.add_person(name="演练新人", id_no=number, actor=cast.secadmin)


def post(cast: Cast, who: Person, role: str, unit: Unit, **dates: date) -> Post:
    dates = {"starts_on": today(), **dates}
    return people.give_post(who, role=role, unit=unit, title="演练", actor=cast.secadmin, **dates)


def staff(cast: Cast, **changes: object) -> Post:
    values = {
        "name": "演练新人",
        "id_no": NUMBER,
        "phone": "",
        "username": "xinren",
        "password": PASSWORD,
        "role": "clerk",
        "unit": cast.village,
        "title": "经办",
        "starts_on": today(),
        "actor": cast.secadmin,
    }
    return people.add_staff(**{**values, **changes})  # type: ignore[arg-type]


def test_new_staff_can_sign_in_and_must_change_the_password(cast: Cast) -> None:
    held = staff(cast)
    account = Account.objects.get(username="xinren")
    assert account.must_change_password
    assert account.check_password(PASSWORD)
    assert held.unit == cast.village
    assert NUMBER not in str(list(Event.objects.values_list("canon", flat=True)))


def test_nothing_is_left_when_one_part_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="密码太短"):
        staff(cast, password="1234")
    with pytest.raises(Refused):
        staff(cast, username="clerk")
    with pytest.raises(Refused):
        staff(cast, unit=cast.office)
    assert not Person.objects.filter(name="演练新人").exists()


def test_same_number_is_the_same_person(cast: Cast) -> None:
    assert person(cast) == person(cast)
    with pytest.raises(Refused, match="另一姓名"):
        people.add_person(name="别人", id_no=NUMBER, actor=cast.secadmin)


@pytest.mark.parametrize("first", ["system_admin", "security_admin", "audit_admin"])
def test_administrator_holds_no_business_post(cast: Cast, first: str) -> None:
    who = person(cast)
    post(cast, who, first, cast.district)
    with pytest.raises(Refused, match="管理员"):
        post(cast, who, "supervisor", cast.district)
    with pytest.raises(Refused, match="管理员"):
        post(cast, who, "clerk", cast.village)


def test_business_post_keeps_administration_away(cast: Cast) -> None:
    who = person(cast)
    post(cast, who, "clerk", cast.village)
    with pytest.raises(Refused, match="不能兼任业务岗位"):
        post(cast, who, "system_admin", cast.district)


def test_two_administrators_are_two_people(cast: Cast) -> None:
    who = person(cast)
    post(cast, who, "system_admin", cast.district)
    with pytest.raises(Refused, match="三个人"):
        post(cast, who, "audit_admin", cast.district)


def test_after_leaving_one_may_do_the_other(cast: Cast) -> None:
    who = person(cast)
    held = post(cast, who, "system_admin", cast.district, starts_on=date(2026, 1, 1))
    people.end_post(held, ends_on=today(), actor=cast.secadmin)
    with pytest.raises(Refused):
        post(cast, who, "clerk", cast.village)
    assert post(cast, who, "clerk", cast.village, starts_on=today() + timedelta(days=1))


def test_several_business_posts_are_allowed_but_not_twice_the_same(cast: Cast) -> None:
    who = person(cast)
    post(cast, who, "clerk", cast.village)
    post(cast, who, "clerk", cast.other_village)
    with pytest.raises(Refused, match="同样的任职"):
        post(cast, who, "clerk", cast.village, starts_on=today() + timedelta(days=9))


@pytest.mark.parametrize(
    ("role", "unit"),
    [
        ("clerk", "office"),
        ("office_staff", "village"),
        ("supervisor", "office"),
        ("robot", "office"),
    ],
)
def test_role_belongs_at_its_level(cast: Cast, role: str, unit: str) -> None:
    with pytest.raises(Refused):
        post(cast, person(cast), role, getattr(cast, unit))


def test_end_lies_not_before_the_start_nor_after_an_end_that_stands(cast: Cast) -> None:
    held = post(cast, person(cast), "clerk", cast.village)
    with pytest.raises(Refused):
        people.end_post(held, ends_on=today() - timedelta(days=1), actor=cast.secadmin)
    people.end_post(held, ends_on=today(), actor=cast.secadmin)
    with pytest.raises(Refused, match="新增一条任职"):
        people.end_post(held, ends_on=today() + timedelta(days=5), actor=cast.secadmin)


def test_deactivated_account_is_out_at_once(cast: Cast) -> None:
    client = cast.client("clerk")
    assert client.get("/me/").status_code == 200
    people.deactivate(cast.accounts["clerk"], actor=cast.secadmin)
    people.deactivate(cast.accounts["clerk"], actor=cast.secadmin)
    assert client.get("/me/").status_code == 302
    assert Event.objects.filter(action="deactivate").count() == 1
    with pytest.raises(Refused, match="自己"):
        people.deactivate(cast.accounts["secadmin"], actor=cast.secadmin)


@pytest.mark.parametrize("name", ["sysadmin", "auditadmin", "supervisor", "leader", "clerk"])
def test_only_the_security_administrator_does_this(cast: Cast, name: str) -> None:
    with pytest.raises(PermissionDenied):
        staff(cast, actor=cast.actors[name])
    held = Post.objects.first()
    assert held is not None
    with pytest.raises(PermissionDenied):
        people.end_post(held, ends_on=today(), actor=cast.actors[name])
    with pytest.raises(PermissionDenied):
        people.deactivate(cast.accounts["clerk"], actor=cast.actors[name])
