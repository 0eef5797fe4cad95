"""From a gap to the sealed file, a post that changes hands, and the check since 2015, as people do
them on the pages (6.1, 6.4, 16)."""

import csv
import io
import zipfile
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from archives.models import Dossier, Handover, OldFile
from tests.archives.test_building import incomplete
from tests.archives.test_old_files import GOOD, changed
from tests.browser import steps
from tests.browser.house import PHONE, House
from tests.browser.steps import heading, told
from tests.cast import SIGN_CODE
from tests.road import START
from yuquan_relief.kernel.models import Post


def test_a_gap_is_filled_and_the_file_sealed(house: House) -> None:
    with house.at_work():
        dossier = incomplete(house.cast)
    house.move_to(START + timedelta(days=40))
    page = house.person("staff")
    page.goto("/archive/?gaps=on")
    house.shot(page, "gaps")
    row = page.get_by_role("row").filter(has_text=dossier.no)
    expect(row).to_contain_text("缺件")
    row.get_by_role("link").first.click()
    expect(heading(page, "还缺 1 件")).to_be_visible()
    page.locator("#file-household_book").set_input_files(steps.picture("户口簿"))
    page.get_by_role("button", name="补传户口簿").click()
    told(page, "已归入卷内")
    page.get_by_role("link", name="核对完毕，去封存").click()
    page.get_by_label("签批码").fill(SIGN_CODE)
    page.locator("input[name=vouched]").check()
    page.get_by_role("button", name="签字封存").click()
    told(page, "已封存，档案包可以下载")
    house.shot(page, "sealed")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载档案包").click()
    with zipfile.ZipFile(download.value.path()) as package:
        assert any(name.endswith("四性检测.json") for name in package.namelist())
    page.goto(f"/archive/{dossier.no}/?as=check")
    expect(page.locator("article")).to_contain_text("结果：通过")
    assert Dossier.objects.get(pk=dossier.pk).is_sealed


def test_a_post_changes_hands(house: House) -> None:
    house.move_to(START + timedelta(days=41))
    with house.at_work():
        house.cast.add("successor", "office_staff", house.cast.office, "接任干事")
    giver = house.person("staff")
    giver.goto("/handover/")
    post = Post.objects.get(person_id=house.cast.staff.human_id, role="office_staff")
    giver.get_by_label("移交的岗位").select_option(str(post.pk))
    giver.get_by_label("接收人").select_option(label=house.cast.actors["successor"].name)
    giver.get_by_role("button", name="列出移交清单").click()
    told(giver, "已列出移交清单")
    url = giver.url
    sign(giver, "give", "签字移交")
    taker = house.person("successor", viewport=PHONE, is_mobile=True, has_touch=True)
    taker.goto(url)
    for box in taker.locator("input[name=item]").all():
        box.check()
    house.shot(taker, "counting")
    taker.get_by_role("button", name="接收选中的").click()
    told(taker, "已清点")
    sign(taker, "take", "签字接收")
    leader = house.person("leader")
    leader.goto(url)
    sign(leader, "witness", "签字监交")
    expect(leader.locator("main")).to_contain_text("这份移交已经结束")
    house.shot(leader, "handed-over")
    assert Handover.objects.get().state == "DONE"


def sign(page: Page, act: str, button: str) -> None:
    """A signature over what the page shows."""
    box = page.locator(f"#act-{act}")
    box.get_by_label("签批码").fill(SIGN_CODE)
    box.get_by_role("button", name=button).click()
    told(page, f"已办理：{button}")


def register() -> bytes:
    """Two files of 2016, as the old register has them."""
    out = io.StringIO(newline="")
    header = ("年度", "类别", "档号", "户主", "镇街道", "村社区", "页数", "盒号", "批准日期")
    csv.writer(out).writerows([header, GOOD, changed(档号="2016-002", 户主="演练己")])
    return out.getvalue().encode()


def test_the_check_since_2015(house: House) -> None:
    house.move_to(date(2026, 11, 2))
    district, office = house.person("supervisor"), house.person("staff")
    district.goto("/archive/since2015/")
    file = {"name": "2016.csv", "mimeType": "text/csv", "buffer": register()}
    district.locator("#id_file").set_input_files(file)  # type: ignore[arg-type]
    district.get_by_role("button", name="导入登记表").click()
    told(district, "已导入 2 卷")
    give = district.locator("form[action$='/assign/']")
    give.get_by_label("镇、街道").select_option(label="甲街道")
    give.get_by_label("年度").fill("2016")
    give.get_by_label("核查人").select_option(str(house.cast.staff.human_id))
    give.get_by_label("核查期限").fill("2026-11-30")
    give.get_by_role("button", name="派给核查人").click()
    told(district, "已派 2 卷")
    office.goto("/archive/since2015/?mine=on")
    office.get_by_role("link", name="演练甲").click()
    checked(office, lacking="")
    office.get_by_role("button", name="核查无误").click()
    told(office, "已办理：核查无误")
    office.get_by_role("link", name="下一卷").click()
    checked(office, lacking="notice")
    house.shot(office, "lacking")
    office.locator("#act-problem summary").click()
    office.locator("#act-problem").get_by_role("button", name="登记问题").click()
    told(office, "已办理：登记问题")
    office.get_by_label("公示单").fill("补了复印件")
    office.get_by_role("button", name="登记整改").click()
    told(office, "已保存")
    office.locator("#act-ask_again").get_by_role("button", name="提交复核").click()
    district.goto("/archive/since2015/?state=RECHECK")
    district.get_by_role("link", name="演练己").click()
    district.locator("#act-pass").get_by_role("button", name="复核通过").click()
    told(district, "已办理：复核通过")
    district.goto("/archive/since2015/")
    expect(district.locator(".numcard").first).to_contain_text("100.0")
    house.shot(district, "progress")
    assert set(OldFile.objects.values_list("state", flat=True)) == {"DONE"}


def checked(page: Page, lacking: str) -> None:
    """Each line of the checklist is looked at."""
    for field in page.locator("form[data-primary] fieldset").all():
        slot = field.locator("input[type=radio]").first.get_attribute("name")
        found = "N" if slot == lacking else "Y"
        field.locator(f"input[value={found}]").check()
        if found == "N":
            field.locator("input[type=text]").fill("缺公示单")
    page.get_by_role("button", name="保存核查").click()
    told(page, "已保存")
