"""A guard taken away, so that a twin shows what it is that refuses."""

from dataclasses import replace

import pytest

from cases.models import Case
from cases.rules.procedures import PROCEDURES


def without(monkeypatch: pytest.MonkeyPatch, case: Case, code: str, need: str) -> None:
    """The step without one of its needs."""
    steps = PROCEDURES[case.programme]
    assert need in steps[code].needs
    needs = tuple(n for n in steps[code].needs if n != need)
    monkeypatch.setitem(steps, code, replace(steps[code], needs=needs))
