"""近亲属备案 and 主动发现 in the browser, and what comes of a family that was noticed (3(3))."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpResponse

from cases.models import Draft, Lead, StaffRelative
from cases.models import lead as register
from cases.operations import applications, kin, leads
from cases.rules.programmes import Programme
from tests import road
from tests.cases.answers import flat
from tests.cases.days import DAY, at
from tests.cast import Cast
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event

SPOUSE = road.number(3, is_male=False)
KIN = {"relation": "SIBLING", "name": "雀丙亲属", "id_no": SPOUSE}
LEAD = {
    "name": "演练甲",
    "phone": "19900000000",
    "source": "NEIGHBOUR",
    "found_on": "2026-11-20",
    "difficulty": "丈夫住院，无人干活",
}


@pytest.fixture(autouse=True)
def today() -> Any:
    """One day for all."""
    with at():
        yield


def text_of(response: Any) -> str:
    """The page."""
    return str(response.content.decode())


def shown(cast: Cast, who: str, url: str) -> str:
    """The page as that person sees it."""
    response = cast.client(who).get(url)
    assert response.status_code == 200
    return text_of(response)


def send(cast: Cast, who: str, url: str, values: dict[str, Any]) -> HttpResponse:
    """What is answered."""
    return cast.client(who).post(url, values)  # type: ignore[return-value]


# ------------------------------------------------------------------ 近亲属备案


def enter(cast: Cast, who: str = "clerk", whose: str = "head", **changes: Any) -> HttpResponse:
    """One entry through the page."""
    return send(cast, who, "/kin/", KIN | {"post": cast.actors[whose].post_id} | changes)


def test_a_relative_is_entered_and_the_number_shows_its_end_alone(cast: Cast) -> None:
    assert enter(cast).status_code == 302
    row = StaffRelative.objects.get()
    assert (row.name, row.id_no, row.declared_on) == ("雀丙亲属", SPOUSE, DAY)
    for who in ("clerk", "staff", "supervisor"):
        page = shown(cast, who, "/kin/")
        assert "雀丙亲属" in page
        assert f"…{SPOUSE[-4:]}" in page
        assert SPOUSE not in page
        assert SPOUSE[6:14] not in page  # nor the day of birth


@pytest.mark.parametrize("who", ["neighbour_clerk", "foreign_clerk", "foreign_staff"])
def test_elsewhere_the_entry_does_not_show_and_is_not_withdrawn(cast: Cast, who: str) -> None:
    enter(cast)
    page = shown(cast, who, "/kin/")
    assert "雀丙亲属" not in page
    assert "还没有备案" in page
    pk = StaffRelative.objects.get().pk
    assert send(cast, who, f"/kin/{pk}/withdraw/", {"reason": "录错"}).status_code == 404
    assert StaffRelative.objects.count() == 1


def test_only_the_own_posts_are_offered_and_taken(cast: Cast) -> None:
    page = shown(cast, "clerk", "/kin/")
    assert f'<option value="{cast.head.post_id}"' in page
    for whose in ("staff", "neighbour_clerk", "foreign_clerk"):
        assert f'<option value="{cast.actors[whose].post_id}"' not in page
        assert enter(cast, whose=whose).status_code == 422
    assert not StaffRelative.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id_no": SPOUSE[:-1]}, "身份证"),
        ({"name": ""}, "请填写亲属姓名"),
        ({"post": ""}, "请选择在岗人员"),
        ({"relation": "COUSIN"}, ""),
    ],
)
def test_what_was_typed_is_kept_when_an_entry_is_wrong(
    cast: Cast, changes: dict[str, Any], said: str
) -> None:
    response = enter(cast, **changes)
    assert response.status_code == 422
    page = text_of(response)
    assert said in page
    kept = KIN | {"relation": ""} | changes
    assert f'value="{kept["id_no"]}"' in page
    assert not kept["name"] or f'value="{kept["name"]}"' in page
    assert not StaffRelative.objects.exists()


def test_the_same_entry_twice_is_said_and_kept(cast: Cast) -> None:
    enter(cast)
    response = enter(cast)
    assert response.status_code == 409
    assert "已经备案，不用重复登记" in text_of(response)
    assert 'value="雀丙亲属"' in text_of(response)
    assert StaffRelative.objects.count() == 1


def withdraw(cast: Cast, reason: str) -> str:
    """What the clerk is told."""
    pk = StaffRelative.objects.get(withdraws=None).pk
    url = f"/kin/{pk}/withdraw/"
    return text_of(cast.client("clerk").post(url, {"reason": reason}, follow=True))


def test_an_entry_is_withdrawn_with_a_reason_and_once(cast: Cast) -> None:
    enter(cast)
    assert "请写明撤销备案的理由" in withdraw(cast, "  ")
    assert "这一项只能写一行" in withdraw(cast, "甲\n乙")
    assert StaffRelative.objects.count() == 1
    page = withdraw(cast, "已离婚")
    assert "已撤销<span" in page
    assert "已离婚" in page
    assert f"/kin/{StaffRelative.objects.get(withdraws=None).pk}/withdraw/" not in page
    assert "这条备案已经撤销" in withdraw(cast, "再一次")
    assert StaffRelative.objects.count() == 2


# ------------------------------------------------------------------ 主动发现: recorded


def noticed(**changes: Any) -> leads.Noticed:
    """A family that a neighbour told of."""
    values = LEAD | {"found_on": date(2026, 11, 20)} | changes
    return leads.Noticed(**values)


def lead(cast: Cast, who: str = "clerk", **changes: Any) -> Lead:
    """Recorded by the clerk."""
    return leads.record_lead(noticed(**changes), actor=cast.actors[who], on=DAY)


@pytest.mark.clause("3(3)")
def test_a_family_is_noticed_and_waits_on_the_list(cast: Cast) -> None:
    assert send(cast, "clerk", "/leads/", LEAD).status_code == 302
    row = Lead.objects.get()
    assert (row.village, row.office, row.district) == (cast.village, cast.office, cast.district)
    assert (row.result, row.phone, row.found_on) == ("OPEN", "19900000000", date(2026, 11, 20))
    page = shown(cast, "clerk", "/leads/")
    assert "丈夫住院，无人干活" in page
    assert "本月登记 1 条" in page
    with connection.cursor() as cursor:
        cursor.execute("SELECT l::text FROM cases_lead l")
        assert "19900000000" not in cursor.fetchone()[0]  # the telephone stands sealed


def test_the_office_sees_it_and_may_not_settle_it(cast: Cast) -> None:
    row = lead(cast)
    page = shown(cast, "staff", "/leads/")
    assert "丈夫住院，无人干活" in page
    assert f"/leads/{row.pk}/" not in page
    assert "登记发现的困难家庭" not in page
    for url in ("/leads/", f"/leads/{row.pk}/"):
        assert send(cast, "staff", url, LEAD | {"reason": "x"}).status_code == 403
    for act in (
        lambda: lead(cast, "staff"),
        lambda: leads.explain_lead(row.pk, reason="不属实", actor=cast.staff, on=DAY),
        lambda: leads.apply_for_lead(row.pk, "URBAN_ALLOWANCE", actor=cast.staff, on=DAY),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert f"/leads/{row.pk}/" in shown(cast, "clerk", "/leads/")  # the control
    assert Lead.objects.get().result == "OPEN"


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"found_on": "2026-11-24"}, 409, "发现日期不能晚于今天"),
        ({"found_on": "前几天"}, 422, ""),
        ({"phone": "123"}, 422, ""),
        ({"name": "  "}, 422, "请填写姓名"),
        ({"source": ""}, 422, "请选择来源"),
        ({"difficulty": "长" * 301}, 422, ""),
    ],
)
def test_what_was_typed_is_kept_when_a_lead_is_wrong(
    cast: Cast, changes: dict[str, str], status: int, said: str
) -> None:
    response = send(cast, "clerk", "/leads/", LEAD | changes)
    assert response.status_code == status
    page = text_of(response)
    assert said in page
    kept = LEAD | changes
    assert kept["difficulty"] in page
    assert all(f'value="{kept[name]}"' in page for name in ("phone", "found_on"))
    assert not Lead.objects.exists()


def test_it_may_have_been_noticed_today_and_not_tomorrow(cast: Cast) -> None:
    assert lead(cast, found_on=DAY).found_on == DAY
    with pytest.raises(Refused, match="不能晚于今天"):
        lead(cast, found_on=DAY + timedelta(1))
    with pytest.raises(Refused, match="请选择来源"):
        lead(cast, source="GOSSIP")
    assert Lead.objects.count() == 1


# ------------------------------------------------------------------ applied for


@pytest.mark.clause("3(3)")
def test_what_is_known_is_in_the_draft_and_not_typed_twice(cast: Cast) -> None:
    row = lead(cast)
    response = send(cast, "clerk", f"/leads/{row.pk}/", {"programme": "URBAN_ALLOWANCE"})
    draft = Draft.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/apply/{draft.key}/")
    assert draft.answers == {
        "members-0-name": "演练甲",
        "members-0-relation": "SELF",
        "phone": "19900000000",
        "reason": "丈夫住院，无人干活",
    }
    row.refresh_from_db()
    assert (row.result, row.draft, row.closed_on) == ("APPLIED", draft, DAY)
    page = shown(cast, "clerk", f"/apply/{draft.key}/applicant/")
    assert 'value="19900000000"' in page
    assert "丈夫住院，无人干活" in page
    assert 'value="演练甲"' in shown(cast, "clerk", f"/apply/{draft.key}/members/")


@pytest.mark.parametrize("programme", list(Programme))
def test_it_is_applied_for_any_programme(cast: Cast, programme: Programme) -> None:
    draft = leads.apply_for_lead(lead(cast).pk, programme, actor=cast.clerk, on=DAY)
    assert (draft.programme, Lead.objects.get().draft) == (programme, draft)


def test_without_a_telephone_the_draft_asks_for_it(cast: Cast) -> None:
    assert send(cast, "clerk", "/leads/", LEAD | {"phone": ""}).status_code == 302
    row = Lead.objects.get()
    draft = leads.apply_for_lead(row.pk, "URBAN_ALLOWANCE", actor=cast.clerk, on=DAY)
    assert "phone" not in Draft.objects.get(pk=draft.pk).answers


def submit(cast: Cast, draft: Draft) -> str:
    """The clerk types what is not known yet, and submits; the number of the case."""
    draft = Draft.objects.get(pk=draft.pk)
    rest = {k: v for k, v in flat(road.application()).items() if k not in draft.answers}
    del rest["programme"]
    patches = [{"field": k, "value": v, "base_version": 0} for k, v in rest.items()]
    assert applications.save_answers(draft.key, patches, actor=cast.clerk).conflicts == []
    return applications.submit_draft(draft.key, actor=cast.clerk, on=DAY).no


def test_after_submission_the_lead_shows_the_number_of_the_case(cast: Cast) -> None:
    draft = leads.apply_for_lead(lead(cast).pk, "URBAN_ALLOWANCE", actor=cast.clerk, on=DAY)
    assert "已转申请" in shown(cast, "clerk", "/leads/")
    assert "/cases/YQ-" not in shown(cast, "clerk", "/leads/")
    no = submit(cast, draft)
    for who in ("clerk", "staff"):
        assert f'href="/cases/{no}/">{no}</a>' in shown(cast, who, "/leads/")
    page = shown(cast, "staff", f"/cases/{no}/") + shown(cast, "staff", f"/cases/{no}/family/")
    assert "丈夫住院，无人干活" in page


def test_a_difficulty_of_two_lines_is_submitted_as_it_was_noticed(cast: Cast) -> None:
    two_lines = LEAD | {"difficulty": "丈夫住院\n无人干活"}
    assert send(cast, "clerk", "/leads/", two_lines).status_code == 302
    row = Lead.objects.get()
    draft = leads.apply_for_lead(row.pk, "URBAN_ALLOWANCE", actor=cast.clerk, on=DAY)
    assert submit(cast, draft).startswith("YQ-")


def test_a_lead_is_settled_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = lead(cast)
    leads.apply_for_lead(row.pk, "URBAN_ALLOWANCE", actor=cast.clerk, on=DAY)
    for values in ({"programme": "RURAL_ALLOWANCE"}, {"reason": "不符合"}):
        answer = cast.client("clerk").post(f"/leads/{row.pk}/", values, follow=True)
        assert "这条已经办结" in text_of(answer)
    with pytest.raises(Refused, match="已经办结"):
        leads.apply_for_lead(row.pk, "URBAN_ALLOWANCE", actor=cast.clerk, on=DAY)
    assert Draft.objects.count() == 1
    monkeypatch.setattr(leads, "_open", lambda pk, _: Lead.objects.get(pk=pk))
    leads.apply_for_lead(row.pk, "URBAN_ALLOWANCE", actor=cast.clerk, on=DAY)  # the twin
    assert Draft.objects.count() == 2


def test_of_an_unknown_programme_nothing_is_begun(cast: Cast) -> None:
    row = lead(cast)
    answer = cast.client("clerk").post(f"/leads/{row.pk}/", {"programme": "X"}, follow=True)
    assert "请选择要申请的事项" in text_of(answer)
    assert (Lead.objects.get().result, Draft.objects.count()) == ("OPEN", 0)


# ------------------------------------------------------------------ explained, and who sees it


def test_why_a_family_does_not_qualify_is_written_down(cast: Cast) -> None:
    row = lead(cast)
    url, client = f"/leads/{row.pk}/", cast.client("clerk")
    for nothing in ("", "  "):
        assert "请写明不符合的原因" in text_of(client.post(url, {"reason": nothing}, follow=True))
    assert Lead.objects.get().result == "OPEN"
    page = text_of(client.post(url, {"reason": "收入高于标准"}, follow=True))
    row.refresh_from_db()
    assert (row.result, row.reason, row.closed_on) == ("NOT_ELIGIBLE", "收入高于标准", DAY)
    assert "没有待处理的" in page
    assert "收入高于标准" in page
    acts = Event.objects.filter(subject_kind="lead", subject_key=str(row.pk)).order_by("seq")
    assert [(e.action, e.note) for e in acts] == [
        ("record_lead", ""),
        ("explain_lead", "收入高于标准"),
    ]


@pytest.mark.parametrize("who", ["neighbour_clerk", "foreign_clerk"])
def test_a_lead_elsewhere_is_not_there(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    row = lead(cast)
    assert "丈夫住院" not in shown(cast, who, "/leads/")
    assert "丈夫住院" not in shown(cast, "foreign_staff", "/leads/")
    for values in ({"programme": "URBAN_ALLOWANCE"}, {"reason": "不符合"}):
        assert send(cast, who, f"/leads/{row.pk}/", values).status_code == 404
    assert (Lead.objects.get().result, Draft.objects.count()) == ("OPEN", 0)

    def all_of_them(rows: register.LeadQuerySet, actor: Actor) -> object:
        return rows.all()

    monkeypatch.setattr(register.LeadQuerySet, "visible_to", all_of_them)
    assert "丈夫住院" in shown(cast, who, "/leads/")  # the twin
    assert send(cast, who, f"/leads/{row.pk}/", {"reason": "不符合"}).status_code == 302
    assert Lead.objects.get().result == "NOT_ELIGIBLE"


def test_twin_without_the_own_unit_the_page_offers_every_post(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.register_forms.posts_of", lambda *_: kin.posts_of(cast.staff, DAY))
    assert f'<option value="{cast.staff.post_id}"' in shown(cast, "clerk", "/kin/")
