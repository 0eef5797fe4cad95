"""提标: computed for a whole office, signed in one list, told village by village, then in force."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from cases.models import Benefit, StandardLine, StandardRun, StandardTelling
from cases.models.standard_lines import (
    AWAY,
    CHANGED_SINCE,
    DIGEST,
    IN_FORCE,
    LEFT_OUT,
    LINES,
    STALE,
    TOTALS,
    run_sql,
    values_of,
)
from cases.rules.months import start_of
from cases.rules.programmes import MONTHLY, Family, Programme
from cases.rules.standards import STATES, STEPS, Step
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Event, Signature, Unit, next_number
from yuquan_relief.kernel.operations.attachments import attach
from yuquan_relief.kernel.roles import Reach
from yuquan_relief.kernel.rulebook_values import rules
from yuquan_relief.kernel.signing import Proof, covers, sign

from .reviews import Opening, open_review

logger = logging.getLogger(__name__)

SUBJECT = "standard"
Write = Callable[[StandardRun], Mapping[str, Any]]


@transaction.atomic
def perform(  # noqa: PLR0913 - the one road, with what each kind of act brings
    no: str,
    code: str,
    *,
    actor: Actor,
    on: date,
    note: str = "",
    proof: Proof | None = None,
    write: Write | None = None,
) -> Event:
    """One step has been taken on the run `no` and stands in the chain of events.

    Raises StandardRun.DoesNotExist outside the scope, PermissionDenied, Refused with the reason.
    """
    found = StandardRun.objects.visible_to(actor).select_for_update(of=("self",))
    run = found.get(no=no)
    step = STEPS[code]
    require(step, actor)
    if run.state not in step.sources:
        raise Refused(f"现在是“{STATES[run.state]}”，不能{step.label}")
    if step.needs_note and not note.strip():
        raise Refused(f"{step.label}须写明理由，请填写后再办")
    body = dict(write(run)) if write else {}
    if step.stage:
        body |= _signed(run, step, actor, proof)
    before = run.state
    run.state = step.target or run.state
    if run.state == "ENDED":
        run.ended_on = on
    run.version += 1
    run.save()
    return _tell(run, step.code, actor=actor, on=on, before=before, note=note.strip(), body=body)


def require(step: Step, actor: Actor) -> None:
    """Raise PermissionDenied unless the step is the robot's or the actor's post carries it."""
    allowed = step.by_robot if actor.is_robot else actor.can(step.capability)
    if not allowed:
        raise PermissionDenied(step.label)


def _tell(  # noqa: PLR0913 - one fact each
    run: StandardRun,
    action: str,
    *,
    actor: Actor,
    on: date,
    body: Mapping[str, Any],
    before: str = "",
    note: str = "",
) -> Event:
    return record(
        SUBJECT,
        run.no,
        action,
        actor=actor,
        on=on,
        unit_id=run.office_id,
        before=before,
        after=run.state,
        note=note,
        body={"round": run.round, **body},
    )


def content_of(run: StandardRun, stage: str) -> dict[str, Any]:
    """What a signature of a run covers: standards, totals in fen, and every line by digest."""
    fields = (
        "no programme before_fen after_fen source households persons total_before_fen"
        " total_after_fen left_out lines_sha256 round"
    )
    return {
        "subject": SUBJECT,
        "stage": stage,
        "valid_from": run.valid_from.isoformat(),
        **{name: getattr(run, name) for name in fields.split()},
    }


def _signed(run: StandardRun, step: Step, actor: Actor, proof: Proof | None) -> dict[str, Any]:
    if proof is None:
        raise Refused(f"{step.label}须签字，请输入签批码", code="signature_needed")
    signature = sign(
        SUBJECT,
        run.no,
        step.stage,
        content_of(run, step.stage),
        actor=actor,
        proof=proof,
        round=run.round,
    )
    return {"signature": signature.pk, "content_sha256": signature.content_sha256}


@transaction.atomic
def open_run(programme: str, *, valid_from: date, actor: Actor, on: date) -> StandardRun:
    """The raised standard of `valid_from` is computed for everybody in benefit of the office.

    Raises Refused when the rulebook has no higher standard from that day, or a run for it stands.
    """
    step = STEPS["open"]
    require(step, actor)
    if programme not in {p.value for p in MONTHLY}:
        raise Refused("请选择类别")
    if valid_from.day != 1 or not actor.office_id:
        raise Refused("标准从每月 1 日执行，请核对执行日期")
    before, after = _standards(programme, valid_from)
    office = Unit.objects.only("code", "parent_id").get(pk=actor.office_id)
    assert office.parent_id is not None
    run = StandardRun(
        no=next_number(f"TB-{office.code[:9]}-{valid_from:%Y%m}-"),
        district_id=office.parent_id,
        office_id=office.pk,
        programme=programme,
        valid_from=valid_from,
        source=after.source,
        before_fen=before.value,
        after_fen=after.value,
        opened_on=on,
        computed_for=on.replace(day=1),
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError as there:
        raise Refused("这个类别、这个执行日期已经测算过，请打开已有的批次") from there
    _compute(run, on)
    run.save()
    _tell(run, "open", actor=actor, on=on, body=_figures(run))
    return run


def standard_parameter(programme: str) -> str:
    """The rulebook's name of the standard by which the programme is given."""
    kind = Programme(programme)
    area = programme.partition("_")[0]
    return (
        f"standard.{area}_ALLOWANCE" if kind.family == Family.DESTITUTE else f"standard.{programme}"
    )


