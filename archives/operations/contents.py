"""What goes into a package: documents, metadata, events, signatures, the chain, the directory."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from django.db import connection
from django.db.models import Q

from archives.copies import pdf_a_copy
from archives.models import Dossier, DossierItem
from archives.rules.naming import cell, file_name, xml_text
from cases.models import Review
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Signature
from yuquan_relief.kernel.signing import head

SCHEMA = "urn:yuquan-relief:dossier:2"
MOST_BYTES = 300 * 1024 * 1024
EVENT_COLUMNS = (
    *("seq", "at", "on_day", "person_id", "account_id", "actor_name", "actor_post", "actor_unit"),
    *("address", "request_id", "subject_kind", "subject_key", "unit_id", "action", "before"),
    *("after", "due_on", "note", "body", "alg"),
)

VERIFY = Path(__file__).with_name("verify.md").read_bytes()


def documents(dossier: Dossier) -> list[tuple[str, DossierItem]]:
    """(name in the package, item) in binding order."""
    items = DossierItem.objects.filter(dossier=dossier).current()
    return [
        (f"data/documents/{file_name(n, i.slot, i.title, i.content_type)}", i)
        for n, i in enumerate(items, start=1)
    ]


def sound(listed: list[tuple[str, DossierItem]]) -> dict[str, bytes]:
    """The documents' bytes by their path in the package; raises Refused when a stored file is gone
    or changed, or when they are too many."""
    if sum(item.size for _, item in listed) > MOST_BYTES:
        raise Refused("本卷文件合计超过 300 MB，请先撤下重复的影像")
    return {path: _sound(item) for path, item in listed}


def payload_of(
    dossier: Dossier,
    listed: list[tuple[str, DossierItem]],
    documents: Mapping[str, bytes],
    report: Mapping[str, Any],
) -> dict[str, bytes]:
    """Every payload file by its path: the documents, what describes and proves them, and the report
    of the four properties."""
    files = dict(documents)
    files |= {copy_of(path): copy for path, copy in _copies(listed, documents)}
    events = _events(dossier)
    files["data/metadata.xml"] = _metadata(dossier, listed)
    files["data/目录.csv"] = _directory(listed)
    files["data/events.jsonl"] = event_lines(events)
    files["data/chain.json"] = pretty(chain_of(events))
    signatures = Signature.objects.filter(subject_kind="case", subject_key=dossier.case.no)
    files["data/signatures.json"] = pretty([signature_row(s) for s in signatures.order_by("id")])
    files["data/四性检测.json"] = pretty(report)
    files["data/VERIFY.md"] = VERIFY
    return files


def copy_of(path: str) -> str:
    """Where the PDF/A copy of a document stands in the package."""
    return f"data/copies/{path.removeprefix('data/documents/').rpartition('.')[0]}.pdf"


def _copies(
    listed: list[tuple[str, DossierItem]], documents: Mapping[str, bytes]
) -> Iterator[tuple[str, bytes]]:
    """(path of the document, its copy) of what the system did not make itself: that is PDF/A."""
    for path, item in listed:
        if item.source != DossierItem.Source.FORM:
            copy = pdf_a_copy(documents[path], item.content_type, made_on=item.formed_on)
            yield path, copy.content


def signature_row(signature: Signature) -> dict[str, Any]:
    """Every field of a signature's head, its content and its hash."""
    return {**head(signature), "content": signature.content, "hash": signature.hash}


def seal_file(signature: Signature) -> bytes:
    """The sealing signature as seal.json."""
    return pretty(signature_row(signature))


def _sound(item: DossierItem) -> bytes:
    if not file_store.is_sound(item.sha256):
        raise Refused(
            f"“{item.title}”的文件损坏或丢失，不能封存，请报区局核查", code="unsound_file"
        )
    return file_store.read(item.sha256)


def _events(dossier: Dossier) -> list[Event]:
    mine = Q(subject_kind="case", subject_key=dossier.case.no)
    mine |= Q(subject_kind="dossier", subject_key=dossier.no)
    reviews = Review.objects.filter(benefit__source_case=dossier.case).values("no")
    mine |= Q(subject_kind="review", subject_key__in=reviews)
    return list(Event.objects.filter(mine).order_by("seq"))


def _event(event: Event) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(event, name) for name in EVENT_COLUMNS}
    values["at"] = instant(event.at)
    for name in ("on_day", "due_on"):
        values[name] = values[name] and values[name].isoformat()
    prev, digest = bytes(event.prev).hex(), bytes(event.hash).hex()
    return {**values, "canon": event.canon, "prev": prev, "hash": digest}


