"""Reading a case into the facts of its settlement: page and decision use the same."""

from collections.abc import Mapping
from typing import Any

from cases.models.earlier_relief import EarlierRelief, earlier_relief
from cases.models.evidence import IncomeAccount
from cases.models.record import CaseRecord
from cases.rules.allowance import categories_of
from cases.rules.months import Start, next_month, start_of
from cases.rules.outcome import Outcome
from cases.rules.programmes import Family, Programme
from cases.rules.relief import KNOWN_CLASSES
from cases.rules.settlement import settle
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.rulebook_values import Rules

Choices = Mapping[str, Any]
PLAIN: dict[str, Any] = {"method": "difference", "deductions": [], "tiers": {}}


def facts_for(record: CaseRecord, choices: Choices) -> dict[str, Any]:
    """All that the settlement of the case rests on, as it stands on the record's day.

    `choices` is what the office itself decides: for 低保 method, deductions and tiers; for 特困
    the labour ground and whether property fits; for 临时救助 the sum, 一事一议, the new reason.
    Incomes count as adopted, else as checked, else as declared.
    """
    family = Programme(record.case.programme).family
    build = {
        Family.ALLOWANCE: _allowance,
        Family.DESTITUTE: _destitute,
        Family.RELIEF: _relief,
    }[family]
    common = {
        "programme": record.case.programme,
        "rule_set": record.rulebook.rule_set,
        "on": str(record.on),
        "choices": dict(choices),
    }
    return common | build(record, choices)


def settled_again(record: CaseRecord) -> Outcome:
    """The outcome of what stands on record today with the choices of the latest settlement."""
    assert record.account is not None
    return settle(facts_for(record, choices_of(record.account)))


def choices_of(account: IncomeAccount) -> Choices:
    """What the office decided; an account from before facts were kept has its sum deducted."""
    if account.facts:
        found: Choices = account.facts["choices"]
        return found
    deducted = [{"kind": "ILLNESS", "fen": account.deductions_fen, "note": ""}]
    return PLAIN | {"deductions": deducted if account.deductions_fen else []}


def _value(rulebook: Rules, parameter: str) -> dict[str, Any]:
    """A fen value with its source, as facts keep it."""
    dated = rulebook.dated(parameter)
    return {"fen": dated.value, "source": dated.source, "from": str(dated.valid_from)}


def _lines(record: CaseRecord) -> list[dict[str, Any]]:
    return [
        {
            "member": line.member_id,
            "kind": line.kind,
            "fen": next(
                v for v in (line.adopted_fen, line.checked_fen, line.declared_fen) if v is not None
            ),
            "counted": line.is_counted,
        }
        for line in record.lines
    ]


def _allowance(record: CaseRecord, choices: Choices) -> dict[str, Any]:
    rulebook = record.rulebook
    limits = rulebook.dated("property.limits")
    return {
        "method": choices["method"],
        "standard": _value(rulebook, f"standard.{record.case.programme}"),
        "members": _members(record, choices),
        "lines": _lines(record),
        "obligors": [
            {"name": o.name, "fen": o.support_fen if o.adopted_fen is None else o.adopted_fen}
            for o in record.obligors
        ],
        "deductions": list(choices["deductions"]),
        "property": {"limits": limits.value, "source": limits.source, "items": _property(record)},
        "supplements": rulebook["supplement.rates"],
    }


def _members(record: CaseRecord, choices: Choices) -> list[dict[str, Any]]:
    tiers = {t["code"]: t for t in record.rulebook["allowance.tiers"]}
    chosen = choices.get("tiers", {})
    found = []
    for m in record.members:
        age = identity_numbers.age_on(m.birth_on, record.on)
        found.append(
            {
                "id": m.pk,
                "name": m.name,
                "counted": m.counts_for_income,
                "insured": m.is_insured,
                "condition": m.condition,
                "registered": m.registered,
                "age": age,
                "categories": categories_of(age=age, condition=m.condition),
                "tier": tiers.get(chosen.get(str(m.pk), "")),
            }
        )
    return found


def _property(record: CaseRecord) -> list[dict[str, Any]]:
    return [
        {
            "member": p.member_id,
            "kind": p.kind,
            "fen": p.value_fen,
            "area": p.area,
            "exempt": p.is_exempt,
        }
        for p in record.property_items
    ]


