"""Taking files in and withdrawing them."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.file_kinds import examine
from yuquan_relief.kernel.models import Attachment

MOST_PER_SUBJECT = 200


@transaction.atomic
def attach(  # noqa: PLR0913 - whose, which, what, by whom
    subject_kind: str,
    subject_key: str,
    slot: str,
    content: bytes,
    *,
    title: str,
    village_id: int | None,
    office_id: int | None,
    actor: Actor,
    taken_at: datetime | None = None,
    place: str = "",
) -> Attachment:
    """The file stands in its slot, hashed; the original is kept as it came (6.1, 6.3).

    The same bytes in the same slot give the row that is there already. Raises Refused for a
    file that is empty, too large, of another kind, or one too many.
    """
    here = Attachment.objects.filter(subject_kind=subject_kind, subject_key=subject_key)
    attachment = _examined(content, here)
    attachment.subject_kind, attachment.subject_key = subject_kind, subject_key
    attachment.slot, attachment.title, attachment.taken_at = slot, title[:100], taken_at
    attachment.place = place
    attachment.village_id, attachment.office_id = village_id, office_id
    attachment.uploaded_by_id = actor.person_id
    try:
        with transaction.atomic():
            attachment.save(force_insert=True)
    except IntegrityError:
        return here.get(slot=slot, sha256=attachment.sha256, withdrawn_at__isnull=True)
    record(
        subject_kind,
        subject_key,
        "attach",
        actor=actor,
        unit_id=village_id,
        body={"slot": slot, "attachment": attachment.pk, "sha256": attachment.sha256},
    )
    return attachment


def _examined(content: bytes, here: QuerySet[Attachment]) -> Attachment:
    examined = examine(content)
    if here.filter(withdrawn_at__isnull=True).count() >= MOST_PER_SUBJECT:
        raise Refused(f"这一件已有 {MOST_PER_SUBJECT} 份材料，请先撤下不用的")
    return Attachment(
        sha256=file_store.keep(content),
        size=len(content),
        content_type=examined.content_type,
        view_sha256=file_store.keep(examined.view) if examined.view else "",
        thumb_sha256=file_store.keep(examined.thumb) if examined.thumb else "",
        width=examined.width,
        height=examined.height,
    )


@transaction.atomic
def withdraw_attachment(attachment: Attachment, *, reason: str, actor: Actor) -> None:
    """The file no longer counts as evidence; it stays in the store and in the timeline (6.3)."""
    done = Attachment.objects.filter(pk=attachment.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=now()
    )
    if done:
        record(
            attachment.subject_kind,
            attachment.subject_key,
            "withdraw_attachment",
            actor=actor,
            unit_id=attachment.village_id,
            note=reason,
            body={"attachment": attachment.pk, "sha256": attachment.sha256},
        )
