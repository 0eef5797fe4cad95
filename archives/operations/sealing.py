"""Sealing a file: signed, packed, frozen; and handing out the package (6.3)."""

import hashlib
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from archives.models import Dossier, DossierItem
from archives.rules import bag
from archives.rules.four_properties import has_passed
from archives.rules.naming import folder_name
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import ContentChanged, Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.signing import Proof, content_digest, sign

from .building import SUBJECT, for_change, gaps_of, refresh_by_hand
from .contents import documents, payload_of, seal_file, sound
from .inspecting import keep as keep_report
from .inspecting import report_of

STAGE = "seal"
STATEMENT = "我已核对卷内全部文件，对本卷的真实和完整负责"


def items_digest(dossier: Dossier) -> str:
    """The digest of what is in the file now; shown with the page on which sealing is signed."""
    items = DossierItem.objects.filter(dossier=dossier).current()
    return content_digest({"items": [[i.key, i.position, i.sha256] for i in items]})


def seal(dossier_no: str, *, actor: Actor, on: date, proof: Proof) -> Dossier:
    """The file is complete, signed, packed and closed for ever (6.3).

    `proof.content_sha256` is the items_digest of the page that the signer read. Raises Refused
    when something required is missing or a stored file is damaged, ContentChanged when the file
    is no longer what was read; what was brought up to date then stays, to be read again.
    """
    refresh_by_hand(dossier_no, actor=actor, on=on)
    return _seal(dossier_no, actor=actor, on=on, proof=proof)


@transaction.atomic
def _seal(dossier_no: str, *, actor: Actor, on: date, proof: Proof) -> Dossier:
    dossier = for_change(dossier_no, actor)
    _refuse_unfit(dossier, proof)
    listed = documents(dossier)
    files = sound(listed)
    report = report_of(dossier, "归档", on)
    if not has_passed(report):
        wrong = [line for line in report["检测项"] if line["结果"] != "通过"]
        texts = "；".join(f"{line['项目']}：{line['结果']}" for line in wrong)
        raise Refused(f"四性检测没有通过，不能封存。{texts}", code="inspection")
    payload = payload_of(dossier, listed, files, report)
    content = _content(dossier, listed, bag.manifest(payload))
    signature = sign(
        SUBJECT,
        dossier.no,
        STAGE,
        content,
        actor=actor,
        proof=replace(proof, content_sha256=""),
        statement=STATEMENT,
    )
    tags = {"seal.json": seal_file(signature)}
    package = bag.bag(folder_name(dossier.no), payload, tags, _info(dossier, on))
    _close(dossier, package, content["manifest_sha256"], on)
    body = {
        "package_sha256": dossier.package_sha256,
        "manifest_sha256": dossier.manifest_sha256,
        "items": len(listed),
        "signature": signature.pk,
        "signature_hash": signature.hash,
    }
    keep_report(dossier, report, "FILING", actor, on)
    _tell(dossier, "seal", actor, on, body)
    return dossier


def _refuse_unfit(dossier: Dossier, proof: Proof) -> None:
    if missing := gaps_of(dossier):
        names = "、".join(gap.slot.title for gap in missing)
        raise Refused(f"还缺：{names}，补齐后才能封存（第六条（一））", code="incomplete")
    if proof.content_sha256 and proof.content_sha256 != items_digest(dossier):
        raise ContentChanged


def _content(
    dossier: Dossier, listed: list[tuple[str, DossierItem]], manifest: bytes
) -> dict[str, Any]:
    return {
        "dossier": dossier.no,
        "case": dossier.case.no,
        "stage": STAGE,
        "items": [
            {"file": path, "slot": i.slot, "title": i.title, "sha256": i.sha256}
            for path, i in listed
        ],
        "manifest_sha256": hashlib.sha256(manifest).hexdigest(),
        **({"part": dossier.part} if dossier.part > 1 else {}),
    }


def _info(dossier: Dossier, on: date) -> dict[str, str]:
    return {
        "Source-Organization": dossier.office.name,
        "External-Identifier": dossier.no,
        "Internal-Sender-Identifier": dossier.case.no,
        "Bagging-Date": on.isoformat(),
    }


def _close(dossier: Dossier, package: bytes, manifest_sha256: str, on: date) -> None:
    dossier.package_sha256 = file_store.keep(package)
    dossier.package_size = len(package)
    dossier.manifest_sha256 = manifest_sha256
    dossier.state, dossier.sealed_on = Dossier.State.SEALED, on
    dossier.save()


@transaction.atomic
def hand_out(dossier_no: str, *, actor: Actor, on: date) -> Dossier:
    """The package may be read by the actor, and that they took it is on record."""
    dossier = Dossier.objects.visible_to(actor).get(no=dossier_no)
    if not actor.can("archives.view"):
        raise PermissionDenied("archives.view")
    if not dossier.is_sealed:
        raise Refused("本卷还没有封存，没有可下载的档案包")
    if dossier.is_destroyed:
        raise Refused(f"本卷已于 {dossier.destroyed_on} 按规定销毁，只保留目录和操作记录")
    if not file_store.is_sound(dossier.package_sha256):
        raise Refused("封存包损坏或丢失，请报区局核查", code="unsound_file")
    _tell(dossier, "download", actor, on, {"package_sha256": dossier.package_sha256})
    return dossier


def _tell(dossier: Dossier, action: str, actor: Actor, on: date, body: dict[str, Any]) -> None:
    record(SUBJECT, dossier.no, action, actor=actor, on=on, unit_id=dossier.village_id, body=body)
