"""扫码补传: the link is made by somebody signed in, and what comes through it is theirs (6.1)."""

import hashlib
import secrets
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F

from cases.models import CaptureLink
from cases.models.capture import LIFE, MOST_FILES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Attachment

from .documents import Paper, add_to_case, add_to_draft

EXPIRED = "二维码已过期，请回电脑重新出码"


def make_link(subject_kind: str, subject_key: str, slot: str, title: str, *, actor: Actor) -> str:
    """The token of a new link; it is nowhere else. The caller has shown that it may be given."""
    if not actor.can("files.upload"):
        raise PermissionDenied("files.upload")
    assert actor.account_id is not None
    assert actor.post_id is not None
    token = secrets.token_urlsafe(24)
    CaptureLink.objects.create(
        token_digest=_digest(token),
        subject_kind=subject_kind,
        subject_key=subject_key,
        slot=slot,
        title=title,
        account_id=actor.account_id,
        post_id=actor.post_id,
        made_at=now(),
    )
    return token


def open_link(token: str) -> CaptureLink:
    """The link while it lives; raises CaptureLink.DoesNotExist, or Refused when it is over."""
    link = CaptureLink.objects.select_related("account__person", "post__unit__parent").get(
        token_digest=_digest(token)
    )
    if link.is_over(now()):
        raise Refused(EXPIRED, code="expired")
    return link


@transaction.atomic
def capture(
    link: CaptureLink, content: bytes, *, actor: Actor, taken_at: datetime | None, place: str = ""
) -> Attachment:
    """One file from the phone stands in the slot, as if it had been uploaded at the desk."""
    alive = CaptureLink.objects.filter(pk=link.pk, files__lt=MOST_FILES, made_at__gt=now() - LIFE)
    if not alive.update(files=F("files") + 1):
        raise Refused("这个二维码已经用完，请回电脑重新出码", code="expired")
    paper = Paper(link.slot, link.title, content, taken_at, place)
    add = add_to_draft if link.subject_kind == "draft" else add_to_case
    return add(link.subject_key, paper, actor=actor)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
