"""Models of archives, one aggregate a file."""

from .differing import differing
from .dossier import Dossier, DossierItem, DossierQuerySet
from .evidence import EvidenceExport
from .fixity import FixityProblem, FixityShelf
from .handover import Handover, HandoverItem
from .inspection import Inspection
from .keeping import Disposal, DisposalItem, LegalHold, expired
from .old_files import OldFile, OldFileLine
from .print_run import PrintRun
from .shelf import (
    Box,
    Correction,
    Loan,
    PaperFile,
    Stocktake,
    StocktakeFinding,
    StocktakeScan,
    of_office,
)

__all__ = [
    "Box",
    "Correction",
    "Disposal",
    "DisposalItem",
    "Dossier",
    "DossierItem",
    "DossierQuerySet",
    "EvidenceExport",
    "FixityProblem",
    "FixityShelf",
    "Handover",
    "HandoverItem",
    "Inspection",
    "LegalHold",
    "Loan",
    "OldFile",
    "OldFileLine",
    "PaperFile",
    "PrintRun",
    "Stocktake",
    "StocktakeFinding",
    "StocktakeScan",
    "differing",
    "expired",
    "of_office",
]
