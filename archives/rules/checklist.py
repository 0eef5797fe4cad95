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


# What an inspector looks for, in the order of the procedure (ux 2.6): a column of several slots.
COLUMNS: dict[str, tuple[str, ...]] = {
    "申请": ("application",),
    "授权": ("authorisation",),
    "入户": ("survey", "survey_photo"),
    "评议": ("appraisal",),
    "公示": ("review_notice", "approval_notice", "notice_photo"),
    "核对": ("means_report",),
    "审批": ("approval_form",),
    "告知": ("decision",),
}


@dataclass(frozen=True)
class Cell:
    """One column of one file: how many are there, of how many slots that must be filled."""

    label: str
    there: int
    filled: int
    required: int

    @property
    def text(self) -> str:
        """✓ 3, ▲ 1/2, ✗ 缺, or — where nothing is asked for and nothing is there."""
        if self.filled < self.required:
            return f"▲ {self.filled}/{self.required}" if self.filled else "✗ 缺"
        if not self.there:
            return "—"
        return f"✓ {self.there}" if self.there > 1 else "✓"

    @property
    def tone(self) -> str:
        """Its colour."""
        if self.filled < self.required:
            return "warn" if self.filled else "bad"
        return "ok" if self.there else "mute"


def cells(slots: Sequence[Slot], counts: Mapping[str, int]) -> list[Cell]:
    """The columns of one file; `counts`: slot → number of things in it."""
    required = {slot.slot for slot in slots if slot.required}
    found = []
    for label, names in COLUMNS.items():
        wanted = [name for name in names if name in required]
        there = sum(counts.get(name, 0) for name in names)
        filled = sum(bool(counts.get(name)) for name in wanted)
        found.append(Cell(label, there, filled, len(wanted)))
    return found
