"""What archives does when it hears of events of cases."""

from datetime import date
from typing import Any

from archives.operations import inspecting
from archives.operations.building import open_dossier, refresh, refresh_for_review
from archives.operations.disposal import remove_bytes
from archives.operations.printing_many import go_on
from cases.rules.reviews import STEPS
from yuquan_relief.kernel.outbox import listen


@listen("archives.open_dossier", actions={"case.approve", "case.approve_large"})
def open_for_approved(payload: dict[str, Any]) -> None:
    """An approved case has its file."""
    open_dossier(payload["subject_key"], on=date.fromisoformat(payload["on_day"]))


@listen("archives.refresh_dossier", actions={"case.serve_letter", "case.hand_over", "case.recheck"})
def refresh_for_news(payload: dict[str, Any]) -> None:
    """The letter with its receipt stands in the file too."""
    refresh(payload["subject_key"], on=date.fromisoformat(payload["on_day"]))


ENDS = {f"review.{code}" for code, step in STEPS.items() if step.target == "ENDED"}


@listen("archives.refresh_for_review", actions=ENDS)
def refresh_after_review(payload: dict[str, Any]) -> None:
    """What a review left stands in the household's file (动态管理)."""
    refresh_for_review(payload["subject_key"], on=date.fromisoformat(payload["on_day"]))


@listen("archives.remove_bytes", actions={"disposal.destroy"})
def remove_destroyed(payload: dict[str, Any]) -> None:
    """What was destroyed is not in the store any more (6.4)."""
    remove_bytes(payload["subject_key"])


@listen("archives.inspect_handed_over", actions={"handover.witness"})
def inspect_handed_over(payload: dict[str, Any]) -> None:
    """What changed hands was inspected (DA/T 70)."""
    on = date.fromisoformat(payload["on_day"])
    inspecting.inspect_handed_over(payload["subject_key"], on)


@listen("archives.print_many", actions={"print_run.ask", "print_run.piece"})
def print_on(payload: dict[str, Any]) -> None:
    """The next papers of a run; each piece is a job of its own, so that the page sees it grow."""
    go_on(payload["subject_key"], date.fromisoformat(payload["on_day"]))
