"""What several groups of plants are made of: cases on one road or another."""

from datetime import date, timedelta
from typing import Any

from django.db import connection

from cases.models import Case, Member
from tests.databases import as_owner
from tests.supervision.ground import DECIDED, ON, POSTED, Ground

DAY = timedelta(days=1)
SECOND = POSTED + 14 * DAY  # posting of the second notice
REFUSED: dict[str, Any] = {"state": "REFUSED", "decision": {"persons": 0}}


def owner(sql: str, *, past: str = "") -> None:
    """The owner of the throw-away database does this, past the guards of that table."""
    if past:
        off, on = (f"ALTER TABLE {past} {word} TRIGGER USER" for word in ("DISABLE", "ENABLE"))
        sql = f"{off}; {sql}; {on}"
    as_owner(sql, database=connection.settings_dict["NAME"])


def in_round(case: Case, number: int) -> Case:
    """The case as it was in that round, for what is written next."""
    case.round = number
    return case


def unsign(ground: Ground, case: Case, stage: str, who: str) -> None:
    """What somebody signed in the case's round was never signed."""
    owner(
        f"DELETE FROM kernel_signature WHERE subject_key = '{case.no}' AND stage = '{stage}'"
        f" AND round = {case.round} AND person_id = {ground.person(who)}",
        past="kernel_signature",
    )


def expense(ground: Ground, **changes: Any) -> Case:
    """支出型 takes the whole road, but for the appraisal and the second notice."""
    case = ground.case(programme="EXPENSE_RELIEF", without="notices", **changes)
    ground.notice(case, "REVIEW")
    return case


def urgent(ground: Ground, decided: date = DECIDED) -> Case:
    """急难型, asked for on Tuesday and helped on Thursday."""
    asked = decided - 2 * DAY
    case = ground.case(
        programme="URGENT_RELIEF", without="survey", submitted_on=asked, accepted_on=asked,
        decided_on=decided,
    )  # fmt: skip
    ground.survey(case, visited_on=asked)
    return case


def correct(ground: Ground, person: Member, **role: Any) -> Member:
    """The person's role was corrected: the row ends today, and another one begins."""
    kept = ("name", "id_no", "is_male", "relation", "condition", "is_insured", "counts_for_income")
    values = {name: getattr(person, name) for name in kept}
    Member.objects.filter(pk=person.pk).update(left_on=ON, left_reason="CORRECTED")
    return ground.member(person.household, **values | {"joined_on": ON} | role)


def held(ground: Ground, *, case: dict[str, Any] | None = None, **changes: Any) -> str:
    """A meeting was held so, before the notices."""
    made = ground.case(without="appraisal notices", **case or {})
    ground.appraisal(made, **changes)
    if made.state == "APPROVED":
        ground.notice(made, "REVIEW")
        ground.notice(made, "APPROVAL", posted_on=SECOND)
    return str(made.no)


def posted(ground: Ground, day: date = SECOND, **changes: Any) -> str:
    """The second notice is posted so; the first is sound."""
    case = ground.case(without="notices")
    ground.notice(case, "REVIEW")
    ground.notice(case, "APPROVAL", posted_on=day, **changes)
    return str(case.no)
