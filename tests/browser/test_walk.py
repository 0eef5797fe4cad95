"""The whole road: from a clerk's first key to a paid line and a file that proves itself.

One browser context for each person; what is asserted is what that person sees. Pictures of every
step go into the folder RELIEF_SCREENSHOTS, if that is set.
"""

import hashlib
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from cases.operations.answers import release
from tests.browser import steps
from tests.browser.house import House
from tests.browser.steps import fill_in, heading, open_step, saving, take_step, told, type_code
from tests.databases import ROOT
from tests.road import SLOTS, START, number
from yuquan_relief.kernel.clock import now

REVIEW_OVER = date(2026, 9, 29)
APPROVAL_OVER = date(2026, 10, 9)  # the seven days end within the holidays, hence on 8 October
LIST_DAY = date(2026, 10, 21)
CASE = "YQ-DB-159900001-20260921-0001"
CERTIFICATE = "C159900001202600001"
BATCH = "FF159900001-202611-C"
# 841 a month for each of two, less 12,000 / 12 of wages: 2 × 841 − 1,000.
MONTHLY = "682.00"
BANK_FILE = (
    f"批次号,{BATCH},总笔数,1,总金额,{MONTHLY}\r\n"
    "序号,收款人姓名,证件类型,证件号码,收款账号,开户银行,金额,补贴项目,所属期,月数,镇街,"
    "村（社区）,低保证号,备注\r\n"
    f"1,{steps.HEAD},居民身份证,{number(2)},{steps.ACCOUNT},{steps.BANK},{MONTHLY},"
    f"城市低保,202611,1,甲街道,甲一社区,{CERTIFICATE},\r\n"
).encode("gb18030")
RESULT_FILE = (
    "批次号,序号,收款账号,户名,金额,状态,交易流水号,交易时间,失败原因\r\n"
    f"{BATCH},1,{steps.ACCOUNT},{steps.HEAD},{MONTHLY},成功,YL20261021000001,"
    "2026-10-21 10:30:00,\r\n"
).encode("gb18030")


