"""What is due soon or late in supervision: its owner is reminded once a step (5(5), 16)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from supervision.models import Bulletin, Complaint, Contract, Finding, Liability, Mending, Task
from yuquan_relief.kernel.models import Reminder

STEPS = ((3, "三天内到期"), (0, "今天到期"), (-1, "已经超期"))
MOST = 5_000
KINDS: tuple[tuple[Any, str], ...] = (
    (Finding, "核查发现"), (Mending, "整改"), (Complaint, "举报信访"), (Task, "服务任务"),
    (Contract, "服务合同"), (Liability, "责任追究"), (Bulletin, "工作通报"),
)  # fmt: skip


def remind_late(on: date) -> int:
    """A reminder for each paper and step of its ladder; how many are new. Repeatable."""
    rows = [row for model, words in KINDS for row in _of(model, words, on)]
    before = Reminder.objects.count()
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    return Reminder.objects.count() - before


def _of(model: Any, words: str, on: date) -> Iterator[Reminder]:
    final = sorted(model.PROCEDURE.final)
    owners = model.PROCEDURE.owners
    found = model.objects.exclude(state__in=final).filter(due_on__isnull=False)
    near = [row for row in found.order_by("id")[:MOST] if (row.due_on - on).days <= STEPS[0][0]]
    for row in near:
        left = (row.due_on - on).days
        step, text = next(
            ((d, t) for d, t in reversed(STEPS) if left <= d), (STEPS[0][0], STEPS[0][1])
        )
        role = owners.get(row.state, "supervisor")
        yield Reminder(
            rule=f"supervision:T{step:+d}:{row.state}", subject_kind=model.PROCEDURE.subject,
            subject_key=row.no, due_on=row.due_on, unit_id=_unit(row, role), role_code=role,
            text=f"{words}{text}"[:200],
        )  # fmt: skip


def _unit(row: Any, role: str) -> int:
    """The unit whose post is reminded: the office's own, or the district."""
    if isinstance(row, Complaint) and row.handler_id:
        return row.handler_id
    if role in ("office_staff", "deputy_leader") and row.office_id:
        return int(row.office_id)
    return int(row.district_id)
