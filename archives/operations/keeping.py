"""How long each file is kept, by the longest rule; and what holds it beyond that (6.4)."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Max

from archives.models import Dossier, LegalHold
from archives.rules.retention import HOLD_CAUSES, Term
from cases.models import Benefit, HandOver, Review
from cases.rules.programmes import Programme
from funds.models import Recovery, RecoveryReceipt
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.rulebook_values import rules

SUBJECT = "dossier"

# What else keeps a file, in words, "" if nothing does; the apps above add what they know (6.4).
KEEPERS: list[Callable[[Dossier], str]] = []

# The same as terms_of, for all files at once: what is not yet decided keeps the file without end,
# and an end moves only forward (the guard of the table says so too).
MOVE_ENDS = """
UPDATE archives_dossier d SET retain_until = x.until, retain_reason = x.reason
  FROM (
    SELECT f.id, t.until, t.reason
      FROM archives_dossier f
      JOIN cases_case c ON c.id = f.case_id
      LEFT JOIN cases_benefit b ON b.source_case_id = c.id
     CROSS JOIN LATERAL (
        SELECT until, reason FROM (VALUES
          (CASE WHEN c.programme = 'TEMPORARY'
                THEN coalesce((SELECT max(h.handed_on) FROM cases_handover h
                                WHERE h.case_id = c.id), c.decided_on)
                ELSE (b.end_month + interval '1 month' - interval '1 day')::date END
           + make_interval(years => f.retain_years),
           CASE WHEN c.programme = 'TEMPORARY' THEN '救助办结' ELSE '停止保障' END),
          ((SELECT max(r.ended_on) FROM cases_review r WHERE r.benefit_id = b.id)
           + make_interval(years => %(management)s), '末次复核办结'),
          ((SELECT max(p.recorded_on) FROM funds_recoveryreceipt p
             JOIN funds_recovery r ON r.id = p.recovery_id WHERE r.benefit_id = b.id)
           + make_interval(years => %(recovery)s), '末次追缴')) v(until, reason)
        ORDER BY v.until DESC NULLS LAST LIMIT 1) t
     WHERE f.state <> 'DESTROYED'
       AND (c.programme = 'TEMPORARY' OR b.end_month IS NOT NULL)) x
 WHERE d.id = x.id AND x.until IS NOT NULL
   AND (d.retain_until IS NULL OR x.until::date > d.retain_until)
"""


def terms_of(dossier: Dossier, on: date) -> list[Term]:
    """Every rule that keeps this file, with the day from which it counts; the first is that of the
    approval (10 years), then daily management and recovery where there was any."""
    rulebook, case = rules(on), dossier.case
    terms = [Term(_what_ends(dossier), _ended_on(dossier), dossier.retain_years)]
    reviewed = Review.objects.filter(benefit__source_case=case).aggregate(Max("ended_on"))
    if day := reviewed["ended_on__max"]:
        terms.append(Term("末次复核办结", day, rulebook["retention.management_years"]))
    received = RecoveryReceipt.objects.filter(recovery__benefit__source_case=case)
    if day := received.aggregate(Max("recorded_on"))["recorded_on__max"]:
        terms.append(Term("末次追缴", day, rulebook["retention.recovery_years"]))
    return terms


def _is_single(dossier: Dossier) -> bool:
    return not Programme(dossier.case.programme).is_monthly


def _what_ends(dossier: Dossier) -> str:
    return "救助办结" if _is_single(dossier) else "停止保障"


def _ended_on(dossier: Dossier) -> date | None:
    """The last day of the month with which the benefit ended; of 临时救助 the last hand-over."""
    case = dossier.case
    if _is_single(dossier):
        given = HandOver.objects.filter(case=case).aggregate(Max("handed_on"))["handed_on__max"]
        return given or case.decided_on
    ended = Benefit.objects.filter(source_case=case).values_list("end_month", flat=True).first()
    return ended and ended.replace(day=monthrange(ended.year, ended.month)[1])


@transaction.atomic
def move_ends(on: date) -> int:
    """Each file's end is that of the longest rule that counts by now; how many moved. One
    statement whatever the number of files."""
    rulebook = rules(on)
    with connection.cursor() as cursor:
        cursor.execute(
            MOVE_ENDS,
            {
                "management": rulebook["retention.management_years"],
                "recovery": rulebook["retention.recovery_years"],
            },
        )
        return int(cursor.rowcount)


def why_not_free(dossier: Dossier, on: date) -> str:
    """What keeps the file on this day, in words; "" when it may go."""
    if dossier.state != Dossier.State.SEALED:
        return f"现在是“{dossier.get_state_display()}”"
    if dossier.retain_until is None or dossier.retain_until >= on:
        return dossier.retention_text
    hold = dossier.holds.filter(lifted_on=None).first()
    if hold:
        return f"{hold.get_cause_display()}，已保留"
    parts = Dossier.objects.filter(case=dossier.case_id, state=Dossier.State.BUILDING)
    if parts.exists():
        return "同案的续卷还没有封存"
    of_case = {"benefit__source_case_id": dossier.case_id}
    if Review.objects.open().filter(**of_case).exists():
        return "还有没办结的复核"
    owed = Recovery.objects.filter(**of_case).exclude(state__in=Recovery().procedure.final)
    reasons = (keep(dossier) for keep in KEEPERS)
    return "还有没结清的追缴" if owed.exists() else next((r for r in reasons if r), "")


@transaction.atomic
def place_hold(
    no: str, cause: str, reason: str, *, document: str = "", actor: Actor, on: date
) -> LegalHold:
    """The file stays whatever its term says, until the hold is lifted.

    Raises Refused without cause and reason, or when the file is gone.
    """
    dossier = _locked(no, actor, "archives.hold")
    if dossier.is_destroyed:
        raise Refused("本卷已销毁，不能再保留")
    if cause not in HOLD_CAUSES or not reason.strip():
        raise Refused("请选择保留的原因，并写明是哪一件")
    hold = LegalHold.objects.create(
        dossier=dossier, cause=cause, reason=reason.strip()[:200], document=document.strip()[:100],
        placed_on=on, placed_by_id=actor.human_id,
    )  # fmt: skip
    _tell(dossier, "hold", actor, on, {"hold": hold.pk, "cause": cause})
    return hold


@transaction.atomic
def lift_hold(no: str, hold_id: int, reason: str, *, actor: Actor, on: date) -> Event:
    """The hold is over; the file is kept by its term again. The bureau's leader says why.

    Raises LegalHold.DoesNotExist for one of another file.
    """
    dossier = _locked(no, actor, "archives.release")
    hold = dossier.holds.select_for_update().get(pk=hold_id)
    if hold.lifted_on:
        raise Refused("这项保留已经解除")
    if not reason.strip():
        raise Refused("请写明解除的理由")
    hold.lifted_on, hold.lifted_by_id = on, actor.human_id
    hold.lifted_reason = reason.strip()[:200]
    hold.save(update_fields=["lifted_on", "lifted_by", "lifted_reason"])
    return _tell(dossier, "lift_hold", actor, on, {"hold": hold.pk})


def _locked(no: str, actor: Actor, capability: str) -> Dossier:
    found = Dossier.objects.visible_to(actor).select_for_update(of=("self",))
    dossier = found.select_related("case").get(no=no)
    if not actor.can(capability):
        raise PermissionDenied(capability)
    return dossier


def _tell(dossier: Dossier, code: str, actor: Actor, on: date, body: dict[str, object]) -> Event:
    return record(
        SUBJECT, dossier.no, code, actor=actor, on=on, unit_id=dossier.village_id, body=body
    )
