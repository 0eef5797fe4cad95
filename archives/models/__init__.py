"""Models of archives, one aggregate a file."""

from .dossier import Dossier, DossierItem, DossierQuerySet
from .fixity import FixityProblem, FixityShelf
from .handover import Handover, HandoverItem
from .keeping import Disposal, DisposalItem, LegalHold, expired

__all__ = [
    "Disposal",
    "DisposalItem",
    "Dossier",
    "DossierItem",
    "DossierQuerySet",
    "FixityProblem",
    "FixityShelf",
    "Handover",
    "HandoverItem",
    "LegalHold",
    "expired",
]
