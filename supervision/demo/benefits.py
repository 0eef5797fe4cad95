"""Those in benefit in the demo district: visited, reporting, and reviewed in every state."""

from collections.abc import Sequence
from datetime import date, timedelta

from cases.models import Benefit, Review
from cases.operations import change_reports, contacts, review_settlement, reviews, telling
from cases.operations.reported_values import Reported
from cases.operations.review_settlement import Found
from cases.operations.reviews import Opening

from .staff import Cast, Desk

VISITED = 36  # of the sixty households of the roster
FOUND = (  # what each review of the demo came to, and how far it has gone
    ("邻居反映家中有人就业", "OPEN", 0),
    ("季度续保", "SETTLED", 4_000),
    ("年审", "PROPOSED", 9_000),
    ("子女外出务工，收入增加", "PROPOSED", 30_000),
    ("医疗支出增加", "AGREED", 1_000),
    ("家庭收入超过标准", "AGREED", 36_000),
    ("土地流转收入增加", "TOLD", 5_000),
    ("务工收入减少", "TOLD", 500),
)
CHANGES = (
    ("INCOME", "儿子在包头务工，月工资三千元"),
    ("PHONE", "更换手机号"),
    ("ADDRESS", "搬到同村新居"),
)


def fill(desk: Desk, cast: Cast, *, on: date) -> tuple[int, int]:
    """Visits, changes and reviews of the desk's office; how many visits and reviews.

    Most of its villages have no login in the demo district, so the office registers for them.
    """
    office = cast[f"{desk.prefix}_banshi1"]
    running = Benefit.objects.filter(office_id=office.unit_id, end_month__isnull=True)
    homes = list(running.filter(source_case__isnull=True).order_by("id"))
    visited = homes[:VISITED]
    for i, benefit in enumerate(visited):
        _visit(benefit, desk, cast, on - timedelta(days=1 + i % 27), on)
    reviewed = homes[: len(FOUND)]
    for benefit, (what, until, annual) in zip(reviewed, FOUND, strict=False):
        _review(benefit, desk, cast, on, what, until, annual)
    _changes(homes[len(FOUND) :], desk, cast, on)
    return len(visited), len(reviewed)


def _visit(benefit: Benefit, desk: Desk, cast: Cast, day: date, on: date) -> None:
    seen = contacts.Seen(
        kind="VISIT",
        on_day=max(day, date(on.year, 1, 1)),
        means="HOME",
        place="家中",
        met=benefit.household.head_name,
        companion="村委会委员",
        note="生活情况没有变化",
    )
    contacts.record_contact(benefit.key, seen, actor=cast[f"{desk.prefix}_banshi1"], on=on)


def _review(  # noqa: PLR0913, PLR0917 - one row of the table above
    benefit: Benefit, desk: Desk, cast: Cast, on: date, what: str, until: str, annual: int
) -> None:
    """One review, as far as the table says."""
    office = f"{desk.prefix}_banshi2"
    review = reviews.open_review(
        benefit.key, Opening(trigger="HAND", what=what), actor=cast[office], on=on
    )
    if until == "OPEN":
        return
    _look(benefit, desk, cast, on)
    persons = benefit.persons
    found = Found(
        persons=persons,
        insured=persons,
        annual_fen=annual * 100 * persons,
        supplement_fen=benefit.supplement_fen,
        reason=what,
    )
    review_settlement.settle(review.no, found, actor=cast[office], on=on)
    if until == "SETTLED":
        return
    reviews.propose(
        review.no, actor=cast[office], on=on, proof=cast.proof(office, "建议按核算结果办理")
    )
    if until != "PROPOSED":
        _decide(review.no, desk, cast, on, until)


def _look(benefit: Benefit, desk: Desk, cast: Cast, on: date) -> None:
    """Somebody goes there once more for the review."""
    seen = contacts.Seen(
        kind="CERTIFY",
        on_day=on,
        means="HOME",
        place="家中",
        met=benefit.household.head_name,
        note="核对了收入凭据",
    )
    contacts.record_contact(benefit.key, seen, actor=cast[f"{desk.prefix}_banshi1"], on=on)


def _decide(no: str, desk: Desk, cast: Cast, on: date, until: str) -> None:
    leader = f"{desk.prefix}_lingdao"
    proof = cast.proof(leader, "同意")
    if Review.objects.get(no=no).outcome == "KEEP":
        reviews.keep(no, actor=cast[leader], on=on, proof=proof)
        return
    reviews.agree(no, actor=cast[leader], on=on, proof=proof)
    if until == "TOLD":
        told = telling.Told(told_on=on, method="DIRECT", receiver="户主本人")
        telling.tell(no, told, actor=cast[f"{desk.prefix}_banshi1"], on=on)


def _changes(homes: Sequence[Benefit], desk: Desk, cast: Cast, on: date) -> None:
    """Three households have told something; the first was checked."""
    clerk, office = cast[f"{desk.prefix}_banshi1"], cast[f"{desk.prefix}_banshi2"]
    new = {"PHONE": {"value": "19900000006"}, "ADDRESS": {"value": "小黑河镇演练村新居 6 号"}}
    for i, (benefit, (kind, note)) in enumerate(zip(homes, CHANGES, strict=False)):
        told = Reported(
            kind=kind,
            note=note,
            happened_on=on - timedelta(days=9),
            known_on=on - timedelta(days=9),
            new=new.get(kind, {}),
        )
        row = change_reports.report_change(benefit.key, told, actor=clerk, on=on)
        if not i:
            change_reports.check_report(
                row.pk, is_true=True, answer="已电话核实", actor=office, on=on
            )