def instant(at: datetime) -> str:
    """An instant as the chain writes it: UTC with six decimals."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def event_lines(events: list[Event]) -> bytes:
    """The events, one a line, each with the text that was hashed."""
    return "".join(_line(_event(e)) + "\n" for e in events).encode()


def chain_of(events: list[Event]) -> dict[str, Any]:
    """How the events hang in the district's chain, and its head now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, at, hash FROM kernel_event_head")
        seq, at, digest = cursor.fetchone()
    return {
        "rule": "hash = SHA-256(prev || canon)",
        "events": [
            {"seq": e.seq, "prev": bytes(e.prev).hex(), "hash": bytes(e.hash).hex()} for e in events
        ],
        "head": {"seq": seq, "at": instant(at), "hash": bytes(digest).hex()},
    }


def _directory(listed: list[tuple[str, DossierItem]]) -> bytes:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(["序号", "责任者", "题名", "日期", "页数", "文件", "SHA-256", "备注"])
    for number, (path, item) in enumerate(listed, start=1):
        name = path.removeprefix("data/documents/")
        cells = [cell(item.responsible), cell(item.title), item.formed_on.isoformat()]
        rows.writerow([number, *cells, item.pages or "", name, item.sha256, ""])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _metadata(dossier: Dossier, listed: list[tuple[str, DossierItem]]) -> bytes:
    """After DA/T 46 and DA/T 85 as far as they are public: the file, its documents, who acted, and
    what was done, each as an entity of its own."""
    case = dossier.case
    root = ElementTree.Element("电子档案", {"xmlns": SCHEMA})
    _add(
        root,
        聚合层次="卷",
        来源=dossier.district.name,
        全宗门类=dossier.no.partition("·")[0],
        档号=dossier.no,
        卷次=str(dossier.part),
        题名=f"{dossier.household.head_name}{case.programme_label}审批档案",
        责任者=dossier.office.name,
        权利人=dossier.household.head_name,
        业务编号=case.no,
        事项=case.programme_label,
        年度=str(dossier.opened_on.year),
        立卷日期=dossier.opened_on.isoformat(),
        业务办结日期=case.decided_on.isoformat() if case.decided_on else "",
        保管期限=dossier.retention_text,
        密级="内部（含个人信息）",
        件数=str(len(listed)),
        规则集=case.rule_set,
    )
    for number, (path, item) in enumerate(listed, start=1):
        _add(ElementTree.SubElement(root, "文件"), **_document(number, path, item))
    signatures = Signature.objects.filter(subject_kind="case", subject_key=case.no).order_by("id")
    for signature in signatures:
        _add(ElementTree.SubElement(root, "机构人员"), **_person(signature))
    for event in _events(dossier):
        _add(ElementTree.SubElement(root, "业务行为"), **_act(event))
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _document(number: int, path: str, item: DossierItem) -> dict[str, str]:
    file = item.attachment
    return {
        "件号": str(number),
        "题名": item.title,
        "责任者": item.responsible,
        "形成日期": item.formed_on.isoformat(),
        "材料": item.slot,
        "来源": item.get_source_display(),
        "页数": str(item.pages or ""),
        "格式": item.content_type,
        "大小": str(item.size),
        "摘要算法": "SHA-256",
        "摘要值": item.sha256,
        "文件名": path.removeprefix("data/"),
        "副本": "" if item.source == "form" else copy_of(path).removeprefix("data/"),
        "采集时间": instant(file.taken_at) if file and file.taken_at else "",
        "采集地点": file.place if file else "",
    }


def _person(signature: Signature) -> dict[str, str]:
    return {
        "姓名": signature.name,
        "职务": signature.post,
        "机构": signature.unit,
        "行为": signature.stage,
        "签字时间": instant(signature.signed_at),
        "签字摘要": signature.hash,
    }


def _act(event: Event) -> dict[str, str]:
    return {
        "业务行为": event.action,
        "行为时间": instant(event.at),
        "行为人": event.actor_name,
        "行为机构": event.actor_unit,
        "事件序号": str(event.seq),
        "行为描述": event.after,
    }


def _add(parent: ElementTree.Element, **values: str) -> None:
    for name, value in values.items():
        ElementTree.SubElement(parent, name).text = xml_text(value)


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def pretty(value: Any) -> bytes:
    """JSON for people to read."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"
