"""The draft of a continuing application: what is known of each person, and nothing of another's."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cases.models import Case, Draft, HouseholdChange, IncomeLine, Member
from cases.rules.programmes import CHANGES, Family, Programme
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.inputs import bank_accounts
from yuquan_relief.kernel.inputs.money import show

from .applications import TICKS


@dataclass(frozen=True)
class Part:
    """Who goes on together (`code` of PARTS), under which new head if any, in which village if not
    that of the household; who `moves` has a new address to state."""

    code: str
    members: Sequence[Member]
    head: int = 0
    village_id: int = 0
    moves: bool = False


def continuing_draft(change: HouseholdChange, part: Part, programme: str, *, actor: Actor) -> Draft:
    """A draft for the part; under a new head the other relations are left to be stated anew.

    Each row is of that person alone: a head's health or disability never passes to the next one.
    """
    head, village_id = part.head, part.village_id
    keeps = change.other_id or change.household_id  # whose members keep their relations
    ordered = sorted(
        part.members,
        key=lambda m: m.pk != head if head else m.household_id != keeps or m.relation != "SELF",
    )
    answers = _household(change, part.moves) | _account(change, ordered)
    answers["reason"] = f"{CHANGES[change.kind]}接续：{change.note}"[:300]
    incomes = _incomes(change, ordered)
    for i, member in enumerate(ordered):
        stays = not head and member.household_id == keeps
        answers |= _person(f"members-{i}-", member, programme, is_head=i == 0, stays=stays)
        for j, (kind, fen) in enumerate(incomes.get(member.id_digest, ())):
            answers[f"members-{i}-incomes-{j}-kind"] = kind
            answers[f"members-{i}-incomes-{j}-annual"] = show(fen)
    answers = {n: v for n, v in answers.items() if v or n.endswith(TICKS)}
    draft = Draft(
        key=f"D-{secrets.token_hex(5)}",
        programme=programme,
        village_id=village_id or change.household.village_id,
        owner_id=actor.human_id,
        versions={name: i for i, name in enumerate(answers, 1)},
        change=change,
        part=part.code,
    )
    draft.answers = answers
    draft.save(force_insert=True)
    return draft


def _person(
    at: str, member: Member, programme: str, *, is_head: bool, stays: bool
) -> dict[str, str]:
    stated = "SELF" if is_head else member.relation if stays else ""
    alone = Programme(programme).family == Family.DESTITUTE
    insured = is_head if alone else member.is_insured
    return {
        f"{at}name": member.name,
        f"{at}id_no": member.id_no,
        f"{at}relation": stated,
        f"{at}condition": member.condition,
        f"{at}registered": member.registered,
        f"{at}counts_for_income": "on" if member.counts_for_income else "",
        f"{at}not_counted": member.not_counted,
        f"{at}is_insured": "on" if insured else "",
    }


def _household(change: HouseholdChange, moves: bool) -> dict[str, str]:
    """Where they live and are registered; who moves has a new address to state."""
    old = change.other or change.household
    return {
        "phone": old.phone,
        "address": "" if moves else old.address,
        "registered_address": old.registered_address,
        "registered_kind": old.registered_kind,
    }


def _account(change: HouseholdChange, members: Sequence[Member]) -> dict[str, str]:
    """The account, if its holder is among those who go on."""
    for household in filter(None, (change.other, change.household)):
        payee = household.accounts.filter(is_current=True).first()
        if payee and any(bank_accounts.same_holder(payee.holder, m.name) for m in members):
            return {
                "bank": payee.bank,
                "holder": payee.holder,
                "account_kind": payee.kind,
                "account_number": payee.number,
            }
    return {}


def _incomes(
    change: HouseholdChange, members: Sequence[Member]
) -> dict[str, list[tuple[str, int]]]:
    """Digest of the person → kind and yearly fen, as the last decision took them."""
    found: dict[str, list[tuple[str, int]]] = {}
    households = [h.pk for h in (change.household, change.other) if h is not None]
    latest = [
        Case.objects.filter(household=h, state="APPROVED").order_by("-pk").values("pk")[:1]
        for h in households
    ]
    for cases in latest:
        for line in IncomeLine.objects.filter(case__in=cases).select_related("member"):
            values = (line.adopted_fen, line.checked_fen, line.declared_fen)
            fen = next(v for v in values if v is not None)
            found.setdefault(line.member.id_digest, []).append((line.kind, fen))
    return found
