"""Models of archives, one aggregate a file."""

from .dossier import Dossier, DossierItem, DossierQuerySet

__all__ = ["Dossier", "DossierItem", "DossierQuerySet"]
