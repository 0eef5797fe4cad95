"""What is looked at on the spot, in disguise, by phone, in the books, and again (9-11, 13, 5(9)).

A sheet is a list of questions; its answers are codes, so that they can be counted. `bad` answers
become findings.
"""

from collections.abc import Mapping
from dataclasses import dataclass

YES = {"OK": "符合", "BAD": "不符合", "NA": "不适用"}
SAID = {"YES": "是", "NO": "否", "UNKNOWN": "说不清"}
DEGREES = {"4": "很满意", "3": "满意", "2": "一般", "1": "不满意"}
KNOWN = {"3": "了解", "2": "知道一些", "1": "不了解"}


@dataclass(frozen=True)
class Question:
    """One question: code, words, the answers it takes, those that are findings, its clause."""

    code: str
    text: str
    answers: Mapping[str, str]
    bad: frozenset[str]
    cites: str


def _look(code: str, text: str, cites: str) -> Question:
    return Question(code, text, YES, frozenset({"BAD"}), cites)


def _ask(code: str, text: str, bad: str, cites: str = "10") -> Question:
    return Question(code, text, SAID, frozenset(bad.split()), cites)


@dataclass(frozen=True)
class SheetKind:
    """One kind of check with its questions. `two`: whether two people must sign it."""

    code: str
    label: str
    cites: str
    questions: tuple[Question, ...]
    two: bool = True

    def question(self, code: str) -> Question:
        """The question; raises KeyError."""
        return next(q for q in self.questions if q.code == code)


SITE = SheetKind("SITE", "实地检查表", "9 13", (
    _look("PROCEDURE", "审核审批程序规范", "9"),
    _look("PERSONS", "家庭成员与登记一致，见到本人", "9"),
    _look("HOUSING", "住房和生活状况与调查表一致", "9"),
    _look("INCOME", "收入、财产与核算一致", "9"),
    _look("SURVEY", "入户调查由两人进行，签字真实", "9"),
    _look("PAPER", "纸质档案齐全，与系统一致", "9"),
    _look("NOTICE", "公示满期、有照片，公示栏有长期公示", "9"),
    _look("REVIEW", "按期复核、入户", "9"),
    _look("APPRAISAL", "民主评议按规定召开，会议记录完整", "9"),
    _look("MONEY", "按时足额领到，账户由本人保管", "9 11"),
))  # fmt: skip
COVERT = SheetKind("COVERT", "明察暗访记录", "13 18(1)", (
    _look("RECEPTION", "来访接待按程序办理，态度良好", "18(1)"),
    _look("POLICY", "政策解释准确", "18(1)"),
    _look("NOTICE_ONCE", "材料一次告知，不推诿", "18(2)"),
    _look("BOX", "举报箱、举报电话设置并公布", "7.2"),
    _look("BOARD", "公示栏内容及时、没有泄露隐私", "3(4)"),
    _look("FAVOURS", "没有吃拿卡要、优亲厚友", "18(6) 18(9)"),
    _look("HOME", "暗访家庭的情况与档案一致", "13"),
))  # fmt: skip
PHONE = SheetKind("PHONE", "电话抽查表", "10", (
    _ask("PERSONS", "家里几口人，与登记一致吗", "NO"),
    _ask("FAVOUR", "村里有没有不符合条件却享受的（人情保、关系保、政策保）", "YES"),
    _ask("DYNAMIC", "家庭情况变化后，有人来核实和调整吗", "NO"),
    _ask("CHECKED", "申请时，收入和财产是照实核对的吗", "NO"),
    _ask("MISSED", "知道身边有困难却没有得到救助的家庭吗（漏保）", "YES"),
    _ask("EASY", "申请和了解政策方便吗", "NO"),
    _ask("ON_TIME", "每月 10 日前收到救助金吗", "NO", "10 11"),
    _ask("IN_FULL", "收到的数目与告知的一样吗", "NO", "10 11"),
    _ask("ASKED_MONEY", "有没有人向您要钱要物、代管存折", "YES", "10 18(6)"),
    Question("SATISFIED", "对救助工作满意吗", DEGREES, frozenset({"1"}), "10"),
    Question("AWARE", "了解社会救助政策吗", KNOWN, frozenset(), "10"),
), two=False)  # fmt: skip
FUND = SheetKind("FUND", "救助资金检查表", "11", (
    _look("EARMARKED", "专款专用，没有挤占挪用", "11"),
    _look("BANK_ON_TIME", "及时足额拨付银行", "11"),
    _look("BY_TENTH", "低保、特困资金每月 10 日前到户", "11"),
    _look("RELIEF", "临时救助款足额及时发放", "11"),
    _look("CASH", "没有违反规定发放现金", "4(2)"),
    _look("RETURNED", "退回的钱按期重发", "11"),
    _look("BOOKS", "台账、银行、名单一致，按月对账", "6.1 11"),
    _look("PROOFS", "流水和凭证按时上报", "15"),
    _look("CARDS", "一卡通由本人保管使用", "11"),
))  # fmt: skip
RECHECK = SheetKind("RECHECK", "新批件复核表", "5(9) 8", (
    _look("PROCEDURE", "审批程序规范", "8"),
    _look("FILLING", "系统填写规范", "8"),
    _look("DOCUMENTS", "要件齐全", "8"),
    _look("TIME", "在规定时限内", "8"),
    _look("AMOUNT", "救助金额计算准确", "8"),
    _look("ELIGIBLE", "符合条件，认定准确", "5(9)"),
    _look("FILE", "档案完整", "5(9)"),
), two=False)  # fmt: skip
KINDS = {kind.code: kind for kind in (SITE, COVERT, PHONE, FUND, RECHECK)}
VERDICTS = {"RIGHT": "认定准确", "WRONG": "认定不准", "PENDING": "待核实", "NONE": "不涉及"}
CALLS = {
    "ANSWERED": "接通",
    "NO_ANSWER": "无人接听",
    "OFF": "关机、停机",
    "EMPTY": "空号",
    "REFUSED": "拒绝回答",
}
MOST_CALLS = 3  # in vain, then the next of the drawn order comes in (domain 16.2)


def interval(good: int, asked: int) -> tuple[float, float] | None:
    """Wilson's 95 % interval of a share, as shares; None when nobody was asked."""
    if not asked:
        return None
    z2 = 1.96**2
    share = good / asked
    middle = (share + z2 / (2 * asked)) / (1 + z2 / asked)
    half = (1.96 / (1 + z2 / asked)) * (
        share * (1 - share) / asked + z2 / (4 * asked * asked)
    ) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)
