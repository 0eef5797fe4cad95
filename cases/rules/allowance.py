"""低保: income against the standard, property against its ceilings, 分类施保 (domain 3.5-3.7)."""

from collections.abc import Iterable, Mapping
from typing import Any

from yuquan_relief.kernel.inputs.money import divide, show

from .amounts import Assessment, Household, IncomeEntry, assess
from .outcome import Outcome
from .programmes import APPLIES_HERE, PROPERTY_KINDS, SEVERELY_DISABLED, SINGLE_CONDITIONS

Facts = Mapping[str, Any]


def by_difference(facts: Facts) -> Outcome:
    """补差: (standard - income a head) x insured persons, if property is within its ceilings."""
    found = assess(household_of(facts), standard_fen=facts["standard"]["fen"])
    return _outcome(facts, _income_objections(found, facts), found.monthly_fen, found.sentences)


def by_tiers(facts: Facts) -> Outcome:
    """分档: each insured member is given the amount of the tier that the office has set."""
    found = assess(household_of(facts), standard_fen=facts["standard"]["fen"])
    objections = _income_objections(found, facts)
    amounts = [(m["tier"]["label"], m["tier"]["fen"]) for m in _insured(facts) if m.get("tier")]
    if len(amounts) < len(_insured(facts)):
        objections.append("有保障对象还没有确定档次")
    total = sum(fen for _, fen in amounts)
    if amounts and not total:
        objections.append("所定档次还没有录入金额")
    words = "、".join(f"{label} {show(fen)} 元" for label, fen in amounts)
    return _outcome(facts, objections, total, (*found.sentences[:3], f"按档发放：{words}。"))


def for_one_person(facts: Facts) -> Outcome:
    """单人保 (N1 第八条): out of a family below 1.5 times the standard; own income is deducted."""
    household, standard = household_of(facts), facts["standard"]["fen"]
    found = assess(household, standard_fen=standard)
    insured = _insured(facts)
    objections = _edge_objections(found, standard, household.persons)
    if len(insured) != 1 or insured[0]["condition"] not in SINGLE_CONDITIONS:
        objections.append("单人保只适用于一名重病，或残疾一、二级、三级智力或精神残疾的成员")
    own = sum(
        x["fen"]
        for x in facts["lines"]
        if x["counted"] and insured and x["member"] == insured[0]["id"]
    )
    gap = 12 * standard - own
    if gap <= 0:
        objections.append("本人月收入不低于标准")
    monthly = max(divide(gap, 12), 1) if gap > 0 else 0
    words = f"单人保：标准 {show(standard)} 元 − 本人月收入 {show(divide(own, 12))} 元。"
    return _outcome(facts, objections, monthly, (*found.sentences[:2], words))


def _edge_objections(found: Assessment, standard: int, persons: int) -> list[str]:
    """A family on the edge has from the standard up to 1.5 times of it a head (N1 第八条).

    Below the standard the whole family is insured: it must not be split (N7 一（一）).
    """
    if found.is_eligible:
        return ["全家符合低保条件，应按户享受，不能只保一人"]
    if found.annual_fen * 10 < 12 * persons * standard * 15:
        return []
    edge = divide(standard * 15, 10)
    return [
        f"全家月人均 {show(found.per_capita_month_fen)} 元，不低于标准的 1.5 倍 {show(edge)} 元"
    ]


def household_of(facts: Facts) -> Household:
    """The household as the sum over income reads it; obligors' support counts as transfer.

    Who is not counted for the family brings no income into it either (N1 第七条).
    """
    counted = {m["id"] for m in facts["members"] if m["counted"]}
    entries = [
        IncomeEntry(
            member=str(x["member"]), kind=x["kind"], annual_fen=x["fen"], is_counted=x["counted"]
        )
        for x in facts["lines"]
        if x["member"] in counted
    ]
    entries += [
        IncomeEntry(member=o["name"], kind="TRANSFER", annual_fen=o["fen"])
        for o in facts["obligors"]
    ]
    return Household(
        persons=sum(m["counted"] for m in facts["members"]),
        insured=len(_insured(facts)),
        entries=entries,
        deductions_annual_fen=sum(d["fen"] for d in facts["deductions"]),
    )


def _insured(facts: Facts) -> list[Any]:
    return [m for m in facts["members"] if m["insured"]]


def _income_objections(found: Assessment, facts: Facts) -> list[str]:
    if found.is_eligible:
        return []
    if not _insured(facts):
        return ["没有保障对象"]
    standard = facts["standard"]["fen"]
    return [f"月人均收入 {show(found.per_capita_month_fen)} 元，不低于标准 {show(standard)} 元"]


