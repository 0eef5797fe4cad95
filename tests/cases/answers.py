"""A draft as a clerk has filled it in, field by field."""

from typing import Any

from cases.models import Draft
from cases.operations import applications
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.operations.attachments import attach


def flat(application: dict[str, Any]) -> dict[str, str]:
    """An application as the pages send it: `members-0-incomes-0-kind` → text."""
    found: dict[str, str] = {}
    for name, value in application.items():
        if name != "members":
            found[name] = str(value)
    for i, member in enumerate(application["members"]):
        for name, value in member.items():
            if name != "incomes":
                found[f"members-{i}-{name}"] = str(value)
        found[f"members-{i}-counts_for_income"] = found[f"members-{i}-is_insured"] = "on"
        for j, income in enumerate(member.get("incomes", [])):
            for name, value in income.items():
                found[f"members-{i}-incomes-{j}-{name}"] = str(value)
    return found


def filled_draft(cast: Cast, serial: int = 1, **changes: Any) -> Draft:
    """A draft that could be submitted as it stands."""
    draft = applications.start_draft("URBAN_ALLOWANCE", actor=cast.clerk)
    answers = flat(road.application(serial, **changes))
    del answers["programme"]
    patches = [{"field": k, "value": v, "base_version": 0} for k, v in answers.items()]
    applications.save_answers(draft.key, patches, actor=cast.clerk)
    for i, (slot, title) in enumerate(road.SLOTS.items()):
        attach(
            "draft",
            draft.key,
            slot,
            road.photo((serial % 250, i, 77)),
            title=title,
            village_id=draft.village_id,
            office_id=cast.office.pk,
            actor=cast.clerk,
        )
    return Draft.objects.get(pk=draft.pk)
