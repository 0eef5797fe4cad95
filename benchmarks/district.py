"""A district of many cases: sound prototypes of each kind, copied by SQL to places and days.

Every row of a prototype (`tests.supervision.ground`) is copied with its columns as they are, but
for keys, days, places, people and what is of a person: numbers, telephones, addresses and places
of photos are sealed one by one, as they would be. What a prototype has not (lists, reviews,
contacts, files, looks) is added by the statements of `district_rows.EXTRAS`.
"""

import io
import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any

import psycopg2

from benchmarks.district_rows import (
    BELONGS,
    COPY,
    EXTENDED,
    EXTRAS,
    GUARDED,
    JOINS,
    KEYS,
    MONTHS,
    OWN,
    PEOPLE,
    PLACES,
    STILL,
    TABLES,
    TEXTS,
    TOTALS,
)

ON, MONTH = date(2026, 11, 27), date(2026, 11, 1)
STRIDE = 1_000  # between the keys of two copies; a prototype's own keys are below
OFFICES, VILLAGES = 10, 10  # villages of each office
# Of a hundred cases: programme and state.
MIX = (
    (40, "URBAN_ALLOWANCE", "APPROVED"),
    (14, "RURAL_ALLOWANCE", "APPROVED"),
    (6, "RURAL_DESTITUTE", "APPROVED"),
    (12, "URBAN_ALLOWANCE", "REFUSED"),
    (12, "EXPENSE_RELIEF", "APPROVED"),
    (8, "URGENT_RELIEF", "APPROVED"),
    (4, "URBAN_ALLOWANCE", "INVESTIGATING"),
    (2, "RURAL_ALLOWANCE", "REVIEW_NOTICE"),
    (2, "RURAL_DESTITUTE", "TO_DECIDE"),
)
MONTHLY = ("URBAN_ALLOWANCE", "RURAL_ALLOWANCE", "RURAL_DESTITUTE")
ACTS = (
    ("submit", date(2026, 8, 3), "clerk"),
    ("accept", date(2026, 8, 4), "staff"),
    ("request_means_check", date(2026, 8, 4), "staff"),
    ("record_survey", date(2026, 8, 6), "clerk"),
    ("cosign_survey", date(2026, 8, 6), "surveyor"),
    ("return_means_check", date(2026, 8, 7), ""),
    ("settle_income", date(2026, 8, 9), "staff"),
    ("record_appraisal", date(2026, 8, 10), "clerk"),
    ("sign_appraisal", date(2026, 8, 10), "head"),
    ("post_review_notice", date(2026, 8, 11), "clerk"),
    ("close_notice", date(2026, 8, 19), ""),
    ("propose", date(2026, 8, 20), "staff"),
    ("approve", date(2026, 9, 10), "leader"),
)
STAFF = ("clerk", "head", "surveyor", "staff", "leader")


class Owner:
    """The owner's connection: rows past the guards, which only the owner can do."""

    def __init__(self, database: str) -> None:
        from tests import databases

        self.connection = psycopg2.connect(databases.owner_url(database))
        self.connection.autocommit = True

    def run(self, statements: str, values: dict[str, Any] | None = None) -> None:
        """Statements one after the other; without values `%` is nothing special."""
        with self.connection.cursor() as cursor:
            for statement in statements.split(";\n"):
                cursor.execute(statement, values)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a SELECT gives."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())

    def guards(self, tables: Iterable[str], *, on: bool) -> None:
        """Triggers of the tables are on or off."""
        for table in tables:
            self.run(f"ALTER TABLE {table} {'ENABLE' if on else 'DISABLE'} TRIGGER USER")

    def load(self, table: str, rows: Iterator[tuple[Any, ...]]) -> None:
        """Rows by COPY, ten thousand at a time."""
        with self.connection.cursor() as cursor:
            while chunk := list(islice(rows, 10_000)):
                text = "".join("\t".join(map(str, row)) + "\n" for row in chunk)
                cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(text))


