"""A post changes hands: listed, given, taken thing by thing, watched (6.4)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from archives.models import Disposal, Handover, HandoverItem
from archives.operations import building, handover
from archives.rules import handover as table
from cases.models import Draft
from tests import road
from tests.cases.days import at
from tests.cast import SIGN_CODE, Cast
from tests.funds import payouts
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Account, Person, Post, Unit
from yuquan_relief.kernel.operations import people

pytestmark = pytest.mark.usefixtures("quick_pdf")
DAY = date(2026, 11, 23)


def post_of(cast: Cast, who: str) -> Post:
    return Post.objects.get(person_id=cast.actors[who].human_id, role=ROLE[who])


ROLE = {"staff": "office_staff", "clerk": "clerk", "witness": "committee_head"}


def successor(cast: Cast, role: str = "office_staff", unit: Unit | None = None) -> None:
    """Somebody new in the same post."""
    cast.add("successor", role, unit or cast.office, "接任干事")


@pytest.fixture
def begun(cast: Cast) -> tuple[Cast, Handover]:
    """The office has a file, a case under way and a list; the staff leaves."""
    building.open_dossier(road.approved(cast).no, on=DAY)
    road.submitted(cast, 2)
    payouts.opened(cast)
    successor(cast)
    row = handover.open_handover(
        post_of(cast, "staff").pk, cast.actors["successor"].human_id, actor=cast.staff, on=DAY
    )
    return cast, row


def act(cast: Cast, row: Handover, code: str, who: str, **more: Any) -> None:
    """One step; those that are signed with the person's code."""
    own = {"relist": handover.relist, "stand_in": handover.stand_in,
           "send_back": handover.send_back, "witness": handover.witness}  # fmt: skip
    if table.STEPS[code].stage:
        more["proof"] = cast.proof(who)
    if code in own:
        own[code](row.no, actor=cast.actors[who], on=DAY, **more)
    else:
        handover.perform(row.no, code, actor=cast.actors[who], on=DAY, **more)


def all_taken(cast: Cast, row: Handover) -> None:
    ids = list(row.items.values_list("pk", flat=True))
    handover.answer(row.no, ids, "ACCEPTED", actor=cast.actors["successor"], on=DAY)


def done(cast: Cast, row: Handover) -> None:
    act(cast, row, "give", "staff")
    all_taken(cast, row)
    act(cast, row, "take", "successor")
    act(cast, row, "witness", "leader")


@pytest.mark.clause("6.4")
def test_all_that_the_post_has_is_listed_and_three_people_sign(
    begun: tuple[Cast, Handover],
) -> None:
    cast, row = begun
    kinds = set(row.items.values_list("kind", flat=True))
    assert kinds == {"DOSSIER", "CASE", "PAYOUT"}
    done(cast, row)
    row.refresh_from_db()
    assert (row.state, row.done_on) == ("DONE", DAY)
    people.end_post(post_of(cast, "staff"), ends_on=DAY, actor=cast.secadmin)


def test_nobody_leaves_or_is_cut_off_with_things_that_nobody_took(
    begun: tuple[Cast, Handover], monkeypatch: pytest.MonkeyPatch
) -> None:
    cast, _ = begun
    post, account = post_of(cast, "staff"), cast.accounts["staff"]
    with pytest.raises(Refused, match="没有移交，请先由本人和接收人办理移交"):
        people.end_post(post, ends_on=DAY, actor=cast.secadmin)
    with at(DAY), pytest.raises(Refused, match="没有移交"):
        people.deactivate(account, actor=cast.secadmin)
    assert Account.objects.get(pk=account.pk).is_active
    monkeypatch.setattr(people, "LEAVING", [])  # the twin
    people.end_post(post, ends_on=DAY, actor=cast.secadmin)
    with at(DAY):
        people.deactivate(account, actor=cast.secadmin)


def test_who_has_nothing_leaves_as_before(cast: Cast) -> None:
    ended = people.end_post(post_of(cast, "staff"), ends_on=DAY, actor=cast.secadmin)
    assert ended.ends_on == DAY


