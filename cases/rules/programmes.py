"""Programmes and the words that belong to them (clause 2)."""

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """Programmes that are judged by the same rules."""

    ALLOWANCE = "ALLOWANCE"
    DESTITUTE = "DESTITUTE"
    RELIEF = "RELIEF"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What distinguishes one programme: names, letters of its numbers, names of its rule values."""

    label: str
    full_name: str
    family: Family
    letters: str  # in a case number
    certificate_letter: str  # C城市, N农村 (domain 9.3); "" where no certificate is given
    checklist: str
    dossier: str
    limit: str


class Programme(StrEnum):
    """What a household may be given. Town and country are kept apart: their standards differ."""

    URBAN_ALLOWANCE = "URBAN_ALLOWANCE"
    RURAL_ALLOWANCE = "RURAL_ALLOWANCE"
    URBAN_DESTITUTE = "URBAN_DESTITUTE"
    RURAL_DESTITUTE = "RURAL_DESTITUTE"
    URGENT_RELIEF = "URGENT_RELIEF"
    EXPENSE_RELIEF = "EXPENSE_RELIEF"

    @property
    def kind(self) -> Kind:
        """Everything that is particular to it."""
        return KINDS[self]

    @property
    def label(self) -> str:
        """The name in the interface."""
        return self.kind.label

    @property
    def family(self) -> Family:
        """By which rules it is judged."""
        return self.kind.family

    @property
    def is_urgent(self) -> bool:
        """Whether help comes first and the paper afterwards (4(2))."""
        return self is Programme.URGENT_RELIEF

    @property
    def is_monthly(self) -> bool:
        """Whether an approval opens a benefit that is paid month by month."""
        return self.family != Family.RELIEF


KINDS: dict[Programme, Kind] = {
    Programme.URBAN_ALLOWANCE: Kind(
        label="城市低保", full_name="城市居民最低生活保障", family=Family.ALLOWANCE,
        letters="DB", certificate_letter="C",
        checklist="checklist.allowance",
        dossier="checklist.dossier", limit="limit.allowance.total",
    ),
    Programme.RURAL_ALLOWANCE: Kind(
        label="农村低保", full_name="农村居民最低生活保障", family=Family.ALLOWANCE,
        letters="DB", certificate_letter="N",
        checklist="checklist.allowance",
        dossier="checklist.dossier", limit="limit.allowance.total",
    ),
    Programme.URBAN_DESTITUTE: Kind(
        label="城市特困", full_name="城市特困人员救助供养", family=Family.DESTITUTE,
        letters="TK", certificate_letter="CT",
        checklist="checklist.destitute",
        dossier="checklist.dossier.destitute", limit="limit.destitute.total",
    ),
    Programme.RURAL_DESTITUTE: Kind(
        label="农村特困", full_name="农村特困人员救助供养", family=Family.DESTITUTE,
        letters="TK", certificate_letter="NT",
        checklist="checklist.destitute",
        dossier="checklist.dossier.destitute", limit="limit.destitute.total",
    ),
    Programme.URGENT_RELIEF: Kind(
        label="临时救助（急难型）", full_name="急难型临时救助", family=Family.RELIEF,
        letters="LS", certificate_letter="",
        checklist="checklist.urgent",
        dossier="checklist.dossier.urgent", limit="limit.relief.urgent",
    ),
    Programme.EXPENSE_RELIEF: Kind(
        label="临时救助（支出型）", full_name="支出型临时救助", family=Family.RELIEF,
        letters="LS", certificate_letter="",
        checklist="checklist.relief",
        dossier="checklist.dossier.relief", limit="limit.relief.expense",
    ),
}  # fmt: skip

CHOICES = [(p.value, p.label) for p in Programme]
MONTHLY = [p for p in Programme if p.is_monthly]
MONTHLY_CHOICES = [(p.value, p.label) for p in MONTHLY]

RELATIONS = {
    "SELF": "本人",
    "SPOUSE": "配偶",
    "CHILD": "子女",
    "PARENT": "父母",
    "GRANDCHILD": "孙子女、外孙子女",
    "GRANDPARENT": "祖父母、外祖父母",
    "SIBLING": "兄弟姐妹",
    "OTHER": "其他",
}

INCOME_KINDS = {
    "WAGES": "工资性收入",
    "BUSINESS": "经营净收入",
    "PROPERTY": "财产净收入",
    "TRANSFER": "转移净收入",
    "OTHER": "其他收入",
}
# Incomes that a dated rule leaves out (income.not_counted): asked by name, so that nobody hides
# a pension among "other" and nobody counts it by mistake.
SPECIAL_INCOMES = {
    "BASIC_PENSION": "城乡居民基础养老金",
    "HONOUR": "优待抚恤金、见义勇为奖励",
    "FAMILY_PLANNING": "计划生育奖励扶助金",
    "SCHOLARSHIP": "奖学金",
    "RELIEF": "政府救助款物",
    "OLD_AGE": "高龄津贴",
    "MEDICAL": "基本医疗保险等社会保险待遇",
}
ALL_INCOMES = INCOME_KINDS | SPECIAL_INCOMES

SUPPORT_MODES = {"SCATTERED": "分散供养", "CENTRAL": "集中供养"}

# What is known of a member's health when the household applies: it decides 分类施保, 单人保 and,
# for 特困, whether somebody cannot work.
CONDITIONS = {
    "HEALTHY": "健康或一般",
    "ILL": "重病",
    "DISABLED_1": "残疾一级",
    "DISABLED_2": "残疾二级",
    "DISABLED_3M": "残疾三级（智力、精神）",
    "DISABLED_3": "残疾三级（其他）",
    "DISABLED_4": "残疾四级",
}
SEVERELY_DISABLED = frozenset({"DISABLED_1", "DISABLED_2"})
# Who may be given 低保 alone out of a family on the edge (N1 第八条).
SINGLE_CONDITIONS = SEVERELY_DISABLED | {"DISABLED_3M", "ILL"}

# Why somebody of the family is not counted (N1 第七条).
NOT_COUNTED = {
    "APART": "不共同生活",
    "CLERGY": "连续三年以上脱离家庭独立生活的宗教教职人员",
    "IMPRISONED": "服刑或者强制隔离戒毒",
    "MISSING": "宣告失踪",
    "OTHER": "其他情形",
}

# Where a member is registered (户籍): the first of three tests of 低保 (N2 第四条, N1 第四、五条).
REGISTERED = {
    "HERE": "本区",
    "PERMIT": "外地，持本区居住证",
    "CITY": "本市其他旗县区",
    "REGION": "本自治区其他盟市",
    "ELSEWHERE": "外省（区、市）",
    "NONE": "没有落户",
}
APPLIES_HERE = frozenset({"HERE", "PERMIT"})
REGISTER_KINDS = {"RESIDENT": "居民户口", "FARM": "农业户口", "TOWN": "非农业户口"}

# Why somebody no longer belongs to a household.
LEFT_REASONS = {
    "DIED": "死亡",
    "MARRIED": "结婚离家",
    "DIVORCED": "离婚",
    "APART": "不再共同生活",
    "MOVED": "户籍迁出",
    "CHANGED": "随户变更",
    "CORRECTED": "更正登记",
    "OTHER": "其他",
}

# What the verification centre finds of a person beside income and property (F09).
FINDINGS = {
    "PAYROLL": "财政供养人员",
    "ORPHAN": "领取孤儿、事实无人抚养儿童基本生活费",
    "NURSING": "领取重度残疾人护理补贴",
    "DISABLED": "残疾登记与申报不同",
    "STUDENT": "在校学生",
    "PRISON": "服刑或者强制隔离戒毒",
    "DEAD": "死亡或者殡葬登记",
    "MARRIED": "婚姻登记与申报不同",
    "MOVED": "户籍登记与申报不同",
}

# How a household becomes another one (domain 3.10): the old file ends, a linked one begins.
CHANGES = {
    "HEAD": "变更户主",
    "SPLIT": "分户",
    "MERGE": "并户",
    "MOVE": "迁移",
    "CLASS": "转类",
}

# How a family's property is named in declarations and reports.
PROPERTY_KINDS = {
    "MONEY": "存款、证券、理财、保险",
    "VEHICLE": "机动车辆",
    "DWELLING": "住房",
    "PREMISES": "非居住用房",
    "BUSINESS": "市场主体（法人、股东、雇工经营）",
    "OTHER": "其他财产",
}

# Deductions from income (N1 第十三条).
DEDUCTIONS = {
    "ILLNESS": "重病、残疾造成的刚性支出",
    "EMPLOYMENT": "必要的就业成本",
    "INSURANCE": "个人所得税、社会保险费",
    "SUPPORT": "付给他人的赡养、抚养、扶养费",
}
