"""The server's clock. Nobody else's time counts (security.md, promise 10)."""

from datetime import date, datetime

from django.utils import timezone


def today() -> date:
    """The day in 玉泉区."""
    return timezone.localdate()


def now() -> datetime:
    """This instant."""
    return timezone.now()