def test_drafts_go_to_who_takes(cast: Cast) -> None:
    draft = Draft.objects.create(
        key="D-1", programme="URBAN_ALLOWANCE", village=cast.village, owner_id=cast.clerk.human_id
    )
    successor(cast, "clerk", cast.village)
    row = handover.open_handover(
        post_of(cast, "clerk").pk, cast.actors["successor"].human_id, actor=cast.clerk, on=DAY
    )
    assert list(row.items.values_list("kind", flat=True)) == ["DRAFT"]
    act(cast, row, "give", "clerk")
    all_taken(cast, row)
    act(cast, row, "take", "successor")
    draft.refresh_from_db()
    assert draft.owner_id == cast.clerk.human_id  # not before it was watched
    act(cast, row, "witness", "leader")
    draft.refresh_from_db()
    assert draft.owner_id == cast.actors["successor"].human_id


def test_it_is_looked_at_thing_by_thing(begun: tuple[Cast, Handover]) -> None:
    cast, row = begun
    act(cast, row, "give", "staff")
    first, *rest = row.items.values_list("pk", flat=True)
    taker = cast.actors["successor"]
    with pytest.raises(Refused, match="没有清点"):
        act(cast, row, "take", "successor")
    with pytest.raises(Refused, match="请写明缺什么"):
        handover.answer(row.no, [first], "LACKING", actor=taker, on=DAY)
    with pytest.raises(Refused, match="请先勾选"):
        handover.answer(row.no, [], "ACCEPTED", actor=taker, on=DAY)
    with pytest.raises(Refused, match="请由接收人本人办理"):
        handover.answer(row.no, [first], "ACCEPTED", actor=cast.staff, on=DAY)
    handover.answer(row.no, [first], "LACKING", note="缺审核公示单照片", actor=taker, on=DAY)
    handover.answer(row.no, rest, "ACCEPTED", actor=taker, on=DAY)
    act(cast, row, "take", "successor")
    assert Handover.objects.get(pk=row.pk).state == "TAKEN"


def test_three_different_people(begun: tuple[Cast, Handover]) -> None:
    cast, row = begun
    with pytest.raises(Refused, match="请由移交人本人办理"):
        act(cast, row, "give", "successor")
    act(cast, row, "give", "staff")
    all_taken(cast, row)
    act(cast, row, "take", "successor")
    with pytest.raises(PermissionDenied):
        act(cast, row, "witness", "staff")
    with pytest.raises(PermissionDenied):
        act(cast, row, "give", "leader")


def test_the_taker_must_hold_the_post(begun: tuple[Cast, Handover]) -> None:
    cast, row = begun
    act(cast, row, "give", "staff")
    all_taken(cast, row)
    taker = cast.actors["successor"].human_id
    Post.objects.filter(person_id=taker).update(ends_on=DAY - timedelta(1))
    with pytest.raises(Refused, match="接收人还没有任这个岗位"):
        act(cast, row, "take", "successor")


def test_what_came_after_the_list_is_listed_anew(begun: tuple[Cast, Handover]) -> None:
    cast, row = begun
    road.submitted(cast, 3)
    with pytest.raises(Refused, match="请先重新列出清单"):
        act(cast, row, "give", "staff")
    act(cast, row, "relist", "staff")
    act(cast, row, "give", "staff")  # the twin


def test_the_leader_stands_in_for_who_cannot_come(begun: tuple[Cast, Handover]) -> None:
    cast, row = begun
    with pytest.raises(Refused, match="须写明理由"):
        act(cast, row, "stand_in", "leader", note=" ")
    act(cast, row, "stand_in", "leader", note="因病住院")
    row.refresh_from_db()
    assert (row.state, row.absent) == ("GIVEN", "因病住院")


def test_sent_back_everything_is_looked_at_again(begun: tuple[Cast, Handover]) -> None:
    cast, row = begun
    act(cast, row, "give", "staff")
    all_taken(cast, row)
    act(cast, row, "send_back", "leader", note="漏列一卷")
    row.refresh_from_db()
    assert (row.state, row.round) == ("OPEN", 2)
    assert set(row.items.values_list("answer", flat=True)) == {"WAITING"}
    done(cast, row)


