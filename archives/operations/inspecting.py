"""四性检测 of a file: what is looked at, and keeping what was found (6.3, DA/T 70)."""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from archives.copies import page_count
from archives.models import Dossier, DossierItem, HandoverItem, Inspection
from archives.rules.four_properties import EVERY_DAYS, Check, has_passed, report
from archives.rules.naming import EXTENSIONS
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.file_kinds import examine
from yuquan_relief.kernel.models import Event, Signature
from yuquan_relief.kernel.signing import signature_hash

from .building import gaps_of, signed_files

A_NIGHT = 200  # files that are inspected in one night at most


def report_of(dossier: Dossier, occasion: str, on: date) -> dict[str, Any]:
    """What an inspection of the file finds now; changes nothing."""
    items = list(DossierItem.objects.filter(dossier=dossier).current())
    return report(_checks(dossier, items), 档号=dossier.no, 时机=occasion, 检测日期=on.isoformat())


def _checks(dossier: Dossier, items: list[DossierItem]) -> Iterator[Check]:
    events, signatures = _trail(dossier)
    unsound = [i.title for i in items if not file_store.is_sound(i.sha256)]
    yield Check("TRUE", f"{len(items)} 件文件的摘要与登记一致", _named(unsound))
    altered = [str(e.seq) for e in events if not _hashes(e)]
    yield Check("TRUE", f"{len(events)} 条办理经过与记录链一致", _named(altered, "事件 "))
    forged = [s.name for s in signatures if signature_hash(s) != s.hash]
    yield Check("TRUE", f"{len(signatures)} 个签字与所签内容一致", _named(forged))
    there = {i.sha256 for i in items}
    decided = signed_files(dossier.case) if dossier.part == 1 else []
    lacking = [sha256[:12] for sha256 in decided if sha256 not in there]
    yield Check("TRUE", "签批时看过的文件都在卷内", _named(lacking, "缺 "))
    if dossier.package_sha256:
        sound = file_store.is_sound(dossier.package_sha256)
        yield Check("TRUE", "封存包与封存时一致", "" if sound else "封存包损坏或丢失")
    missing = [gap.slot.title for gap in gaps_of(dossier)]
    yield Check("WHOLE", f"{dossier.required_total} 件必备材料齐全", _named(missing, "缺 "))
    undescribed = [i.title or i.key for i in items if not _is_described(i)]
    yield Check("WHOLE", "每件的题名、责任者、日期、格式、大小已著录", _named(undescribed))
    unread = [(i.title, wrong) for i in items if (wrong := _why_unreadable(i))]
    yield Check("USABLE", "每件文件都能打开", "；".join(f"{t}：{w}" for t, w in unread[:5]))
    odd = [i.title for i in items if i.content_type not in EXTENSIONS]
    yield Check("USABLE", "格式便于长期保存（PDF、JPEG、PNG）", _named(odd))
    yield Check("SAFE", "没有脚本、宏、自动动作和嵌入附件", "；".join(t for t, _ in unread[:5]))


def _trail(dossier: Dossier) -> tuple[list[Event], list[Signature]]:
    mine = Q(subject_kind="case", subject_key=dossier.case.no)
    mine |= Q(subject_kind="dossier", subject_key=dossier.no)
    return list(Event.objects.filter(mine)), list(Signature.objects.filter(mine))


def _hashes(event: Event) -> bool:
    return hashlib.sha256(bytes(event.prev) + event.canon.encode()).digest() == bytes(event.hash)


def _named(some: list[str], before: str = "") -> str:
    more = f" 等 {len(some)} 处" if len(some) > 5 else ""
    return f"{before}{'、'.join(some[:5])}{more}" if some else ""


def _is_described(item: DossierItem) -> bool:
    return bool(item.title and item.formed_on and item.content_type and item.size)


def _why_unreadable(item: DossierItem) -> str:
    """Why the file cannot be opened, or what acts by itself in it; "" when it is well."""
    try:
        content = file_store.read(item.sha256)
        examine(content)
        if item.source != DossierItem.Source.FORM and item.content_type == "application/pdf":
            page_count(content)
    except FileNotFoundError:
        return "丢失"
    except Refused as refused:
        return refused.reason
    return ""


def keep(dossier: Dossier, found: dict[str, Any], occasion: str, actor: Actor, on: date) -> None:
    """The report stands."""
    passed = has_passed(found)
    row = Inspection.objects.create(
        dossier=dossier, occasion=occasion, made_on=on, passed=passed, report=found
    )
    body = {"inspection": row.pk, "occasion": occasion, "passed": passed}
    record(
        "dossier", dossier.no, "inspect", actor=actor, on=on, unit_id=dossier.village_id, body=body
    )


@transaction.atomic
def inspect(dossier: Dossier, occasion: str, *, on: date, actor: Actor = ROBOT) -> bool:
    """The file was inspected and the report stands; whether everything was right."""
    found = report_of(dossier, occasion, on)
    keep(dossier, found, occasion, actor, on)
    return has_passed(found)


def inspect_due(on: date) -> int:
    """Sealed files that nobody inspected for a year have been inspected, the oldest first, at most
    A_NIGHT; how many. Again on the same day: the next ones."""
    sealed = Dossier.objects.filter(state=Dossier.State.SEALED)
    latest = sealed.annotate(latest=Max("inspections__made_on"))
    due = latest.filter(Q(latest=None) | Q(latest__lte=on - timedelta(days=EVERY_DAYS)))
    tonight = list(due.select_related("case").order_by("latest", "id")[:A_NIGHT])
    for dossier in tonight:
        inspect(dossier, "YEARLY", on=on)
    return len(tonight)


def inspect_handed_over(handover_no: str, on: date) -> int:
    """Every sealed file of the handover was inspected (DA/T 70: 移交接收); how many. Repeatable."""
    taken = HandoverItem.objects.filter(handover__no=handover_no, kind="DOSSIER").values("key")
    files = Dossier.objects.filter(no__in=taken, state=Dossier.State.SEALED)
    for dossier in files.select_related("case").order_by("id"):
        inspect(dossier, "HANDOVER", on=on)
    return len(files)
