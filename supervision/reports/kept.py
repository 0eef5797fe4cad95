"""Reads of the kept sums that are made once and told until the sums change (5(8)).

Sums change when a list does, some times a month; programs ask for them all day. What is kept is
the reading alone: who may be told of it is judged each time.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from django.db import connection

from supervision.rules.figures import FIGURES

T = TypeVar("T")
MOST = 256  # readings of a process
_kept: OrderedDict[Hashable, Any] = OrderedDict()
_lock = Lock()


def of_sums(codes: tuple[str, ...]) -> bool:
    """Whether the figures read nothing but the kept sums."""
    return all(FIGURES[code].tables.startswith("supervision_payoutsum s ") for code in codes)


def version() -> tuple[str, int, int]:
    """What is another as soon as the sums are: they are replaced, never changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0), count(*) FROM supervision_payoutsum")
        last, count = cursor.fetchone()
    return str(connection.settings_dict["NAME"]), last, count


def kept(key: Hashable, read: Callable[[], T]) -> T:
    """The reading of the sums as they are now. `key`: all that it depends on but the sums."""
    whole = (version(), key)
    with _lock:
        if whole in _kept:
            _kept.move_to_end(whole)
            found: T = _kept[whole]
            return found
    made = read()
    with _lock:
        _kept[whole] = made
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made
