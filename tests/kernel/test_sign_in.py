"""Signing in: guessing, resting, posts, one-time codes, passwords, where one is sent afterwards."""

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.password_validation import get_password_validators, validate_password
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.cases.days import DAY, at
from tests.cast import PASSWORD, SIGN_CODE, Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Account, Event, Post
from yuquan_relief.kernel.signing import prove, set_sign_code


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    """One day for all."""
    with at():
        yield


def sign_in(
    client: Client, name: str, password: str = PASSWORD, *, address: str = "10.0.0.1", **more: str
) -> HttpResponse:
    found: Any = client
    form = {"username": name, "password": password, **more}
    response: HttpResponse = found.post("/login/", form, REMOTE_ADDR=address)
    return response


def is_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def test_right_words_lead_to_the_workbench_in_a_new_session(cast: Cast) -> None:
    client = Client()
    client.get("/login/")
    client.cookies["sessionid"] = "fixed-by-somebody-else"
    response = sign_in(client, "clerk")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.cookies["sessionid"].value != "fixed-by-somebody-else"


@pytest.mark.parametrize(("name", "password"), [("clerk", "wrong"), ("nobody", "wrong")])
def test_wrong_words_are_answered_alike(cast: Cast, name: str, password: str) -> None:
    response = sign_in(Client(), name, password)
    assert response.status_code == 422
    assert "账号或密码不对，请核对后重新登录" in response.content.decode()


def test_five_misses_lock_the_account_at_that_address(cast: Cast) -> None:
    for _ in range(4):
        assert sign_in(Client(), "clerk", "wrong").status_code == 422
    assert sign_in(Client(), "clerk", "wrong").status_code == 429
    assert sign_in(Client(), "clerk").status_code == 429


def test_an_outsider_does_not_lock_a_colleague_out(cast: Cast) -> None:
    for _ in range(6):
        sign_in(Client(), "clerk", "wrong", address="10.9.9.9")
    assert sign_in(Client(), "clerk", address="10.9.9.9").status_code == 429
    assert sign_in(Client(), "clerk").status_code == 302


def test_twenty_misses_from_many_addresses_lock_the_account(cast: Cast) -> None:
    for n in range(20):
        sign_in(Client(), "clerk", "wrong", address=f"10.9.9.{n}")
    assert sign_in(Client(), "clerk").status_code == 429


def test_a_sign_in_stands_in_the_chain(cast: Cast) -> None:
    sign_in(Client(), "clerk")
    event = Event.objects.filter(action="sign_in").get()
    assert (event.subject_key, event.person_id) == ("clerk", cast.clerk.person_id)


def test_misses_of_one_do_not_lock_another_at_the_same_address(cast: Cast) -> None:
    for _ in range(20):
        sign_in(Client(), "clerk", "wrong")
    assert sign_in(Client(), "staff").status_code == 302


@pytest.mark.parametrize(
    "header", ["HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED-FOR", "HTTP_FORWARDED"]
)
def test_a_header_does_not_move_the_caller(cast: Cast, header: str) -> None:
    for n in range(6):
        client: Any = Client()
        form = {"username": "clerk", "password": "wrong"}
        client.post("/login/", form, **{header: f"10.9.9.{n}"})
    assert sign_in(Client(), "clerk", address="127.0.0.1").status_code == 429


def test_success_forgets_the_misses(cast: Cast) -> None:
    for _ in range(2):
        for _ in range(4):
            sign_in(Client(), "clerk", "wrong")
        assert sign_in(Client(), "clerk").status_code == 302


@pytest.mark.parametrize(("minutes", "still"), [(29, True), (31, False)])
def test_after_thirty_minutes_of_rest_one_signs_in_again(
    cast: Cast, minutes: int, still: bool
) -> None:
    client = cast.client("clerk")
    client.get("/me/")
    session = client.session
    session["seen_at"] -= minutes * 60
    session.save()
    response = client.get("/cases/")
    assert (response.status_code == 200) == still
    if not still:
        assert response["Location"] == "/login/?next=%2Fcases%2F&idle=1"
        assert not is_in(client)


