"""A finding through bulletin, rectification, re-check and accountability, as people do it on the
pages (14-21); and what the supervisor's tasks cost (G7, G11, G13, G15)."""

import re
from datetime import date, timedelta
from itertools import count

from playwright.sync_api import Locator, Page, expect

from supervision.models import Finding, Liability, Mending, Sample, StatReport
from supervision.operations import sheets
from supervision.rules.sheets import KINDS
from tests.browser import steps
from tests.browser.house import PHONE, House
from tests.browser.steps import told
from tests.browser.tally import Tally
from tests.cast import SIGN_CODE
from tests.supervision.ground import Ground

TODAY = date(2026, 11, 27)
SERIAL = count(5000)  # of the house, which the tests of this file share


def act(page: Page, code: str) -> Locator:
    """The card of a step, opened if it is folded."""
    card = page.locator(f"#act-{code}")
    fold = card.locator("summary")
    if fold.count() and card.locator("details[open]").count() == 0:
        fold.click()
    return card


def take(page: Page, code: str, button: str, **fields: str) -> None:
    """One step on a paper's page."""
    card = act(page, code)
    for name, text in fields.items():
        card.locator(f"[name={name}]").fill(text)
    card.get_by_role("button", name=button, exact=True).click()
    page.wait_for_load_state()


def sign(page: Page, code: str, button: str) -> None:
    """One signed step."""
    take(page, code, button, sign_code=SIGN_CODE)


def late_case(house: House) -> str:
    """A case that is past its day, and the night has looked."""
    house.move_to(TODAY)
    with house.at_work() as on:
        case = Ground(house.cast, SERIAL).case(state="INVESTIGATING", due_on=on - timedelta(days=2))
    house.do_duties()
    return case.no


def judge_and_draft(house: House, page: Page) -> str:
    """The finding is true; a bulletin with it waits for the signature. Gives its address."""
    page.goto("/supervise/?state=ANSWERED")
    page.get_by_role("link", name="已超过办理时限").first.click()
    take(page, "confirm", "判定属实，要求整改", note="属实，请尽快办结")
    told(page, "已办理：判定属实，要求整改")
    house.shot(page, "judged")
    page.goto("/supervise/?state=MENDING")
    page.get_by_role("button", name="用本页 1 项起草通报").click()
    told(page, "已起草")
    page.get_by_label("正文").fill("本月系统核查发现的问题，通报如下。")
    page.get_by_label("整改期限").fill(f"{TODAY + timedelta(days=10)}")
    page.get_by_role("button", name="保存通报内容").click()
    told(page, "已保存通报内容")
    take(page, "submit", "送签发")
    house.shot(page, "bulletin")
    return page.url


def mend(house: House) -> None:
    """The office reads the bulletin and sends its proof, on a phone."""
    staff = house.person("staff", viewport=PHONE, is_mobile=True, has_touch=True)
    staff.goto("/inbox/")
    staff.get_by_role("link", name="请签收").first.click()
    staff.get_by_role("button", name="签收通报").click()
    told(staff, "已签收")
    staff.goto("/rectify/")
    staff.get_by_role("link", name="已超过办理时限").first.click()
    card = act(staff, "prove")
    card.locator("[name=title]").fill("办结照片")
    card.locator("[name=file]").set_input_files(steps.picture("办结"))
    card.get_by_role("button", name="上传整改证明").click()
    told(staff, "已办理：上传整改证明")
    take(staff, "send", "报送整改", note="已办结")
    house.shot(staff, "mended")


def hold_liable(house: House, page: Page, finding: str) -> None:
    """The mending is passed, a liability case stands with its proposal."""
    mending = Mending.objects.get()
    page.goto(f"/rectify/{mending.no}/")
    take(page, "pass", "复查通过，销号", note="复查属实")
    told(page, "已办理：复查通过，销号")
    page.get_by_role("link", name=f"发现 {finding}").click()
    page.get_by_role("link", name="立项追责").click()
    page.get_by_label("责任事项").select_option(value="18(2)")
    page.get_by_label("责任单位").select_option(label=house.cast.office.name)
    page.get_by_role("button", name="立项追责").click()
    told(page, "已立项")
    take(page, "state", "登记陈述、申辩", note="平台迟缓，多次催办")
    house.shot(page, "liability")
    for waiting in Liability.objects.get().exemptions.filter(verdict="WAITING"):
        card = act(page, "exempt")
        card.locator("[name=clause]").select_option(value=waiting.clause)
        card.locator("[name=verdict]").select_option(value="REJECTED")
        take(page, "exempt", "核实免责情形", note="与本件无关")
    card = act(page, "propose")
    card.get_by_label("全区通报批评").check()
    take(page, "propose", "提出处理意见", note="全区通报批评")
    told(page, "已办理：提出处理意见")


