"""What the pages of archives share."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from archives.models import Dossier
from yuquan_relief.kernel.middleware import PersonRequest


def visible_dossier(request: PersonRequest, no: str) -> Dossier:
    """The file, or 404 as for a number that does not exist."""
    found = Dossier.objects.visible_to(request.actor).for_list().select_related("office")
    dossier = found.filter(no=no).first()
    if dossier is None:
        raise Http404
    return dossier


def require(request: PersonRequest, capability: str) -> None:
    """Raise PermissionDenied unless the post carries the capability."""
    if not request.actor.can(capability):
        raise PermissionDenied(capability)
