"""The demo district, once: each part is one transaction with an event that says it is there."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from cases.operations import applications
from cases.rules.months import next_month
from cases.rules.programmes import MONTHLY
from yuquan_relief import kernel
from yuquan_relief.kernel.calendars import load_known_years
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.duties import run_all
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Event, Unit
from yuquan_relief.kernel.operations.rulebook import load_delivered
from yuquan_relief.kernel.operations.units import import_units
from yuquan_relief.kernel.spreadsheets import read_table
from yuquan_relief.kernel.workdays import DAY

from . import benefits, papers, registers, supervising
from .families import family
from .files import seal_first
from .money import PaidMonth, pay_month
from .road import Household, Road
from .rosters import take_over
from .scenarios import SCENARIOS, SMALL, Scenario
from .schedule import Planned, Rhythm, moved
from .staff import COMMAND_LINE, DESKS, SINCE, TOWN, Cast, Desk, hire, units_by_code

UNITS = Path(kernel.__file__).parent / "data" / "units_2026.csv"
LOCK = 20260803
PROGRAMMES = {
    "": ("RURAL_ALLOWANCE", "URBAN_ALLOWANCE"),
    "destitute": ("RURAL_DESTITUTE", "URBAN_DESTITUTE"),
    "expense": ("EXPENSE_RELIEF", "EXPENSE_RELIEF"),
    "urgent": ("URGENT_RELIEF", "URGENT_RELIEF"),
}
Say = Callable[[str], None]


# Households taken over in all ten offices together, for lists and benchmarks.
SCALES = {"demo": 0, "district": 6_000, "city": 100_000}
DEMO_ROSTER = 60


def seed(*, number: int, scale: str, say: Say) -> None:
    """The demo district stands; what is there already stays as it is."""
    parts = {
        "base": _base,
        "cases": _cases,
        "drafts": _drafts,
        "roster": _roster,
        "money": _money,
        "files": _files,
        "registers": _registers,
        "benefits": _benefits,
    }
    for part, make in parts.items():
        once(part, number, make, say)
    for office, code in enumerate(office_codes()):
        if households := SCALES[scale] // 10:
            once(f"{scale}-{code}", number, partial(_big_roster, code, office, households), say)
    run_all(today())  # what the clock owes today: next month's lists and the night's checks
    once("supervision", number, _supervision, say)


def once(part: str, number: int, make: Callable[[int, Say], None], say: Say) -> bool:
    """`make` has run in one transaction, now or at an earlier time; whether it was now."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if Event.objects.filter(subject_kind="demo", subject_key=part).exists():
            return False
        make(number, say)
        record("demo", part, "seed_demo", actor=COMMAND_LINE, body={"seed": number})
    return True


def _base(number: int, say: Say) -> None:
    load_delivered()
    load_known_years()
    table = read_table(UNITS.read_bytes(), name=UNITS.name)
    done = import_units(table.rows, actor=COMMAND_LINE)
    hired = hire(units_by_code())
    say(f"单位 {done.added + done.changed + done.unchanged} 个，人员和账号 {hired} 个")


def office_codes() -> list[str]:
    """The ten offices of the 2026 list."""
    offices = Unit.objects.offices().valid_on(SINCE)
    return sorted(offices.values_list("code", flat=True))


def _roster(number: int, say: Say) -> None:
    """The town's roster, taken over just before the last list that is paid by now."""
    days = PaidMonth.before(today())
    done = take_over(TOWN, DEMO_ROSTER, days.month, on=days.roster_on, first=1, seed=number)
    say(f"在享名册 {done.households} 户")


def _money(number: int, say: Say) -> None:
    """That list, from the allocation to the bank's answer."""
    cast, days = Cast(), PaidMonth.before(today())
    for programme in MONTHLY:
        if batch := pay_month(DESKS[0], programme, days, cast):
            say(f"发放 {batch.no} {batch.line_count} 笔")
    say(f"资金单据 {papers.fill(DESKS[0], cast, on=today())} 件")


def _files(number: int, say: Say) -> None:
    """One sealed file."""
    say(f"封存案卷 {seal_first(DESKS[0], Cast(), on=today())}")


