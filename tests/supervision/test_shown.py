"""What pages show: the clock of here, numbers with their units, the board of another month, links
that open, a form that was sent twice, buttons that say what they do."""

import csv
import io
import re
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from funds.models import Allocation, LedgerGroup
from supervision.list_forms import KeyedForm, OfficesForm
from supervision.models import Bulletin, BulletinRead, Complaint, Once, StatReport, Task
from supervision.models.check_values import _entered
from supervision.operations import complaints
from supervision.operations.bulletin_paper import context_of
from supervision.operations.complaints import Told
from supervision.operations.once import digest_of, once
from supervision.reports.board import YEAR, Asked, board
from supervision.reports.figures import figure_rows
from supervision.rules.checks import CHECKS
from supervision.rules.checks.words import shown
from supervision.views import public_petitions as views
from supervision.views.statistics import _beside, _head
from tests.cast import Cast
from tests.races.arena import meeting_at, together
from tests.supervision.district import BARE
from tests.supervision.ground import ON, Ground
from tests.supervision.test_partners import contracted, order
from tests.supervision.test_training import course, of

EARLY = datetime(2026, 11, 26, 20, 30, tzinfo=UTC)  # the 27th, half past four in the morning here
AUGUST = "/board/?month=2026-08"
PUBLIC, THANKS = "/public/petitions/", "/public/petitions/thanks/"


pytestmark = pytest.mark.usefixtures("that_day")


def page(cast: Cast, who: str, url: str) -> str:
    """The page as somebody sees it."""
    answer = cast.client(who).get(url)
    assert answer.status_code == 200, url
    return str(answer.content.decode())


# ------------------------------------------------------------------ the clock of here


def test_who_signs_in_before_eight_is_shown_at_the_hour_of_here(cast: Cast) -> None:
    row = course(cast, ON)
    line = of(cast, row, "clerk")
    type(line).objects.filter(pk=line.pk).update(signed_in_at=EARLY)
    html = page(cast, "supervisor", f"/training/{row.no}/")
    assert "04:30" in html
    assert "20:30" not in html


def test_days_of_a_bulletin_are_those_of_here(cast: Cast) -> None:
    row = Bulletin.objects.create(
        no="TB-1", district=cast.district, state="ISSUED", opened_on=ON, title="通报",
        period_from=ON, period_to=ON, issued_on=ON, document_no="玉民通〔2026〕1 号",
        tables={"heads": ["镇、街道"], "rows": [], "bars": [], "sources": [], "findings": []},
    )  # fmt: skip
    with mock.patch("django.utils.timezone.now", return_value=EARLY):
        BulletinRead.objects.create(
            bulletin=row, office=cast.office, person_id=cast.leader.human_id
        )
    html = page(cast, "supervisor", f"/bulletins/{row.no}/")
    assert "2026-11-26" not in html
    signature = SimpleNamespace(unit="区民政局", post="局长", name="某", signed_at=EARLY)
    with mock.patch("supervision.operations.bulletin_paper.Signature") as signatures:
        signatures.objects.filter.return_value.last.return_value = signature
        last = context_of(row)["sections"][-1]
    assert "2026-11-27" in str(last)


def made(cast: Cast, table: str = "ALLOWANCE", when: str = "M2026-10") -> StatReport:
    """A table, by the page."""
    answer = cast.client("supervisor").post("/stats/", {"table": table, "when": when})
    assert answer.status_code == 302
    return StatReport.objects.get(no=answer.url.split("/")[2])


def test_days_of_a_table_are_those_of_here(cast: Cast) -> None:
    row = made(cast)
    StatReport.objects.filter(pk=row.pk).update(made_at=EARLY)
    assert "2026-11-26" not in page(cast, "supervisor", "/stats/")
    with mock.patch("supervision.views.statistics.make_pdf") as make:
        make.return_value.content = b""
        cast.client("supervisor").get(f"/stats/{row.no}/?as=pdf")
    assert make.call_args.kwargs["made_on"] == date(2026, 11, 27)