def _destitute(record: CaseRecord, choices: Choices) -> dict[str, Any]:
    case, rulebook, care = record.case, record.rulebook, record.self_care
    assert care is not None  # the procedure asks for it before
    area = case.programme.partition("_")[0]
    basic = rulebook.dated(f"destitute.basic.{area}")
    rates = rulebook.dated("destitute.care")
    head = next(m for m in record.members if m.relation == "SELF")
    support = choices["support"]
    age = identity_numbers.age_on(head.birth_on, record.on)
    return {
        "method": "destitute",
        "person": {"id": head.pk, "name": head.name, "age": age, "condition": head.condition},
        "labour_ground": choices["labour_ground"],
        "property_ok": choices["property_ok"],
        "standard": _value(rulebook, f"standard.{area}_ALLOWANCE"),
        "lines": [line for line in _lines(record) if line["member"] == head.pk],
        "obligors": [{"name": o.name, "ground": o.ground_in_force} for o in record.obligors],
        "support": support,
        "tier": care.tier,
        "failed": care.failed,
        "basic": {"fen": basic.value[support], "source": basic.source},
        "care": {"fen": rates.value[care.tier][support], "source": rates.source},
    }


def _relief(record: CaseRecord, choices: Choices) -> dict[str, Any]:
    rulebook, claim = record.rulebook, record.claim
    assert claim is not None
    earlier: EarlierRelief = earlier_relief(
        record.case,
        [m.id_digest for m in record.members],
        cause=claim.cause,
        on=record.on,
        months=rulebook["relief.repeat_months"],
    )
    return {
        "method": "relief",
        "urgent": Programme(record.case.programme).is_urgent,
        "persons": sum(m.counts_for_income for m in record.members),
        "standard": _value(rulebook, "standard.URBAN_ALLOWANCE"),
        "rule": rulebook["relief.amount"],
        "office_most_fen": rulebook["relief.office_most"],
        "amount_fen": choices["amount_fen"],
        "special": choices.get("special", ""),
        "new_reason": choices.get("new_reason", ""),
        "same_cause": earlier.same_cause,
        "earlier_fen": earlier.sum_fen,
        **_means_of_family(record),
        "cost": {
            "total_fen": claim.total_fen,
            "covered_fen": claim.covered_fen,
            "own_fen": max(claim.total_fen - claim.covered_fen, 0),
        },
    }


def _means_of_family(record: CaseRecord) -> dict[str, Any]:
    """Income and property of a family that asks for 支出型 and is in no benefit (N5 二（一）).

    Who is in 低保 or 特困 only proves the spending; an emergency is not measured by income.
    """
    claim = record.claim
    is_known = claim is not None and claim.household_class in KNOWN_CLASSES
    if Programme(record.case.programme).is_urgent or (is_known and record.is_in_benefit):
        return {}
    counted = {m.pk for m in record.members if m.counts_for_income}
    line, limits = (
        record.rulebook.dated("relief.income_line"),
        record.rulebook.dated("property.limits"),
    )
    return {
        "income": {
            "line_fen": line.value,
            "source": line.source,
            "annual_fen": sum(
                x["fen"] for x in _lines(record) if x["counted"] and x["member"] in counted
            ),
        },
        "members": [{"id": m.pk, "counted": m.counts_for_income} for m in record.members],
        "property": {"limits": limits.value, "source": limits.source, "items": _property(record)},
    }


def start_if_decided(record: CaseRecord) -> Start:
    """The first month and the month that pays it, for a decision on the record's day (4(1).1).

    The cut-off (the 20th) moves to the last working day before when it is a rest day. What
    continues another benefit begins with the month that pays it: the old one runs until then, and
    no month is paid twice or not at all. Who split off begins where the old one has ended, and is
    paid the months between with the first.
    """
    day = record.on.replace(day=record.rulebook["decision.cut_off_day"])
    start = start_of(record.on, record.calendar.on_or_before(day))
    if record.case.part == "NEW" and (ended := record.ended_month):
        return Start(min(next_month(ended), start.paid_with), start.paid_with)
    return Start(start.paid_with, start.paid_with) if record.case.change_id else start
