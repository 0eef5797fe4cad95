"""Programs of the system that some tests call and that a machine may be without."""

import os
import shutil
from collections.abc import Sequence

import pytest


def program(*names: str, wanted: str, also: Sequence[str] = ()) -> str:
    """The path of the first that is there. Without one the test is skipped, under CI it fails.

    `wanted`: what to install; `also`: whole paths to look at after the names.
    """
    for place in (*names, *also):
        if found := shutil.which(place):
            return found
    reason = f"没有找到 {'、'.join(names)}，请先安装 {wanted}"
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
