"""What the papers of supervision share: each is a table of steps with names and colours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cases.rules.steps import Step


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """One kind of paper. `owners`: in which state which role has to do something; `stages`: the
    names of its signatures; `letters`: how its numbers begin.
    """

    subject: str
    label: str
    letters: str
    states: Mapping[str, str]
    final: frozenset[str]
    tones: Mapping[str, str]
    owners: Mapping[str, str]
    steps: Mapping[str, Step[Any]]
    stages: Mapping[str, str] = field(default_factory=dict)
