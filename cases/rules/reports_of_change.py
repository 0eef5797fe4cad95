"""报告变化: what a household in benefit must tell, and what follows from it (3(2), N1 第三十条)."""

from datetime import date

from .months import months_before

KINDS = {
    "LEFT": "有成员离开（结婚、分居、迁出）",
    "JOINED": "有成员加入（出生、结婚、共同生活）",
    "DIED": "有成员死亡",
    "CONDITION": "健康、残疾情况变化",
    "STUDIES": "在校就读、预计毕业时间",
    "PAPERS": "残疾证、身份证换领",
    "INCOME": "就业或者收入变化",
    "PROPERTY": "财产变化",
    "ACCOUNT": "更换收款账户",
    "ADDRESS": "更换住址",
    "PHONE": "更换联系电话",
}
# After which a benefit must be looked at again: the figures may change.
LEADS_TO_REVIEW = frozenset({"LEFT", "JOINED", "DIED", "CONDITION", "INCOME", "PROPERTY"})
OF_A_MEMBER = frozenset({"LEFT", "DIED", "CONDITION", "STUDIES", "PAPERS"})
NEEDS_EVIDENCE = frozenset({"ACCOUNT", "DIED"})
LATE_MONTHS = 3  # a major change that is kept back for longer is unreported (N7 五（五）)

STATES = {
    "OPEN": "待核实",
    "ADOPTED": "已采用",
    "REJECTED": "不属实",
    "REPLACED": "已由后一份代替",
    "COOLING": "已核实，待启用",
}
WAITING = frozenset({"OPEN", "COOLING"})


def field_of(kind: str, member_id: int | None) -> str:
    """What a report touches: two open reports of one field cannot both hold."""
    if kind in OF_A_MEMBER:
        what = kind.lower() if kind in ("STUDIES", "PAPERS") else "member"
        return f"{what}-{member_id}"
    return kind.lower()


def is_late(known_on: date, reported_on: date) -> bool:
    """Whether the household told it more than three months after it knew."""
    return known_on < months_before(reported_on, LATE_MONTHS)
