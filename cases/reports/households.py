"""One household: who belonged to it on any day and as what, and the chain of its files."""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q

from cases.models import Benefit, Case, Draft, Household, HouseholdChange, Member
from cases.models.entitlement import with_amounts
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
    is_continuing: bool  # an application of a household that continues this one is open
    withdrawable: set[int]  # changes of which nothing was submitted

    @property
    def may_change(self) -> bool:
        """Whether another change may be recorded: in benefit, and nothing is under way."""
        busy = any(case.is_open and case.rules_of_programme.is_monthly for case in self.cases)
        return self.is_in_benefit and not (busy or self.drafts or self.is_continuing)


def household_page(household: Household, actor: Actor, on: date) -> HouseholdPage:
    """The household as it stood on `on`, with all that ever hung on it."""
    rows = list(household.members.order_by("joined_on", "id"))
    living = [m for m in rows if m.joined_on <= on and (m.left_on is None or m.left_on > on)]
    found = HouseholdChange.objects.filter(Q(household=household) | Q(other=household))
    changes = list(found.select_related("recorded_by", "household", "other").order_by("-id"))
    submitted = set(Case.objects.filter(change__in=changes).values_list("change", flat=True))
    month = on.replace(day=1)
    benefits = list(with_amounts(household.benefits.order_by("-start_month"), month))
    return HouseholdPage(
        household=household,
        on=on,
        members=[_person(m) for m in living],
        all_roles=[_person(m) for m in rows],
        chain=_chain(household, actor),
        changes=changes,
        drafts=list(
            Draft.objects.filter(
                change__in=changes, discarded_at__isnull=True, case_no=""
            ).select_related("village")
        ),
        withdrawable={c.pk for c in changes if not c.withdrawn_at and c.pk not in submitted},
        cases=list(
            Case.objects.visible_to(actor).filter(household=household).order_by("-submitted_on")
        ),
        benefits=benefits,
        is_continuing=Case.objects.open().filter(change__in=changes).exists(),
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
    with connection.cursor() as cursor:
        cursor.execute(CHAIN, {"id": household.pk, "most": MOST_LINKS})
        depths: dict[int, int] = dict(cursor.fetchall())
    if len(depths) == 1:
        return []
    rows = Household.objects.filter(pk__in=depths).select_related("village", "change")
    mine = set(
        Household.objects.visible_to(actor).filter(pk__in=depths).values_list("pk", flat=True)
    )
    steps: dict[int, list[Link]] = {}
    for h in sorted(rows, key=lambda h: (depths[h.pk], h.pk)):
        steps.setdefault(depths[h.pk], []).append(_link(h, h.pk == household.pk, h.pk in mine))
    return [steps[depth] for depth in sorted(steps)]


# Each household of the chain with its distance: before it negative, after it positive.
CHAIN = """
WITH RECURSIVE before(id, depth) AS (
    SELECT %(id)s::bigint, 0
    UNION
    SELECT p.id, b.depth - 1
      FROM before b
      JOIN cases_household h ON h.id = b.id
      JOIN cases_householdchange c ON c.id = h.change_id
      JOIN cases_household p ON p.id IN (c.household_id, c.other_id)
     WHERE b.depth > -%(most)s
), after(id, depth) AS (
    SELECT %(id)s::bigint, 0
    UNION
    SELECT s.id, a.depth + 1
      FROM after a
      JOIN cases_householdchange c ON a.id IN (c.household_id, c.other_id)
      JOIN cases_household s ON s.change_id = c.id
     WHERE a.depth < %(most)s
)
SELECT id, (array_agg(depth ORDER BY abs(depth)))[1]
  FROM (SELECT * FROM before UNION SELECT * FROM after) chain GROUP BY id
"""


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
