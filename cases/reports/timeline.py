"""What happened to a case, newest first."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cases.models import Case
from cases.models.record import CaseRecord
from cases.rules.procedures import PROCEDURES, STATES
from yuquan_relief.kernel.inputs.money import show
from yuquan_relief.kernel.models import Event

OTHER_LABELS = {
    "attach": "上传材料",
    "withdraw_attachment": "撤下材料",
    "objection": "登记异议",
    "dismiss_objection": "答复异议，不成立",
    "reveal": "查看完整证号",
    "print_form": "打印表格",
    "recompute_due": "重算到期日",
    "hold": "签字，待生效",
    "answer_fell": "签字没有生效",
}


@dataclass(frozen=True)
class File:
    """A file named in an entry."""

    url: str
    label: str


@dataclass(frozen=True)
class Entry:
    """One line of the timeline."""

    at: datetime
    title: str
    who: str
    note: str
    is_system: bool
    attachments: list[File] = field(default_factory=list)


def timeline_of(record: CaseRecord, *, most: int | None = None) -> list[Entry]:
    """Entries of the case, newest first."""
    return [entry_of(record.case, event) for event in record.events[:most]]


def entry_of(case: Case, event: Event) -> Entry:
    """One event in words."""
    step = PROCEDURES[case.programme].get(event.action)
    title = step.label if step else OTHER_LABELS.get(event.action, event.action)
    if event.after and event.after != event.before:
        title += f"，进入“{STATES.get(event.after, event.after)}”"
    if event.body.get("signature"):
        title += "（签字）"
    files = []
    if event.action == "attach":
        files = [File(f"/files/{event.body['attachment']}/", "查看材料")]
    return Entry(
        at=event.at,
        title=title,
        who=f"{event.actor_name}（{event.actor_unit}{event.actor_post}）",
        note="；".join(n for n in (event.note, _figures(event.body)) if n),
        is_system=event.person_id is None,
        attachments=files,
    )


def _figures(body: dict[str, Any]) -> str:
    parts = []
    if "monthly_fen" in body:
        parts.append(f"每月 {show(body['monthly_fen'])} 元")
    if "start_month" in body:
        parts.append(f"自 {body['start_month'][:7]} 起")
    if "last_day" in body:
        parts.append(f"公示到 {body['last_day']}")
    if body.get("waited_days"):
        parts.append(f"核对用时 {body['waited_days']} 日")
    return "，".join(parts)