def fill(name: str, cast: Any, size: int, months: int) -> None:
    """So many cases with everything that belongs to them, and the lists of so many months."""
    from supervision.rules.checks.money import SNAPSHOT

    owner = Owner(name)
    villages(cast, owner)
    prototypes(cast, owner)
    values = {
        "size": size, "months": months, "district": cast.district.pk,
        "clerk": cast.clerk.human_id, "monthly": list(MONTHLY), "weeks": _weeks(),
    }  # fmt: skip
    owner.run(COPY, values)
    owner.load("bench_home", homes(size))
    owner.load("bench_person", persons(size))
    owner.run("ANALYZE bench_home;\nANALYZE bench_person;\nANALYZE bench_copy")
    owner.guards(GUARDED, on=False)
    ids = [cast.actors[who].human_id for who in STAFF]
    for table in TABLES:
        owner.run(copy_of(table, owner, ids))
    for table in EXTENDED:
        owner.run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
    owner.run("ANALYZE")
    owner.run(EXTRAS, values)
    owner.run(TOTALS.format(snapshot=SNAPSHOT))
    owner.guards(GUARDED, on=True)
    owner.run("VACUUM ANALYZE")
    owner.connection.close()


def _weeks() -> list[int]:
    """By how many weeks a case may lie earlier: not so that it was decided on a holiday."""
    from yuquan_relief.kernel.calendars import work_calendar

    calendar = work_calendar()
    days = date(2026, 8, 4), date(2026, 8, 10), date(2026, 9, 10)
    return [
        week for week in range(-11, 139)
        if all(calendar.is_workday(day - timedelta(weeks=week)) for day in days)
    ]  # fmt: skip


def copy_of(table: str, owner: Owner, people: list[int]) -> str:
    """The one statement that copies a table's rows of the prototypes."""
    found = owner.rows(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        table,
    )
    columns = ", ".join(f'"{name}"' for name, _ in found)
    values = ", ".join(_value(table, name, kind, people) for name, kind in found)
    by = TABLES[table]
    return (
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} p"
        f" JOIN bench_copy x ON x.{BELONGS[by]} = p.{by} {JOINS.get(table, '')}"
    )


def _value(table: str, name: str, kind: str, people: list[int]) -> str:
    """One column of the copy."""
    column = f'p."{name}"'
    person = f"x.people[array_position(ARRAY{people}, {column}::int)]"
    named = (
        (KEYS, f"{column} + x.n * {STRIDE}"),
        (TEXTS, f"{column} || '-' || x.n"),
        (PEOPLE, f"coalesce({person}, {column})"),
        (MONTHS, f"CASE WHEN {column} IS NOT NULL THEN {MONTHS.get(name)} END"),
        (PLACES, PLACES.get(name, "")),
    )
    moved = {"date": " - x.shift", "timestamp with time zone": " - x.shift * interval '1 day'"}
    still = column + ("" if table in STILL else moved.get(kind, ""))
    own = OWN.get(table, {}).get(name)
    return own or next((value for names, value in named if name in names), still)


def villages(cast: Any, owner: Owner) -> None:
    """Offices, villages and who works there."""
    from tests.cast import SINCE, unit
    from yuquan_relief.kernel.fields import digest
    from yuquan_relief.kernel.models import Person, Post

    owner.run("CREATE TABLE bench_village (at int, office bigint, village bigint, people bigint[])")
    dice, at, posts = random.Random(2), 0, []

    def person(role: str, place: Any) -> int:
        made = Person.objects.create(
            name=name_of(dice), id_digest=digest(f"{role}{place.code}{len(posts)}"),
            phone=f"199{dice.randrange(10**8):08d}",
        )  # fmt: skip
        posts.append(Post(person=made, unit=place, role=role, title="干部", starts_on=SINCE))
        return made.pk

    for i in range(OFFICES):
        office = unit(f"第{i}街道", "OFFICE", f"1599001{i:02d}", cast.district)
        roles = ("office_staff", "office_staff", "deputy_leader")
        there = [person(role, office) for role in roles]
        for j in range(VILLAGES):
            village = unit(f"第{i}-{j}社区", "COMMUNITY", f"{office.code}{j:03d}", office)
            mine = [person("clerk", village), person("committee_head", village), *there]
            owner.run(
                f"INSERT INTO bench_village VALUES ({at}, {office.pk}, {village.pk}, ARRAY{mine})"
            )
            at += 1
    Post.objects.bulk_create(posts)


def prototypes(cast: Any, owner: Owner) -> None:
    """One sound case of each kind, with a family of three."""
    from tests.supervision.ground import Ground

    owner.run(
        "CREATE TABLE bench_proto (first int, last int, household bigint, of_case bigint, no text,"
        " benefit bigint, is_open boolean)"
    )
    ground, first = Ground(cast), 0
    for share, programme, state in MIX:
        case = _prototype(ground, programme, state)
        _chain(cast, case.no)
        home = case.household
        benefit = home.benefits.values_list("pk", flat=True).first() or "NULL"
        over = state in ("APPROVED", "REFUSED")
        owner.run(
            f"INSERT INTO bench_proto VALUES ({first}, {first + share - 1}, {home.pk}, {case.pk},"
            f" '{case.no}', {benefit}, {not over})"
        )
        first += share


