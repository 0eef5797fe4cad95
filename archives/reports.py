"""Reads of files: the list with its sums, and one file slot by slot."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q

from archives.models import Dossier, DossierItem, DossierQuerySet, differing
from archives.models.checklist import checklist, checklists
from archives.papers import PAPERS
from archives.rules.checklist import COLUMNS, Cell, Gap, Slot, cells, gaps
from archives.rules.naming import EXTENSIONS
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.queries import key_of

PAGE = 50
TONES = {"BUILDING": "brand", "SEALED": "ok", "DESTROYED": "mute"}


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    no: str
    url: str
    name: str
    case_no: str
    programme: str
    village: str
    opened: Any
    state: str
    tone: str
    percent: int
    present: int
    total: int
    retention: str
    place: str
    cells: list[Cell]


@dataclass(frozen=True)
class ListPage:
    """A page of rows with the sums of everything that the filter finds."""

    rows: list[Row]
    total: int
    complete: int
    sealed: int
    previous_url: str = ""
    next_url: str = ""

    @property
    def percent(self) -> str:
        """Share of complete files, with one decimal; rounded down, so that 100 means all."""
        return f"{1000 * self.complete // self.total / 10:.1f}" if self.total else "—"

    @property
    def columns(self) -> list[str]:
        """What the file of each row is looked at for."""
        return list(COLUMNS)

    @property
    def sums_text(self) -> str:
        """What the list holds."""
        return f"共 {self.total} 卷，按立卷先后，新的在前"


def filtered(actor: Actor, query: Mapping[str, Any]) -> DossierQuerySet:
    """Files in the actor's scope that match the filters."""
    found = Dossier.objects.visible_to(actor)
    if query.get("state") in Dossier.State.values:
        found = found.filter(state=query["state"])
    if query.get("year"):
        found = found.filter(opened_on__year=query["year"])
    if query.get("office"):
        found = found.filter(office_id=query["office"])
    if query.get("gaps"):
        found = found.with_gaps()
    if query.get("differs"):
        found = differing(found)
    if query.get("unshelved"):
        found = found.filter(paper=None)
    return found


def list_page(actor: Actor, query: Mapping[str, Any], keys: Mapping[str, str]) -> ListPage:
    """The page after or before a key, newest first; four statements whatever the number.

    `query`: cleaned filters; `keys`: `after` or `before` with the id of a row.
    """
    found = filtered(actor, query)
    rows, has_previous, has_next = _around(found, keys)
    complete = Q(required_present=F("required_total"))
    sums = found.aggregate(
        total=Count("pk"),
        complete=Count("pk", filter=complete),
        sealed=Count("pk", filter=Q(state=Dossier.State.SEALED)),
    )
    return ListPage(
        rows=_rows(rows),
        next_url=_link(query, "after", rows[-1].pk) if has_next else "",
        previous_url=_link(query, "before", rows[0].pk) if has_previous and rows else "",
        **sums,
    )


def _around(
    all_found: DossierQuerySet, keys: Mapping[str, str]
) -> tuple[list[Dossier], bool, bool]:
    found = all_found.for_list()
    before, after = key_of(keys.get("before")), key_of(keys.get("after"))
    if before is not None:
        rows = list(found.filter(pk__gt=before).order_by("pk")[: PAGE + 1])
        return list(reversed(rows[:PAGE])), len(rows) > PAGE, True
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = list(found.order_by("-pk")[: PAGE + 1])
    return rows[:PAGE], after is not None, len(rows) > PAGE


def _link(query: Mapping[str, Any], key: str, value: int) -> str:
    kept = {k: v for k, v in query.items() if v}
    return f"?{urlencode({**kept, key: value})}"


def _rows(dossiers: list[Dossier]) -> list[Row]:
    """The rows with their columns; two statements whatever the number."""
    counted = DossierItem.objects.filter(dossier__in=[d.pk for d in dossiers]).current()
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for pk, slot in counted.order_by().values_list("dossier_id", "slot"):
        counts[pk][slot] += 1
    slots = checklists(dossiers) if dossiers else {}
    return [_row(d, cells(slots[d.pk], counts[d.pk])) for d in dossiers]


def _row(dossier: Dossier, columns: list[Cell]) -> Row:
    return Row(
        cells=columns,
        no=dossier.no,
        url=f"/archive/{dossier.no}/",
        name=dossier.household.head_name,
        case_no=dossier.case.no,
        programme=dossier.case.programme_label,
        village=dossier.village.name,
        opened=dossier.opened_on,
        state=dossier.get_state_display(),
        tone=TONES[dossier.state],
        percent=dossier.percent,
        present=dossier.required_present,
        total=dossier.required_total,
        retention=str(dossier.retain_until or "在保，未起算"),
        place=_place(dossier),
    )


def _place(dossier: Dossier) -> str:
    paper = getattr(dossier, "paper", None)
    return f"{paper.box.place or paper.box.no}-{paper.seat}" if paper else "未上架"


@dataclass(frozen=True)
class FileLine:
    """One file of a slot, as the page shows it."""

    number: int
    title: str
    url: str
    kind: str
    size_text: str
    responsible: str
    formed_on: Any
    pages: int | None


@dataclass(frozen=True)
class SlotLine:
    """One slot with its files."""

    title: str
    remark: str
    tone: str
    files: list[FileLine]


def contents(dossier: Dossier) -> tuple[list[SlotLine], list[Gap]]:
    """The slots of the file in binding order with their files, and what is missing."""
    slots = checklist(dossier)
    files: dict[str, list[FileLine]] = {}
    extra: dict[str, str] = {}
    items = DossierItem.objects.filter(dossier=dossier).current()
    for number, item in enumerate(items, start=1):
        files.setdefault(item.slot, []).append(_file(dossier, item, number))
        extra.setdefault(item.slot, item.title)
    lines = list(_slots(slots, files))
    named = {slot.slot for slot in slots}
    lines += [
        SlotLine(title, "目录外", "mute", files[slot])
        for slot, title in extra.items()
        if slot not in named
    ]
    return lines, gaps(slots, files, PAPERS)


def _slots(slots: list[Slot], files: Mapping[str, list[FileLine]]) -> Iterator[SlotLine]:
    for slot in slots:
        there = files.get(slot.slot, [])
        if there:
            yield SlotLine(slot.title, f"{len(there)} 件", "ok", there)
        elif slot.required:
            yield SlotLine(slot.title, "缺", "bad", there)
        else:
            yield SlotLine(slot.title, "可不归", "mute", there)


def _file(dossier: Dossier, item: DossierItem, number: int) -> FileLine:
    return FileLine(
        number=number,
        title=item.title,
        url=f"/archive/{dossier.no}/items/{item.pk}/",
        kind=f"{item.get_source_display()} {EXTENSIONS[item.content_type].upper()}",
        size_text=f"{max(item.size // 1024, 1)} KB",
        responsible=item.responsible,
        formed_on=item.formed_on,
        pages=item.pages,
    )
