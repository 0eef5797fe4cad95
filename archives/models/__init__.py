"""Models of archives, one aggregate a file."""

from .dossier import Dossier, DossierItem, DossierQuerySet
from .fixity import FixityProblem, FixityShelf
from .handover import Handover, HandoverItem

__all__ = [
    "Dossier",
    "DossierItem",
    "DossierQuerySet",
    "FixityProblem",
    "FixityShelf",
    "Handover",
    "HandoverItem",
]
