"""What the system looks at by itself before somebody signs: small rules in one shape (8).

Ids are those of domain.md 15.3. A rule finds or does not find; it never decides. Severity B stops
the opinion and the decision with its sentence, H and M stand on the desk as what must be looked at.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from yuquan_relief.kernel.inputs.money import show

from .destitution import tier_of
from .programmes import FINDINGS

SEVERITIES = {"B": "阻断", "H": "重点", "M": "提醒"}
ABLE_AGES = range(18, 60)
ADULT = 18
NOTICE_DAYS = 7
GAP = 5  # declared less than checked by more than a fifth (R25)
OLD_ASSESSMENT = 365
EXPENSE_DAYS = 22
BUNCHED = 3  # cases of one investigator within one percent below the standard (R32)


@dataclass(frozen=True)
class CheckedMember:
    """One person: age on the day, and whether the number, birth and sex agree."""

    pk: int
    name: str
    age: int
    condition: str
    is_insured: bool
    number_fits: bool
    is_head: bool = False


@dataclass(frozen=True)
class CheckedNotice:
    """One notice with its proof."""

    kind: str
    place: str
    days: int
    has_photo: bool


@dataclass(frozen=True, kw_only=True)
class CheckFacts:
    """What is on record of one case on one day, as the rules read it. Fen, dates, plain words."""

    on: date
    family: str
    standard_fen: int = 0
    account: dict[str, Any] = field(default_factory=dict)  # frozen facts of the settlement
    figures: dict[str, int] = field(default_factory=dict)
    recomputed: dict[str, int] = field(default_factory=dict)
    recomputed_why: str = ""  # the first objection that came out anew
    members: tuple[CheckedMember, ...] = ()
    lines: tuple[dict[str, Any], ...] = ()  # member, kind, declared, checked, reason
    property: tuple[dict[str, Any], ...] = ()  # kind, note, fen, area, exempt
    obligors: tuple[dict[str, Any], ...] = ()  # name, per_head, support
    means: dict[str, Any] = field(default_factory=dict)
    findings: tuple[dict[str, Any], ...] = ()  # member, kind, note: of the latest report
    exclusive: tuple[str, ...] = ()  # kinds of findings that exclude the programme
    luxury: str = ""
    odd_photos: tuple[str, ...] = ()  # of the survey, taken on another day or far from each other
    notices: tuple[CheckedNotice, ...] = ()
    appraisal: dict[str, Any] = field(default_factory=dict)
    self_care: dict[str, Any] = field(default_factory=dict)
    care: str = ""  # how the person is cared for by arrangement, "" when nothing is arranged
    support: str = ""
    signers: tuple[tuple[str, int], ...] = ()  # (stage, person)
    step_days: tuple[tuple[str, date], ...] = ()  # in the order of taking
    rest_days: tuple[str, ...] = ()  # signed acts on days off
    late_entries: tuple[str, ...] = ()  # recorded long after the day they are about
    minutes: int | None = None  # between the first and the last act of people
    due_on: date | None = None
    is_kin: bool = False
    kin_declared: bool = False
    bureau_visited: bool = False
    elsewhere: tuple[tuple[str, str], ...] = ()  # (rule, words) found in other cases
    relief: dict[str, Any] = field(default_factory=dict)


Find = Callable[[CheckFacts], Iterator[str]]


@dataclass(frozen=True)
class Rule:
    """One rule: when it finds something it says in words what and where."""

    id: str
    severity: str
    cites: str
    label: str
    find: Find


@dataclass(frozen=True)
class Hit:
    """Something found: by which rule, and the evidence in words."""

    rule: Rule
    text: str


def _elsewhere(rule: str) -> Find:
    """What a look at other cases found, by the rule's id."""
    return lambda f: (words for found, words in f.elsewhere if found == rule)


def _numbers(f: CheckFacts) -> Iterator[str]:
    yield from (f"{m.name}的证号与出生日期或性别不符" for m in f.members if not m.number_fits)


