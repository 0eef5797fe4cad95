"""What goes wrong in a real office: hostile text, impatient fingers, lost sessions."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import CDPSession, Dialog, Page, Request, Route, expect

from cases.models import Case, Draft
from cases.operations import decisions, investigation, notices
from tests import road
from tests.browser import steps, world
from tests.browser.house import House, fill_sign_in
from tests.browser.steps import heading
from yuquan_relief.kernel.models import Attachment, Event

POLYGLOTS = (
    "\"'><img src=x onerror=alert(1)><svg onload=alert(2)>",
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert(3) )//</title></textarea></script>--!>"
    "<sVg/<sVg/oNloAd=alert(4)//>",
    "{{7*7}}{%25 debug %}${7*7}<b>粗</b>&lt;i&gt;",
)
INJECTED = "img[src='x'], svg[onload], main b:text-is('粗'), [onclick], [onerror]"


@pytest.fixture
def hostile(house: House) -> Case:
    """A case in whose every free text stands a polyglot, on the leader's desk."""
    text = POLYGLOTS[0]
    cast, on = house.cast, road.START
    with house.at_work():
        changes: dict[str, Any] = {
            "reason": POLYGLOTS[1],
            "address": text,
            "bank": POLYGLOTS[2][:60],
        }
        case = road.accepted(cast, 61, kin_declared=True, kin_note=POLYGLOTS[2], **changes)
        road.add_file(cast, case, "survey_photo", text, (9, 1, 1))
        findings = investigation.SurveyFindings(
            visited_on=on,
            present=text,
            housing=POLYGLOTS[1],
            living=POLYGLOTS[2],
            neighbours=text,
            is_true=True,
            note=text,
        )
        proof = cast.proof("clerk", text)
        investigation.record_survey(case.no, findings, actor=cast.clerk, on=on, proof=proof)
        investigation.cosign_survey(
            case.no, actor=cast.surveyor, on=on, proof=cast.proof("surveyor", text)
        )
        road.means_check(cast, case, on)
        road.settle(cast, case, on)
        road.appraise(cast, case, on)
        photo = road.photo((3, 3, 3))
        notices.post_notice(
            case.no, "post_review_notice", place=text, photo=photo, actor=cast.clerk, on=on
        )
        notice = case.notices.latest("id")
        notices.record_objection(
            notice.no, channel="来访", content=POLYGLOTS[1], actor=cast.staff, on=on
        )
        objection = notice.objections.get()
        notices.dismiss_objection(objection.pk, answer=POLYGLOTS[2], actor=cast.staff, on=on)
        over = notice.last_day + timedelta(days=1)
        notices.close_notice(case.no, on=over)
        decisions.propose(
            case.no, actor=cast.staff, on=over, proof=cast.proof("staff", POLYGLOTS[1])
        )
        case = road.through_notice(cast, road.fresh(case), "post_approval_notice", over)
    house.move_to(case.state_since or over)
    return case


def test_hostile_text_is_shown_as_text(house: House, hostile: Case) -> None:
    """Without the CSP to help: nothing that was typed becomes part of the page."""
    no, notice = hostile.no, hostile.notices.earliest("id").no
    tabs = ("", "family/", "evidence/", "field/", "notice/", "decision/", "timeline/")
    addresses = [("staff", f"/cases/{no}/{tab}") for tab in tabs]
    addresses += [("staff", f"/notices/{notice}/"), ("staff", f"/notices/{notice}/?as=print")]
    addresses += [("staff", url) for url in ("/", "/cases/", "/notices/", "/inbox/")]
    addresses += [("leader", "/desk/sign/"), ("leader", f"/desk/sign/{no}/")]
    pages: dict[str, Page] = {}
    opened: list[str] = []
    seen = ""

    def close(dialog: Dialog) -> None:
        opened.append(dialog.message)
        dialog.dismiss()

    for name in ("staff", "leader"):
        pages[name] = house.person(name, bypass_csp=True)
        pages[name].on("dialog", close)
    for name, url in addresses:
        page = pages[name]
        page.goto(url)
        assert page.locator(INJECTED).count() == 0, url
        seen += page.locator("body").inner_text()
    assert not opened
    for text in POLYGLOTS:
        assert text in seen, f"{text} is nowhere shown as it was typed"


