"""The dated checklist of a household's file, by its programme (6.2)."""

from collections.abc import Sequence
from dataclasses import replace

from archives.rules.checklist import Slot, slots_of
from cases.models.record import rules_of
from cases.rules.programmes import Programme
from yuquan_relief.kernel.rulebook_values import Rules, rules_on

from .dossier import Dossier


def checklist(dossier: Dossier) -> list[Slot]:
    """The slots of the file under the rules by which its case was accepted."""
    return _slots(dossier, rules_of(dossier.case, dossier.opened_on))


def checklists(dossiers: Sequence[Dossier]) -> dict[int, list[Slot]]:
    """The slots of each file by its id; one query for all."""
    days = {d.pk: d.case.accepted_on or d.opened_on for d in dossiers}
    of_day = rules_on(days.values())
    return {d.pk: _slots(d, of_day[days[d.pk]].under(d.case.rule_set)) for d in dossiers}


def _slots(dossier: Dossier, rulebook: Rules) -> list[Slot]:
    slots = slots_of(rulebook[Programme(dossier.case.programme).kind.dossier])
    if dossier.part > 1:  # what must be there stands in the first part
        return [replace(slot, required=False) for slot in slots]
    return slots
