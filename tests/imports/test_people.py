"""People, accounts, posts: three administrators are three people without business rights."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client

from tests.cast import Cast, unit
from yuquan_relief.kernel.clock import now, today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.models import Account, ApiClient, Event, Person, Post, Unit
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
    with pytest.raises(Refused, match="账号名已被使用"):
        staff(cast, username="clerk")
    with pytest.raises(Refused, match="不能任职于"):
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
    with pytest.raises(Refused, match="不能兼任业务岗位"):
        post(cast, who, "clerk", cast.village)
    assert post(cast, who, "clerk", cast.village, starts_on=today() + timedelta(days=1))


def test_several_business_posts_are_allowed_but_not_twice_the_same(cast: Cast) -> None:
    who = person(cast)
    post(cast, who, "clerk", cast.village)
    post(cast, who, "clerk", cast.other_village)
    with pytest.raises(Refused, match="同样的任职"):
        post(cast, who, "clerk", cast.village, starts_on=today() + timedelta(days=9))


@pytest.mark.parametrize(
    ("role", "unit", "said"),
    [
        ("clerk", "office", "不能任职于镇、街道一级"),
        ("office_staff", "village", "不能任职于社区一级"),
        ("supervisor", "office", "不能任职于镇、街道一级"),
        ("robot", "office", "请选择岗位"),
    ],
)
def test_role_belongs_at_its_level(cast: Cast, role: str, unit: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        post(cast, person(cast), role, getattr(cast, unit))


def test_end_lies_not_before_the_start_nor_after_an_end_that_stands(cast: Cast) -> None:
    held = post(cast, person(cast), "clerk", cast.village)
    with pytest.raises(Refused, match="不能早于任职日期"):
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


# Opening a new house


def admin_number(serial: int) -> str:
    return identity_numbers.synthetic(500 + serial, birth_on=date(1980, 1, 1), is_male=True)


ADMINS = "岗位,姓名,身份证号,账号\n" + "".join(
    f"{label},演练{'甲乙丙'[i]},{admin_number(i)},gly{i}\n"
    for i, label in enumerate(("系统管理员", "安全管理员", "审计管理员"))
)


def open_with(folder: Path, text: str = ADMINS) -> str:
    path = folder / "admins.csv"
    path.write_text(text, encoding="utf-8")
    said = StringIO()
    call_command("open_house", str(path), "--district", "159900", stdout=said)
    return said.getvalue()


def test_a_migrated_empty_house_is_opened_by_three_and_then_by_nobody(
    db: None, tmp_path: Path
) -> None:
    unit("测试区", "DISTRICT", "159900", None)
    said = open_with(tmp_path)
    passwords = dict(re.findall(r"账号 (\w+)　初始密码 (\S+)", said))
    assert len(passwords) == 3
    for username, password in passwords.items():
        client = Client()
        answer = client.post("/login/", {"username": username, "password": password})
        assert answer.status_code == 302
        assert client.get("/settings/units/")["Location"] == "/me/"  # the password comes first
    assert passwords["gly1"] not in str(list(Event.objects.values_list("canon", flat=True)))
    with pytest.raises(CommandError, match="已经有账号"):
        open_with(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.replace("审计管理员", "系统管理员"), "各一人"),
        (lambda t: t.replace("安全管理员", "主任"), "请填：系统管理员"),
        (lambda t: t.replace("gly2", ""), "缺少：账号"),
        (lambda t: t.rsplit("\n", 2)[0] + "\n", "各一人"),
    ],
)
def test_a_list_that_is_not_three_people_opens_nothing(
    db: None, tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    unit("测试区", "DISTRICT", "159900", None)
    with pytest.raises(CommandError, match=said):
        open_with(tmp_path, change(ADMINS))
    assert not Account.objects.exists()


# Accounts in need of help


def test_a_reset_password_is_changed_at_once_and_lifts_the_lock(cast: Cast) -> None:
    account = cast.accounts["clerk"]
    for _ in range(5):
        Client().post("/login/", {"username": "clerk", "password": "wrong"})
    people.reset_password(account, password=PASSWORD, actor=cast.secadmin)
    client = Client()
    assert client.post("/login/", {"username": "clerk", "password": PASSWORD}).status_code == 302
    assert client.get("/cases/")["Location"] == "/me/"
    assert client.get("/api/v1/cases/").status_code == 401


@pytest.mark.parametrize("act", ["deactivate", "unlock", "password"])
def test_helping_is_the_security_administrators(cast: Cast, act: str) -> None:
    account = cast.accounts["clerk"]
    url = f"/settings/people/{account.person_id}/account/{account.pk}/{act}/"
    for who in ("sysadmin", "auditadmin", "supervisor"):
        assert cast.client(who).post(url, {"password": PASSWORD}).status_code == 403
    assert cast.client("secadmin").post(url, {"password": PASSWORD}).status_code == 302
    assert Event.objects.filter(subject_kind="account", subject_key="clerk").exists()


def test_a_post_is_given_and_ended_on_the_page(cast: Cast) -> None:
    who, client = cast.accounts["clerk"].person, cast.client("secadmin")
    given = {"role": "office_staff", "unit": cast.office.pk, "title": "干事"}
    url = f"/settings/people/{who.pk}/"
    assert client.post(f"{url}post/", given | {"starts_on": str(today())}).status_code == 302
    post = who.posts.get(role="office_staff")
    early = client.post(f"{url}post/{post.pk}/end/", {"ends_on": "2020-01-01"})
    assert early.status_code == 422
    assert "离任日期不能早于任职日期" in early.content.decode()
    assert client.post(f"{url}post/{post.pk}/end/", {"ends_on": str(today())}).status_code == 302
    post.refresh_from_db()
    assert post.ends_on == today()


# Passwords


@pytest.mark.parametrize(
    "password",
    [
        "123456789012",
        "abcdefghijkl",
        "qwertyuiop12",
        "aaaaaaaaaaaaaa",
        "abababababab",
        "9876543210abcd",
        "甲街道社救办公室一二三四",
        "password1234",
    ],
)
def test_what_anybody_would_try_first_is_refused(cast: Cast, password: str) -> None:
    with pytest.raises(Refused) as refusal:
        staff(cast, password=password)
    assert "请换一个密码" in refusal.value.reason


def test_the_last_five_passwords_are_not_used_again(cast: Cast) -> None:
    staff(cast)
    account = Account.objects.get(username="xinren")
    for n in range(5):
        with pytest.raises(Refused, match="最近用过"):
            people.reset_password(account, password=PASSWORD, actor=cast.secadmin)
        fresh = f"沙枣花开的第{n}个早晨-水渠"
        people.reset_password(account, password=fresh, actor=cast.secadmin)
    people.reset_password(account, password=PASSWORD, actor=cast.secadmin)


def test_an_old_password_is_changed_where_the_profile_says_so(cast: Cast, settings: Any) -> None:
    client = cast.client("clerk")
    Account.objects.update(password_set_at=now() - timedelta(days=91))
    assert client.get("/cases/").status_code == 200
    settings.PASSWORD_MAX_DAYS = 90
    assert client.get("/cases/")["Location"] == "/me/"
    Account.objects.update(password_set_at=now() - timedelta(days=89))
    assert client.get("/cases/").status_code == 200


# Programs


def test_a_registered_program_calls_until_it_is_ended(cast: Cast) -> None:
    admin = cast.client("sysadmin")
    form = {
        "name": "统计报送",
        "username": "supervisor",
        "post_id": cast.supervisor.post_id,
        "scopes": ["read"],
        "expires_on": str(today() + timedelta(days=30)),
    }
    page = admin.post("/settings/clients/", form).content.decode()
    token = re.search(r"<code>(\S+)</code>", page)
    assert token
    caller = Client(headers={"Authorization": f"Token {token[1]}"})
    assert caller.get("/api/v1/cases/").status_code == 200
    assert token[1] not in admin.get("/settings/clients/").content.decode()
    client = ApiClient.objects.get(name="统计报送")
    admin.post(f"/settings/clients/{client.pk}/end/")
    assert caller.get("/api/v1/cases/").status_code == 401
    wrong = admin.post("/settings/clients/", form | {"name": "另一个", "username": "clerk"})
    assert "这个账号没有这一任职" in wrong.content.decode()