class People:
    """Everybody's browser, opened when they first come to work."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.pages: dict[str, Page] = {}

    def __getattr__(self, name: str) -> Page:
        if name not in self.pages:
            self.pages[name] = self.house.sign_in(name)
            self.house.shot(self.pages[name], f"{name}-first-page")
        return self.pages[name]


def test_from_first_key_to_paid_line_and_sealed_file(house: House, tmp_path: Path) -> None:
    people = People(house)
    apply(house, people.clerk)
    accept(house, people.staff)
    survey(house, people.clerk, people.surveyor)
    check_means(house, people.staff, people.verifier)
    appraise(house, people.clerk, people.head)
    post_notice(house, people.clerk, "张贴审核公示", "2026-09-28（周一）")
    pass_notice(house, people.clerk, REVIEW_OVER, "待审核")
    propose(house, people.staff)
    post_notice(house, people.clerk, "张贴拟批准公示", "2026-10-08（周四）")
    pass_notice(house, people.clerk, APPROVAL_OVER, "待审批")
    decide(house, people.leader)
    look_at_the_decision(house, people.leader)
    serve_letter(house, people.staff)
    lock_list(house, people.supervisor, people.staff)
    digest = approve_list(house, people.leader)
    take_bank_file(house, people.accountant, digest)
    take_in_result(house, people.accountant)
    seal_file(house, people.staff, tmp_path)
    hear_of_the_end(house, people.clerk)


def apply(house: House, page: Page) -> None:
    """Draft with autosave, photos through the uploader, check, submit."""
    expect(heading(page, "工作台")).to_be_visible()
    page.get_by_role("link", name="代办申请").click()
    house.shot(page, "apply")
    key = steps.start_application(page)
    house.shot(page, "task-list")
    page.get_by_role("link", name="填写申请人与委托").click()
    with saving(page, "reason"):
        steps.type_applicant(page)
    house.shot(page, "applicant")
    page.reload()  # nothing was submitted, and everything is there
    expect(page.get_by_label("居住地址")).to_have_value(steps.ADDRESS)
    steps.go_on(page, "家庭成员")
    with saving(page, "members-1-relation"):
        steps.type_members(page)
    house.shot(page, "members")
    steps.go_on(page, "收入")
    with saving(page, "members-0-incomes-0-annual"):
        steps.type_incomes(page)
    house.shot(page, "incomes")
    steps.nothing_to_declare(page)
    with saving(page, "account_number"):
        steps.type_account(page)
    house.shot(page, "account")
    steps.go_on(page, "材料")
    for i, (slot, title) in enumerate(SLOTS.items()):
        steps.upload(page, slot, steps.picture(title, i, big=slot == "household_book"))
    house.shot(page, "documents")
    check_and_submit(house, page, key)


def check_and_submit(house: House, page: Page, key: str) -> None:
    """The check page repeats what was typed with the numbers masked; the receipt is safe."""
    page.get_by_role("link", name="继续，检查并提交").click()
    expect(heading(page, "检查并提交")).to_be_visible()
    for text in (steps.ADDRESS, steps.REASON, steps.HEAD, steps.SPOUSE, "12,000", steps.BANK):
        expect(page.locator("main")).to_contain_text(text)
    assert number(2) not in page.content()
    assert steps.ACCOUNT not in page.content()
    house.shot(page, "check")
    page.get_by_role("button", name="提交申请").click()
    expect(heading(page, f"{steps.HEAD} 的申请已提交")).to_be_visible()
    expect(page.locator("main")).to_contain_text(CASE)
    house.shot(page, "receipt")
    page.goto(f"/apply/{key}/done/")
    expect(page.locator("main")).to_contain_text(CASE)


def accept(house: House, page: Page) -> None:
    """The office finds the case on its workbench and accepts it; the clock starts."""
    page.goto("/")
    page.get_by_role("link", name=steps.HEAD).click()
    expect(page.locator(".idbar")).to_contain_text("待受理")
    house.shot(page, "case-to-accept")
    page.get_by_role("link", name="受理", exact=True).click()
    house.shot(page, "accept")
    take_step(page, "受理")
    expect(page.locator(".idbar")).to_contain_text("调查中")
    expect(page.locator(".clock")).to_contain_text("剩 30 个工作日")
    page.get_by_text("看怎么算的").click()
    expect(page.locator(".clock")).to_contain_text("30 个工作日")
    house.shot(page, "accepted")


def survey(house: House, clerk: Page, surveyor: Page) -> None:
    """Visited by two: photo, record signed by the clerk, then by the second investigator."""
    clerk.goto(f"/cases/{CASE}/evidence/")
    steps.upload(clerk, "survey_photo", steps.picture("入户", 77))
    house.shot(clerk, "evidence")
    open_step(clerk, CASE, "登记入户调查")
    fill_in(
        clerk,
        {
            "入户日期": "2026年9月21日",
            "在场家庭成员": steps.HEAD,
            "住房情况": "自有住房一套，六十平方米",
            "生活情况": "家中陈设简单，无车辆",
            "邻里访问": "邻居二人证实",
        },
    )
    clerk.get_by_label("情况属实", exact=True).check()
    type_code(clerk)
    house.shot(clerk, "survey")
    take_step(clerk, "登记入户调查")
    open_step(surveyor, CASE, "签入户调查")
    expect(surveyor.locator("main")).to_contain_text("家中陈设简单，无车辆")
    type_code(surveyor)
    house.shot(surveyor, "cosign-survey")
    take_step(surveyor, "签入户调查")
    surveyor.get_by_role("link", name="入户评议").click()
    expect(surveyor.get_by_role("heading", name="签字")).to_be_visible()
    expect(surveyor.locator("main")).to_contain_text("演练社救办干事")
    house.shot(surveyor, "field")


def check_means(house: House, staff: Page, verifier: Page) -> None:
    """Sent to the verification centre, returned from its queue, settled by the office."""
    open_step(staff, CASE, "委托核对")
    take_step(staff, "委托核对")
    verifier.goto("/checks/")
    house.shot(verifier, "checks")
    verifier.get_by_role("row", name=steps.HEAD).get_by_role("link", name="填写核对报告").click()
    fill_in(
        verifier,
        {"报告编号": "HD-2026-001", "数据截止日": "2026-09-21", "有效期至": "2027-03-20"},
    )
    verifier.get_by_label(f"{steps.HEAD}　工资性收入（元/年）").fill("１２０００")
    house.shot(verifier, "means-report")
    take_step(verifier, "返回核对报告")
    verifier.goto("/checks/")
    expect(verifier.locator("main")).to_contain_text("没有等待反馈的核对")
    open_step(staff, CASE, "核算收入")
    row = staff.get_by_role("row", name="演练甲")
    expect(row.get_by_role("cell", name="12,000.00", exact=True)).to_have_count(2)
    house.shot(staff, "settle-income")
    take_step(staff, "核算收入")
    expect(staff.locator("main")).to_contain_text(f"每月 {MONTHLY} 元")
    house.shot(staff, "income-settled")


def appraise(house: House, clerk: Page, head: Page) -> None:
    """The meeting, recorded by the clerk and signed by the head of the committee."""
    open_step(clerk, CASE, "登记民主评议")
    fill_in(
        clerk,
        {
            "评议日期": "9-21",
            "地点": "社区会议室",
            "主持人": "演练社区主任",
            "应到人数": "9",
            "实到人数": "9",
            "同意人数": "9",
            "不同意人数": "0",
            "弃权人数": "0",
        },
    )
    house.shot(clerk, "appraisal")
    take_step(clerk, "登记民主评议")
    head.goto("/")
    head.get_by_role("link", name=steps.HEAD).click()
    head.get_by_role("link", name="签民主评议", exact=True).click()
    expect(head.locator("main")).to_contain_text("同意 9，不同意 0，弃权 0")
    type_code(head)
    house.shot(head, "sign-appraisal")
    take_step(head, "签民主评议")


def post_notice(house: House, clerk: Page, label: str, last_day: str) -> None:
    """Posted with its photo; the page says until when it hangs."""
    open_step(clerk, CASE, label)
    clerk.get_by_label("张贴地点").fill("甲一社区公示栏")
    clerk.get_by_label("张贴照片").set_input_files(steps.picture("张贴", len(label)))
    house.shot(clerk, "post-notice")
    take_step(clerk, label)
    expect(clerk.locator(".clock")).to_contain_text("停表")
    clerk.get_by_role("link", name="公示", exact=True).last.click()
    clerk.locator("main table a").filter(has_text="公示").last.click()
    expect(clerk.locator("main")).to_contain_text(f"至 {last_day}")
    house.shot(clerk, "notice")
    clerk.get_by_role("link", name="打印公示单").click()
    expect(clerk.locator("article.paper")).to_contain_text(steps.HEAD)
    house.shot(clerk, "notice-sheet")


def pass_notice(house: House, clerk: Page, over: date, state: str) -> None:
    """The day before nothing ends; on the day after the last the robot ends it."""
    house.move_to(date.fromordinal(over.toordinal() - 1))
    assert house.do_duties()["close_notices"] == 0
    house.move_to(over)
    assert house.do_duties()["close_notices"] == 1
    clerk.goto(f"/cases/{CASE}/")
    expect(clerk.locator(".idbar")).to_contain_text(state)
    clerk.get_by_role("link", name="全部经过").click()
    expect(clerk.locator("ol.line")).to_contain_text("系统")
    house.shot(clerk, f"timeline-{over}")


def propose(house: House, staff: Page) -> None:
    """The head of the office signs the opinion."""
    open_step(staff, CASE, "提出审核意见")
    expect(staff.get_by_label("审核意见")).to_have_value(re.compile("建议批准。$"))
    type_code(staff)
    house.shot(staff, "propose")
    take_step(staff, "提出审核意见")


def decide(house: House, leader: Page) -> None:
    """Signed at the desk in at most four clicks, beside the code."""
    leader.goto("/")
    expect(heading(leader, "待我签批")).to_be_visible()
    house.shot(leader, "desk")
    clicks = [
        lambda: leader.get_by_role("link", name=steps.HEAD, exact=True).click(),
        lambda: leader.get_by_role("button", name="签字同意", exact=True).click(),
        lambda: leader.get_by_label("我已看完上面 4 块，对本签字负责").check(),
        lambda: leader.get_by_role("button", name="签字同意，看下一件").click(),
    ]
    clicks[0]()
    for block in ("1 要点与系统核查", "2 收入对比（元/年）", "3 影像", "4 前面各环节意见"):
        expect(leader.get_by_role("heading", name=block)).to_be_visible()
    expect(leader.locator(".desk")).not_to_contain_text("不过：")
    assert leader.evaluate("document.body.scrollHeight / innerHeight") <= 1.3
    house.shot(leader, "desk-case")
    clicks[1]()
    expect(leader.locator("#confirm")).to_contain_text(f"每月 {MONTHLY} 元，自 2026-11 起")
    clicks[2]()
    type_code(leader)
    house.shot(leader, "desk-confirm")
    clicks[3]()
    assert len(clicks) <= 4
    told(leader, f"已签字同意　{steps.HEAD}")
    expect(leader.locator("main")).to_contain_text("都签完了")
    house.shot(leader, "desk-empty")
    leader.goto("/desk/signed/")
    expect(leader.get_by_role("button", name="取回")).to_be_visible()
    house.shot(leader, "desk-signed")
    leader.goto(f"/cases/{CASE}/decision/")
    expect(leader.locator(".idbar")).to_contain_text("已签字，待生效")
    expect(leader.locator("main")).to_contain_text("生效，生效前签字人可以取回")
    house.shot(leader, "answer-waits")


def look_at_the_decision(house: House, leader: Page) -> None:
    """After five minutes the answer is in effect: the decision, its certificate, its form."""
    with house.at_work():
        assert release(now() + timedelta(minutes=6)) == 1
    leader.goto("/desk/signed/")
    expect(leader.get_by_role("link", name=CASE)).to_be_visible()
    leader.goto(f"/cases/{CASE}/decision/")
    expect(leader.locator("main")).to_contain_text(CERTIFICATE)
    house.shot(leader, "decision")
    address = leader.get_by_role("link", name="打印审批表").get_attribute("href")
    form = leader.request.get(address or "")
    assert (form.status, form.body()[:5]) == (200, b"%PDF-"), f"{address} answered {form.status}"


def serve_letter(house: House, staff: Page) -> None:
    """The letter is in the household's hands."""
    open_step(staff, CASE, "登记文书送达")
    fill_in(staff, {"送达日期": "2026-10-09", "签收人": steps.HEAD})
    house.shot(staff, "serve-letter")
    take_step(staff, "登记文书送达")