def test_an_instant_of_a_snapshot_is_that_of_here() -> None:
    assert shown("at", "2026-11-26T20:30:00.123456+00:00", {}) == "2026-11-27 04:30"
    assert shown("hour", "2026-11-26T20:00:00+00:00", {}) == "2026-11-27 04:00"
    assert shown("taken_at", "2026-11-26T20:30:00", {}) == "2026-11-26 20:30"
    assert shown("history_date", "2026-11-26", {}) == "2026-11-26"
    words = [part.what for check in CHECKS.values() for part in check.parts if "k.at" in part.what]
    assert words
    assert all("k.at AT TIME ZONE 'Asia/Shanghai'" in what for what in words)
    value: Any = SimpleNamespace(confirmed_at=EARLY, valid_from=ON)
    assert _entered(value) == "2026-11-27"


# ------------------------------------------------------------------ units


def test_money_is_yuan_and_a_sum_is_no_number_of_rows(cast: Cast, ground: Ground) -> None:
    for n in (1, 2):
        Allocation.objects.create(
            key=f"a{n}", document=f"玉财社〔2026〕{n} 号", office=cast.office,
            programme="URBAN_ALLOWANCE", amount_fen=1_234_50, allocated_on=ON, source="DISTRICT",
            year=2026, group_id=group(ground, n),
        )  # fmt: skip
    answer = cast.client("supervisor").get("/figures/allocated/?month=2026-11")
    (card,) = answer.context["cards"]
    assert (card["value"], card["unit"]) == ("2,469.00", "元")
    assert answer.context["pager"].caption == ""
    assert "分</span>" not in answer.content.decode()
    counted = cast.client("supervisor").get("/figures/open/?month=2026-11")
    assert counted.context["pager"].caption == "共 0 件"


def group(ground: Ground, n: int) -> int:
    """A group of the ledger, as an allocation has one."""
    row = LedgerGroup.objects.create(
        kind="ALLOCATION", on_day=ON, programme="URBAN_ALLOWANCE", office=ground.cast.office,
        note=str(n),
    )  # fmt: skip
    return int(row.pk)


