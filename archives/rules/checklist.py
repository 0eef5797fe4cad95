"""What belongs into a file, in which order, and what to do about a gap."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LAST = 900  # things that the checklist does not name come after it
FORM_HELP = "由系统按办案记录生成，请点“更新卷内文件”；仍缺的，请先在案件里补齐记录"
FILE_HELP = "请向申请人或经办人补要后，在本页补传"


@dataclass(frozen=True)
class Slot:
    """One line of the checklist."""

    slot: str
    title: str
    position: int
    required: bool


@dataclass(frozen=True)
class Gap:
    """Something required that is not there, and what to do."""

    slot: Slot
    todo: str
    can_upload: bool


def slots_of(checklist: Sequence[Mapping[str, Any]]) -> list[Slot]:
    """The dated checklist as slots in binding order."""
    return [
        Slot(line["slot"], line["title"], position, bool(line["required"]))
        for position, line in enumerate(checklist, start=1)
    ]


def gaps(slots: Sequence[Slot], there: Collection[str], forms: Collection[str]) -> list[Gap]:
    """The required slots with nothing in them; `forms` are those that the system makes itself."""
    return [
        Gap(slot, FORM_HELP if slot.slot in forms else FILE_HELP, slot.slot not in forms)
        for slot in slots
        if slot.required and slot.slot not in there
    ]
