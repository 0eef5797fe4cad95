"""F17, F18, F20, F21, F22, F35, F36: what they say, as the papers that are signed (domain 8.2)."""

from datetime import date

import pytest

from archives.papers.benefits import PAPERS, BenefitSheet, make_page, make_paper
from cases.models import Benefit, Review
from tests import road
from tests.benefit import walks
from tests.cast import Cast
from tests.funds import payouts

DAY = date(2026, 11, 10)


@pytest.fixture
def benefit(cast: Cast) -> Benefit:
    return payouts.in_benefit(cast, 1, name="演练甲")


def sheet(benefit: Benefit, review: Review | None = None) -> BenefitSheet:
    found = Benefit.objects.select_related(
        "household", "village", "office", "district", "source_case"
    ).get(pk=benefit.pk)
    return BenefitSheet(found, DAY, review)


def says(benefit: Benefit, code: str, review: Review | None = None) -> str:
    """The page of the form, which can be printed."""
    page = make_page(sheet(benefit, review), code)
    pdf = make_paper(sheet(benefit, review), code)
    assert pdf.content.startswith(b"%PDF")
    assert pdf.pages >= 1
    return page


@pytest.mark.clause("4(1).2")
def test_f17_says_what_why_from_when_and_what_can_be_done(cast: Cast, benefit: Benefit) -> None:
    review = walks.agreed(cast, benefit, DAY, walks.from_roster(annual=15_000))
    text = says(benefit, "F17", review)
    for words in ("演练甲", "原每月 682.00 元", "每月 432.00 元", "肆佰叁拾贰元整", "月人均",
                  "六十日内", "送达以前按原额发放", "自送达的次月起执行"):  # fmt: skip
        assert words in text, words
    walks.tell(cast, review, DAY)
    assert "从2026年12月起执行" in says(benefit, "F17", walks.fresh(review)).replace(" ", "")


def test_f17_of_a_stop_names_the_ground(cast: Cast, benefit: Benefit) -> None:
    found = walks.from_roster(how="STOP", ground="MOVED", reason="户口迁往外地")
    review = walks.told(cast, benefit, DAY, found)
    text = says(benefit, "F17", review)
    for words in ("停发告知书", "户籍迁出本区", "户口迁往外地", "次月起停发", "可以申请临时救助"):
        assert words in text, words


def test_f18_of_gradual_exit(cast: Cast, benefit: Benefit) -> None:
    found = walks.from_roster(annual=30_000, how="EXIT", exit_months=3, reason="稳定就业")
    review = walks.told(cast, benefit, DAY, found)
    text = says(benefit, "F18", review)
    for words in ("3 个月（最长六个月）", "2026-12 至 2027-02", "稳定就业", "建议调整", "682.00"):
        assert words in text, words


def test_f20_names_who_joined_and_who_left(cast: Cast, benefit: Benefit) -> None:
    payouts.member(benefit.household, 801, "演练子", relation="CHILD", joined_on=DAY,
                   id_no=road.number(801), id_digest="8" * 64)  # fmt: skip
    gone = payouts.member(benefit.household, 802, "演练女", relation="CHILD",
                          id_no=road.number(802), id_digest="9" * 64)  # fmt: skip
    gone.left_on, gone.left_reason = DAY, "MARRIED"
    gone.save(update_fields=["left_on", "left_reason"])
    review = walks.settled(cast, benefit, DAY, walks.from_roster(persons=2, annual=12_000))
    text = says(benefit, "F20", review)
    for words in ("增员", "演练子", "减员", "演练女", "结婚离家"):
        assert words in text, words


def test_f21_is_the_whole_review_with_its_signatures(cast: Cast, benefit: Benefit) -> None:
    review = walks.agreed(cast, benefit, DAY, walks.from_roster(annual=15_000))
    text = says(benefit, "F21", review)
    for words in ("经办发起", "邻居反映已就业", "入户", "减发", "15,000.00", "建议调整", "同意"):
        assert words in text, words


def test_f22_f35_f36_of_a_benefit(cast: Cast, benefit: Benefit) -> None:
    walks.visited(cast, benefit, DAY)
    walks.visited(cast, benefit, DAY, kind="REPORT", means="OFFICE", note="没有变化")
    assert "现在的待遇" in says(benefit, "F22")
    assert "入户走访" in says(benefit, "F35")
    assert "本次报告" in says(benefit, "F36")


def test_rare_characters_print(cast: Cast) -> None:
    benefit = payouts.in_benefit(cast, 2, name="𠮷䶮")
    for code in ("F22", "F35", "F36"):
        assert "𠮷䶮" in says(benefit, code)


def test_every_form_of_the_list_is_there() -> None:
    assert set(PAPERS) == {"F17", "F18", "F20", "F21", "F22", "F35", "F36"}
