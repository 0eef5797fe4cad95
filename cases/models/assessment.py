"""Reading a case into the rules of amounts and months: page and decision use the same sum."""

from cases.models.record import CaseRecord
from cases.rules.amounts import Assessment, Household, IncomeEntry, assess
from cases.rules.months import Start, start_of


def assess_case(record: CaseRecord, deductions_fen: int = 0) -> tuple[Assessment, str]:
    """The amount on today's lines (adopted, else checked, else declared) and the standard's source.

    The same function gives the trial sum on the page and the decision.
    """
    standard = record.rulebook.dated(f"standard.{record.case.programme}")
    members = record.members
    entries = [
        IncomeEntry(
            member=str(line.member_id),
            kind=line.kind,
            annual_fen=next(
                v for v in (line.adopted_fen, line.checked_fen, line.declared_fen) if v is not None
            ),
            is_counted=line.is_counted,
        )
        for line in record.lines
    ]
    household = Household(
        persons=sum(m.counts_for_income for m in members),
        insured=sum(m.is_insured for m in members),
        entries=entries,
        deductions_annual_fen=deductions_fen,
    )
    return assess(household, standard_fen=standard.value), standard.source


def against_approval(record: CaseRecord) -> list[str]:
    """What the system finds when it checks the result once more (8); empty when it is right."""
    found = []
    if account := record.account:
        again, _ = assess_case(record, account.deductions_fen)
        if again.monthly_fen != account.monthly_fen:
            found.append("重算金额与核算结果不一致，请退回重新核算")
    if record.is_paid_elsewhere:
        found.append("有成员同时在其他家庭享受救助，请退回核对")
    return found


def start_if_decided(record: CaseRecord) -> Start:
    """The first month and the month that pays it, for a decision on the record's day (4(1).1).

    The cut-off (the 20th) moves to the last working day before when it is a rest day.
    """
    day = record.on.replace(day=record.rulebook["decision.cut_off_day"])
    return start_of(record.on, record.calendar.on_or_before(day))