def lock_list(house: House, supervisor: Page, staff: Page) -> None:
    """The month's list makes itself, the district gives the money, the office locks and signs."""
    house.move_to(LIST_DAY)
    assert house.do_duties()["open_month"] == 1
    assert house.do_duties()["open_month"] == 0
    supervisor.goto("/funds/")
    supervisor.get_by_label("镇、街道").select_option(label="甲街道")
    fill_in(supervisor, {"金额（元）": "10,000", "拨付文号": "测民发〔2026〕1 号"})
    fill_in(supervisor, {"超出预算的理由": "季度预算还没有编制"})
    house.shot(supervisor, "allocate")
    supervisor.get_by_role("button", name="登记拨付").click()
    told(supervisor, "已登记拨付 10,000.00 元")
    house.shot(supervisor, "ledger")
    staff.goto("/pay/")
    expect(heading(staff, "2026年11月资金发放")).to_be_visible()
    house.shot(staff, "month-board")
    staff.get_by_role("link", name="甲街道 城市低保").click()
    expect(staff.locator("main")).to_contain_text(CERTIFICATE)
    house.shot(staff, "list-open")
    staff.get_by_label("核对户数").fill("1")
    type_code(staff)
    staff.get_by_role("button", name="锁定名单").click()
    told(staff, "名单已锁定，转分管领导签批")
    house.shot(staff, "list-locked")


