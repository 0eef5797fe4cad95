"""特困: three tests, obligor by obligor, six items of self-care, monthly amounts (domain 4)."""

from collections.abc import Mapping
from typing import Any

from yuquan_relief.kernel.inputs.money import divide, show

from .outcome import Outcome, month_table
from .programmes import SUPPORT_MODES

Facts = Mapping[str, Any]

# Why somebody cannot work (N3 第五条).
LABOUR_GROUNDS = {
    "AGE60": "年满六十周岁",
    "UNDER16": "未满十六周岁",
    "MENTAL": "智力、精神残疾一至三级",
    "LIMB": "肢体残疾一、二级",
    "SIGHT": "视力残疾一级",
}

# Why an obligor cannot fulfil the duty (N3 第八条); ABLE: he can.
OBLIGOR_GROUNDS = {
    "ABLE": "有履行义务能力",
    "DESTITUTE": "特困人员",
    "ALLOWANCE60": "六十周岁以上的低保对象",
    "OLD70": "七十周岁以上，收入、财产符合规定",
    "DISABLED": "重度残疾，或三级智力、精神残疾，收入、财产符合规定",
    "INCAPABLE": "无民事行为能力、被宣告失踪或者在监狱服刑，财产符合规定",
}

# What a person does without help (N3 第二十一条).
SELF_CARE = {
    "eats": "自主吃饭",
    "dresses": "自主穿衣",
    "gets_up": "自主上下床",
    "toilets": "自主如厕",
    "walks": "室内自主行走",
    "bathes": "自主洗澡",
}

# Why 特困供养 ends (N3 第二十四条).
ENDINGS = {
    "DIED": "死亡、被宣告死亡或者失踪",
    "ABLE": "具备或者恢复劳动能力",
    "PRISON": "依法被判处刑罚，且在监狱服刑",
    "MEANS": "收入和财产状况不再符合规定",
    "OBLIGOR": "法定义务人具有履行义务能力，或者新增有能力的义务人",
    "OWN": "本人自愿申请退出",
}

TIERS = {"SELF": "全自理", "PARTIAL": "半护理", "FULL": "全护理"}
MOST_PARTIAL = 3  # items that fail: up to three is 部分丧失, from four on 完全丧失 (N3 第二十二条)


def tier_of(failed: int) -> str:
    """The tier of care for the number of items that somebody cannot do without help (0 to 6)."""
    if not 0 <= failed <= len(SELF_CARE):
        raise ValueError(f"{failed} items of {len(SELF_CARE)}")
    if not failed:
        return "SELF"
    return "PARTIAL" if failed <= MOST_PARTIAL else "FULL"


def labour_objection(ground: str, *, age: int, condition: str) -> str:
    """Why the ground does not fit the person's age or condition; "" if it does."""
    if ground not in LABOUR_GROUNDS:
        return "没有选定无劳动能力的情形"
    fits = {
        "AGE60": age >= 60,
        "UNDER16": age < 16,
        "MENTAL": condition in ("DISABLED_1", "DISABLED_2", "DISABLED_3M"),
        "LIMB": condition in ("DISABLED_1", "DISABLED_2"),
        "SIGHT": condition == "DISABLED_1",
    }
    if fits[ground]:
        return ""
    return f"选定的情形“{LABOUR_GROUNDS[ground]}”与申请人的年龄或残疾情况不符"


def for_destitute(facts: Facts) -> Outcome:
    """All three tests must hold (N3 第四条); then the year's basic living and a month's care."""
    income = sum(x["fen"] for x in facts["lines"] if x["counted"])
    standard = facts["standard"]["fen"]
    objections = _objections(facts, income, standard)
    is_eligible = not objections
    year, care = facts["basic"]["fen"], facts["care"]["fen"]
    return Outcome(
        persons=1,
        insured=1,
        annual_fen=income,
        per_capita_fen=divide(income, 12),
        standard_fen=standard,
        is_eligible=is_eligible,
        monthly_fen=divide(year, 12) if is_eligible else 0,
        supplement_fen=care if is_eligible else 0,
        year_fen=year if is_eligible else 0,
        sentences=_sentences(facts, income, standard, objections),
        objections=tuple(objections),
    )


def _objections(facts: Facts, income: int, standard: int) -> list[str]:
    found = []
    person = facts["person"]
    labour = labour_objection(
        facts["labour_ground"], age=person["age"], condition=person["condition"]
    )
    if labour:
        found.append(labour)
    if income >= 12 * standard:
        found.append(f"月收入 {show(divide(income, 12))} 元，不低于低保标准 {show(standard)} 元")
    if not facts["property_ok"]:
        found.append("财产状况不符合特困人员财产状况规定")
    able = [o["name"] for o in facts["obligors"] if o["ground"] == "ABLE"]
    if able:
        found.append(f"法定义务人{'、'.join(able)}有履行义务能力")
    return found


def _sentences(facts: Facts, income: int, standard: int, objections: list[str]) -> tuple[str, ...]:
    obligors = "；".join(f"{o['name']}：{OBLIGOR_GROUNDS[o['ground']]}" for o in facts["obligors"])
    first = [
        f"无劳动能力：{LABOUR_GROUNDS.get(facts['labour_ground'], '没有选定情形')}。",
        f"无生活来源：计入的月收入 {show(divide(income, 12))} 元，低保标准 {show(standard)} 元。",
        f"法定义务人：{obligors or '没有法定义务人'}。",
    ]
    if objections:
        return (*first, *(f"{o}。" for o in objections))
    year, care = facts["basic"]["fen"], facts["care"]["fen"]
    table = month_table(year)
    months = (
        f"每月 {show(table[0])} 元"
        if len(set(table)) == 1
        else f"按月表发放，每月 {show(min(table))} 或 {show(max(table))} 元，全年合计不差分"
    )
    return (
        *first,
        f"{SUPPORT_MODES[facts['support']]}，基本生活费一年 {show(year)} 元，{months}。",
        f"{TIERS[facts['tier']]}（{facts['failed']} 项不能自主完成），"
        f"照料护理费每月 {show(care)} 元。",
    )
