"""A folder for servers of their own, removed with everything that still runs in it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.launch.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Fresh, with a short path; open to passing, so that root's service user gets in."""
    var = Path(tempfile.mkdtemp(prefix="relief-"))
    var.chmod(0o711)
    made = Sandbox(var)
    yield made
    made.python("from yuquan_relief.embedded import stop; stop('up')")
    shutil.rmtree(var, ignore_errors=True)
