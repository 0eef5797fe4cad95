"""Who is locked out after how many misses: five for an account from one address, twenty in all.

Five from anywhere would let any outsider lock a colleague out by typing the name.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.db import connection, transaction
from django.db.models import Sum
from django.http import HttpRequest

OF_PAIR, OF_ACCOUNT = 5, 20


class PairAndAccount(AxesDatabaseHandler):  # type: ignore[misc] # the library has no types
    """Counts as settings.AXES_LOCKOUT_PARAMETERS says: the pair first, then the account alone."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Misses on the scale of a pair: twenty of the account weigh as five of a pair."""
        pair, account = (
            attempts.aggregate(n=Sum("failures_since_start"))["n"] or 0
            for attempts in self.get_user_attempts(request, credentials)
        )
        return int(max(pair, account * OF_PAIR // OF_ACCOUNT))


@contextmanager
def one_guess_at_a_time(username: str) -> Iterator[None]:
    """Guesses at one account wait for each other, so that each sees the misses before it.

    Without it, as many passwords as arrive at once would be compared before the first is counted.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        name = hashlib.sha256(f"sign_in:{username.casefold()}".encode()).digest()
        key = int.from_bytes(name[:8], "big", signed=True)
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
        yield
