"""Gaps in the numbers of files: none is used twice, and each that is not there is told (6.2)."""

from dataclasses import dataclass

from django.db import connection

from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.roles import Reach

from .building import FONDS

# Every number that was given under a prefix, less those that stand on a file.
MISSING = """
SELECT c.prefix, c.last, array_agg(n ORDER BY n) FILTER (WHERE d.id IS NULL)
  FROM kernel_counter c
 CROSS JOIN LATERAL generate_series(1, c.last) n
  LEFT JOIN archives_dossier d ON d.no = c.prefix || lpad(n::text, 4, '0')
 WHERE c.prefix LIKE %s AND split_part(c.prefix, '-', 4) = ANY(%s)
 GROUP BY c.prefix, c.last ORDER BY c.prefix
"""


@dataclass(frozen=True)
class Numbers:
    """One run of numbers: its beginning, the last one given, and those that no file has."""

    prefix: str
    last: int
    missing: list[int]


def numbers(actor: Actor) -> list[Numbers]:
    """The runs of the offices that the actor sees; one statement."""
    units = Unit.objects.offices()
    if actor.reach == Reach.OFFICE:
        units = units.filter(pk=actor.unit_id or 0)
    elif actor.reach == Reach.DISTRICT:
        units = units.filter(parent_id=actor.unit_id)
    else:
        return []
    codes = [code[:9] for code in units.values_list("code", flat=True)]
    with connection.cursor() as cursor:
        cursor.execute(MISSING, [f"{FONDS}·%", codes])
        return [Numbers(prefix, last, gone or []) for prefix, last, gone in cursor.fetchall()]