def test_orders_that_make_no_sense(begun: tuple[Cast, Handover]) -> None:
    cast, row = begun
    post, taker = post_of(cast, "staff"), cast.actors["successor"].human_id
    with pytest.raises(Refused, match="没有办完的移交"):
        handover.open_handover(post.pk, taker, actor=cast.staff, on=DAY)
    with pytest.raises(Refused, match="接收人不能是移交人自己"):
        handover.open_handover(post.pk, post.person_id, actor=cast.staff, on=DAY)
    with pytest.raises(Post.DoesNotExist):
        handover.open_handover(post.pk, taker, actor=cast.actors["foreign_leader"], on=DAY)
    act(cast, row, "cancel", "staff", note="不调岗了")
    assert Handover.objects.get(pk=row.pk).is_over


CONSTRAINTS: dict[str, Callable[[Handover], object]] = {
    "handover_known_state": lambda h: Handover.objects.filter(pk=h.pk).update(state="LOST"),
    "handover_of_two": lambda h: Handover.objects.filter(pk=h.pk).update(taker=h.giver_id),
    "handover_done_on": lambda h: Handover.objects.filter(pk=h.pk).update(state="DONE"),
    "handover_one_open": lambda h: Handover.objects.create(
        no="x", post=h.post, unit=h.unit, office=h.office, giver=h.giver, taker=h.taker,
        opened_on=DAY,
    ),
    "handover_item_once": lambda h: HandoverItem.objects.create(
        handover=h, kind=h.items.earliest("id").kind, key=h.items.earliest("id").key, title="",
        url="",
    ),
    "handover_item_answered_on": lambda h: h.items.update(answer="ACCEPTED"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_the_database_refuses(begun: tuple[Cast, Handover], name: str) -> None:
    _, row = begun
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        CONSTRAINTS[name](row)


def test_the_whole_of_it_on_the_pages(cast: Cast) -> None:
    building.open_dossier(road.approved(cast).no, on=DAY)
    successor(cast)
    with at(DAY):
        staff, taker, leader = (cast.client(n) for n in ("staff", "successor", "leader"))
        page = staff.get("/handover/").content.decode()
        assert "没有移交" in page
        values = {"post": post_of(cast, "staff").pk, "taker": cast.actors["successor"].human_id}
        assert staff.post("/handover/", values).status_code == 302
        assert staff.post("/handover/", values).status_code == 409
        assert staff.post("/handover/", {}).status_code == 422
        row = Handover.objects.get()
        url = f"/handover/{row.no}/"
        assert "签字移交" in staff.get(url).content.decode()
        assert "现在不用您办" in taker.get(url).content.decode()
        press(staff, url, "give")
        assert "接收选中的" in taker.get(url).content.decode()
        ids = [str(pk) for pk in row.items.values_list("pk", flat=True)]
        taker.post(url + "answer/", {"item": ids, "found": "ACCEPTED"})
        press(taker, url, "take")
        assert press(leader, url, "witness", sign_code="000001", status=409)
        press(leader, url, "witness")
        assert "已移交" in staff.get("/handover/").content.decode()
        printed = staff.get(url + "?as=print").content.decode()
        assert "档案移交清单" in printed
        assert "监交人签字" in printed
        assert cast.client("foreign_staff").get(url).status_code == 404
        assert cast.client("auditor").get("/handover/").status_code == 403
        assert leader.post(url + "nothing/").status_code == 404


def press(client: Any, url: str, code: str, status: int = 302, **more: str) -> str:
    """One step as the page's form sends it."""
    form = next(a for a in client.get(url).context["acts"] if a["code"] == code)["form"]
    given = {f.name: f.value() for f in form if f.value() is not None}
    answer = client.post(f"{url}{code}/", given | {"sign_code": SIGN_CODE} | more)
    assert answer.status_code == status, answer.content.decode()
    return str(answer.content.decode())


def test_no_person_of_another_office_takes(cast: Cast) -> None:
    foreign = Person.objects.get(pk=cast.actors["foreign_staff"].human_id)
    with at(DAY):
        page = cast.client("staff").get("/handover/").content.decode()
    assert foreign.name not in page


# The twins: without its guard each of these goes through


def without(monkeypatch: pytest.MonkeyPatch, table_of: Any, name: str) -> None:
    """The need says nothing any more."""
    need = table_of.NEEDS[name]
    monkeypatch.setitem(table_of.NEEDS, name, replace(need, missing=lambda facts: ""))


def witnessed_by_the_taker(cast: Cast, row: Handover) -> None:
    act(cast, row, "give", "staff")
    all_taken(cast, row)
    act(cast, row, "take", "successor")
    Handover.objects.filter(pk=row.pk).update(taker_id=cast.leader.human_id)
    act(cast, row, "witness", "leader")


def taken_without_the_post(cast: Cast, row: Handover) -> None:
    act(cast, row, "give", "staff")
    all_taken(cast, row)
    taker = cast.actors["successor"].human_id
    Post.objects.filter(person_id=taker).update(ends_on=DAY - timedelta(1))
    act(cast, row, "take", "successor")


def taken_without_looking(cast: Cast, row: Handover) -> None:
    act(cast, row, "give", "staff")
    act(cast, row, "take", "successor")


def given_with_an_old_list(cast: Cast, row: Handover) -> None:
    road.submitted(cast, 9)
    act(cast, row, "give", "staff")


def answered_by_the_giver(cast: Cast, row: Handover) -> None:
    act(cast, row, "give", "staff")
    ids = list(row.items.values_list("pk", flat=True))
    handover.answer(row.no, ids, "ACCEPTED", actor=cast.staff, on=DAY)


WRONG: dict[str, Callable[[Cast, Handover], None]] = {
    "giver": lambda cast, row: act(cast, row, "give", "successor"),
    "taker": answered_by_the_giver,
    "third": witnessed_by_the_taker,
    "taker_holds_post": taken_without_the_post,
    "all_looked_at": taken_without_looking,
    "current": given_with_an_old_list,
}


@pytest.mark.parametrize("need", WRONG)
def test_each_guard_refuses_and_nothing_else_does(
    begun: tuple[Cast, Handover], need: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast, row = begun
    with pytest.raises(Refused), transaction.atomic():
        WRONG[need](cast, row)
    without(monkeypatch, table, need)
    WRONG[need](cast, row)
    assert Handover.objects.get(pk=row.pk).version > 0


# A post of the bureau


def test_a_post_of_the_bureau_changes_hands(cast: Cast) -> None:
    nothing = post_of_role(cast, "supervisor", "supervisor")
    with pytest.raises(Refused, match="没有档案和在办事项"):
        handover.open_handover(
            nothing.pk, cast.actors["supervisor2"].human_id, actor=cast.supervisor, on=DAY
        )
    Disposal.objects.create(no="XH-1", office=cast.office, opened_on=DAY)
    with pytest.raises(Refused, match="没有移交"):
        people.end_post(nothing, ends_on=DAY, actor=cast.secadmin)
    row = handover.open_handover(
        nothing.pk, cast.actors["supervisor2"].human_id, actor=cast.supervisor, on=DAY
    )
    assert list(row.items.values_list("kind", "key")) == [("DISPOSAL", "XH-1")]
    assert row.office == cast.district
    act(cast, row, "give", "supervisor")
    ids = list(row.items.values_list("pk", flat=True))
    handover.answer(row.no, ids, "ACCEPTED", actor=cast.actors["supervisor2"], on=DAY)
    act(cast, row, "take", "supervisor2")
    with pytest.raises(Handover.DoesNotExist):  # an office's leader has no say in the bureau
        act(cast, row, "witness", "leader")
    act(cast, row, "witness", "bureau")
    people.end_post(nothing, ends_on=DAY, actor=cast.secadmin)
    page = cast.client("bureau").get("/handover/").content.decode()
    assert row.no in page


def post_of_role(cast: Cast, who: str, role: str) -> Post:
    return Post.objects.get(person_id=cast.actors[who].human_id, role=role)
