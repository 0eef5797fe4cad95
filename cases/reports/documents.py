"""Which slots a draft or a case has for its files."""

from typing import Any

from cases.rules.programmes import Programme
from yuquan_relief.kernel.rulebook_values import Rules

CASE_SLOTS = {"survey_photo": "入户照片", "notice_photo": "公示张贴照片", "other": "其他材料"}


def slot_list(subject: str, rulebook: Rules, programme: str) -> list[dict[str, Any]]:
    """The dated checklist, and the slots that arise while a case is investigated."""
    found: list[dict[str, Any]] = list(rulebook[Programme(programme).kind.checklist])
    if subject == "case":
        found += [{"slot": s, "title": t, "required": False} for s, t in CASE_SLOTS.items()]
    return found


def open_slots(subject: str, rulebook: Rules, programme: str) -> dict[str, str]:
    """Slot → title of those that people fill by themselves; a notice brings its own photo."""
    return {
        d["slot"]: d["title"]
        for d in slot_list(subject, rulebook, programme)
        if d["slot"] != "notice_photo"
    }