def _owned(*kinds: str) -> Find:
    return lambda f: (
        f"{p['note']}，没有说明可以不计"
        for p in f.property
        if p["kind"] in kinds and not p["exempt"]
    )


def _found(f: CheckFacts, kinds: Iterable[str]) -> Iterator[str]:
    """What the report says of people, in words."""
    names = {m.pk: m.name for m in f.members}
    for row in f.findings:
        if row["kind"] in kinds:
            note = f"（{row['note']}）" if row["note"] else ""
            yield f"核对发现{names.get(row['member'], '成员')}{FINDINGS[row['kind']]}{note}"


def _excluded(f: CheckFacts) -> Iterator[str]:
    """Care money and the nursing allowance exclude each other only where care money is paid."""
    is_cared_for = f.self_care.get("tier") in ("PARTIAL", "FULL")
    kinds = set(f.exclusive) - (set() if is_cared_for else {"NURSING"})
    yield from (f"{words}，不能同时享受" for words in _found(f, kinds))


def _spending(f: CheckFacts) -> Iterator[str]:
    if f.luxury:
        yield f"入户调查登记了高消费：{f.luxury}"
    yield from (words for rule, words in f.elsewhere if rule == "R28")


def _pension(f: CheckFacts) -> Iterator[str]:
    yield from _found(f, ("PAYROLL",))
    names = {m.pk: m.name for m in f.members}
    for line in f.lines:
        month = (line["checked"] or 0) // 12
        if line["kind"] == "TRANSFER" and f.standard_fen and month > f.standard_fen:
            yield f"{names.get(line['member'], '')}每月转移性收入 {show(month)} 元，高于标准"


def _money(f: CheckFacts) -> Iterator[str]:
    if f.family != "ALLOWANCE" or not f.account:
        return
    months = f.account["property"]["limits"]["money_months"]
    held = sum(p["fen"] for p in f.property if p["kind"] == "MONEY" and not p["exempt"])
    persons = max(f.figures.get("persons", 1), 1)
    if held > months * f.standard_fen * persons:
        yield f"货币财产共 {show(held)} 元，超过人均 {months} 个月标准"


def _declared_less(f: CheckFacts) -> Iterator[str]:
    names = {m.pk: m.name for m in f.members}
    for line in f.lines:
        checked, declared = line["checked"] or 0, line["declared"]
        if line["kind"] == "WAGES" and (checked - declared) * GAP > checked:
            yield (
                f"{names.get(line['member'], '')}申报工资 {show(declared)} 元，"
                f"核对 {show(checked)} 元，少报五分之一以上"
            )


def _no_income(f: CheckFacts) -> Iterator[str]:
    if f.family != "ALLOWANCE":
        return
    earning = {x["member"] for x in f.lines if x["declared"] or x["checked"]}
    for m in f.members:
        if m.age in ABLE_AGES and m.condition == "HEALTHY" and m.pk not in earning:
            yield f"{m.name} {m.age} 岁、健康，没有申报收入，请核实并写明原因"


def _obligors(f: CheckFacts) -> Iterator[str]:
    for o in f.obligors:
        if f.standard_fen and o["per_head"] > 2 * f.standard_fen and not o["support"]:
            yield f"义务人{o['name']}家庭月人均 {show(o['per_head'])} 元，应付费用为 0"


def _report_age(f: CheckFacts) -> Iterator[str]:
    if not f.means:
        return
    if f.means["valid_until"] and f.means["valid_until"] < f.on:
        yield f"核对报告有效期到 {f.means['valid_until']}，已经过期"
    if f.means.get("unasked"):
        yield "有成员加入后没有再核对，请申请复核"
    if f.means["changed_on"] and f.means["data_upto"] < f.means["changed_on"]:
        yield f"核对数据截止 {f.means['data_upto']}，早于家庭变化 {f.means['changed_on']}"


def _report_over(f: CheckFacts) -> Iterator[str]:
    over = f.means.get("conclusion") in ("SUSPECT", "OVER")
    if over and f.figures.get("is_eligible") and not f.account.get("choices", {}).get("explained"):
        yield "核对结论为超标或疑似超标，核算时没有写明说明和依据"