def approve_list(house: House, leader: Page) -> str:
    """The leader reads the digest of the file and signs; that digest."""
    leader.goto("/pay/")
    leader.get_by_role("link", name="甲街道 城市低保").click()
    expect(leader.locator("main")).to_contain_text(MONTHLY)
    digest = hashlib.sha256(BANK_FILE).hexdigest()
    shown = leader.locator("div", has_text="银行文件摘要（SHA-256）").last.locator("dd").first
    expect(shown).to_have_text(digest)
    type_code(leader)
    house.shot(leader, "list-to-approve")
    leader.get_by_role("button", name="签批发放").click()
    told(leader, "名单已签批")
    house.shot(leader, "list-approved")
    return digest


def take_bank_file(house: House, accountant: Page, digest: str) -> None:
    """Signed for, downloaded, and to the byte what the leader signed."""
    expect(heading(accountant, "2026年11月资金发放")).to_be_visible()
    accountant.get_by_role("link", name="甲街道 城市低保").click()
    type_code(accountant)
    house.shot(accountant, "list-to-take")
    accountant.get_by_role("button", name="领取银行文件").click()
    told(accountant, "已登记领取")
    with accountant.expect_download() as download:
        accountant.get_by_role("link", name="下载银行文件").click()
    content = Path(download.value.path()).read_bytes()
    assert content == BANK_FILE
    assert hashlib.sha256(content).hexdigest() == digest
    assert download.value.suggested_filename == f"{BATCH}.csv"
    house.shot(accountant, "list-taken")


