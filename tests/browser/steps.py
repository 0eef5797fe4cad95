"""What people do on the pages, in their own words; every helper leaves the page as they see it."""

import contextlib
import io
import random
from collections.abc import Iterator
from typing import Any

from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.cast import SIGN_CODE
from tests.road import SLOTS, number, photo

HEAD, SPOUSE = "演练甲", "演练乙"
ADDRESS, REASON = "甲街道演练路 1 号", "因病缺乏劳动力"
BANK, ACCOUNT = "演练银行", "6228480000000000018"


def picture(name: str, seed: int = 1, *, big: bool = False) -> FilePayload:
    """A JPEG as a phone makes it; a big one is larger than the uploader sends."""
    content = photo((seed % 250, 90, 130))
    if big:
        noise = random.Random(seed).randbytes(1800 * 1200 * 3)
        out = io.BytesIO()
        Image.frombytes("RGB", (1800, 1200), noise).save(out, "JPEG", quality=60)
        content = out.getvalue()
    return {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": content}


def heading(page: Page, text: str) -> Locator:
    """The heading that a person looks for."""
    return page.get_by_role("heading", name=text, exact=True).first


def told(page: Page, text: str) -> None:
    """The banner on top of the page says so."""
    expect(page.locator("#notices")).to_contain_text(text)


@contextlib.contextmanager
def saving(page: Page, last: str) -> Iterator[None]:
    """What is typed in the block is kept by itself, down to the field `last`; the page says so."""
    with page.expect_response(lambda answer: f'"{last}"' in (answer.request.post_data or "")):
        yield
    expect(page.locator("#save-status")).to_contain_text("已保存")


def start_application(page: Page) -> str:
    """A draft for 城市低保; its key."""
    page.goto("/apply/")
    page.get_by_role("button", name="开始申请城市低保").click()
    expect(heading(page, "申请清单")).to_be_visible()
    return page.url.rstrip("/").rsplit("/", 1)[1]


def type_applicant(page: Page, **changes: str) -> None:
    """联系电话, 居住地址, 申请原因."""
    values = {"联系电话": "199 0000 0000", "居住地址": ADDRESS, "申请原因": REASON} | changes
    for label, value in values.items():
        page.get_by_label(label).fill(value)


def type_members(page: Page, serial: int = 1) -> None:
    """The couple."""
    page.locator("#id_members-0-name").fill(HEAD)
    page.locator("#id_members-0-id_no").fill(number(serial * 2))
    page.locator("#id_members-1-name").fill(SPOUSE)
    page.locator("#id_members-1-id_no").fill(number(serial * 2 + 1, is_male=False))
    page.locator("#id_members-1-relation").select_option(label="配偶")


def type_incomes(page: Page) -> None:
    """Wages of 12,000 a year, typed with a full-width comma's cousin."""
    page.locator("#id_members-0-incomes-0-kind").select_option(label="工资性收入")
    page.locator("#id_members-0-incomes-0-annual").fill("12,000")


def type_account(page: Page) -> None:
    """Where the money goes."""
    page.get_by_label("开户银行").fill(BANK)
    page.get_by_label("户名").fill(HEAD)
    page.get_by_label("账号").fill("6228 4800 0000 0000 018")


def go_on(page: Page, following: str) -> None:
    """保存，继续下一项, and the next page is there."""
    page.get_by_role("button", name="保存，继续下一项").click()
    expect(heading(page, following)).to_be_visible()


def nothing_to_declare(page: Page) -> None:
    """From 收入 to 收款账户, through the topics that may stay empty."""
    for following in ("家庭财产", "法定义务人", "收款账户"):
        go_on(page, following)


def upload(page: Page, slot: str, file: FilePayload) -> None:
    """One file through the uploader of one slot."""
    page.locator(f"#slot-{slot} input[name=files]").set_input_files(file)
    expect(page.locator(f"#slot-{slot} .slot-head")).to_contain_text("已传 1 份")


def fill_draft(page: Page, serial: int = 1) -> str:
    """A whole draft, ready to be checked; its key. The page is the documents' page."""
    key = start_application(page)
    page.get_by_role("link", name="填写申请人与委托").click()
    type_applicant(page)
    go_on(page, "家庭成员")
    type_members(page, serial)
    go_on(page, "收入")
    type_incomes(page)
    nothing_to_declare(page)
    type_account(page)
    go_on(page, "材料")
    for i, (slot, title) in enumerate(SLOTS.items()):
        upload(page, slot, picture(title, serial * 10 + i))
    return key


def submit_checked(page: Page) -> str:
    """From the documents' page to the receipt; the case's number."""
    page.get_by_role("link", name="继续，检查并提交").click()
    page.get_by_role("button", name="提交申请").click()
    expect(heading(page, f"{HEAD} 的申请已提交")).to_be_visible()
    return page.locator("dd.num").first.inner_text()


def open_step(page: Page, no: str, label: str) -> None:
    """From the case's page to the page of a step."""
    page.goto(f"/cases/{no}/")
    page.get_by_role("link", name=label, exact=True).click()
    expect(page.get_by_role("heading", name=label, exact=True)).to_be_visible()


def fill_in(page: Page, values: dict[str, str]) -> None:
    """Text by label."""
    for label, value in values.items():
        page.get_by_label(label, exact=True).fill(value)


def take_step(page: Page, label: str) -> None:
    """The step's own button, and the words that it was done."""
    page.get_by_role("button", name=label, exact=True).click()
    told(page, f"已{label}")


def type_code(page: Page) -> None:
    """The signing code."""
    page.get_by_label("签批码").fill(SIGN_CODE)


def focused(page: Page) -> dict[str, Any]:
    """What has the focus: tag, text, and whether its ring can be seen."""
    found: dict[str, Any] = page.evaluate(
        """() => {
          const at = document.activeElement, look = getComputedStyle(at);
          const box = at.getBoundingClientRect();
          const label = at.labels && at.labels[0] ? at.labels[0].innerText : "";
          return { tag: at.tagName, text: (at.innerText || label || "").trim(), id: at.id,
                   name: at.getAttribute("name") || "",
                   ring: look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2
                         || look.boxShadow !== "none",
                   seen: box.bottom > 0 && box.top < innerHeight && box.width > 0 };
        }"""
    )
    return found
