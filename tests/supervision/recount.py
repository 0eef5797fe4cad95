"""The monthly tables (domain 12.1) counted by hand: by plain Python over rows."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from cases.models import Benefit, Case, Entitlement, Member
from funds.models import PayoutLine

Cells = dict[str, int]


def after(month: date) -> date:
    """The month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def end_of(month: date) -> date:
    """Its last day."""
    return after(month) - timedelta(days=1)


def years_old(born: date, on: date) -> int:
    """Full years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


class Terms:
    """What a benefit gives in a month: its own figures, then those of the latest change."""

    def __init__(self, benefit: Benefit, month: date) -> None:
        changes = Entitlement.objects.filter(benefit=benefit, from_month__lte=month)
        last = changes.order_by("id").last()
        self.persons = last.persons if last else benefit.persons
        self.support = (last and last.support) or benefit.support
        self.tier = (last and last.care_tier) or benefit.care_tier
        self.method = last.method if last else benefit.method


def running(district: Any, programme: str, month: date) -> list[Benefit]:
    """Benefits of the month."""
    mine = Benefit.objects.filter(district=district, programme=programme)
    return [b for b in mine
            if b.start_month <= month and (not b.end_month or b.end_month >= month)]  # fmt: skip


def stock(district: Any, programme: str, month: date) -> Cells:
    """Households and persons at the end of the month, and of which sort."""
    found: Counter[str] = Counter()
    for benefit in running(district, programme, month):
        terms = Terms(benefit, month)
        found["households"] += 1
        found["persons"] += terms.persons
        found["single"] += terms.method == "single"
        found["central" if terms.support == "CENTRAL" else "scattered"] += terms.persons
        tier = terms.tier if terms.tier in ("FULL", "PARTIAL") else "SELF"
        found[tier.lower()] += terms.persons
        found += Counter(sorts(benefit, end_of(month)))
    return dict(found)


def sorts(benefit: Benefit, last: date) -> Cells:
    """Insured members of the household on that day."""
    found: Counter[str] = Counter()
    for m in Member.objects.filter(household=benefit.household, is_insured=True):
        if m.joined_on > last or (m.left_on and m.left_on <= last):
            continue
        age = years_old(m.birth_on, last)
        found["female"] += not m.is_male
        found["male"] += m.is_male
        found["under_16"] += age < 16
        found["old"] += age >= 60
        found["minor"] += age < 18
        found["disabled"] += m.condition in ("DISABLED_1", "DISABLED_2")
        found["ill"] += m.condition == "ILL"
        found["student"] += bool(m.studies_until and m.studies_until >= last)
    return dict(found)


def money(district: Any, programme: str, first: date, last: date) -> Cells:
    """Fen paid by lists of the months, and since January; the persons of a month that is paid."""
    year = last.replace(month=1)
    paid = PayoutLine.objects.filter(
        batch__district=district, batch__programme=programme, state="PAID"
    )
    found: Counter[str] = Counter()
    columns = ("amount_fen", "persons", "kind", "batch__month")
    for fen, persons, kind, month in paid.values_list(*columns):
        if year <= month <= last:
            found["year_fen"] += fen
            if month >= first:
                found["fen"] += fen
                found["person_months"] += persons if kind in ("NORMAL", "BACK_PAY") else 0
    return dict(found)


def relief(district: Any, programme: str, first: date, last: date) -> Cells:
    """What was approved of 临时救助 in the months."""
    found: Counter[str] = Counter()
    approved = Case.objects.filter(district=district, programme=programme, state="APPROVED",
                                   decision__decided_on__range=(first, end_of(last)))  # fmt: skip
    for case in approved.select_related("decision"):
        head = case.household.members.get(relation="SELF")
        local = head.registered in ("HERE", "PERMIT")
        claim = getattr(case, "claim", None)
        found["times"] += 1
        found["persons"] += case.decision.persons
        found["local" if local else "outside"] += 1
        found["benefit"] += bool(claim and claim.household_class in ("ALLOWANCE", "DESTITUTE"))
        found["fen"] += case.decision.once_fen
    return dict(found)