def take_in_result(house: House, accountant: Page) -> None:
    """The bank's answer settles the line; the voucher is there."""
    accountant.get_by_label("银行结果文件").set_input_files(
        {"name": "结果.csv", "mimeType": "text/csv", "buffer": RESULT_FILE}
    )
    accountant.get_by_role("button", name="导入银行结果").click()
    told(accountant, "到账 1 笔，退回 0 笔")
    expect(accountant.locator("main")).to_contain_text("已结清")
    expect(accountant.locator("#lines")).to_contain_text("已到账")
    house.shot(accountant, "list-settled")
    accountant.get_by_role("link", name="看支付凭证").click()
    expect(accountant.locator("article.paper")).to_contain_text("陆佰捌拾贰元整")
    house.shot(accountant, "voucher")


def seal_file(house: House, staff: Page, folder: Path) -> None:
    """The household file is complete, is sealed, and its package proves itself."""
    house.do_duties()
    staff.goto("/archive/")
    house.shot(staff, "archive")
    staff.get_by_role("link", name=steps.HEAD).click()
    expect(staff.locator("main")).not_to_contain_text("还缺")
    house.shot(staff, "dossier")
    staff.get_by_role("link", name="核对完毕，去封存").click()
    staff.get_by_label("我已核对卷内全部文件，对本卷的真实和完整负责").check()
    type_code(staff)
    house.shot(staff, "dossier-confirm")
    staff.get_by_role("button", name="签字封存").click()
    told(staff, "已封存，档案包可以下载")
    house.shot(staff, "dossier-sealed")
    with staff.expect_download() as download:
        staff.get_by_role("link", name="下载档案包").click()
    package = folder / download.value.suggested_filename
    download.value.save_as(package)
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    expect(staff.locator("main")).to_contain_text(digest)
    assert verify(package, digest).returncode == 0
    assert verify(package, "0" * 64).returncode == 1
    content = bytearray(package.read_bytes())
    content[len(content) // 2] ^= 1
    package.write_bytes(content)
    assert verify(package).returncode == 1


def verify(package: Path, digest: str = "") -> subprocess.CompletedProcess[str]:
    """The stand-alone verifier, with an environment that knows nothing of the project."""
    command = [sys.executable, "-I", str(ROOT / "tools" / "verify_dossier.py"), str(package)]
    command += ["--sha256", digest] if digest else []
    return subprocess.run(command, cwd="/", env={}, capture_output=True, text=True, check=False)


def hear_of_the_end(house: House, clerk: Page) -> None:
    """The clerk sees the whole way, from the first day to the last."""
    clerk.goto(f"/cases/{CASE}/timeline/")
    for text in ("提交申请", "受理", "张贴审核公示", "提出审核意见", "签字同意", "登记文书送达"):
        expect(clerk.locator("ol.line")).to_contain_text(text)
    assert house.today > START
    house.shot(clerk, "timeline-end")
