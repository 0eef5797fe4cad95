"""Files: every download asks for the permission of the thing that the file belongs to."""

import logging
from functools import reduce
from operator import or_
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.file_scope import APART
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Attachment
from yuquan_relief.kernel.roles import Reach

logger = logging.getLogger(__name__)

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
DRAFT = "draft"
BARE = "default-src 'none'; img-src 'self'; style-src 'none'; sandbox"
# A sandbox keeps the browser's own reader of PDF from opening; what runs by itself in a PDF was
# refused when it came in (pdf_parts).
READER = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"
VARIANTS = {"": "sha256", "view": "view_sha256", "thumb": "thumb_sha256"}


def visible_files(actor: Actor) -> Q:
    """Attachments of the actor's village, office or district; of kinds apart, by their rules."""
    by_place = _of_place(actor) & ~Q(subject_kind__in=sorted(APART))
    return reduce(or_, (Q(subject_kind=k) & rule(actor) for k, rule in APART.items()), by_place)


def _of_place(actor: Actor) -> Q:
    if actor.reach == Reach.NONE:
        return Q(pk__in=[])
    if actor.reach == Reach.VILLAGE:
        return Q(village_id=actor.unit_id)
    handed_in = ~Q(subject_kind=DRAFT)  # a draft is nobody's but the village's until it is
    if actor.reach == Reach.OFFICE:
        return handed_in & Q(office_id=actor.unit_id)
    return handed_in & Q(office__parent_id=actor.unit_id)


@require_safe
def file(request: PersonRequest, pk: int, variant: str = "") -> HttpResponse:
    """The original, the picture for showing, or the thumbnail. Outside the scope: 404."""
    found = Attachment.objects.filter(visible_files(request.actor), pk=pk).first()
    if found is None:
        raise Http404
    if not request.actor.can("files.view"):
        raise PermissionDenied("files.view")
    sha256 = getattr(found, VARIANTS[variant])
    if not sha256 or (not variant and found.content_type not in EXTENSIONS):
        raise Http404
    content_type = "image/jpeg" if variant else found.content_type
    return _stream(found, sha256, content_type)


def _stream(found: Attachment, sha256: str, content_type: str) -> HttpResponse:
    if not file_store.place(sha256).exists():
        logger.error("attachment %s has lost its file", found.pk)  # check_invariants names it too
        raise Http404
    name = f"{found.title}.{EXTENSIONS[content_type]}"
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}",
        "Content-Length": str(file_store.place(sha256).stat().st_size),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": READER if content_type == "application/pdf" else BARE,
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(
        file_store.chunks(sha256), content_type=content_type, headers=headers
    )  # type: ignore[return-value] # Django's two answers share no base but HttpResponseBase