def test_every_column_of_a_table_says_what_it_counts(cast: Cast) -> None:
    row = made(cast)
    for label in ("户数（户）", "人数（人）", "老年人（60 岁以上，人）", "支出（元）"):
        assert label in page(cast, "supervisor", f"/stats/{row.no}/"), label
    text = page(cast, "supervisor", f"/stats/{row.no}/?as=csv")
    head = next(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    assert head[1:3] == ["户数（户）", "人数（人）"]
    assert "人次" in head
    assert _head("办结", "件") == "办结（件）"
    assert _head("入户率", "%") == "入户率"  # the sign stands beside each number


def test_a_share_changes_by_points() -> None:
    assert _beside(97_50, 96_25, "%") == "97.50%（+1.25 个百分点）"
    assert _beside(96_25, 97_50, "%") == "96.25%（−1.25 个百分点）"
    assert _beside(5, 4, "户") == "5（+1）"
    assert _beside(5_00, 4_00, "fen") == "5.00（+1.00）"


def test_tables_of_the_board_say_households_or_cases(cast: Cast, ground: Ground) -> None:
    context = cast.client("supervisor").get("/board/").context
    labels = [row[0].text for row in context["samples"].rows]
    assert [label[-3:] for label in labels] == ["（户）", "（户）", "（件）"]
    heads = context["offices"].heads
    assert {"在办（件）", "超期（件）", "认定不准（户）", "未结发现（项）"} <= set(heads)


# ------------------------------------------------------------------ the board of another month


def test_the_board_of_another_month_says_which_and_what_is_of_today(
    cast: Cast, ground: Ground
) -> None:
    ground.case(state="INVESTIGATING", without=BARE, due_on=date(2026, 10, 9))
    answer = cast.client("supervisor").get(AUGUST)
    context, html = answer.context, answer.content.decode()
    labels = [card["label"] for card in context["cards"]]
    assert labels == ["现在超期在办", "8 月 10 日前发放", "今年 1–8 月入户（应 100%）",
                      "今年 1–8 月认定不准（红线 5%）"]  # fmt: skip
    late = context["cards"][0]
    assert late["value"] == 1  # late today, and not yet in August
    assert late["note"].startswith("8 月按时办结率")
    listed = cast.client("supervisor").get(late["url"])
    assert len(listed.context["table"].rows) == 1
    assert (context["heat"], context["ages"]) == (None, None)
    assert "在办账龄（工作日）" not in html
    assert '<a href="/board/?month=2026-11">2026 年 11 月的看板</a>' in html
    assert not re.search(r"本月|今年(?! 1–8 月)入户", html)
    others = {card["label"] for card in context["others"]}
    assert {"现在 在办案件", "8 月 在享户数", "今年 1–8 月 问题整改率"} <= others
    assert {"现在在办（件）", "8 月按时办结", "今年 1–8 月入户"} <= set(context["offices"].heads)


def test_another_year_is_named(cast: Cast, ground: Ground) -> None:
    context = cast.client("supervisor").get("/board/?month=2025-12").context
    assert context["cards"][1]["label"] == "2025 年 12 月 10 日前发放"
    assert context["cards"][2]["label"] == "2025 年入户（应 100%）"
    report = board(cast.supervisor, ON, Asked(month=date(2026, 1, 1)))
    assert report.year_words == "今年 1 月"


def test_the_running_month_is_as_it_was(cast: Cast, ground: Ground) -> None:
    context = cast.client("supervisor").get("/board/").context
    labels = [card["label"] for card in context["cards"]]
    assert labels == ["超期在办", "本月 10 日前发放", "今年入户（应 100%）", "认定不准（红线 5%）"]
    assert context["heat"]
    assert context["ages"]


def test_the_pace_of_a_month_is_that_of_its_last_day(cast: Cast, ground: Ground) -> None:
    """Of twelve homes five should have been visited by the end of June, and ten by now."""
    for _ in range(12):
        ground.benefit(visited=None)
    notes = [cast.client("supervisor").get(f"/board/?month={month}").context["cards"][2]["note"]
             for month in ("2026-06", "2026-11")]  # fmt: skip
    assert [note.split("\u3000")[1] for note in notes] == ["按日进度差 5 户", "按日进度差 10 户"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [("11月", "请按“年-月”填写月份"), ("2026-13", "月份是 01 至 12"), ("2026-12", "还没有到")],
)
def test_a_month_that_cannot_be_shown_is_told_beside_what_was_typed(
    cast: Cast, typed: str, said: str
) -> None:
    answer = cast.client("supervisor").get("/board/", {"month": typed})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert said in html
    assert f'value="{typed}"' in html
    assert 'id="id_month_error"' in html
    assert answer.context["report"].asked.month == date(2026, 11, 1)
    file = cast.client("supervisor").get("/board/", {"month": typed, "as": "csv"})
    assert file["Content-Type"].startswith("text/html")  # no file of another month


def test_a_month_that_can_be_shown_has_no_error(cast: Cast) -> None:
    for query in ("", "?month=", "?month=2026年8月", "?programme=URBAN_ALLOWANCE"):
        answer = cast.client("supervisor").get(f"/board/{query}")
        assert not answer.context["form"].errors, query
        assert 'id="error-summary"' not in answer.content.decode()


# ------------------------------------------------------------------ links that open


@pytest.mark.parametrize("who", ["clerk", "staff", "leader", "chief", "supervisor", "bureau"])
@pytest.mark.parametrize("url", ["/bulletins/", "/samples/", "/stats/"])
def test_links_of_a_list_open_for_who_sees_them(cast: Cast, who: str, url: str) -> None:
    browser = cast.client(who)
    answer = browser.get(url)
    if answer.status_code == 403:
        return
    links = [link for _, link in answer.context.get("links", [])]
    assert [link for link in links if browser.get(link).status_code != 200] == []


def test_who_may_open_them_still_has_the_links(cast: Cast) -> None:
    links = {who: [url for _, url in cast.client(who).get("/bulletins/").context["links"]]
             for who in ("clerk", "leader", "supervisor")}  # fmt: skip
    assert links == {"clerk": [], "leader": ["/rectify/"],
                     "supervisor": ["/rectify/", "/supervise/"]}  # fmt: skip
    assert "/supervise/recheck/" in page(cast, "supervisor", "/samples/")
    assert "/supervise/recheck/" not in page(cast, "bureau", "/samples/")


def test_a_complaint_is_a_link_for_who_may_open_it(cast: Cast) -> None:
    told = Told(kind="REPORT", channel="VISIT", content="反映", received_on=date(2026, 11, 2))
    row = complaints.receive(told, actor=cast.supervisor, on=date(2026, 11, 2))
    Complaint.objects.filter(pk=row.pk).update(handler=cast.office, due_on=date(2026, 11, 20))
    year = Asked(month=date(2026, 11, 1)).period(YEAR, ON)
    for code in ("petitions", "petitions_in_time"):
        for who, url in (("supervisor", f"/petitions/{row.no}/"), ("chief", "")):
            actor = cast.actors[who]
            rows = figure_rows(code, actor, year, whole=code == "petitions_in_time")
            assert [r.url for r in rows] == [url], (code, who)


# ------------------------------------------------------------------ sent twice


def typed_in(html: str, **words: Any) -> dict[str, Any]:
    """What a browser sends of the form as it was shown."""
    (key,) = re.findall(r'name="form_key" value="(\w+)"', html)
    return {
        "kind": "REPORT",
        "is_anonymous": "on",
        "content": "公示栏没有内容",
        "form_key": key,
    } | words


def test_a_double_click_is_one_complaint_and_the_thanks_can_be_reloaded(
    cast: Cast, client: Client
) -> None:
    sent = typed_in(client.get(PUBLIC).content.decode())
    for _ in range(2):
        answer = client.post(PUBLIC, sent)
        assert (answer.status_code, answer.url) == (302, THANKS)
    row = Complaint.objects.get()
    for _ in range(2):  # F5
        shown_ = client.get(THANKS)
        assert row.key in shown_.content.decode()
        assert row.no in shown_.content.decode()
        assert "no-store" in shown_["Cache-Control"]
    assert Complaint.objects.count() == 1


def test_a_form_that_is_shown_anew_or_says_something_else_is_another_matter(
    cast: Cast, client: Client
) -> None:
    """Going back and changing a word, perhaps somebody else's: nothing told is lost."""
    sent = typed_in(client.get(PUBLIC).content.decode())
    client.post(PUBLIC, sent)
    client.post(PUBLIC, sent | {"content": "另一件事"})
    client.post(PUBLIC, typed_in(client.get(PUBLIC).content.decode()))
    assert Complaint.objects.count() == 3


def test_the_thanks_are_of_the_own_session_and_gone_after_a_rest(
    cast: Cast, client: Client
) -> None:
    assert client.get(THANKS).url == PUBLIC
    client.post(PUBLIC, typed_in(client.get(PUBLIC).content.decode()))
    assert client.get(THANKS).status_code == 200
    assert Client().get(THANKS).url == PUBLIC
    session = client.session
    no, told_at = session[views.JUST_TOLD]
    session[views.JUST_TOLD] = (no, told_at - 1801)
    session.save()
    assert client.get(THANKS).url == PUBLIC


def test_who_clicked_twice_at_the_limit_gets_the_code_all_the_same(
    cast: Cast, client: Client
) -> None:
    html = client.get(PUBLIC).content.decode()
    sent = typed_in(html)
    for n in range(9):
        client.post(PUBLIC, sent | {"content": f"第 {n} 件"})
    assert client.post(PUBLIC, sent).status_code == 302
    assert client.post(PUBLIC, sent).status_code == 302
    assert client.post(PUBLIC, sent | {"content": "又一件"}).status_code == 429
    assert Complaint.objects.count() == 10


def test_a_refused_form_keeps_its_key_and_makes_nothing(cast: Cast, client: Client) -> None:
    sent = typed_in(client.get(PUBLIC).content.decode(), name="某")
    refused = client.post(PUBLIC, sent)
    assert refused.status_code == 409
    again = typed_in(refused.content.decode())
    assert again["form_key"] == sent["form_key"]
    assert not Once.objects.exists()
    assert client.post(PUBLIC, again).status_code == 302


def test_two_at_once_are_one(own_database: str) -> None:
    """Both find nothing and begin; the second is undone by the key and told the first's."""
    made_up = iter(["甲", "乙"])
    with meeting_at("supervision.operations.once.made_by"):
        found = together(*[lambda: once("k", lambda: next(made_up))] * 2)
    assert len(set(found)) == 1
    assert Once.objects.get().made == found[0]


def test_what_was_sent_stays(cast: Cast) -> None:
    assert once("k", lambda: "一") == once("k", lambda: "二") == "一"
    for change in (lambda: Once.objects.update(made="x"), lambda: Once.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert digest_of("a", {"form_key": "1"}) == digest_of("a", {"form_key": "1"})


def test_a_form_without_its_key_is_shown_once_more_with_one(cast: Cast, client: Client) -> None:
    """Two of them could not be told from one that was sent twice."""
    sent = typed_in(client.get(PUBLIC).content.decode(), form_key="")
    refused = client.post(PUBLIC, sent)
    html = refused.content.decode()
    assert refused.status_code == 422
    assert "填的内容还在，请再提交一次" in html
    assert sent["content"] in html
    assert not Complaint.objects.exists()
    again = typed_in(html)
    assert again["form_key"]
    for _ in range(2):
        assert client.post(PUBLIC, again).status_code == 302
    assert Complaint.objects.count() == 1


def test_tasks_without_the_forms_key_are_not_given(cast: Cast, ground: Ground) -> None:
    ground.benefit()
    contract = contracted(cast)
    url = f"/thirdparty/{contract.no}/give/"
    refused = cast.client("supervisor").post(url, order(cast, form_key=""))
    assert refused.status_code == 422
    assert "请再提交一次" in refused.content.decode()
    assert not Task.objects.exists()


def test_control_taken_without_a_key_a_double_click_is_two(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeyedForm, "clean", OfficesForm.clean)
    sent = typed_in(client.get(PUBLIC).content.decode(), form_key="")
    for _ in range(2):
        assert client.post(PUBLIC, sent).status_code == 302
    assert Complaint.objects.count() == 2


def test_tasks_are_given_once_for_a_double_click(cast: Cast, ground: Ground) -> None:
    for _ in range(6):
        ground.benefit()
    contract = contracted(cast)
    browser, url = cast.client("supervisor"), f"/thirdparty/{contract.no}/"
    (key,) = re.findall(r'name="form_key" value="(\w+)"', browser.get(url).content.decode())
    sent = order(cast, count=2) | {"form_key": key}
    for _ in range(2):
        answer = browser.post(f"{url}give/", sent, follow=True)
        assert "已派 2 户" in answer.content.decode()
    assert Task.objects.count() == 2
    (other,) = re.findall(r'name="form_key" value="(\w+)"', browser.get(url).content.decode())
    browser.post(f"{url}give/", sent | {"form_key": other})
    assert Task.objects.count() == 4


# ------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("url", "button"),
    [("/liability/", "立项追责"), ("/policy/", "发布政策"), ("/policy/simulations/", "测算方案"),
     ("/training/", "新建课程"), ("/samples/", "立项抽查")],
)  # fmt: skip
def test_a_button_says_what_it_does_to_what(cast: Cast, url: str, button: str) -> None:
    assert f">{button}</button>" in page(cast, "supervisor", url)


def test_a_course_is_signed_into_and_answered(cast: Cast) -> None:
    row = course(cast, ON)
    url = f"/training/{row.no}/"
    assert ">登记签到</button>" in page(cast, "clerk", url)
    cast.client("clerk").post(f"{url}sign_in/")
    assert ">提交答卷</button>" in page(cast, "clerk", url)


def test_a_share_offers_all_and_those_that_fit(cast: Cast) -> None:
    url = "/figures/visited/?month=2026-11"
    assert ">看全部</a>" in page(cast, "supervisor", url)
    assert ">看符合的</a>" in page(cast, "supervisor", f"{url}&whole=1")