def _registers(number: int, say: Say) -> None:
    """Relatives, leads, a mandate, care, and a household whose head has died."""
    registers.fill(DESKS[0], Cast(), number=number, on=today())
    say("近亲属、主动发现、授权、照料、户变更已登记")


def _benefits(number: int, say: Say) -> None:
    """Visits, changes and reviews of those who came with the roster."""
    visits, reviewed = benefits.fill(DESKS[0], Cast(), on=today())
    say(f"走访 {visits} 户，复核 {reviewed} 户")


def _supervision(number: int, say: Say) -> None:
    """Findings on their way, a sample, complaints, a bulletin, tasks, a course, tables.

    A demo district of before has neither the values nor the worker that this part needs.
    """
    load_delivered()
    hire(units_by_code())
    done = supervising.fill(Cast(), on=today())
    say("监督：" + "，".join(f"{name} {count}" for name, count in done.items()))


def _big_roster(code: str, office: int, households: int, number: int, say: Say) -> None:
    """A large roster of one office, paid from next month on."""
    month = next_month(today())
    first = 1000 + households * office + (1_000_000 if households > 1000 else 0)
    done = take_over(code, households, month, on=today(), first=first, seed=number)
    say(f"在享名册 {code} {done.households} 户")


def _cases(number: int, say: Say) -> None:
    cast = Cast()
    planned = list(_planned(number, today()))
    for at, (whose, plan) in enumerate(planned, start=1):
        Road(cast, whose).drive(plan)
        if at % 10 == 0 or at == len(planned):
            say(f"案件 {at}/{len(planned)}")


def _planned(number: int, on: date) -> Iterator[tuple[Household, list[Planned]]]:
    """Every demo case with its days, the oldest submission first: numbers then follow days."""
    rhythm = Rhythm.on(on)
    found = []
    for place, desk in enumerate(DESKS):
        for scenario in SMALL if place else SCENARIOS:
            found += [(desk, scenario.of, plan) for plan in _plans(scenario, on, rhythm)]
    found.sort(key=lambda row: (row[2][0].on, row[2][-1].on, row[0].prefix, row[1], len(row[2])))
    for serial, (desk, of, plan) in enumerate(found, start=1):
        yield _household(desk, of, serial, number), plan


def _household(desk: Desk, of: str, serial: int, number: int) -> Household:
    village = serial % 2
    is_rural = desk.village_codes[village][9] >= "2"
    return Household(
        serial=serial,
        desk=desk,
        village=village,
        programme=PROGRAMMES[of][0 if is_rural else 1],
        seed=number,
    )


def _plans(scenario: Scenario, on: date, rhythm: Rhythm) -> Iterator[list[Planned]]:
    for ago in scenario.ago:
        yield rhythm.ending_by(scenario.steps, on - ago * DAY)
    for due_in in scenario.due_in:
        yield rhythm.due_by(scenario.steps, moved(on, due_in, rhythm.calendar))


def _drafts(number: int, say: Say) -> None:
    """Two drafts a village: one hardly begun, one nearly done."""
    cast = Cast()
    logins = [(desk, f"{desk.prefix}_jingban{n}") for desk in DESKS for n in (1, 2)]
    for serial, (_, login) in enumerate(logins, start=901):
        clerk = cast[login]
        answers = family(serial, PROGRAMMES[""][1], clerk.unit_name, seed=number)
        head = answers["members"][0]
        for fields in (
            {"members-0-name": head["name"], "members-0-relation": "SELF"},
            {
                "members-0-name": answers["members"][-1]["name"],
                "members-0-id_no": head["id_no"],
                "members-0-relation": "SELF",
                "phone": answers["phone"],
                "address": answers["address"],
                "reason": answers["reason"],
            },
        ):
            draft = applications.start_draft(PROGRAMMES[""][1], actor=clerk)
            patches: list[Mapping[str, Any]] = [
                {"field": name, "base_version": 0, "value": text} for name, text in fields.items()
            ]
            applications.save_answers(draft.key, patches, actor=clerk)
    say(f"草稿 {len(logins) * 2} 份")