def _amounts(f: CheckFacts) -> Iterator[str]:
    if any(f.recomputed.get(name) != value for name, value in f.figures.items()):
        why = f"（现在看：{f.recomputed_why}）" if f.recomputed_why else ""
        yield f"重算金额与核算结果不一致，请退回重新核算{why}"
    cap = f.standard_fen * f.figures.get("insured", 0)
    if f.family == "ALLOWANCE" and f.figures.get("monthly_fen", 0) > cap > 0:
        yield f"月保障金高于标准与保障人数之积 {show(cap)} 元"


def _notice_short(f: CheckFacts) -> Iterator[str]:
    for n in f.notices:
        if n.days < NOTICE_DAYS:
            yield f"{n.kind}只有 {n.days} 天，不足 {NOTICE_DAYS} 天"
        if not n.place.strip():
            yield f"{n.kind}没有写明张贴地点"


def _notice_proof(f: CheckFacts) -> Iterator[str]:
    for n in f.notices:
        if not n.has_photo:
            yield f"{n.kind}没有张贴照片"
    yield from (words for rule, words in f.elsewhere if rule == "R41P")


def _appraisal(f: CheckFacts) -> Iterator[str]:
    held = f.appraisal
    if not held:
        return
    if held["agree"] + held["oppose"] + held["abstain"] != held["attended"]:
        yield "民主评议票数与到会人数不符"
    if held["attended"] * 3 < held["expected"] * 2:
        yield "民主评议到会人数不足三分之二"
    if not held["signed"]:
        yield "民主评议没有主任或书记签字"


def _due(f: CheckFacts) -> Iterator[str]:
    if f.due_on and f.due_on < f.on:
        yield f"已超过办理时限 {f.due_on}"


def _order(f: CheckFacts) -> Iterator[str]:
    days = f.step_days
    for (first, before), (second, after) in pairwise(days):
        if after < before:
            yield f"{second}的日期 {after} 早于{first} {before}"
    yield from (f"{words}在休息日办理" for words in f.rest_days)
    yield from f.late_entries
    if f.minutes is not None and f.minutes <= 1:
        yield "全部环节在一分钟内办完，请核实是否补录"


def _pictures(f: CheckFacts) -> Iterator[str]:
    yield from (words for rule, words in f.elsewhere if rule == "R45")
    yield from f.odd_photos


def _kin(f: CheckFacts) -> Iterator[str]:
    if f.is_kin and not f.kin_declared:
        yield "成员中有在岗工作人员，申请时没有申报近亲属关系"
    if f.is_kin and not f.bureau_visited:
        yield "近亲属案件，区民政局还没有入户核查"


def _one_person_twice(f: CheckFacts) -> Iterator[str]:
    stages = {(stage, person) for stage, person in f.signers}
    counts = Counter(person for _, person in stages)
    if any(n > 1 for n in counts.values()):
        yield "同一人签了两个环节"


def _destitute(f: CheckFacts) -> Iterator[str]:
    if f.family != "DESTITUTE" or not f.self_care:
        return
    care = f.self_care
    if care["tier"] != tier_of(care["failed"]):
        yield "自理能力档次与不能完成的项数不符"
    if (f.on - care["assessed_on"]).days > OLD_ASSESSMENT:
        yield f"自理能力评估日期 {care['assessed_on']}，已超过 12 个月"
    if f.care and f.care != f.support:
        yield "登记的照料安排与认定的供养方式不同"
    if not f.care and f.support == "CENTRAL":
        yield "集中供养，还没有登记供养机构和床位"
    if not f.care and f.support == "SCATTERED" and care["tier"] != "SELF":
        yield "需要照料，还没有登记照料人和照料协议"
    minor = f.account.get("labour_ground") == "UNDER16"
    if minor and any(m.is_head and m.age >= ADULT for m in f.members):
        yield "按未成年人认定，本人已满 18 周岁，请核对是否在校"