def test_hostile_names_of_files_and_drafts(house: House) -> None:
    with house.at_work():
        key = world.draft(house, {**world.ANSWERS, "reason": POLYGLOTS[0], "bank": POLYGLOTS[2]})
    page = house.person("clerk", bypass_csp=True)
    house.watch_of().allowed.add(415)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    for part in ("", "applicant/", "account/", "check/", "documents/"):
        page.goto(f"/apply/{key}/{part}")
        assert page.locator(INJECTED).count() == 0, part
    file = steps.picture("x")
    file["name"] = "<img src=x onerror=alert(9)>.jpg"
    file["buffer"] = b"not a picture"
    page.locator("#slot-id_card input[name=files]").set_input_files(file)
    expect(page.locator("#slot-id_card .files li")).to_contain_text("✗")
    assert page.locator(INJECTED).count() == 0
    assert Attachment.objects.filter(subject_key=key).count() == 0


def test_submitting_twice_is_submitting_once(house: House) -> None:
    page = house.person("clerk")
    key = steps.fill_draft(page, 51)
    page.get_by_role("link", name="继续，检查并提交").click()
    page.get_by_role("button", name="提交申请").dblclick()
    expect(heading(page, f"{steps.HEAD} 的申请已提交")).to_be_visible()
    case = Case.objects.get(submission_key=key)
    page.go_back()  # and once more from the page as the browser kept it
    if page.get_by_role("button", name="提交申请").count():
        page.get_by_role("button", name="提交申请").click()
    page.goto(f"/apply/{key}/check/")
    expect(page.locator("main")).to_contain_text(case.no)
    assert Case.objects.filter(submission_key=key).count() == 1
    assert Event.objects.filter(subject_key=case.no, action="submit").count() == 1


def test_accepting_twice_is_accepting_once(house: House) -> None:
    with house.at_work():
        case = road.submitted(house.cast, 52, house.today)
    one, two = house.person("staff"), house.person("surveyor")
    for page in (one, two):
        page.goto(f"/cases/{case.no}/accept/")
    one.get_by_role("button", name="受理", exact=True).dblclick()
    expect(one.locator(".idbar")).to_contain_text("调查中")
    house.watch_of().allowed.add(409)
    two.get_by_role("button", name="受理", exact=True).dblclick()
    expect(two.locator("#error-summary")).to_contain_text("现在是“调查中”，不能受理")
    assert Event.objects.filter(subject_key=case.no, action="accept").count() == 1


@pytest.fixture
def applicant(house: House) -> Page:
    """The first topic of an empty draft."""
    page = house.person("clerk")
    steps.start_application(page)
    page.get_by_role("link", name="填写申请人与委托").click()
    expect(page.get_by_label("居住地址")).to_be_visible()
    page.wait_for_load_state("networkidle")  # what the page itself fetches is not "sent"
    return page


def compose(page: Page, pinyin: str, word: str) -> None:
    """An input method at work: keys go into the word, Enter takes the letters, then the word."""
    keyboard = page.context.new_cdp_session(page)
    for end in range(1, len(pinyin) + 1):
        keyboard.send(
            "Input.imeSetComposition",
            {"text": pinyin[:end], "selectionStart": end, "selectionEnd": end},
        )
    for kind in ("rawKeyDown", "keyUp"):
        keyboard.send(
            "Input.dispatchKeyEvent", {"type": kind, "key": "Enter", "windowsVirtualKeyCode": 229}
        )
    real_enter(keyboard)
    keyboard.send("Input.insertText", {"text": word})
    real_enter(keyboard)  # some browsers end the word first and send its Enter afterwards
    keyboard.detach()


def real_enter(keyboard: CDPSession) -> None:
    """Enter as the page gets it."""
    for kind in ("rawKeyDown", "char", "keyUp"):
        keyboard.send(
            "Input.dispatchKeyEvent",
            {"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13,
             "text": "\r"},
        )  # fmt: skip


