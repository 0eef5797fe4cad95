"""One household: who belonged to it on any day and as what, and the chain of its files."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from cases.models import Benefit, Case, Draft, Household, HouseholdChange, Member
from cases.rules.programmes import CHANGES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.inputs import identity_numbers

MOST_LINKS = 20  # of a chain; nobody has been through more


@dataclass(frozen=True)
class PersonRow:
    """One person in one role, from one day to another."""

    name: str
    number: str  # masked
    relation: str
    role: str
    registered: str
    condition: str
    since: date
    until: date | None
    why: str


@dataclass(frozen=True)
class Link:
    """One household of the chain; `url` is empty where the actor does not see it."""

    key: str
    url: str
    head: str
    place: str
    began: str
    is_here: bool
    is_closed: bool


@dataclass(frozen=True, kw_only=True)
class HouseholdPage:
    """Everything on the page of a household."""

    household: Household
    on: date
    members: list[PersonRow]
    all_roles: list[PersonRow]
    chain: list[list[Link]]
    changes: list[HouseholdChange]
    drafts: list[Draft]
    cases: list[Case]
    benefits: list[Benefit]
    is_in_benefit: bool


def household_page(household: Household, actor: Actor, on: date) -> HouseholdPage:
    """The household as it stood on `on`, with all that ever hung on it."""
    rows = list(household.members.order_by("joined_on", "id"))
    living = [m for m in rows if m.joined_on <= on and (m.left_on is None or m.left_on > on)]
    changes = HouseholdChange.objects.filter(Q(household=household) | Q(other=household))
    benefits = list(household.benefits.order_by("-start_month"))
    return HouseholdPage(
        household=household,
        on=on,
        members=[_person(m) for m in living],
        all_roles=[_person(m) for m in rows],
        chain=_chain(household, actor),
        changes=list(changes.select_related("recorded_by", "household", "other").order_by("-id")),
        drafts=list(
            Draft.objects.filter(change__in=changes, discarded_at__isnull=True, case_no="")
        ),
        cases=list(
            Case.objects.visible_to(actor).filter(household=household).order_by("-submitted_on")
        ),
        benefits=benefits,
        is_in_benefit=any(b.end_month is None for b in benefits),
    )


def _person(member: Member) -> PersonRow:
    return PersonRow(
        member.name,
        identity_numbers.mask(member.id_no),
        member.get_relation_display(),
        member.role_label,
        member.get_registered_display(),
        member.get_condition_display(),
        member.joined_on,
        member.left_on,
        member.get_left_reason_display() if member.left_reason else "",
    )


def _chain(household: Household, actor: Actor) -> list[list[Link]]:
    """The chain from its oldest households to its youngest, step by step; [] when it is alone."""
    before = _walk([household], _came_from)
    after = _walk([household], _became)
    steps = [*reversed(before), [household], *after]
    if len(steps) == 1:
        return []
    seen = set(
        Household.objects.visible_to(actor)
        .filter(pk__in=[h.pk for step in steps for h in step])
        .values_list("pk", flat=True)
    )
    return [[_link(h, h.pk == household.pk, h.pk in seen) for h in step] for step in steps]


def _walk(
    step: list[Household], following: Callable[[list[Household]], Iterable[Household]]
) -> list[list[Household]]:
    found, seen = [], {h.pk for h in step}
    for _ in range(MOST_LINKS):
        step = [h for h in following(step) if h.pk not in seen]
        if not step:
            break
        seen |= {h.pk for h in step}
        found.append(step)
    return found


def _came_from(step: list[Household]) -> Iterable[Household]:
    changes = HouseholdChange.objects.filter(pk__in=[h.change_id for h in step if h.change_id])
    pairs = changes.values_list("household", "other")
    keys = [pk for pair in pairs for pk in pair]
    return Household.objects.filter(pk__in=keys).select_related("village", "change")


def _became(step: list[Household]) -> Iterable[Household]:
    mine = Q(change__household__in=step) | Q(change__other__in=step)
    return Household.objects.filter(mine).select_related("village", "change").order_by("pk")


def _link(household: Household, is_here: bool, is_seen: bool) -> Link:
    change = household.change
    return Link(
        key=household.key,
        url=f"/households/{household.key}/" if is_seen and not is_here else "",
        head=household.head_name if is_seen else "外辖区的户",
        place=household.village.name,
        began=f"{change.happened_on} {CHANGES[change.kind]}" if change else "",
        is_here=is_here,
        is_closed=household.closed_on is not None,
    )
