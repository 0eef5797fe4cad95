"""Settings for the tests: the embedded servers of the tests, and quick password hashes."""

from yuquan_relief.embedded import hold

hold("test")

from yuquan_relief.settings import *  # noqa: E402 - the servers' addresses come first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = True
CONN_MAX_AGE = 0
WHITENOISE_USE_FINDERS = True  # nothing was collected
# Tests side by side must not count together (tests/kernel/test_throttling.py asks the broker).
CACHES = {**CACHES, "shared": CACHES["default"]}
