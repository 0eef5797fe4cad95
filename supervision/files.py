"""Who may see the files of supervision: not whoever works in the office that they are about."""

from django.db.models import Q

from supervision.models import Complaint, Mending, Task
from supervision.operations.sheets import visible_sheets
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.file_scope import APART


def of_complaints(actor: Actor) -> Q:
    """Letters and pictures of complaints that the actor may open."""
    return Q(subject_key__in=Complaint.objects.visible_to(actor).values("no"))


def of_sheets(actor: Actor) -> Q:
    """Photos of the bureau's checks."""
    return Q(subject_key__in=visible_sheets(actor).values("no"))


def of_mendings(actor: Actor) -> Q:
    """Proofs of what was mended, for the office and the bureau."""
    return Q(subject_key__in=Mending.objects.visible_to(actor).values("no"))


def of_tasks(actor: Actor) -> Q:
    """Photos of services, for who took them and for the bureau."""
    return Q(subject_key__in=Task.objects.visible_to(actor).values("no"))


APART.update(
    {
        "complaint": of_complaints,
        "sheet": of_sheets,
        "mending": of_mendings,
        "task": of_tasks,
    }
)
