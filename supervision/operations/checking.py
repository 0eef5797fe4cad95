"""The system's checks over everything, every night and on demand (8, 12): they only find."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from time import perf_counter
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from cases.models import Benefit, Case
from supervision.models import CheckCount, CheckRun
from supervision.models.check_values import check_values
from supervision.models.paper import district_of
from supervision.rules.checks import CHECKS, Check
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Unit, reserve_number
from yuquan_relief.kernel.workdays import LimitUnit

SUBJECT = "check_run"
LONGEST = timedelta(hours=1)  # of an asked run; it takes minutes
PIECE = 10  # rules of one job, so that the page can say how far it is
logger = logging.getLogger(__name__)

# One statement a rule: what it finds in the district, what of it is silent, what is new, with
# numbers in order and without gaps; what was found before is seen again. The rest is counted and
# kept.
FIND = """
WITH f AS MATERIALIZED (SELECT * FROM ({select}) f WHERE {scope} AND {here}),
told AS (
    SELECT f.*, EXISTS (
        SELECT FROM supervision_suppression s
         WHERE s.rule = %(rule)s AND s.until >= %(on)s::date AND s.ended_on IS NULL
           AND (s.office_id IS NULL OR s.office_id = f.office_id)
           AND (s.subject_key = '' OR s.subject_kind = f.kind AND s.subject_key = f.key)
    ) AS is_silent FROM f),
fresh AS (
    SELECT t.*, row_number() OVER (ORDER BY t.office_id, t.kind, t.key, t.mark) AS n FROM told t
     WHERE NOT t.is_silent AND NOT EXISTS (
        SELECT FROM supervision_finding x WHERE x.rule = %(rule)s AND x.subject_kind = t.kind
           AND x.subject_key = t.key AND x.mark = left(t.mark, 120))),
counted AS (
    UPDATE kernel_counter SET last = last + (SELECT count(*) FROM fresh)
     WHERE prefix = %(prefix)s RETURNING last),
made AS (
    INSERT INTO supervision_finding (
        no, district_id, office_id, state, round, version, opened_on, due_on, source, rule,
        severity, cites, subject_kind, subject_key, mark, what, evidence, owner, last_seen_on,
        answer, outcome, verdict, is_error, origin_kind, origin_key)
    SELECT %(prefix)s || lpad((c.last - (SELECT count(*) FROM fresh) + r.n)::text, 6, '0'),
           %(district)s, r.office_id, 'OPEN', 1, 0, %(on)s, %(due_on)s, 'SYSTEM', %(rule)s,
           coalesce(nullif(r.severity, ''), %(severity)s), %(cites)s, r.kind, r.key,
           left(r.mark, 120), left(r.what, 500), r.evidence,
           %(owner)s, %(on)s, '', '', '', false, '', ''
      FROM fresh r CROSS JOIN counted c
    RETURNING 1),
seen AS (
    UPDATE supervision_finding x SET last_seen_on = %(on)s FROM f
     WHERE x.rule = %(rule)s AND x.subject_kind = f.kind AND x.subject_key = f.key
       AND x.mark = left(f.mark, 120) AND x.state <> 'DONE' AND x.last_seen_on < %(on)s
    RETURNING 1)
SELECT (SELECT count(*) FROM f), (SELECT count(*) FROM made),
       (SELECT count(*) FROM told WHERE is_silent), (SELECT count(*) FROM seen)
