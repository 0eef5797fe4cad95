"""The evidence of a finding in words: every code that a check keeps, by the tables that name it."""

from typing import Any

from cases.rules.destitution import TIERS
from cases.rules.procedures import STATES as CASE_STATES
from cases.rules.programmes import (
    CHOICES,
    CONDITIONS,
    FINDINGS,
    LEFT_REASONS,
    NOT_COUNTED,
    PROPERTY_KINDS,
    REGISTERED,
    RELATIONS,
)
from cases.rules.relief import CAUSES, CLASSES
from cases.rules.reviews import GROUNDS, OUTCOMES
from funds.rules.batches import STATES as BATCH_STATES
from supervision.models import Finding
from supervision.rules.checks.words import read
from supervision.rules.procedures import PROCEDURES
from yuquan_relief.kernel.roles import ROLES

CODES: dict[str, str] = {
    **CASE_STATES, **BATCH_STATES, **dict(CHOICES), **CONDITIONS, **FINDINGS, **LEFT_REASONS,
    **NOT_COUNTED, **PROPERTY_KINDS, **REGISTERED, **RELATIONS, **CLASSES, **GROUNDS, **OUTCOMES,
    **TIERS, **{code: role.label for code, role in ROLES.items()},
    "WITHIN": "未超标", "SUSPECT": "疑似超标", "OVER": "超标", "APPROVED": "批准",
    "REFUSED": "不予批准", "survey": "入户调查", "propose": "审核意见", "decide": "审批",
    "witness": "民主评议", "survey_photo": "入户照片", "id_card": "身份证",
}  # fmt: skip


def evidence_of(row: Finding) -> list[tuple[str, str]]:
    """The finding's snapshot as a person reads it."""
    causes = CAUSES if row.rule == "R54" else {}
    states: dict[str, Any] = {}
    if row.subject_kind in PROCEDURES:
        states = dict(PROCEDURES[row.subject_kind].states)
    return read(row.evidence, CODES | causes | states)