def test_input_method_neither_submits_nor_saves(house: House, applicant: Page) -> None:
    address = applicant.url
    sent: list[str] = []

    def note(request: Request) -> None:
        sent.append(request.url)

    applicant.on("request", note)
    applicant.get_by_label("居住地址").focus()
    compose(applicant, "jiajiedao", "甲街道")
    applicant.wait_for_timeout(200)
    assert applicant.url == address
    assert not sent, "something was sent while a word was being composed"
    expect(applicant.get_by_label("居住地址")).to_have_value("甲街道")
    expect(applicant.locator("#save-status")).to_contain_text("已保存", timeout=6000)
    assert all("/save/" in url for url in sent)


def test_input_method_does_not_search(house: House, applicant: Page) -> None:
    address = applicant.url
    applicant.locator("#find-q").focus()
    compose(applicant, "yanlian", "演练")
    applicant.wait_for_timeout(200)
    assert applicant.url == address
    expect(applicant.locator("#find-q")).to_have_value("演练")
    applicant.keyboard.press("Enter")
    expect(heading(applicant, "查找")).to_be_visible()


def test_a_lost_session_loses_nothing(house: House, applicant: Page) -> None:
    applicant.get_by_label("联系电话").fill("19900000000")
    expect(applicant.locator("#save-status")).to_contain_text("已保存", timeout=6000)
    Session.objects.all().delete()
    applicant.get_by_label("居住地址").fill(steps.ADDRESS)
    applicant.get_by_label("申请原因").fill(steps.REASON)
    applicant.get_by_label("申请原因").blur()
    banner = applicant.locator("#notices")
    expect(banner).to_contain_text("登录已过期", timeout=6000)
    expect(applicant.locator("#save-status")).to_contain_text("未保存")
    expect(applicant.get_by_label("居住地址")).to_have_value(steps.ADDRESS)
    house.shot(applicant, "expired")
    with applicant.context.expect_page() as opened:
        banner.get_by_role("link").click()
    again = opened.value
    fill_sign_in(again, "clerk")
    expect(heading(again, "工作台")).to_be_visible()
    again.close()
    applicant.get_by_role("button", name="保存，继续下一项").click()
    expect(heading(applicant, "家庭成员")).to_be_visible()
    answers = Draft.objects.latest("id").answers
    assert answers["address"] == steps.ADDRESS
    assert answers["reason"] == steps.REASON


def test_a_lost_session_is_found_by_autosave_itself(house: House, applicant: Page) -> None:
    Session.objects.all().delete()
    applicant.get_by_label("居住地址").fill(steps.ADDRESS)
    applicant.get_by_label("居住地址").blur()
    expect(applicant.locator("#notices")).to_contain_text("登录已过期", timeout=6000)
    with applicant.context.expect_page() as opened:
        applicant.locator("#notices").get_by_role("link").click()
    fill_sign_in(opened.value, "clerk")
    expect(heading(opened.value, "工作台")).to_be_visible()
    house.watch_of().allowed.add(403)
    expect(applicant.locator("#save-status")).to_contain_text("已保存", timeout=20_000)
    assert Draft.objects.latest("id").answers["address"] == steps.ADDRESS


def test_saved_is_said_when_everything_is_saved(house: House, applicant: Page) -> None:
    def slow(route: Route) -> None:
        applicant.wait_for_timeout(300)
        route.continue_()

    applicant.route("**/save/", slow)
    applicant.get_by_label("联系电话").fill("19900000000")
    applicant.get_by_label("居住地址").fill(steps.ADDRESS)
    applicant.get_by_label("申请原因").fill(steps.REASON)
    expect(applicant.locator("#save-status")).to_contain_text("已保存", timeout=8000)
    answers = Draft.objects.latest("id").answers
    missing = {"phone", "address", "reason"} - {k for k, v in answers.items() if v}
    assert not missing, f"“已保存” is said, and {missing} is not saved"