def _standards(programme: str, valid_from: date) -> tuple[Any, Any]:
    name = standard_parameter(programme)
    before = rules(valid_from - timedelta(days=1)).dated(name)
    after = rules(valid_from).dated(name)
    if after.valid_from != valid_from or after.value <= before.value:
        raise Refused(f"规则版本里没有从 {valid_from} 起提高的标准，请区社救中心先录入、复核新标准")
    return before, after


def _compute(run: StandardRun, on: date) -> None:
    """The lines of everybody who would be given something else; a fixed number of statements."""
    run.computed_for = on.replace(day=1)
    values = values_of(run) | {"destitute": False, "basic": "{}", "care": "{}"}
    programme = Programme(run.programme)
    if programme.family == Family.DESTITUTE:
        in_force = rules(max(on, run.valid_from))
        area = run.programme.partition("_")[0]
        values |= {
            "destitute": True,
            "basic": json.dumps(in_force[f"destitute.basic.{area}"]),
            "care": json.dumps(in_force["destitute.care"]),
        }
    run_sql(AWAY, values)
    run_sql(LINES, values)
    households, persons, before, after = run_sql(TOTALS, values)[0]
    run.households, run.persons = households, persons
    run.total_before_fen, run.total_after_fen = before, after
    run.left_out = run_sql(LEFT_OUT, values)[0][0]
    run.lines_sha256 = run_sql(DIGEST, values)[0][0]


def _figures(run: StandardRun) -> dict[str, Any]:
    return {
        "households": run.households,
        "before_fen": run.total_before_fen,
        "after_fen": run.total_after_fen,
        "lines_sha256": run.lines_sha256,
    }


def compute(no: str, *, actor: Actor, on: date) -> Event:
    """The run is computed anew from what is in force now."""

    def write(run: StandardRun) -> Mapping[str, Any]:
        _compute(run, on)
        return _figures(run)

    return perform(no, "compute", actor=actor, on=on, write=write)


def propose(no: str, *, actor: Actor, on: date, proof: Proof) -> Event:
    """The office has signed the list; the leader decides on all of it in one signature."""

    def write(run: StandardRun) -> Mapping[str, Any]:
        if not run.households:
            raise Refused("名单里没有要调整的户，不用送签")
        _require_fresh(run, on)
        return _figures(run)

    return perform(no, "propose", actor=actor, on=on, proof=proof, write=write)


def _require_fresh(run: StandardRun, on: date) -> None:
    stale = run_sql(STALE, values_of(run))[0][0]
    if stale or run.computed_for != on.replace(day=1):
        raise Refused("测算以后待遇有变化或者已经跨月，请退回重新测算", code="stale")


def send_back(no: str, *, note: str, actor: Actor, on: date) -> Event:
    """The run is open again, with what must be mended."""

    def write(run: StandardRun) -> Mapping[str, Any]:
        run.round += 1
        return {}

    return perform(no, "send_back", actor=actor, on=on, note=note, write=write)


def agree(no: str, *, actor: Actor, on: date, proof: Proof) -> Event:
    """The leader has signed every line by its digest; nothing is in force before it is told."""

    def write(run: StandardRun) -> Mapping[str, Any]:
        _require_fresh(run, on)
        mine = Signature.objects.filter(
            subject_kind=SUBJECT, subject_key=run.no, stage="propose", round=run.round
        )
        made = mine.order_by("-id").first()
        is_same = run.lines_sha256 == run_sql(DIGEST, values_of(run))[0][0]
        if made is None or not is_same or not covers(made, content_of(run, "propose")):
            raise Refused(
                "送签后名单有变化，经办人的签字不再覆盖现在的内容，请退回重新测算"
                "（第四条“谁签字，谁负责”）",
                code="signature_uncovered",
            )
        run.decided_on = on
        return _figures(run)

    return perform(no, "agree", actor=actor, on=on, proof=proof, write=write)


