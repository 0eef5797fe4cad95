"""The form of each topic of a draft, filled with what was typed so far."""

from collections.abc import Callable
from typing import Any

from django import forms

from cases import topic_forms
from cases.models import Draft
from cases.rules.application import MOST_MEMBERS, nest
from cases.rules.declarations import MOST_OBLIGORS, MOST_PROPERTY
from cases.rules.programmes import Family, Programme


def topic_form(draft: Draft, name: str, rows: int = 0) -> forms.Form:
    """The topic's form, with one more empty row than there are, or as many as were asked for."""
    initial, answers = _initial(draft), nest(draft.answers)
    brief = Programme(draft.programme).is_urgent
    if name == "account":  # most are paid to their own account: nothing is typed twice
        initial.setdefault("holder", initial.get("members-0-name", ""))

    def count(table: str, least: int, most: int) -> int:
        return min(max(len(answers[table]) + 1, rows, least), most)

    makers: dict[str, Callable[[], forms.Form]] = {
        "applicant": lambda: topic_forms.ApplicantTopic(initial=initial, brief=brief),
        "account": lambda: topic_forms.AccountTopic(initial=initial),
        "support": lambda: topic_forms.SupportTopic(initial=initial),
        "claim": lambda: topic_forms.ClaimTopic(initial=initial, programme=draft.programme),
        "obligors": lambda: topic_forms.ObligorsTopic(
            initial=initial, rows=count("obligors", 1, MOST_OBLIGORS)
        ),
        "property": lambda: topic_forms.PropertyTopic(
            initial=initial, rows=count("property", 1, MOST_PROPERTY)
        ),
        "members": lambda: _members_form(draft, initial, count("members", 2, MOST_MEMBERS)),
        "incomes": lambda: _incomes_form(initial, answers["members"]),
    }
    return makers[name]()


def _members_form(draft: Draft, initial: dict[str, Any], rows: int) -> forms.Form:
    return topic_forms.MembersTopic(
        initial=_with_defaults(draft, initial, rows),
        rows=rows,
        brief=Programme(draft.programme).is_urgent,
    )


def _incomes_form(initial: dict[str, Any], members: list[Any]) -> forms.Form:
    names = [m.get("name") or f"第 {i + 1} 位成员" for i, m in enumerate(members)]
    lines = {i: min(len(m["incomes"]) + 1, 5) for i, m in enumerate(members)}
    return topic_forms.IncomesTopic(initial=initial, names=names, lines=lines)


def _initial(draft: Draft) -> dict[str, Any]:
    return dict(draft.answers)


def _with_defaults(draft: Draft, initial: dict[str, Any], count: int) -> dict[str, Any]:
    """Everybody counts and is insured; of 特困 only the applicant is."""
    alone = Programme(draft.programme).family == Family.DESTITUTE
    for i in range(count):
        initial.setdefault(f"members-{i}-counts_for_income", "on")
        initial.setdefault(f"members-{i}-is_insured", "" if alone and i else "on")
    initial.setdefault("members-0-relation", "SELF")
    return initial
