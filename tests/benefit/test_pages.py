"""The pages of those in benefit, as the people who use them do (ux 1.4, 1.5)."""

import html
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Benefit, ChangeReport, Contact, Review, StandardRun
from cases.operations import review_settlement, reviews
from tests import road
from tests.benefit import walks
from tests.benefit.test_standards import raised
from tests.cases.days import at
from tests.cast import SIGN_CODE, Cast
from tests.funds import payouts
from yuquan_relief.kernel.inbox import messages_for

DAY = date(2026, 11, 10)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    """One day for all."""
    with at(DAY):
        yield


@pytest.fixture
def benefit(cast: Cast) -> Benefit:
    """The household of one, from the roster."""
    return payouts.in_benefit(cast, 1, name="演练甲")


def text_of(response: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))


def shown(cast: Cast, who: str, url: str, status: int = 200) -> str:
    response = cast.client(who).get(url)
    assert response.status_code == status, url
    return text_of(response)


def photo(name: str = "photo") -> dict[str, Any]:
    return {name: SimpleUploadedFile("照片.jpg", walks.PHOTO, "image/jpeg")}


def hidden(cast: Cast, who: str, url: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that posts to `action`."""
    page = cast.client(who).get(url).content.decode()
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert form, f"{action} is not offered at {url}"
    found = {}
    for tag in re.findall(r'<input type="hidden"[^>]*>', form[0]):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name:
            found[name[1]] = value[1] if value else ""
    return found


def step(cast: Cast, who: str, review: Review, code: str, **data: Any) -> Any:
    url = f"/adjustments/{review.no}/"
    action = f"{url}{code}/"
    return cast.client(who).post(action, hidden(cast, who, url, action) | data)


@pytest.mark.clause("4(1).2")
def test_a_review_from_the_roster_to_the_letter(cast: Cast, benefit: Benefit) -> None:
    assert "演练甲" in shown(cast, "clerk", "/roster/")
    client = cast.client("staff")
    answer = client.post("/roster/B1/review/", {"what": "邻居反映已就业"})
    review = Review.objects.get()
    assert answer["Location"] == f"/adjustments/{review.no}/"
    visit = {"kind": "VISIT", "on_day": "2026-11-10", "means": "HOME", "place": "家中",
             "met": "演练甲", "companion": "社区主任"}  # fmt: skip
    assert cast.client("clerk").post("/roster/B1/contact/", visit | photo()).status_code == 302
    found = {"how": "COMPUTE", "persons": "2", "insured": "2", "annual": "15000", "supplement": "0"}
    assert step(cast, "staff", review, "settle", **found).status_code == 302
    assert "减发" in shown(cast, "staff", f"/adjustments/{review.no}/")
    signed = {"sign_code": SIGN_CODE, "opinion": "建议减发"}
    assert step(cast, "staff", review, "propose", **signed).status_code == 302
    assert "演练甲" in shown(cast, "leader", "/adjustments/")
    assert step(cast, "leader", review, "agree", **signed).status_code == 302
    assert "告知以前按原额发放" in shown(cast, "clerk", "/letters/")
    told = {"told_on": "2026-11-10", "method": "DIRECT", "receiver": "演练甲"}
    assert step(cast, "clerk", review, "tell", **told | photo()).status_code == 302
    page = shown(cast, "clerk", f"/adjustments/{review.no}/")
    assert "从 2026年12月执行" in page
    assert "2026-12 起" in shown(cast, "clerk", "/roster/B1/")


def test_what_was_typed_stays_when_it_is_refused(cast: Cast, benefit: Benefit) -> None:
    review = walks.opened(cast, benefit, DAY)
    found = {"how": "STOP", "ground": "MOVED", "reason": "", "persons": "2", "insured": "3",
             "annual": "一万五", "supplement": "0"}  # fmt: skip
    answer = step(cast, "staff", review, "settle", **found)
    assert answer.status_code == 422
    assert 'value="一万五"' in answer.content.decode()
    assert "保障人口不能多于家庭人口" in text_of(answer)
    found |= {"insured": "2", "annual": "15000"}
    answer = step(cast, "staff", review, "settle", **found)
    assert answer.status_code == 409
    assert "请写明停发或者渐退的理由" in text_of(answer)
    assert 'value="15000"' in answer.content.decode()


def test_a_wrong_code_signs_nothing_and_an_unread_page_neither(
    cast: Cast, benefit: Benefit
) -> None:
    review = walks.settled(cast, benefit, DAY, walks.from_roster(annual=15_000))
    answer = step(cast, "staff", review, "propose", sign_code="000000", opinion="")
    assert (answer.status_code, "签批码不对" in text_of(answer)) == (409, True)
    answer = cast.client("staff").post(
        f"/adjustments/{review.no}/propose/", {"sign_code": SIGN_CODE, "content_sha256": ""}
    )
    assert "请先打开页面" in text_of(answer)
    assert walks.fresh(review).state == "OPEN"


def test_two_tabs_one_effect(cast: Cast, benefit: Benefit) -> None:
    review = walks.settled(cast, benefit, DAY, walks.from_roster(annual=15_000))
    url = f"/adjustments/{review.no}/"
    data = hidden(cast, "staff", url, f"{url}propose/") | {"sign_code": SIGN_CODE}
    client = cast.client("staff")
    assert client.post(f"{url}propose/", data).status_code == 302
    answer = client.post(f"{url}propose/", data)
    assert answer.status_code == 409


def test_no_change_is_one_act_and_counts_once_a_day(cast: Cast, benefit: Benefit) -> None:
    client = cast.client("clerk")
    for _ in range(2):
        assert client.post("/roster/B1/no-change/").status_code == 302
    row = Contact.objects.get()
    assert (row.kind, row.is_changed) == ("REPORT", False)
    assert "已经登记过" in shown_with(client, "/roster/B1/")


def shown_with(client: Any, url: str) -> str:
    return text_of(client.get(url))


def test_a_contact_that_is_refused_keeps_what_was_typed(cast: Cast, benefit: Benefit) -> None:
    data = {"kind": "VISIT", "on_day": "2026-11-10", "means": "HOME", "place": "家中",
            "met": "演练甲", "companion": "", "note": "老人身体好"}  # fmt: skip
    answer = cast.client("clerk").post("/roster/B1/contact/", data)
    assert answer.status_code == 409
    assert "须两人以上" in text_of(answer)
    assert "老人身体好" in text_of(answer)


@pytest.mark.parametrize("kind", ["left", "joined", "died", "condition", "studies", "papers",
                                  "income", "property", "account", "address", "phone"])  # fmt: skip
def test_each_change_has_its_form(cast: Cast, benefit: Benefit, kind: str) -> None:
    url = f"/roster/B1/change/{kind}/"
    assert "登记变化" in shown(cast, "clerk", url)
    answer = cast.client("clerk").post(url, {"note": "填了一半"})
    assert answer.status_code == 422
    assert "填了一半" in text_of(answer)


@pytest.mark.clause("3(2)")
def test_a_change_is_told_and_checked(cast: Cast, benefit: Benefit) -> None:
    data = {"value": "19900000001", "happened_on": "2026-11-10", "known_on": "2026-11-10",
            "note": "换了手机号"}  # fmt: skip
    assert cast.client("clerk").post("/roster/B1/change/phone/", data).status_code == 302
    row = ChangeReport.objects.get()
    assert "换了手机号" in shown(cast, "staff", "/changes/")
    answer = cast.client("staff").post(f"/changes/reports/{row.pk}/check/", {"is_true": "1"})
    assert answer.status_code == 422
    assert "请填写核实情况" in text_of(answer)
    client = cast.client("staff")
    done = client.post(
        f"/changes/reports/{row.pk}/check/", {"is_true": "1", "answer": "已电话核实"}
    )
    assert done.status_code == 302
    benefit.household.refresh_from_db()
    assert benefit.household.phone == "19900000001"
    assert "已采用" in shown(cast, "clerk", "/changes/")


def test_a_report_is_taken_back_with_its_reason(cast: Cast, benefit: Benefit) -> None:
    data = {"happened_on": "2026-11-10", "known_on": "2026-11-10", "note": "就业"}
    cast.client("clerk").post("/roster/B1/change/income/", data)
    row = ChangeReport.objects.get()
    client = cast.client("clerk")
    client.post(f"/changes/reports/{row.pk}/withdraw/", {"note": ""})
    assert "请写明撤回的原因" in shown_with(client, "/changes/")
    client.post(f"/changes/reports/{row.pk}/withdraw/", {"note": "听错了"})
    row.refresh_from_db()
    assert row.state == "REJECTED"


def test_renewals_are_handed_out_by_hand_too(cast: Cast, benefit: Benefit) -> None:
    Benefit.objects.update(review_due_on=DAY)
    client = cast.client("staff")
    assert client.post("/renewals/open/").status_code == 302
    page = shown_with(client, "/renewals/")
    assert "已派发 1 户复核" in page
    assert "演练甲" in page
    client.post("/renewals/open/")
    assert "没有新到期的户" in shown_with(client, "/renewals/")


@pytest.mark.parametrize(
    ("on", "status", "says"),
    [
        ("2026-03", 200, "2026年3月31日在享 1 户"),
        ("2026-03-15", 200, "2026年3月15日在享 1 户"),
        ("20260315", 200, "2026年3月15日在享 1 户"),
        ("2026年3月", 200, "2026年3月31日在享 1 户"),
        ("2025-12", 200, "这一天没有符合条件的在享对象"),
        ("三月", 422, "请按“年-月-日”填写日期"),
        ("1999-01", 422, "日期应在"),
        ("2026-02-30", 422, "日历上没有这一天"),
    ],
)
def test_the_roster_of_any_date(
    cast: Cast, benefit: Benefit, on: str, status: int, says: str
) -> None:
    assert says in shown(cast, "clerk", f"/roster/?on={on}", status)


def test_the_roster_goes_out_as_a_table(cast: Cast, benefit: Benefit) -> None:
    answer = cast.client("clerk").get("/roster/?as=csv")
    text = answer.content.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("低保证号,户主,村（社区）")
    assert "演练甲" in text
    assert "682.00" in text


@pytest.mark.parametrize("url", ["/roster/", "/renewals/", "/adjustments/", "/letters/",
                                 "/visits/progress/", "/changes/", "/standards/"])  # fmt: skip
def test_a_list_takes_as_many_statements_for_one_as_for_twenty(cast: Cast, url: str) -> None:
    counts = []
    for n in (1, 20):
        for serial in range(n * 100, n * 100 + n):
            benefit = payouts.in_benefit(cast, serial, name="演练甲")
            walks.settled(cast, benefit, DAY, walks.from_roster(annual=15_000))
            ChangeReport.objects.create(
                benefit=benefit, district=cast.district, office=cast.office, village=cast.village,
                kind="PHONE", field="phone", note="换号", happened_on=DAY, known_on=DAY,
                reported_on=DAY, recorded_by_id=cast.clerk.human_id,
            )  # fmt: skip
        client = cast.client("staff")
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1], counts


def test_standards_from_the_office_to_the_village(cast: Cast, benefit: Benefit) -> None:
    raised()
    day = date(2027, 5, 10)
    with at(day):
        office = cast.client("staff")
        data = {"programme": payouts.PROGRAMME, "valid_from": "2027-01-01"}
        assert office.post("/standards/", data).status_code == 302
        run = StandardRun.objects.get()
        url = f"/standards/{run.no}/"
        assert "演练甲" in shown(cast, "staff", url)
        sign = {"sign_code": SIGN_CODE, "opinion": ""}
        data = hidden(cast, "staff", url, f"{url}propose/") | sign
        assert office.post(f"{url}propose/", data).status_code == 302
        data = hidden(cast, "leader", url, f"{url}agree/") | sign
        assert cast.client("leader").post(f"{url}agree/", data).status_code == 302
        clerk = cast.client("clerk")
        wrong = clerk.post(f"{url}tell/", {"told_on": "2027-05-10", "place": ""})
        assert wrong.status_code == 422
        told = {"told_on": "2027-05-10", "place": "公示栏", **photo()}
        assert clerk.post(f"{url}tell/", told).status_code == 302
        assert "已执行" in shown(cast, "clerk", url)
        assert "提标" in shown(cast, "clerk", "/roster/B1/")


def test_a_standard_that_is_not_there_is_told(cast: Cast) -> None:
    data = {"programme": payouts.PROGRAMME, "valid_from": "2027-01-01"}
    answer = cast.client("staff").post("/standards/", data)
    assert answer.status_code == 409
    assert "请区社救中心先录入" in text_of(answer)


def test_the_dead_are_imported_by_the_centre(cast: Cast, benefit: Benefit) -> None:
    client = cast.client("supervisor")
    rows = f"姓名,身份证号,死亡日期,来源\n演练甲,{road.number(1)},2026-10-12,殡葬\n"
    file = SimpleUploadedFile("死亡.csv", rows.encode())
    assert client.post("/deaths/", {"file": file}).status_code == 302
    assert "在享 1 人" in shown_with(client, "/deaths/")
    wrong = SimpleUploadedFile("死亡.csv", b"\x00\x01\x02")
    assert client.post("/deaths/", {"file": wrong}).status_code in (415, 422)
    assert client.post("/deaths/", {}).status_code == 422


@pytest.mark.parametrize("code", ["F22", "F35", "F36"])
def test_forms_of_a_benefit_print(cast: Cast, benefit: Benefit, code: str) -> None:
    walks.visited(cast, benefit, DAY)
    answer = cast.client("clerk").get(f"/forms/benefit/B1/{code}.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


@pytest.mark.parametrize("code", ["F17", "F18", "F20", "F21"])
def test_forms_of_a_review_wait_for_what_they_say(cast: Cast, benefit: Benefit, code: str) -> None:
    review = walks.opened(cast, benefit, DAY)
    url = f"/forms/review/{review.no}/{code}.pdf"
    answer = cast.client("clerk").get(url)
    assert answer.status_code == 409
    assert "不能打印" in text_of(answer)
    assert cast.client("clerk").get(f"/forms/review/{review.no}/F22.pdf").status_code == 404
    assert cast.client("foreign_clerk").get(url).status_code == 404


def told(cast: Cast, who: str) -> list[str]:
    """What the inbox of the post asks for."""
    return [m.text for m in messages_for(cast.actors[who], DAY) if m.must_act]


def test_the_inbox_empties_itself(cast: Cast, benefit: Benefit) -> None:
    review = walks.opened(cast, benefit, DAY)
    assert told(cast, "clerk") == told(cast, "staff") == ["演练甲户复核待复核"]
    assert told(cast, "leader") == told(cast, "foreign_staff") == []
    walks.visited(cast, benefit, DAY)
    data = {"happened_on": "2026-11-10", "known_on": "2026-11-10", "note": "就业"}
    cast.client("clerk").post("/roster/B1/change/income/", data)
    assert "演练甲户报告变化待核实：就业或者收入变化" in told(cast, "staff")
    found = walks.from_roster(annual=15_000)
    review_settlement.settle(review.no, found, actor=cast.staff, on=DAY)
    reviews.propose(review.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))
    assert told(cast, "leader") == ["演练甲户复核待签批"]
    reviews.agree(review.no, actor=cast.leader, on=DAY, proof=cast.proof("leader"))
    assert told(cast, "leader") == []
    assert told(cast, "clerk") == ["演练甲户复核待告知"]
    walks.tell(cast, walks.fresh(review), DAY)
    assert told(cast, "clerk") == []


def test_one_entry_of_the_menu_is_the_current_one(cast: Cast) -> None:
    page = cast.client("clerk").get("/visits/progress/")
    nav = page.context["shell"].nav
    assert [entry.label for entry in nav if entry.current] == ["入户进度"]


def test_who_checks_an_account_sees_the_whole_number_and_others_its_end(
    cast: Cast, benefit: Benefit
) -> None:
    number = "6228480000000000018"
    data = {"bank": "演练银行", "holder": "演练甲", "account_kind": "card", "number": number,
            "happened_on": "2026-11-10", "known_on": "2026-11-10", "note": "换卡"}  # fmt: skip
    answer = cast.client("clerk").post("/roster/B1/change/account/", data | photo())
    assert answer.status_code == 302
    assert f"演练银行，演练甲，银行卡，{number}" in shown(cast, "staff", "/changes/")
    for who in ("clerk", "leader", "auditor"):
        page = shown(cast, who, "/changes/")
        assert number not in page
        assert "…0018" in page
