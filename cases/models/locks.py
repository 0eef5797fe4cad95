"""Two applications of one person at the same moment: the second waits, and then sees the first."""

from collections.abc import Sequence

from django.db import connection

ROSTER = 150104037  # the import of a roster excludes every submission while it runs


def hold_roster() -> None:
    """Until the transaction ends, no other import runs and no application is submitted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROSTER])


def hold_people(digests: Sequence[str]) -> None:
    """Until the transaction ends, nobody else submits one of these people; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(%s), pg_advisory_xact_lock(hashtextextended(d, 1))"
            " FROM (SELECT d FROM unnest(%s) d ORDER BY d) people",
            [ROSTER, list(digests)],
        )
