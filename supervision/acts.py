"""Acts that freeze what a report says: a bulletin's tables, a statistical table's figures."""

from datetime import date

from supervision.models import StatReport
from supervision.operations import bulletins, statistics
from supervision.operations.statistics import Period
from supervision.reports.bulletins import tables_of
from supervision.reports.stat_tables import fill
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.signing import Proof


def issue(no: str, *, actor: Actor, on: date, proof: Proof, version: int | None = None) -> Event:
    """The bulletin is issued with its tables as they are now (14, 16); see `bulletins.issue`."""
    return bulletins.issue(no, tables_of, actor=actor, on=on, proof=proof, version=version)


def make_report(wanted: Period, *, actor: Actor, on: date) -> StatReport:
    """The table of the period is a draft, with no number typed (G13); see `statistics.keep`."""
    return statistics.keep(wanted, fill, actor=actor, on=on)


def lock_report(no: str, *, actor: Actor, on: date) -> StatReport:
    """The table is frozen, if it is still what the data give; see `statistics.lock_report`."""
    return statistics.lock_report(no, fill, actor=actor, on=on)