def test_a_finding_is_followed_to_its_end(house: House) -> None:
    no = late_case(house)
    finding = Finding.objects.get(rule="R43", subject_key=no)
    leader = house.person("leader")
    leader.goto(f"/findings/{finding.no}/")
    take(leader, "answer", "答复", note="核对返回慢，正在催办")
    told(leader, "已办理：答复")

    page = house.person("supervisor")
    bulletin = judge_and_draft(house, page)
    bureau = house.person("bureau")
    bureau.goto(bulletin)
    sign(bureau, "issue", "签发")
    told(bureau, "已办理：签发")
    mend(house)
    hold_liable(house, page, finding.no)
    bureau.goto(page.url)
    sign(bureau, "decide", "签字决定")
    told(bureau, "已办理：签字决定")
    held = Liability.objects.get()
    assert (held.state, held.for_unit) == ("DECIDED", ["DISTRICT"])
    finding.refresh_from_db()
    assert (finding.state, finding.outcome) == ("DONE", "TRUE")


def test_a_red_cell_leads_to_the_evidence_in_two_clicks(house: House) -> None:
    """G7."""
    no = late_case(house)
    page = house.person("supervisor")
    page.goto("/board/")
    tally = Tally(page)
    tally.click(page.locator("table.heat td.over a").first)
    page.wait_for_load_state()
    tally.click(page.locator("main tbody a").first)
    page.wait_for_load_state()
    assert no[:3] in page.url or "/cases/" in page.url
    assert tally.clicks <= 2, str(tally)


def test_the_wall_fills_the_screen_and_gives_it_back(house: House) -> None:
    late_case(house)
    page = house.person("supervisor")
    page.goto("/board/")
    page.get_by_role("link", name="打开大屏").click()
    expect(page.locator(".tiles .over")).to_contain_text("超期")
    shown = "document.fullscreenElement && document.fullscreenElement.tagName"
    assert page.evaluate(shown) is None
    page.get_by_role("button", name="全屏显示").click()
    page.wait_for_function(f"({shown}) === 'MAIN'")
    house.shot(page, "wall")
    page.evaluate("document.exitFullscreen()")
    page.wait_for_function(f"({shown}) === null")
    late = page.locator(".tiles .over").first
    many = re.search(r"超期 (\d+) 件", late.inner_text())
    assert many
    late.click()
    expect(page.locator("main tbody tr")).to_have_count(int(many[1]))


def test_a_fair_sample_costs_four_clicks(house: House) -> None:
    """G11: the plan is typed, the draw and why it is fair are clicks."""
    house.move_to(TODAY)
    with house.at_work():
        ground = Ground(house.cast, SERIAL)
        for _ in range(4):
            ground.case()
    page = house.person("supervisor")
    page.goto("/samples/")
    tally = Tally(page)
    tally.choose({"kind": "新增低保、特困入户抽查"})
    tally.fill({"period_from": "2026-07-01", "period_to": "2026-10-31"})
    tally.click(page.get_by_role("button", name="立项抽查"))
    told(page, "已立项")
    tally.click(page.get_by_role("button", name="抽取名单"))
    expect(page.locator("#fair")).to_contain_text("与名单一致")
    house.shot(page, "fair")
    assert tally.clicks <= 4, str(tally)
    assert Sample.objects.get().drawn_count == 2


def test_enter_after_the_code_signs_the_check_and_does_not_only_save_it(house: House) -> None:
    house.move_to(TODAY)
    with house.at_work() as on:
        case = Ground(house.cast, SERIAL).case()
        sheet = sheets.open_recheck(case.no, actor=house.cast.supervisor, on=on)
    page = house.person("supervisor")
    page.goto(f"/checks/sheets/{sheet.no}/")
    for question in KINDS["RECHECK"].questions:
        good = next(answer for answer in question.answers if answer not in question.bad)
        page.locator(f"[name=q-{question.code}][value={good}]").check()
    page.locator("[name=verdict]").first.select_option(value="RIGHT")
    page.locator("[name=summary]").fill("已逐项复核")
    page.get_by_role("button", name="保存检查表").click()
    page.wait_for_load_state()
    page.locator("[name=sign_code]").fill(SIGN_CODE)
    page.locator("[name=sign_code]").press("Enter")
    expect(page.locator("main")).to_contain_text("已办结")
    sheet.refresh_from_db()
    assert sheet.finished_on == TODAY


def test_a_monthly_table_costs_three_clicks_and_no_number(house: House) -> None:
    """G13."""
    house.move_to(TODAY)
    page = house.person("supervisor")
    page.goto("/stats/")
    tally = Tally(page)
    tally.choose({"table": "城乡低保情况", "when": "2026 年 10 月"})
    tally.click(page.get_by_role("button", name="生成报表"))
    expect(page.locator("main")).to_contain_text("城市低保")
    house.shot(page, "table")
    assert tally.clicks <= 3, str(tally)
    assert tally.characters == 0
    assert StatReport.objects.get().state == "DRAFT"
