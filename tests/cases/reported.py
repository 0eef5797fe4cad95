"""A case with a report of the verification centre that found something, and what the rules say."""

from collections.abc import Sequence
from datetime import date, timedelta

from cases.models import Case, IncomeLine
from cases.models.checks import check_facts
from cases.models.record import CaseRecord
from cases.operations import investigation
from cases.operations.investigation import CheckedIncome, CheckedProperty, Finding, MeansReport
from cases.rules.checks import hits
from tests import road
from tests import road_relief as roads
from tests.cast import Cast

ON = road.START


def report(
    case: Case,
    findings: Sequence[Finding] = (),
    *,
    no: str = "HD-1",
    property: Sequence[CheckedProperty] = (),
    on: date = ON,
) -> MeansReport:
    """A report of what was declared, and of what else was found."""
    lines = [
        CheckedIncome(member_id=x.member_id, kind=x.kind, annual_fen=x.declared_fen)
        for x in IncomeLine.objects.filter(case=case)
    ]
    return MeansReport(
        report_no=no, data_upto=on, valid_until=on + timedelta(days=180), conclusion="WITHIN",
        lines=lines, property=property, findings=findings,
    )  # fmt: skip


def head_of(case: Case) -> int:
    """The applicant's row."""
    return case.household.members.get(relation="SELF").pk


def returned(cast: Cast, case: Case, *kinds: str, note: str = "", no: str = "HD-1") -> Case:
    """The report is back, and says these things of the applicant."""
    found = [Finding(member_id=head_of(case), kind=kind, note=note) for kind in kinds]
    investigation.return_means_check(
        case.no, report(case, found, no=no), actor=cast.verifier, on=ON
    )
    return road.fresh(case)


def asked(cast: Cast, programme: str, serial: int = 1) -> Case:
    """A case of the programme for which the centre was asked."""
    data, slots = {
        "ALLOWANCE": (road.application(serial), road.SLOTS),
        "DESTITUTE": (roads.destitute_application(serial), roads.DESTITUTE_SLOTS),
        "RELIEF": (roads.relief_application(serial), roads.RELIEF_SLOTS),
    }[programme]
    case = roads.submitted(cast, data, slots)
    investigation.accept(case.no, actor=cast.staff, on=ON)
    investigation.request_means_check(case.no, actor=cast.staff, on=ON)
    return road.fresh(case)


def found_in(case: Case, on: date = ON) -> dict[str, list[str]]:
    """Rule → what it says of the case as it stands."""
    found: dict[str, list[str]] = {}
    for hit in hits(check_facts(CaseRecord(road.fresh(case), on))):
        found.setdefault(hit.rule.id, []).append(hit.text)
    return found