def withdraw(no: str, *, note: str, actor: Actor, on: date) -> Event:
    """The run was a mistake; nothing has changed."""
    return perform(no, "withdraw", actor=actor, on=on, note=note)


@dataclass(frozen=True, kw_only=True)
class Posted:
    """Where and when the village's list was posted, with its photo."""

    told_on: date
    place: str
    photo: bytes | None


def tell(no: str, posted: Posted, *, actor: Actor, on: date) -> Event:
    """The clerk's village was told of its list, which is in force from its months (4(1).2).

    When the last village was told the run has ended. Raises Refused without place or photo, for
    a day before the signature, and for a village that has no line or was told.
    """
    village_id = actor.unit_id or 0

    def write(run: StandardRun) -> Mapping[str, Any]:
        _refuse_unposted(run, posted, on)
        if not run.lines.filter(village_id=village_id).exists():
            raise Refused("本村（社区）没有要调整的户，不用登记")
        telling = StandardTelling(
            run=run,
            village_id=village_id,
            told_on=posted.told_on,
            place=posted.place.strip()[:100],
            recorded_by_id=actor.human_id,
        )
        telling.photo = attach(
            SUBJECT,
            run.no,
            f"posted-{village_id}",
            posted.photo or b"",
            title="提标名单张贴照片",
            village_id=village_id,
            office_id=run.office_id,
            actor=actor,
        )
        try:
            with transaction.atomic():
                telling.save(force_insert=True)
        except IntegrityError as twice:
            raise Refused("本村（社区）已经登记过告知") from twice
        return {"village": village_id, "lines": _put_in_force(run, village_id, actor, on)}

    event = perform(no, "tell", actor=actor, on=on, write=write)
    _end_if_all_told(no, on)
    return event


def _refuse_unposted(run: StandardRun, posted: Posted, on: date) -> None:
    if not posted.place.strip() or not posted.photo:
        raise Refused("请填写张贴地点，上传张贴照片")
    if not (run.decided_on and run.decided_on <= posted.told_on <= on):
        raise Refused(f"告知日期应在签批日 {run.decided_on} 到今天之间，请核对")


def _put_in_force(run: StandardRun, village_id: int, actor: Actor, on: date) -> int:
    day = on.replace(day=int(rules(on)["decision.cut_off_day"]))
    heard = start_of(on, work_calendar().on_or_before(day)).paid_with
    values = values_of(run) | {
        "village": village_id,
        "paid_with": heard,
        "on": on,
        "person": actor.person_id,
    }
    values["skip"] = _otherwise_changed(run, values, on)
    run_sql(IN_FORCE, values)
    lines = StandardLine.objects.filter(run=run, village_id=village_id)
    return lines.exclude(benefit__in=values["skip"]).count()


def _otherwise_changed(run: StandardRun, values: Mapping[str, Any], on: date) -> list[int]:
    """Benefits that were changed after they were computed: each is reviewed on its own, under the
    new standard, so that an older list does not undo a newer decision."""
    found = run_sql(CHANGED_SINCE, dict(values))
    for _, key in found:
        opening = Opening(
            trigger="EVENT",
            what=f"提标（{run.no}）签批后待遇另有调整，请按新标准复核",
            cause=f"STANDARD:{run.no}",
        )
        try:
            open_review(key, opening, actor=ROBOT, on=on)
        except Refused as refused:  # it is being reviewed now, which is what is asked for
            logger.info("review of %s: %s", key, refused.code)
    return [pk for pk, _ in found]


def not_computed(actor: Actor, on: date) -> list[tuple[str, date]]:
    """(programme, day) of standards raised this year that the office has not computed (R76)."""
    if actor.reach != Reach.OFFICE:
        return []
    found = []
    for programme in MONTHLY:
        here = Benefit.objects.visible_to(actor).filter(programme=programme)
        latest = rules(on).dated(standard_parameter(programme)).valid_from
        runs = StandardRun.objects.visible_to(actor).filter(programme=programme, valid_from=latest)
        before = here.filter(start_month__lte=latest).in_month(on.replace(day=1))
        if latest.year == on.year and before.exists() and not runs.exclude(
            state="WITHDRAWN").exists():  # fmt: skip
            found.append((programme.label, latest))
    return found


def villages_to_tell(run: StandardRun) -> list[int]:
    """Ids of villages with lines that were not told yet."""
    told = run.tellings.values("village")
    left = run.lines.exclude(village__in=told).values_list("village_id", flat=True)
    return list(left.distinct())


def _end_if_all_told(no: str, on: date) -> None:
    run = StandardRun.objects.get(no=no)
    if run.state == "TO_TELL" and not villages_to_tell(run):
        perform(no, "end", actor=ROBOT, on=on)