def test_an_outage_is_told_and_mended(house: House, applicant: Page) -> None:
    applicant.context.set_offline(True)
    applicant.get_by_label("居住地址").fill(steps.ADDRESS)
    applicant.get_by_label("居住地址").blur()
    expect(applicant.locator("#save-status")).to_contain_text("1 处未保存", timeout=6000)
    applicant.context.set_offline(False)
    expect(applicant.locator("#save-status")).to_contain_text("已保存", timeout=10_000)
    house.watch_of().errors = [e for e in house.watch_of().errors if "ERR_INTERNET" not in e]


WAITS = "if (!busy || e.defaultPrevented) return;"


@pytest.mark.parametrize("waits", [True, False], ids=["waits", "without the guard"])
def test_a_page_sent_while_a_field_is_on_its_way(
    house: House, applicant: Page, waits: bool
) -> None:
    """The field was stored, its answer has not come yet, and the whole page is sent: no conflict
    with oneself. Taken away, the wait leaves the clerk with a choice between two own values."""

    def without(route: Route) -> None:
        source = route.fetch()
        assert WAITS in source.text()
        route.fulfill(response=source, body=source.text().replace(WAITS, "return;"))

    def late(route: Route) -> None:
        answer = route.fetch()
        applicant.wait_for_timeout(1500)
        route.fulfill(response=answer)

    if not waits:
        house.watch_of().allowed.add(409)
        applicant.route("**/app*.js", without)
        applicant.reload()
    applicant.get_by_label("联系电话").fill("19900000000")
    with steps.saving(applicant, "reason"):
        applicant.get_by_label("申请原因").fill(steps.REASON)
        applicant.get_by_label("申请原因").blur()
    applicant.route("**/save/", late)
    applicant.get_by_label("居住地址").fill("甲街道")
    applicant.get_by_label("居住地址").blur()
    while Draft.objects.latest("id").answers.get("address") != "甲街道":
        applicant.wait_for_timeout(20)
    applicant.get_by_label("居住地址").fill(steps.ADDRESS)
    applicant.get_by_role("button", name="保存，继续下一项").click()
    if waits:
        expect(heading(applicant, "家庭成员")).to_be_visible(timeout=15_000)
        assert Draft.objects.latest("id").answers["address"] == steps.ADDRESS
    else:
        expect(applicant.locator("#error-summary")).to_contain_text("刚被别人改为")
        applicant.unroute_all(behavior="ignoreErrors")


def test_two_clerks_in_one_field(house: House, applicant: Page) -> None:
    other = house.person("clerk")
    house.watch_of().allowed.add(409)
    other.goto(applicant.url)
    with steps.saving(applicant, "address"):
        applicant.get_by_label("居住地址").fill("甲街道 1 号")
        applicant.get_by_label("居住地址").blur()
    other.get_by_label("居住地址").fill("甲街道 2 号")
    other.get_by_label("居住地址").blur()
    choice = other.get_by_role("alert").filter(has_text="这一项刚被别人改过")
    expect(choice).to_be_visible()
    choice.get_by_role("button", name="用对方的：甲街道 1 号").click()
    expect(other.get_by_label("居住地址")).to_have_value("甲街道 1 号")


def test_a_wrong_code_signs_nothing(house: House) -> None:
    with house.at_work():
        case = road.to_decide(house.cast, 55)
    house.move_to(case.state_since or house.today)
    page = house.person("leader")
    house.watch_of().allowed.add(409)
    page.goto(f"/desk/sign/{case.no}/")
    page.get_by_role("textbox", name="我的意见").fill("同意，注意回访。")
    page.get_by_role("button", name="签字同意", exact=True).click()
    page.get_by_label("我已看完上面 4 块，对本签字负责").check()
    page.get_by_label("签批码").fill("000000")
    page.get_by_role("button", name="签字同意，看下一件").click()
    expect(page.locator("#error-summary")).to_contain_text("签批码不对，还可以试 4 次")
    expect(page.get_by_role("textbox", name="意见")).to_have_value("同意，注意回访。")
    assert Case.objects.get(pk=case.pk).state == "TO_DECIDE"
