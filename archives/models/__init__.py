"""Models of archives, one aggregate a file."""

from .dossier import Dossier, DossierItem, DossierQuerySet
from .fixity import FixityProblem, FixityShelf

__all__ = ["Dossier", "DossierItem", "DossierQuerySet", "FixityProblem", "FixityShelf"]