"""
# Another district finds its own. What has no office is narrowed by its population.
HERE = (
    "(f.office_id IS NULL OR EXISTS (SELECT FROM kernel_unit o"
    " WHERE o.id = f.office_id AND %(district)s IN (o.id, o.parent_id)))"
)
EVERYTHING = "true"
ONE = "f.kind = %(kind)s AND f.key = %(key)s"


@dataclass(frozen=True)
class Scope:
    """One subject that is looked at; none: everything."""

    kind: str = ""
    key: str = ""

    @property
    def words(self) -> str:
        """As it is kept with the run."""
        return f"{self.kind} {self.key}".strip()


def check_everything(on: date) -> int:
    """Every rule has looked at every district once that day (12); how many findings are new.

    The clock comes every hour: what was looked at in the night is not looked at again.
    """
    done = CheckRun.objects.filter(on_day=on, scope="", ended_at__isnull=False)
    done = done.exclude(counts__is_broken=True)  # tried again at the next hour
    districts = Unit.objects.filter(kind="DISTRICT").exclude(pk__in=done.values("district"))
    return sum(
        run_checks(district, actor=ROBOT, on=on).fresh for district in districts.order_by("pk")
    )


def check_now(actor: Actor, on: date, scope: Scope | None = None) -> CheckRun:
    """The supervisor asks for the checks now, of everything or of one subject (8, 12).

    Raises PermissionDenied without the capability.
    """
    if not actor.can("supervision.check"):
        raise PermissionDenied("supervision.check")
    district = Unit.objects.get(pk=district_of(actor))
    return run_checks(district, actor=actor, on=on, scope=scope or Scope())


def run_checks(
    district: Unit,
    *,
    actor: Actor,
    on: date,
    scope: Scope | None = None,
    rules: Iterable[str] = (),
) -> CheckRun:
    """The rules (all, or those named) have run over the district; the run with its counts.

    Each rule is a transaction of its own: one that breaks stops no other, and is raised after the
    last as Refused. Two runs at once give each finding once.
    """
    scope = scope or Scope()
    chosen = [CHECKS[rule] for rule in rules] or list(CHECKS.values())
    run = CheckRun.objects.create(
        district=district, on_day=on, scope=scope.words, started_at=now(),
        asked_by_id=actor.person_id,
    )  # fmt: skip
    values = _values(district, on, scope)
    counts, broken = _some(chosen, run, values, scope)
    _end(run, counts, broken, actor, on)
    if broken:
        raise Refused(f"有 {len(broken)} 条规则没有核查成功：{'；'.join(broken[:3])}")
    return run


def _values(district: Unit, on: date, scope: Scope) -> dict[str, Any]:
    values = check_values(on, _home_of(scope))
    return values | {"district": district.pk, "kind": scope.kind, "key": scope.key}


def _home_of(scope: Scope) -> int | None:
    """The household of the one case or benefit that is looked at."""
    of = {
        "case": Case.objects.filter(no=scope.key),
        "benefit": Benefit.objects.filter(key=scope.key),
    }
    found = of.get(scope.kind)
    return found.values_list("household_id", flat=True).first() if found is not None else None


def _some(
    chosen: Iterable[Check], run: CheckRun, values: dict[str, Any], scope: Scope
) -> tuple[list[CheckCount], list[str]]:
    """These rules have run: their counts are kept; those that broke, with what broke.

    What the error says stays in the log: it may quote a value, and the record is for ever.
    """
    counts, broken = [], []
    for check in chosen:
        try:
            counts.append(_run(check, run, values, scope))
        except Exception as error:
            logger.exception("check %s failed", check.id)
            broken.append(f"{check.id}：{type(error).__name__}")
            counts.append(_broken(check, run))
    CheckCount.objects.bulk_create(counts)
    return counts, broken


def _broken(check: Check, run: CheckRun) -> CheckCount:
    return CheckCount(
        run=run, rule=check.id, hits=0, fresh=0, silent=0, milliseconds=0, is_broken=True
    )


@transaction.atomic
def _end(
    run: CheckRun, counts: list[CheckCount], broken: list[str], actor: Actor, on: date
) -> None:
    run.ended_at = now()
    run.hits, run.fresh = sum(c.hits for c in counts), sum(c.fresh for c in counts)
    run.save()
    body = {"rules": len(counts), "hits": run.hits, "fresh": run.fresh, "broken": broken}
    record(SUBJECT, str(run.pk), "run", actor=actor, on=on, unit_id=run.district_id, body=body)


def running(district_id: int) -> CheckRun | None:
    """The run that somebody asked for and that goes on; one that died does not stop the next."""
    mine = CheckRun.objects.filter(
        district=district_id, scope="", ended_at=None, asked_by__isnull=False,
        started_at__gt=now() - LONGEST,
    )  # fmt: skip
    return mine.order_by("-id").first()


@transaction.atomic
def ask_checks(actor: Actor, on: date) -> CheckRun:
    """Somebody asks for all checks now (12): the worker does them piece by piece, and the page
    says how far it is. While one is running the same is given. Raises PermissionDenied."""
    if not actor.can("supervision.check"):
        raise PermissionDenied("supervision.check")
    district = Unit.objects.select_for_update().get(pk=district_of(actor))
    if run := running(district.pk):
        return run
    run = CheckRun.objects.create(
        district=district, on_day=on, started_at=now(), asked_by_id=actor.person_id
    )
    record(SUBJECT, str(run.pk), "ask", actor=actor, on=on, unit_id=district.pk)
    return run


@transaction.atomic
def go_on(pk: int) -> int:
    """The next rules of an asked run have looked; how many are left. Done again it does nothing."""
    run = CheckRun.objects.select_for_update().select_related("district").get(pk=pk)
    if run.ended_at is not None:
        return 0
    done = set(run.counts.values_list("rule", flat=True))
    left = [check for check in CHECKS.values() if check.id not in done]
    piece = left[:PIECE]
    scope = Scope()
    values = _values(run.district, run.on_day, scope)
    _, broken = _some(piece, run, values, scope)
    if len(left) > len(piece):
        body = {"left": len(left) - len(piece), "broken": broken}
        record(
            SUBJECT, str(run.pk), "piece", actor=ROBOT, on=run.on_day, unit_id=run.district_id,
            body=body,
        )  # fmt: skip
    else:
        _end(run, list(run.counts.all()), broken, ROBOT, run.on_day)
    return len(left) - len(piece)


def _run(check: Check, run: CheckRun, values: dict[str, Any], scope: Scope) -> CheckCount:
    on = values["on"]
    prefix = f"HC-{on:%Y}-"
    where = ONE if scope.key else EVERYTHING
    statement = FIND.format(select=check.select, scope=where, here=HERE)
    due = work_calendar().due(on, check.answer_days, LimitUnit.WORKDAY).on
    mine = {
        "rule": check.id, "severity": check.severity, "cites": check.cites, "owner": check.owner,
        "prefix": prefix, "due_on": due,
    }  # fmt: skip
    began = perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"check{check.id}"]
        )
        reserve_number(prefix, 0)
        cursor.execute(statement, values | mine)
        hits, fresh, silent, _ = cursor.fetchone()
    took = round((perf_counter() - began) * 1000)
    return CheckCount(
        run=run, rule=check.id, hits=hits, fresh=fresh, silent=silent, milliseconds=took
    )
