"""临时救助: how much, and when it must go another way (domain 5)."""

from collections.abc import Mapping
from typing import Any

from yuquan_relief.kernel.inputs.money import divide, show

from .allowance import property_objections
from .outcome import Outcome

Facts = Mapping[str, Any]

CAUSES = {
    "ILLNESS": "突发重病",
    "ACCIDENT": "交通事故等意外伤害",
    "FIRE": "火灾",
    "DISASTER": "其他突发困难",
    "MEDICAL": "医疗支出过大",
    "EDUCATION": "教育支出过大",
    "UNEMPLOYED": "失业三个月以上没有收入",
    "OTHER": "其他特殊困难",
}
URGENT_CAUSES = ("ILLNESS", "ACCIDENT", "FIRE", "DISASTER", "UNEMPLOYED", "OTHER")
EXPENSE_CAUSES = ("MEDICAL", "EDUCATION", "OTHER")

# To which group the household belongs; those already in benefit only prove their spending (N5).
CLASSES = {
    "ALLOWANCE": "低保对象",
    "DESTITUTE": "特困人员",
    "EDGE": "低保边缘家庭",
    "RIGID": "刚性支出困难家庭",
    "ORDINARY": "其他困难家庭",
    "OUTSIDER": "外来人员",
}
KNOWN_CLASSES = frozenset({"ALLOWANCE", "DESTITUTE"})

METHODS = {"BANK": "银行发放", "CASH": "现金", "GOODS": "实物", "REFERRAL": "转介服务"}


def for_relief(facts: Facts) -> Outcome:
    """The proposed sum, tested against multiples of the standard and what was given before.

    Facts: amount_fen proposed; standard fen a month; persons counted; rule {min_times, max_times,
    per_person}; special (一事一议: the record of the meeting, or ""); same_cause (number of an
    earlier case with the same cause within twelve months, or "") with new_reason; earlier_fen
    given within twelve months; office_most_fen, above which the bureau decides, on the sum with
    earlier awards, so that a large award is not split into small ones; urgent; for a family that is
    in no benefit income {annual_fen, line_fen} of a year, and property as in 低保.
    """
    objections = [
        *_amount_objections(facts),
        *_repeat_objections(facts),
        *_means_objections(facts),
    ]
    amount = facts["amount_fen"]
    return Outcome(
        persons=facts["persons"],
        insured=facts["persons"],
        annual_fen=facts["cost"]["own_fen"],
        per_capita_fen=divide(facts["cost"]["own_fen"], max(facts["persons"], 1)),
        standard_fen=facts["standard"]["fen"],
        is_eligible=not objections,
        once_fen=0 if objections else amount,
        sentences=(*_sentences(facts), *(f"{o}。" for o in objections)),
        objections=tuple(objections),
    )


def bounds(facts: Facts) -> tuple[int, int]:
    """The lowest and the highest sum (fen) that may be given without 一事一议."""
    rule = facts["rule"]
    heads = facts["persons"] if rule["per_person"] else 1
    unit = facts["standard"]["fen"] * heads
    return rule["min_times"] * unit, rule["max_times"] * unit


def needs_bureau(facts: Facts) -> bool:
    """Whether the sum, with what was given within twelve months, is above the office's limit."""
    return bool(facts["amount_fen"] + facts["earlier_fen"] > facts["office_most_fen"])


def _amount_objections(facts: Facts) -> list[str]:
    least, most = bounds(facts)
    amount = facts["amount_fen"]
    if amount <= 0:
        return ["没有提出救助金额"]
    if facts["special"]:
        return []
    if amount < least:
        return [f"金额低于月标准的 {facts['rule']['min_times']} 倍 {show(least)} 元，须一事一议"]
    if amount > most:
        return [f"金额高于月标准的 {facts['rule']['max_times']} 倍 {show(most)} 元，须一事一议"]
    return []


def _repeat_objections(facts: Facts) -> list[str]:
    if facts["same_cause"] and not facts["new_reason"]:
        return [f"十二个月内已因同一事由救助（{facts['same_cause']}），没有写明新的理由"]
    return []


def _means_objections(facts: Facts) -> list[str]:
    """A family of its own means is below the line of income and within the ceilings (N5)."""
    if "income" not in facts or facts["special"]:  # 一事一议 has looked at the means too
        return []
    line, persons = facts["income"]["line_fen"], max(facts["persons"], 1)
    found = []
    if facts["income"]["annual_fen"] >= line * persons:  # not rounded: a fen below is below
        head = show(_year_a_head(facts))
        found.append(f"人均年收入 {head} 元，不低于收入线 {show(line)} 元")
    return [*found, *property_objections(facts)]


def _year_a_head(facts: Facts) -> int:
    return divide(facts["income"]["annual_fen"], max(facts["persons"], 1))


def _sentences(facts: Facts) -> tuple[str, ...]:
    cost, (least, most) = facts["cost"], bounds(facts)
    found = [
        f"总支出 {show(cost['total_fen'])} 元，报销和其他补偿 {show(cost['covered_fen'])} 元，"
        f"自付 {show(cost['own_fen'])} 元。",
        f"按月标准 {show(facts['standard']['fen'])} 元，"
        f"可在 {show(least)} 到 {show(most)} 元之间。",
        f"提出救助 {show(facts['amount_fen'])} 元。",
    ]
    if "income" in facts:
        line = facts["income"]["line_fen"]
        found.append(f"家庭人均年收入 {show(_year_a_head(facts))} 元，收入线 {show(line)} 元。")
    if facts["earlier_fen"]:
        found.append(f"十二个月内已救助 {show(facts['earlier_fen'])} 元。")
    if facts["special"]:
        found.append(f"一事一议：{facts['special']}。")
    if needs_bureau(facts):
        found.append(
            f"合计超过镇、街道审批上限 {show(facts['office_most_fen'])} 元，由区民政局审批。"
        )
    return tuple(found)
