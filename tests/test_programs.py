"""A program that is missing is a reason to skip at a desk, and to fail where all are installed."""

import sys

import pytest

from tests.programs import program


def test_what_is_there_is_found_by_name_or_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert program("no-such-program", "sh", wanted="sh").endswith("/sh")
    assert program("no-such-program", wanted="", also=["/no/such", sys.executable]) == (
        sys.executable
    )


@pytest.mark.parametrize("ci", ["true", "True", "1"])
def test_what_is_missing_fails_under_ci(monkeypatch: pytest.MonkeyPatch, ci: str) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(pytest.fail.Exception, match="no-such-program，请先安装 something"):
        program("no-such-program", wanted="something")


@pytest.mark.parametrize("ci", ["", "false", "0"])
def test_what_is_missing_is_skipped_elsewhere(monkeypatch: pytest.MonkeyPatch, ci: str) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(pytest.skip.Exception, match="请先安装 something"):
        program("no-such-program", wanted="something")
