"""The dated checklist of a household's file, by its programme (6.2)."""

from archives.rules.checklist import Slot, slots_of
from cases.models.record import rules_of
from cases.rules.programmes import Programme

from .dossier import Dossier


def checklist(dossier: Dossier) -> list[Slot]:
    """The slots of the file under the rules by which its case was accepted."""
    rulebook = rules_of(dossier.case, dossier.opened_on)
    return slots_of(rulebook[Programme(dossier.case.programme).kind.dossier])