def _prototype(ground: Any, programme: str, state: str) -> Any:
    """A sound case of a family of three, with wages and, for 临时救助, what it asked for."""
    from cases.models import Claim, IncomeLine
    from tests.supervision.ground import SUBMITTED, SURVEYED

    home = ground.home()
    ground.member(home, relation="SPOUSE")
    ground.member(home, relation="CHILD")
    more = {"relieved_on": SUBMITTED, "decided_on": date(2026, 8, 10)}
    more = more if programme == "URGENT_RELIEF" else {}
    case = ground.case(home, programme=programme, state=state, **more)
    ground.photo(case, "survey_photo", SURVEYED)
    for member in home.members.all():
        IncomeLine.objects.create(
            case=case, member=member, kind="WAGES", declared_fen=176_400, checked_fen=176_400,
            adopted_fen=176_400,
        )  # fmt: skip
    if programme.endswith("_RELIEF"):
        Claim.objects.create(
            case=case, cause="MEDICAL", happened_on=SUBMITTED, place="本区", asked_fen=300_000,
            household_class="EDGE", total_fen=500_000, covered_fen=100_000,
        )  # fmt: skip
    return case


def _chain(cast: Any, no: str) -> None:
    """The case's acts stand in the chain, each in its transaction."""
    from django.db import transaction

    from yuquan_relief.kernel.actor import ROBOT
    from yuquan_relief.kernel.events import record

    for action, on, who in ACTS:
        with transaction.atomic():
            actor = cast.actors[who] if who else ROBOT
            due = date(2026, 9, 25) if action == "accept" else None
            record("case", no, action, actor=actor, on=on, due_on=due, body={"round": 1})


def name_of(dice: random.Random) -> str:
    """A name of nobody; there are some fifteen thousand."""
    from supervision.demo.families import GIVEN, SURNAMES

    given = dice.choice(GIVEN)
    return dice.choice(SURNAMES) + (given if dice.random() < 0.5 else given[0] + dice.choice(GIVEN))


def homes(size: int) -> Iterator[tuple[Any, ...]]:
    """Head, telephone, address, account, and where photos of home and board were taken."""
    from tests.funds.payouts import card
    from yuquan_relief.kernel.fields import digest, seal

    for n in range(1, size + 1):
        dice = random.Random(n)
        name, tail = name_of(dice), f"{dice.randrange(10**8):08d}"
        number = card(n)
        at = n // 7 % (OFFICES * VILLAGES)
        spot, board = (_spot(dice, at, wide) for wide in (0.004, 0.0003))
        address = f"演练路{dice.randrange(1, size + 9)}号{dice.randrange(1, 7)}单元"
        yield (
            n, name, seal(f"199{tail}"), tail[-4:], seal(address), seal(number), digest(number),
            number[-4:], seal(spot), seal(board),
        )  # fmt: skip


def _spot(dice: random.Random, at: int, wide: float) -> str:
    """A point of a village, so many degrees from its middle."""
    north, east = 40.7 + at % 10 * 0.02, 111.6 + at // 10 * 0.02
    return f"{dice.gauss(north, wide):.5f},{dice.gauss(east, wide):.5f},12"


def persons(size: int) -> Iterator[tuple[Any, ...]]:
    """Head, spouse and child of each home, each with a number that fits."""
    from yuquan_relief.kernel.fields import digest, seal
    from yuquan_relief.kernel.inputs import identity_numbers

    for n in range(1, size + 1):
        head = name_of(random.Random(n))  # as in homes
        dice = random.Random(-n)
        for i, (relation, year) in enumerate((("SELF", 1945), ("SPOUSE", 1947), ("CHILD", 1975))):
            born = date(year, 1, 1) + timedelta(days=dice.randrange(12_000))
            is_male = dice.random() < 0.5
            id_no = identity_numbers.synthetic((n * 3 + i) % 49_900, birth_on=born, is_male=is_male)
            yield (
                n, relation, head if not i else name_of(dice), seal(id_no), digest(id_no),
                id_no[-4:], born, is_male,
            )  # fmt: skip
