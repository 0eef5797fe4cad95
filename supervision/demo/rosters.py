"""Synthetic rosters in the district's own form (F37), and taking them over."""

import csv
import io
import random
from collections.abc import Sequence
from datetime import date, timedelta

from cases.management.commands.import_roster import place_actor
from cases.operations.roster import Imported, import_roster
from cases.rules.roster import OPTIONAL, REQUIRED
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.models import Unit

from .families import BANKS, account_number, person_name

HEADER = (*REQUIRED, *OPTIONAL, "发放方式")
BORN_FROM = date(1940, 1, 1)
DAYS = 18_000  # to 1989
SIZES = (1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 4)  # 1.7 persons on average
ACCOUNTS_FROM = 200_000


def roster_file(
    villages: Sequence[Unit], households: int, month: date, *, first: int, seed: int
) -> bytes:
    """A roster of `households` in the villages, in turn, as UTF-8 CSV with BOM.

    `first` is the number of the first household: no two households of one district share it.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    rng = random.Random(f"roster-{seed}-{first}")
    for number in range(first, first + households):
        village = villages[number % len(villages)]
        writer.writerow(_line(rng, number, village, month))
    return out.getvalue().encode("utf-8-sig")


def _line(rng: random.Random, number: int, village: Unit, month: date) -> list[str]:
    is_rural = village.kind == Unit.Kind.VILLAGE
    persons = rng.choice(SIZES)
    monthly = persons * rng.randint(250, 560 if is_rural else 780)
    supplement = rng.choice((0, 0, 0, 50, 100))
    name = person_name(rng)
    assert village.parent is not None
    year = month.year - 1 - number // 1_000_000  # each scale of the seed has years of its own
    letter = "N" if is_rural else "C"
    return [
        village.name,
        name,
        identity_number(number, is_male=rng.random() < 0.55),
        f"{letter}{village.parent.code}{year}{number % 100_000:05d}",
        "农村低保" if is_rural else "城市低保",
        str(persons),
        f"{monthly}.00",
        rng.choice(BANKS),
        name,
        account_number(ACCOUNTS_FROM + number),
        f"{month:%Y-%m}",
        f"{supplement}.00",
        f"{monthly + supplement}.00",
        "1",
        "社会化发放",
    ]


def identity_number(number: int, *, is_male: bool) -> str:
    """A number of nobody, different for each `number`."""
    turn, day = divmod(number, DAYS)
    born = BORN_FROM + timedelta(days=day)
    return identity_numbers.synthetic(turn, birth_on=born, is_male=is_male, area="159960")


def take_over(
    office_code: str, households: int, month: date, *, on: date, first: int, seed: int
) -> Imported:
    """The office's roster is imported, as by its staff on `on`."""
    actor = place_actor(office_code)
    villages = list(
        Unit.objects.villages()
        .valid_on(on)
        .filter(parent_id=actor.office_id)
        .select_related("parent")
        .order_by("code")
    )
    content = roster_file(villages, households, month, first=first, seed=seed)
    return import_roster(content, name=f"在享名册{month:%Y%m}.csv", actor=actor, on=on)
