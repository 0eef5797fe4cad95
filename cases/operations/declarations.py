"""What an application declares becomes rows: incomes, obligors, property, the cause."""

from collections.abc import Sequence
from typing import Any

from cases.models import Case, Claim, IncomeLine, Member, Obligor, PropertyItem
from cases.models.record import rules_of
from cases.rules.application import Application

from .settlement import left_out


def add_declarations(case: Case, members: Sequence[Member], application: Application) -> None:
    """Everything declared stands beside the members, in the order in which it was typed."""
    assert case.submitted_on is not None
    without = left_out(rules_of(case, case.submitted_on), application.programme.family)
    IncomeLine.objects.bulk_create(
        IncomeLine(
            case=case,
            member=row,
            kind=income.kind,
            declared_fen=income.annual_fen,
            months=income.months,
            evidence=income.evidence,
            is_counted=income.kind not in without,
        )
        for row, member in zip(members, application.members, strict=True)
        for income in member.incomes
    )
    if application.obligors:
        Obligor.objects.bulk_create(_rows(Obligor, case, application.obligors))
    if application.owned:
        PropertyItem.objects.bulk_create(_rows(PropertyItem, case, application.owned))
    if application.claim:
        Claim.objects.create(case=case, **application.claim.__dict__)


def _rows(model: Any, case: Case, declared: Sequence[Any]) -> list[Any]:
    return [model(case=case, **row.__dict__) for row in declared]