def _relief(f: CheckFacts) -> Iterator[str]:
    if f.family != "RELIEF" or not f.account:
        return
    given = f.account["earlier_fen"]
    if given and f.account["amount_fen"] + given > f.account["office_most_fen"] * 9 // 10:
        yield f"十二个月内已救助 {show(given)} 元，合计接近或超过镇、街道审批上限"
    if f.relief.get("papers_due") and f.relief["papers_due"] < f.on:
        yield f"先行救助的手续应在 {f.relief['papers_due']} 前补齐"
    if f.relief.get("days", 0) >= EXPENSE_DAYS:  # 4(2) says 22 days where 4(1).1 says workdays
        yield f"受理已满 {EXPENSE_DAYS} 个自然日，请尽快办结"
    if f.relief.get("cash_outside"):
        yield "支出型救助发放了现金"


RULES: tuple[Rule, ...] = (
    Rule("R01", "B", "8", "证号、出生日期、性别相符", _numbers),
    Rule("R02", "B", "8", "没有同时享受两份救助", _elsewhere("R02")),
    Rule("R03", "H", "8", "没有同时是两个在享家庭的成员", _elsewhere("R03")),
    Rule("R04", "H", "8 4(3)", "没有不能同时享受的待遇", _excluded),
    Rule("R05", "M", "8", "半年内没有被别处不予批准", _elsewhere("R05")),
    Rule("R06", "M", "8", "没有同名同日出生的另一人", _elsewhere("R06")),
    Rule(
        "R13",
        "H",
        "8",
        "成员没有服刑、死亡等登记",
        lambda f: _found(f, ("PRISON", "DEAD", "MARRIED", "MOVED")),
    ),
    Rule("R20", "H", "8", "名下没有未说明的车辆", _owned("VEHICLE")),
    Rule("R21", "H", "8", "名下没有未说明的非居住用房", _owned("PREMISES")),
    Rule("R22", "H", "8", "名下没有未说明的市场主体", _owned("BUSINESS")),
    Rule("R23", "H", "8", "不是财政供养人员，没有高于标准的养老金", _pension),
    Rule("R24", "H", "8", "货币财产在限额内", _money),
    Rule("R25", "M", "8", "申报与核对的工资相近", _declared_less),
    Rule("R26", "M", "8", "有劳动能力的成员申报了收入", _no_income),
    Rule("R27", "M", "8", "义务人应付费用与能力相称", _obligors),
    Rule("R28", "M", "8", "水电气话费和消费与收入相称", _spending),
    Rule("R29", "M", "5(3)", "核对报告在有效期内", _report_age),
    Rule("R30", "H", "5(3) 8", "核对结论超标的有说明", _report_over),
    Rule("R31", "B", "8", "金额重算一致", _amounts),
    Rule("R32", "M", "8", "同一调查人的核算没有集中在标准边上", _elsewhere("R32")),
    Rule("R41", "B", "3(4)", "公示满期、写明地点", _notice_short),
    Rule("R41P", "H", "3(4)", "公示有本件的张贴照片", _notice_proof),
    Rule("R42", "B", "3(1)", "评议有效、签字齐全", _appraisal),
    Rule("R43", "H", "4(1).1", "在办理时限内", _due),
    Rule("R44", "H", "9", "各环节日期合理", _order),
    Rule("R45", "H", "9", "照片没有在别的案件里用过，时间地点与入户相符", _pictures),
    Rule("R46", "H", "9", "近亲属已申报，区局已核查", _kin),
    Rule("R46N", "B", "9", "受理后没有新发现的近亲属", _elsewhere("R46N")),
    Rule("R47", "B", "4(1).1", "各环节由不同的人签字", _one_person_twice),
    Rule("R53", "H", "4(3)", "自理能力评估有效", _destitute),
    Rule("R54", "H", "4(2)", "临时救助合计、手续、现金", _relief),
)


def hits(facts: CheckFacts) -> list[Hit]:
    """Everything found, in the order of the rules."""
    return [Hit(rule, text) for rule in RULES for text in rule.find(facts)]


def blocking(found: list[Hit]) -> list[Hit]:
    """What stops an opinion or a decision."""
    return [hit for hit in found if hit.rule.severity == "B"]
