"""One box: names, pinyin, initials, last digits, phone, case number, village (IR-28)."""

import re
from dataclasses import dataclass

from django.db.models import Q

from cases.models import Case
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.inputs import half_width


@dataclass(frozen=True)
class Hit:
    """One case that matched, and how the words were read."""

    no: str
    url: str
    name: str
    id_tail: str
    village: str
    programme: str
    state: str


@dataclass(frozen=True)
class Found:
    """Hits and how the query was read."""

    reading: str
    hits: list[Hit]


def find(text: str, actor: Actor, *, most: int = 20) -> Found:
    """Cases in the actor's scope whose household matches; one statement."""
    words = half_width(text).strip()[:50]
    reading, condition = _read(words)
    if condition is None:
        return Found(reading, [])
    matching = Case.objects.filter(condition).values("pk")
    cases = Case.objects.visible_to(actor).filter(pk__in=matching).for_list()
    rows = list(cases.order_by("-pk")[:most])
    return Found(
        reading,
        [
            Hit(
                c.no,
                f"/cases/{c.no}/",
                c.household.head_name,
                getattr(c, "head_id_tail", None) or "",
                c.village.name,
                c.programme_label,
                c.state_label,
            )
            for c in rows
        ],
    )


def _read(words: str) -> tuple[str, Q | None]:
    members = "household__members__"
    if re.fullmatch(r"\d{17}[\dXx]", words):
        exact = digest(words.upper())
        return "按完整证号查", Q(**{f"{members}id_digest": exact})
    if re.fullmatch(r"\d{3}[\dXx]", words):
        tail = words.upper()
        return (
            f"按证号或手机后四位 {words} 查",
            Q(**{f"{members}id_tail": tail})
            | Q(household__phone_tail=words)
            | Q(no__endswith=words),
        )
    if re.fullmatch(r"[A-Za-z]{2,20}", words):
        return f"按拼音 {words.upper()} 查", Q(**{f"{members}initials__contains": words.upper()})
    if re.search(r"YQ|-", words, re.IGNORECASE):
        return f"按案件编号 {words} 查", Q(no__iendswith=words) | Q(no__istartswith=words)
    if len(words) >= 2 or re.search(r"[\u3400-\U0003ffff]", words):
        return (
            f"按姓名或村（社区）“{words}”查",
            Q(**{f"{members}name__contains": words}) | Q(village__name__contains=words),
        )
    return "请至少输入两个字、两个拼音字母或四位数字", None
