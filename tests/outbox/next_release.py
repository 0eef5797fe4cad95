"""What a worker of the next release knows beside the lab's own: a newer payload, a new listener."""

import os
from typing import Any

from django.db import connection

from yuquan_relief.kernel.outbox import LISTENERS, Listener

NEWER = 2


def effect(payload: dict[str, Any]) -> None:
    """A row that the test counts; only the newer payload names its version."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO effect (seq) VALUES (%s)", [payload["seq"]])


LAB = Listener("lab", frozenset({"lab.ring"}), effect, NEWER)
OF_LISTS = Listener("next.of_lists", frozenset({"payout.approve"}), effect)

if "RELIEF_LAB_NEXT" in os.environ:
    LISTENERS.update({listener.name: listener for listener in (LAB, OF_LISTS)})
