"""What is due soon or late in supervision: its owner is reminded once a step (5(5), 16)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from supervision.models import Bulletin, Complaint, Contract, Finding, Liability, Mending, Task
from yuquan_relief.kernel.models import Reminder

STEPS = ((3, "三天内到期"), (0, "今天到期"), (-1, "已经超期"))
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
    last = on + timedelta(days=STEPS[0][0])
    found = model.objects.exclude(state__in=final).filter(due_on__lte=last)
    if model is Mending:
        found = found.select_related("finding")
    for row in found.order_by("id").iterator():
        left = (row.due_on - on).days
        step, text = next(
            ((d, t) for d, t in reversed(STEPS) if left <= d), (STEPS[0][0], STEPS[0][1])
        )
        unit, role = _whose(row)
        yield Reminder(
            rule=f"supervision:T{step:+d}:{row.state}", subject_kind=model.PROCEDURE.subject,
            subject_key=row.no, due_on=row.due_on, unit_id=unit, role_code=role,
            text=f"{words}{text}"[:200],
        )  # fmt: skip


def _whose(row: Any) -> tuple[int, str]:
    """The unit and the post that are reminded: who owns a finding, who looks into a complaint."""
    role = row.PROCEDURE.owners.get(row.state, "supervisor")
    if isinstance(row, Complaint):
        if row.state == "HANDLING" and row.handler_id and row.handler_id != row.district_id:
            return row.handler_id, "office_staff"
        return row.district_id, "supervisor"
    finding = row.finding if isinstance(row, Mending) else row if isinstance(row, Finding) else None
    if finding is not None and role == "office_staff":  # its turn, whoever that is
        role = finding.owner
    is_of_office = role in ("office_staff", "deputy_leader", "chief_leader") and row.office_id
    return int(row.office_id if is_of_office else row.district_id), role
