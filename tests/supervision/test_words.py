"""What people read of a finding is words; the page of the rules is the rules (10, 12)."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from supervision.management.commands import describe_checks
from supervision.rules.checks import CHECKS
from supervision.rules.checks.words import HIDDEN, LABELS, read
from yuquan_relief.kernel.roles import ROLES

KEY = re.compile(r"'([a-z_0-9]+)',")
PAGE = Path(settings.BASE_DIR) / "docs" / "checks.md"


def keys_of(evidence: str) -> set[str]:
    """The names of a part's snapshot: every second argument of jsonb_build_object."""
    return set(KEY.findall(evidence))


@pytest.mark.parametrize("rule", sorted(CHECKS))
def test_every_value_of_a_snapshot_has_its_name_or_is_left_out(rule: str) -> None:
    kept = {key for part in CHECKS[rule].parts for key in keys_of(part.evidence)}
    assert kept
    unknown = {key for key in kept if key not in LABELS and key not in HIDDEN}
    assert not unknown


def test_a_value_without_a_name_would_be_seen() -> None:
    assert keys_of("'due_on', c.due_on, 'novel', 1") == {"due_on", "novel"}
    assert "novel" not in LABELS | dict.fromkeys(HIDDEN)
    assert read({"novel": 1}, {}) == []


@pytest.mark.parametrize("rule", sorted(CHECKS))
def test_every_rule_says_who_answers_and_what_to_do(rule: str) -> None:
    check = CHECKS[rule]
    assert check.owner in ROLES
    assert check.label
    assert check.advice
    assert check.answer_days > 0


def test_the_page_of_the_rules_is_as_the_rules() -> None:
    call_command("describe_checks", "--check")
    assert PAGE.read_text(encoding="utf-8") == describe_checks.page()


def test_a_changed_rule_makes_the_page_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    written = describe_checks.page()
    monkeypatch.setattr(describe_checks, "page", lambda: written + "改")
    with pytest.raises(CommandError, match="请运行 manage"):
        call_command("describe_checks", "--check")
