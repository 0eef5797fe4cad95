"""Those in benefit on 21 October: reviews in each state, reports of changes, a raised standard."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.models import Review
from cases.operations import change_reports, reviews, standards
from cases.operations.reported_values import Reported
from tests.benefit import walks
from tests.browser.house import House
from tests.cast import Cast
from tests.funds import payouts
from yuquan_relief.kernel.models import RuleValue

PROGRAMME = "RURAL_ALLOWANCE"
VALID_FROM = (date(2026, 9, 1), date(2026, 10, 1))


@dataclass(kw_only=True)
class Benefits:
    """Keys of benefits, numbers of reviews and of runs."""

    seen: str  # a benefit with contacts, changes and reviews
    unseen: str  # one of which nothing is known
    reviews: list[str]  # one in each state, and one of a household decided here
    runs: list[str]  # computed, signed and partly told


def build(house: House, on: date) -> dict[str, Any]:
    """Make it, through operations only; the names are those of Benefits."""
    cast = house.cast
    less = walks.from_roster(annual=15_000)
    homes = [
        payouts.in_benefit(cast, 600 + n, programme=PROGRAMME, name="演练甲") for n in range(8)
    ]
    seen, unseen = homes[:2]
    walks.visited(cast, seen, on)
    walks.visited(cast, seen, on, kind="REPORT", means="OFFICE", is_changed=True, note="儿子就业")
    report(cast, seen.key, on)
    made: list[Review] = [
        walks.opened(cast, seen, on),
        walks.settled(cast, homes[2], on, less),
        walks.proposed(cast, homes[3], on, less),
        walks.agreed(cast, homes[4], on, less),
        walks.told(cast, homes[5], on, less),
        walks.proposed(
            cast, homes[6], on,
            walks.from_roster(annual=30_000, how="EXIT", exit_months=3, reason="稳定就业"),
        ),
        walks.opened(cast, homes[7], on),
    ]  # fmt: skip
    reviews.withdraw(made[-1].no, note="登记错误", actor=cast.staff, on=on)
    return {
        "seen": seen.key,
        "unseen": unseen.key,
        "reviews": [review.no for review in made],
        "runs": runs(cast, on),
    }


def report(cast: Cast, key: str, on: date) -> None:
    """One change that waits to be checked."""
    told = Reported(kind="INCOME", note="儿子就业", happened_on=on, known_on=on)
    change_reports.report_change(key, told, actor=cast.clerk, on=on)


def runs(cast: Cast, on: date) -> list[str]:
    """Two raised standards of the country: one computed, one signed and told in no village."""
    for day, fen in zip(VALID_FROM, (671_00, 691_00), strict=True):
        RuleValue.objects.create(
            rule_set="*",
            parameter=f"standard.{PROGRAMME}",
            valid_from=day,
            value=fen,
            unit="分",
            source="测民发〔2026〕9 号",
        )
    signed, computed = (
        standards.open_run(PROGRAMME, valid_from=day, actor=cast.staff, on=on) for day in VALID_FROM
    )
    standards.propose(signed.no, actor=cast.staff, on=on, proof=cast.proof("staff"))
    standards.agree(signed.no, actor=cast.leader, on=on, proof=cast.proof("leader"))
    return [computed.no, signed.no]
