"""What supervision does when it hears of events of cases and money."""

from typing import Any

from funds.rules.batches import STEPS
from supervision.operations.bulletin_paper import make_paper
from supervision.operations.checking import go_on
from supervision.operations.sums import keep_sums_of
from yuquan_relief.kernel.outbox import listen

BATCH = {f"payout.{code}" for code in STEPS}


@listen("supervision.keep_sums", actions=BATCH)
def keep(payload: dict[str, Any]) -> None:
    """The sums of a list follow it."""
    keep_sums_of(payload["subject_key"])


@listen("supervision.check_on", actions={"check_run.ask", "check_run.piece"})
def check_on(payload: dict[str, Any]) -> None:
    """The next rules of a run that somebody asked for."""
    go_on(int(payload["subject_key"]))


@listen("supervision.bulletin_paper", actions={"bulletin.issue"})
def print_bulletin(payload: dict[str, Any]) -> None:
    """An issued bulletin has its paper in the store."""
    make_paper(payload["subject_key"])