def _outcome(
    facts: Facts, objections: list[str], monthly: int, sentences: Iterable[str]
) -> Outcome:
    household = household_of(facts)
    annual = max(
        sum(e.annual_fen for e in household.entries if e.is_counted)
        - household.deductions_annual_fen,
        0,
    )
    objections = [*objections, *_registered_objections(facts), *property_objections(facts)]
    is_eligible = not objections and monthly > 0
    extra, why = supplements(facts) if is_eligible else (0, ())
    return Outcome(
        persons=household.persons,
        insured=household.insured,
        annual_fen=annual,
        per_capita_fen=divide(annual, 12 * household.persons),
        standard_fen=facts["standard"]["fen"],
        is_eligible=is_eligible,
        monthly_fen=monthly if is_eligible else 0,
        supplement_fen=extra,
        sentences=(*sentences, *_support(facts), *why, *(f"{o}。" for o in objections[:9])),
        objections=tuple(objections),
    )


def _registered_objections(facts: Facts) -> list[str]:
    """Somebody of the family is registered in the district or may apply here (N1 第四、五条)."""
    here = [m.get("registered", "HERE") in APPLIES_HERE for m in facts["members"] if m["counted"]]
    if not here or any(here):
        return []
    return ["家庭成员的户籍都不在本区，也没有居住证，应向户籍所在地申请"]


def _support(facts: Facts) -> tuple[str, ...]:
    paid = [o for o in facts["obligors"] if o["fen"]]
    if not paid:
        return ()
    words = "、".join(f"{o['name']} {show(o['fen'])} 元" for o in paid)
    return (f"其中义务人一年应付赡养、抚养、扶养费：{words}。",)


def supplements(facts: Facts) -> tuple[int, tuple[str, ...]]:
    """分类施保 (N1 第二十七条): a month's sum over the insured, each once, at the highest rate.

    Returns fen and one sentence for each member; a rate of 0 says nothing.
    """
    if "supplement_given" in facts:  # taken over from the roster: its parts are not known here
        given = facts["supplement_given"]
        return given, ((f"分类施保按原额每月 {show(given)} 元。",) if given else ())
    total, words = 0, []
    standard = facts["standard"]["fen"]
    for member in _insured(facts):
        rates = [r for r in facts["supplements"] if r["code"] in member["categories"]]
        best = max(rates, key=lambda rate: rate["percent"], default=None)
        if best is None or not best["percent"]:
            continue
        fen = divide(standard * best["percent"], 100)
        total += fen
        words.append(
            f"{member['name']}按{best['label']}加发 {best['percent']}%，每月 {show(fen)} 元。"
        )
    return total, tuple(words)


def percents_of(facts: Facts) -> list[int]:
    """The percent of 分类施保 of each insured member who has any: the highest of those that fit.

    With the standard they give the sum again, whatever the standard (cases.models.standard).
    """
    found = []
    for member in facts.get("members", ()):
        rates = [r["percent"] for r in facts["supplements"] if r["code"] in member["categories"]]
        if member["insured"] and (best := max(rates, default=0)):
            found.append(best)
    return found


def categories_of(*, age: int, condition: str) -> list[str]:
    """The targets of 分类施保 that a person of this age and condition belongs to."""
    found = []
    if age >= 60:
        found.append("ELDERLY")
    if age < 18:
        found.append("MINOR")
    if condition in SEVERELY_DISABLED:
        found.append("DISABLED")
    if condition == "ILL":
        found.append("ILL")
    return found


def property_objections(facts: Facts) -> list[str]:
    """Each way in which property is above its ceiling, without what is exempt (N1 第十四条)."""
    limits, items = facts["property"]["limits"], facts["property"]["items"]
    counted = {m["id"] for m in facts["members"] if m["counted"]} | {None}
    standing = [i for i in items if not i["exempt"] and i.get("member") in counted]
    persons = max(sum(m["counted"] for m in facts["members"]), 1)
    found = []
    money = sum(item["fen"] for item in standing if item["kind"] == "MONEY")
    ceiling = limits["money_months"] * facts["standard"]["fen"]
    if money > ceiling * persons:
        found.append(
            f"人均货币财产 {show(divide(money, persons))} 元，超过 {limits['money_months']} "
            f"个月标准 {show(ceiling)} 元"
        )
    for kind, most in (("VEHICLE", 0), ("PREMISES", 0), ("BUSINESS", 0)):
        if limits.get(kind.lower(), most) < sum(item["kind"] == kind for item in standing):
            found.append(f"名下有{PROPERTY_KINDS[kind]}，没有说明可以不计")
    homes = [item for item in standing if item["kind"] == "DWELLING"]
    area = sum(item["area"] for item in homes)
    if len(homes) > limits["dwellings"] and area >= limits["dwelling_area"] * persons:
        found.append(f"有住房 {len(homes)} 处，人均 {area // persons} 平方米")
    return found
