"""Clause 15: one 低保 and one 特困 recipient of each office are drawn, their flow and vouchers sent
within three days of payment, and passed or returned by the bureau."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from cases.rules.programmes import Programme
from funds.models import FlowProof, PayoutLine, ProofFile
from funds.models.proof import FAMILIES
from funds.rules.drawing import drawn, frame_digest, seed_of
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Unit
from yuquan_relief.kernel.operations.attachments import attach
from yuquan_relief.kernel.rulebook_values import rules

from .papers import begin, perform


def draw_month(month: date, on: date) -> int:
    """Of every office and family that was paid in the month one recipient is drawn; how many new.

    The seed is fixed by office, month and family and by the digest of the frame, so that nobody can
    choose it: who has the list of payments can draw again and gets the same household.
    """
    done = 0
    for office_id, family in _paid(month):
        made = FlowProof.objects.filter(office_id=office_id, month=month, family=family)
        if not made.exists() and _draw(office_id, month, family, on):
            done += 1
    return done


def _paid(month: date) -> list[tuple[int, str]]:
    lines = PayoutLine.objects.filter(
        batch__month=month, batch__kind="NORMAL", batch__state="CLOSED", state="PAID"
    )
    pairs = lines.values_list("office_id", "batch__programme").distinct()
    found = {(office, str(Programme(programme).family)) for office, programme in pairs}
    return sorted((office, family) for office, family in found if family in FAMILIES)


def _draw(office_id: int, month: date, family: str, on: date) -> FlowProof | None:
    frame = frame_of(office_id, month, family)
    office = Unit.objects.get(pk=office_id)
    assert office.parent_id is not None
    digest = frame_digest(frame)
    seed = seed_of(office.code, f"{month:%Y-%m}", family, digest)
    place = drawn(seed, len(frame))
    paid_on = PayoutLine.objects.filter(pk__in=frame).aggregate(last=Max("paid_on"))["last"]
    proof = FlowProof(
        no=f"LS{office.code[:9]}-{month:%Y%m}-{'D' if family == 'ALLOWANCE' else 'T'}",
        district_id=office.parent_id,
        office=office,
        month=month,
        family=family,
        line_id=frame[place],
        seed=seed,
        frame_count=len(frame),
        frame_sha256=digest,
        place=place,
        due_on=paid_on + timedelta(days=rules(on)["payout.proof_days"]),
    )
    try:
        with transaction.atomic():
            body = {"seed": seed, "frame": len(frame), "frame_sha256": digest, "place": place}
            begin(proof, "draw", actor=ROBOT, on=on, body=body)
    except IntegrityError:
        return None  # another clock drew it
    return proof


def frame_of(office_id: int, month: date, family: str) -> list[int]:
    """The ids of the lines that may be drawn, in order: paid in that month to that family."""
    programmes = [p.value for p in Programme if p.family == family]
    lines = PayoutLine.objects.filter(
        office_id=office_id,
        batch__month=month,
        batch__kind="NORMAL",
        batch__state="CLOSED",
        batch__programme__in=programmes,
        state="PAID",
    )
    return list(lines.order_by("id").values_list("id", flat=True))


@transaction.atomic
def add_files(
    no: str,
    given: Mapping[str, bytes],
    *,
    actor: Actor,
    on: date,
    version: int | None = None,
) -> None:
    """All of the files stand with the proof, by kind, or none of them."""
    for kind, content in given.items():
        add_file(no, kind, content, actor=actor, on=on, version=version)
        version = None  # the first one compares what the person saw


def add_file(
    no: str, kind: str, content: bytes, *, actor: Actor, on: date, version: int | None = None
) -> Event:
    """A page of the bank's flow, or a voucher, stands with the proof; originals are kept."""

    def write(proof: FlowProof) -> Mapping[str, Any]:
        if kind not in ProofFile.KINDS:
            raise Refused("请选择文件种类")
        attachment = attach(
            FlowProof.SUBJECT,
            proof.no,
            f"{kind}-{proof.round}",
            content,
            title=f"{ProofFile.KINDS[kind]} {proof.no}",
            village_id=None,
            office_id=proof.office_id,
            actor=actor,
        )
        ProofFile.objects.get_or_create(
            attachment=attachment,
            defaults={"proof": proof, "kind": kind, "round": proof.round, "added_on": on},
        )
        return {"kind": kind, "sha256": attachment.sha256}

    return perform(FlowProof, no, "add", actor=actor, on=on, version=version, write=write)


def send(no: str, *, actor: Actor, on: date, version: int | None = None) -> Event:
    """Flow and vouchers are with the bureau, on time or late (15)."""

    def write(proof: FlowProof) -> Mapping[str, Any]:
        kinds = set(proof.files.filter(round=proof.round).values_list("kind", flat=True))
        if lacking := [label for kind, label in ProofFile.KINDS.items() if kind not in kinds]:
            raise Refused(f"还缺{'、'.join(lacking)}，请上传后再报送（第十五条）")
        return {"files": proof.files.filter(round=proof.round).count()}

    return perform(FlowProof, no, "send", actor=actor, on=on, version=version, write=write)


def send_back(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """The bureau wants better papers: a new round of files."""

    def write(proof: FlowProof) -> Mapping[str, Any]:
        proof.round += 1
        return {"round": proof.round}

    return perform(
        FlowProof, no, "send_back", actor=actor, on=on, note=note, version=version, write=write
    )


def pass_proof(no: str, *, actor: Actor, on: date) -> Event:
    """The bureau has compared flow, voucher and list."""
    return perform(FlowProof, no, "pass", actor=actor, on=on)
