"""The product's WSGI application with a day that the test can move.

`RELIEF_TEST_DAY_FILE` names a file with a number of days; the server's clock is that far from the
machine's. Everything else is the product as it runs, but for quick password hashes (the cast's) and
sessions that outlive a jump of weeks (the idle limit, which is real time, stays).
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

import django.utils.timezone

OFFSET = Path(os.environ["RELIEF_TEST_DAY_FILE"])
real_now = django.utils.timezone.now


def shifted_now() -> datetime:
    """This instant, so many days away."""
    return real_now() + timedelta(days=int(OFFSET.read_text("ascii") or "0"))


django.utils.timezone.now = shifted_now  # before anything of the product is imported

from django.conf import settings  # noqa: E402

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.SESSION_COOKIE_AGE = 400 * 86400
settings.WHITENOISE_USE_FINDERS = True  # nothing was collected

from yuquan_relief.wsgi import application  # noqa: E402

__all__ = ["application"]
