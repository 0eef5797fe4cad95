"""One box: names, pinyin, initials, last digits, phone, case number, village (IR-28)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Case as CaseWhen
from django.db.models import Exists, OuterRef, Q, When

from cases.models import Case, Household, Member
from cases.models.case import CaseQuerySet
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.inputs import half_width, pinyin

MOST_SIFTED = 500


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
class PersonHit:
    """One person of a household, whether it has a case or came with the roster."""

    name: str
    id_tail: str
    url: str
    role: str
    household: str
    village: str


@dataclass(frozen=True)
class Found:
    """Hits and how the query was read: cases, people with their households, pages."""

    reading: str
    hits: list[Hit]
    people: list[PersonHit] = field(default_factory=list)
    pages: list[tuple[str, str]] = field(default_factory=list)

    @property
    def people_text(self) -> str:
        """How many people, or that there are more than are shown."""
        return f"{len(self.people)} 人" + ("（只列出前面的）" if len(self.people) == MOST else "")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found at all."""
        return not (self.hits or self.people or self.pages)


MOST = 20


def find(text: str, actor: Actor, *, most: int = MOST) -> Found:
    """Cases and people in the actor's scope that match, and pages of the actor's menu.

    Two statements: one for the cases, one for the people.
    """
    words = half_width(text).strip()[:50]
    reading, condition = _read(words)
    pages = _pages(words, actor)
    if condition is None or not actor.can("cases.view"):
        return Found(reading if condition is None else "按页面名查", [], pages=pages)
    matching = Case.objects.filter(condition).values("pk")
    cases = Case.objects.visible_to(actor).filter(pk__in=matching).for_list()
    rows = _sharpened(words, _ranked(words, cases, actor), most)
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
        _people(words, actor, most),
        pages,
    )


def _people(words: str, actor: Actor, most: int) -> list[PersonHit]:
    """Members of households now, by what the words say of a person; none for a case number."""
    condition = next((q(words) for p, q in PEOPLE if re.fullmatch(p, words)), None)
    if condition is None:
        return []
    seen = Household.objects.visible_to(actor)
    members = Member.objects.filter(condition, left_on__isnull=True, household__in=seen)
    near = CaseWhen(When(name=words, then=0), default=1)
    mine = CaseWhen(When(household__village_id=actor.unit_id or 0, then=0), default=1)
    rows = members.select_related("household__village").order_by(near, mine, "sort_key", "pk")
    return [
        PersonHit(
            m.name,
            m.id_tail,
            f"/households/{m.household.key}/",
            m.get_relation_display(),
            m.household.head_name,
            m.household.village.name,
        )
        for m in rows[:most]
    ]


# How the words are read of a person.
PEOPLE: tuple[tuple[str, Callable[[str], Q]], ...] = (
    (r"\d{17}[\dXx]", lambda w: Q(id_digest=digest(w.upper()))),
    (r"\d{3}[\dXx]", lambda w: Q(id_tail=w.upper())),
    (r"[A-Za-z]{2,20}", lambda w: Q(initials__contains=w.upper())),
    (r"[^\x00-\x7f]{1,20}", lambda w: Q(name__contains=w)),
)


def _pages(words: str, actor: Actor) -> list[tuple[str, str]]:
    """Pages of the actor's menu by a part of their name, or by its initials."""
    if len(words) < 2:
        return []
    upper = words.upper()
    return [
        (label, url)
        for label, url in actor.role.nav
        if words in label or any(i.startswith(upper) for i in pinyin.initials(label))
    ]


def _ranked(words: str, cases: CaseQuerySet, actor: Actor) -> CaseQuerySet:
    """Whole names and numbers first, then the surname's own reading, then the actor's village."""
    upper = words.upper()
    head = Member.objects.filter(household=OuterRef("household"), relation="SELF")
    closeness = When(Exists(head.filter(name=words)), then=0)
    own_reading = When(Exists(head.filter(initials__startswith=f"{upper} ")), then=1)
    rank = CaseWhen(When(no__iexact=words, then=0), closeness, own_reading, default=2)
    far = CaseWhen(When(village_id=actor.unit_id or 0, then=0), default=1)
    return cases.order_by(rank, far, "-pk")


def _sharpened(words: str, cases: CaseQuerySet, most: int) -> list[Case]:
    """What the last four digits found, sifted by all digits that were typed.

    Numbers and phones stand sealed; only their last four digits can be asked for in SQL.
    """
    if not re.fullmatch(r"1[3-9]\d{9}|\d{5}[\dXx]", words):
        return list(cases[:most])
    found = cases.prefetch_related("household__members")[:MOST_SIFTED]
    return [case for case in found if _fits(words.upper(), case)][:most]


def _fits(digits: str, case: Case) -> bool:
    if len(digits) > 6:
        return case.household.phone == digits
    ends = any(m.id_no.endswith(digits) for m in case.household.members.all())
    return ends or case.no.endswith(digits)


M = "household__members__"


def _by_id(words: str) -> tuple[str, Q]:
    return "按完整证号查", Q(**{f"{M}id_digest": digest(words.upper())})


def _by_phone(words: str) -> tuple[str, Q]:
    return "按完整手机号查", Q(household__phone_tail=words[-4:])


def _by_six(words: str) -> tuple[str, Q]:
    ends = Q(**{f"{M}id_tail": words[-4:].upper()}) | Q(no__endswith=words)
    return f"按证号后六位 {words.upper()} 查", ends


def _by_four(words: str) -> tuple[str, Q]:
    ends = Q(**{f"{M}id_tail": words.upper()}) | Q(household__phone_tail=words)
    return f"按证号或手机后四位 {words} 查", ends | Q(no__endswith=words)


def _by_pinyin(words: str) -> tuple[str, Q]:
    return f"按拼音 {words.upper()} 查", Q(**{f"{M}initials__contains": words.upper()})


def _by_case_number(words: str) -> tuple[str, Q]:
    return f"按案件编号 {words} 查", Q(no__iendswith=words) | Q(no__istartswith=words)


# How what was typed is read: the first pattern that fits.
READINGS: tuple[tuple[str, Callable[[str], tuple[str, Q]]], ...] = (
    (r"\d{17}[\dXx]", _by_id),
    (r"1[3-9]\d{9}", _by_phone),
    (r"\d{5}[\dXx]", _by_six),
    (r"\d{3}[\dXx]", _by_four),
    (r"[A-Za-z]{2,20}", _by_pinyin),
    (r"(?i).*(?:YQ|-).*", _by_case_number),
)


def _read(words: str) -> tuple[str, Q | None]:
    for pattern, reading in READINGS:
        if re.fullmatch(pattern, words):
            return reading(words)
    if len(words) >= 2 or re.search(r"[\u3400-\U0003ffff]", words):
        return (
            f"按姓名或村（社区）“{words}”查",
            Q(**{f"{M}name__contains": words}) | Q(village__name__contains=words),
        )
    return "请至少输入两个字、两个拼音字母或四位数字", None