def test_htmx_is_told_where_to_go(cast: Cast) -> None:
    response = Client().get("/cases/", headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (204, "/login/?next=%2Fcases%2F")


@pytest.mark.parametrize(("ends", "gets_in"), [(-1, False), (0, True)])
def test_a_post_counts_to_its_last_day(cast: Cast, ends: int, gets_in: bool) -> None:
    Post.objects.filter(pk=cast.clerk.post_id or 0).update(ends_on=DAY + timedelta(days=ends))
    client = Client()
    response = sign_in(client, "clerk")
    assert (response.status_code == 302) == gets_in
    assert gets_in or "没有在任岗位" in response.content.decode()


def test_a_post_that_ends_ends_the_session_at_the_next_page(cast: Cast) -> None:
    client = cast.client("clerk")
    assert is_in(client)
    Post.objects.filter(pk=cast.clerk.post_id or 0).update(ends_on=date(2026, 1, 1))
    assert not is_in(client)


def test_a_closed_account_is_out_at_the_next_page(cast: Cast) -> None:
    client = cast.client("clerk")
    Account.objects.filter(pk=cast.clerk.account_id or 0).update(is_active=False)
    assert not is_in(client)


def test_nobody_takes_a_post_that_is_not_theirs(cast: Cast) -> None:
    client = cast.client("clerk")
    client.post("/me/post/", {"post": str(cast.supervisor.post_id)})
    assert client.get("/board/").status_code == 403


def test_of_two_posts_the_chosen_one_counts(cast: Cast) -> None:
    person = cast.accounts["clerk"].person
    second = Post.objects.create(
        person=person, unit=cast.office, role="deputy_leader", title="副", starts_on=DAY
    )
    client = cast.client("clerk")
    assert client.get("/desk/sign/").status_code == 403
    client.post("/me/post/", {"post": str(second.pk)})
    assert client.get("/desk/sign/").status_code == 200
    assert client.get("/apply/").status_code == 403


# ------------------------------------------------------------------ one-time codes


def device(cast: Cast, name: str = "leader") -> TOTPDevice:
    return TOTPDevice.objects.create(user=cast.accounts[name], name="手机", confirmed=True)


def token(found: TOTPDevice) -> str:
    return f"{totp(found.bin_key, found.step, found.t0, found.digits):06d}"


def test_whoever_switched_it_on_needs_the_code(cast: Cast) -> None:
    found = device(cast)
    response = sign_in(Client(), "leader")
    assert response.status_code == 422
    assert "动态口令" in response.content.decode()
    assert sign_in(Client(), "leader", token="000000").status_code == 422
    found.refresh_from_db()
    found.throttle_reset()
    assert sign_in(Client(), "leader", token=token(found)).status_code == 302


def test_one_code_works_once(cast: Cast) -> None:
    found = device(cast)
    used = token(found)
    assert sign_in(Client(), "leader", token=used).status_code == 302
    assert sign_in(Client(), "leader", token=used).status_code == 422


def test_switching_on_needs_the_right_code_and_off_the_password(cast: Cast) -> None:
    client = cast.client("leader")
    client.post("/me/totp/", {"act": "begin"})
    begun = TOTPDevice.objects.get()
    client.post("/me/totp/", {"act": "confirm", "token": "000000"})
    assert not TOTPDevice.objects.get().confirmed
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    client.post("/me/totp/", {"act": "confirm", "token": token(begun)})
    assert TOTPDevice.objects.get().confirmed
    client.post("/me/totp/", {"act": "end", "password": "wrong"})
    assert TOTPDevice.objects.exists()
    client.post("/me/totp/", {"act": "end", "password": PASSWORD})
    assert not TOTPDevice.objects.exists()


# ------------------------------------------------------------------ passwords and codes


@pytest.mark.parametrize("password", ["short", "password1234", "clerkclerkclerk"])
def test_weak_passwords_are_refused(cast: Cast, password: str) -> None:
    account = Account(username="clerkclerkclerk", person=cast.accounts["clerk"].person)
    with pytest.raises(ValidationError):
        validate_password(password, account)


@pytest.mark.parametrize(
    "password", ["临河观星的小屋在冬天很暖和啊", "a long sentence " * 5, "长城外古道边" * 30]
)
def test_long_and_chinese_passwords_are_taken_whole(cast: Cast, password: str) -> None:
    validate_password(password, cast.accounts["clerk"])
    account = cast.accounts["clerk"]
    account.set_password(password)
    account.save()
    assert sign_in(Client(), "clerk", password).status_code == 302
    assert sign_in(Client(), "clerk", password[:-1]).status_code == 422


@pytest.mark.parametrize(
    ("profile", "password", "fine"),
    [
        ("asvs", "quiet lamp over water", True),
        ("mlps3", "quiet lamp over water", False),
        ("mlps3", "Quiet lamp over water", True),
        ("mlps3", "Quietlampover2026", True),
    ],
)
def test_profiles_differ_in_kinds_of_characters(
    db: None, settings: Any, profile: str, password: str, fine: bool
) -> None:
    validators = get_password_validators(settings.PASSWORD_PROFILES[profile])
    if fine:
        validate_password(password, password_validators=validators)
    else:
        with pytest.raises(ValidationError):
            validate_password(password, password_validators=validators)


def test_changing_the_password_ends_other_sessions(cast: Cast) -> None:
    here, there = cast.client("clerk"), cast.client("clerk")
    new = "另一句足够长的新密码-2026"
    assert here.post("/me/password/", {"old": PASSWORD, "new": new}).status_code == 302
    assert is_in(here)
    assert not is_in(there)
    assert Event.objects.filter(action="change_password").count() == 1


def test_a_password_with_a_space_at_its_end_can_be_changed_again(cast: Cast) -> None:
    client, first = cast.client("clerk"), "末尾有一个空格的长密码 "
    client.post("/me/password/", {"old": PASSWORD, "new": first})
    assert sign_in(Client(), "clerk", first).status_code == 302
    response = client.post("/me/password/", {"old": first, "new": PASSWORD + "-2"})
    assert response.status_code == 302


def change(client: Client, old: str, new: str) -> int:
    return client.post("/me/password/", {"old": old, "new": new}).status_code


def test_the_last_five_passwords_are_not_taken_again(cast: Cast) -> None:
    client, used = cast.client("clerk"), [PASSWORD]
    for turn in range(6):
        refused = {old: change(client, used[-1], old) for old in used[-5:]}
        assert set(refused.values()) == {422}, (turn, refused)
        new = f"另一句足够长的新密码-{turn}"
        assert change(client, used[-1], new) == 302
        used.append(new)
    assert change(client, used[-1], used[1]) == 302  # six back


def test_without_the_rule_an_old_password_would_be_taken(cast: Cast, settings: Any) -> None:
    rules = settings.AUTH_PASSWORD_VALIDATORS
    settings.AUTH_PASSWORD_VALIDATORS = [r for r in rules if "NotRecent" not in r["NAME"]]
    assert change(cast.client("clerk"), PASSWORD, PASSWORD) == 302


def test_who_must_change_the_password_sees_nothing_else_first(cast: Cast) -> None:
    Account.objects.filter(username="clerk").update(must_change_password=True)
    client = Client()
    sign_in(client, "clerk")
    response = client.get("/cases/")
    assert (response.status_code, response.get("Location", "")[:4]) == (302, "/me/")


@pytest.mark.parametrize(
    ("code", "said"),
    [("12345", "6 到 20 位"), ("111111", "太简单"), ("121212", "太简单"), ("1" * 21, "6 到 20 位")],
)
def test_weak_sign_codes_are_refused(cast: Cast, code: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        set_sign_code(cast.accounts["leader"], code)


def test_a_new_sign_code_needs_the_password_and_unlocks(cast: Cast) -> None:
    for _ in range(5):
        with pytest.raises(Refused, match="签批码不对"):
            prove(cast.leader, "000001")
    client = cast.client("leader")
    form = {"password": "wrong", "code": "246813"}
    assert client.post("/me/sign-code/", form).status_code == 422
    assert client.post("/me/sign-code/", form | {"password": PASSWORD}).status_code == 302
    assert prove(cast.leader, "246813").person_id == cast.leader.person_id
    with pytest.raises(Refused, match="签批码不对"):
        prove(cast.leader, SIGN_CODE)


def test_a_sign_code_works_exactly_as_it_was_set(cast: Cast) -> None:
    cast.client("leader").post("/me/sign-code/", {"password": PASSWORD, "code": "13579x "})
    assert prove(cast.leader, "13579x ").person_id == cast.leader.person_id


# ------------------------------------------------------------------ where one is sent


@pytest.mark.parametrize(
    "url",
    [
        "//evil.example/",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\\evil.example",
        "\\\\evil.example",
        "///evil.example",
        "http:evil.example",
        "/\t/evil.example",
        "data:text/html,x",
    ],
)
def test_nobody_is_led_elsewhere(cast: Cast, url: str) -> None:
    assert sign_in(Client(), "clerk", next=url)["Location"] == "/"
    client = cast.client("clerk")
    assert client.post("/me/size/", {"size": "large", "next": url})["Location"] == "/"


def test_one_comes_back_to_where_one_was(cast: Cast) -> None:
    assert sign_in(Client(), "clerk", next="/cases/?late=1")["Location"] == "/cases/?late=1"


def test_signing_out_needs_a_press_and_forgets(cast: Cast) -> None:
    client = cast.client("clerk")
    assert client.get("/logout/").status_code == 405
    response = client.post("/logout/")
    assert "cache" in response["Clear-Site-Data"]
    assert not is_in(client)


def test_pages_of_people_are_not_kept_by_the_browser(cast: Cast) -> None:
    for url in ("/cases/", "/me/", "/apply/", "/search/"):
        assert "no-store" in cast.client("clerk").get(url)["Cache-Control"]


def test_forms_without_the_csrf_token_are_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.accounts["clerk"])
    assert client.post("/apply/", {"programme": "URBAN_ALLOWANCE"}).status_code == 403
    assert client.post("/login/", {"username": "clerk", "password": PASSWORD}).status_code == 403


def test_health_tells_no_secrets_and_needs_nobody(db: None) -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}
    ready = Client().get("/readyz")
    assert ready.status_code == 200
    assert set(ready.json()) == {"status", "oldest_job_seconds"}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/cases/%00/", 400), ("/cases/?state=%00", 400), ("/cases/?a=%2500", 200)],
)
def test_nul_in_the_address_is_400(cast: Cast, path: str, status: int) -> None:
    assert cast.client("clerk").get(path).status_code == status


def test_passwords_and_codes_stay_out_of_the_logs(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        sign_in(Client(), "clerk", "my-secret-guess")
        sign_in(Client(), "leader", PASSWORD)
        cast.client("leader").post("/me/sign-code/", {"password": PASSWORD, "code": "864213"})
    assert "login failure" in caplog.text  # the control: of all this something is written down
    for secret in ("my-secret-guess", PASSWORD, "864213"):
        assert secret not in caplog.text


def test_words_of_a_search_never_stand_in_an_address(cast: Cast) -> None:
    client = cast.client("staff")
    response = client.post("/search/", {"q": "159900194908170017"})
    assert response["Location"] == "/search/"
    assert "159900194908170017" not in client.get("/search/").request["QUERY_STRING"]
