"""The server's clock at a chosen day."""

from contextlib import AbstractContextManager
from datetime import date
from unittest import mock

DAY = date(2026, 11, 23)


def at(day: date = DAY) -> AbstractContextManager[object]:
    """Inside the block it is `day` in 玉泉区."""
    return mock.patch("yuquan_relief.kernel.clock.timezone.localdate", return_value=day)
