"""What is on record about a benefit when it is reviewed: the family of today, today's rules."""

from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q

from cases.rules.programmes import Family, Programme
from cases.rules.reviews import ReviewFacts
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.rulebook_values import Rules, rules
from yuquan_relief.kernel.signing import canonical

from .assessment import choices_of, facts_for
from .contact import Contact
from .entitlement import Amounts, amounts_of
from .household import Member
from .notice import Notice, notice_facts
from .record import CaseRecord
from .review import Review

SUBJECT = "review"
UNKNOWN_AGE = 40  # of somebody whom the roster only counts: able to work until it is known


class FamilyNow(CaseRecord):
    """The case that was approved, with the people of today under the rules of today."""

    @cached_property
    def rulebook(self) -> Rules:
        """The values in force on the day of the review; the rule set is the case's."""
        return rules(self.on, self.case.rule_set)

    @cached_property
    def members(self) -> list[Member]:
        """Who belongs to the household on the day."""
        people = self.case.household.members.living_on(self.on)
        return list(people.order_by("id"))


class ReviewRecord:
    """A review and what it rests on; each part is read when it is first asked for."""

    def __init__(self, review: Review, on: date) -> None:
        self.review, self.on = review, on
        self.benefit = review.benefit

    @property
    def family(self) -> Family:
        """By which rules the benefit is judged."""
        return Programme(self.benefit.programme).family

    @cached_property
    def now(self) -> Amounts:
        """What the benefit gives in the month of the day."""
        return amounts_of(self.benefit, self.on.replace(day=1))

    @cached_property
    def case(self) -> FamilyNow | None:
        """The approved case; None for a household taken over from the roster."""
        case = self.benefit.source_case
        return FamilyNow(case, self.on) if case else None

    @cached_property
    def members(self) -> list[Member]:
        """Who belongs to the household on the day."""
        people = self.benefit.household.members.living_on(self.on)
        return list(people.order_by("id"))

    @cached_property
    def last_facts(self) -> dict[str, Any]:
        """The facts of the last review that counted, else of the decision; {} from the roster."""
        earlier = Review.objects.filter(benefit=self.benefit, state="ENDED").exclude(facts={})
        found = earlier.order_by("-id").values_list("facts", flat=True).first()
        if found:
            return dict(found)
        account = self.case.account if self.case else None
        return dict(account.facts) if account else {}

    def facts(self, changes: dict[str, Any]) -> dict[str, Any]:
        """All that the settlement of the review rests on (see assessment.facts_for).

        `changes`: `lines` (incomes of a year as they are now), `deductions`, `property_ok`,
        `single` (id of the member who is insured alone) and, for a household from the roster,
        `persons`, `insured`, `annual_fen`, `supplement_fen`.
        """
        if self.case is None:
            return self._of_roster(changes)
        found = facts_for(self.case, self._choices(self.case, changes))
        if "single" in changes:
            for member in found["members"]:
                member["insured"] = member["id"] == changes["single"]
        if "lines" in changes:
            there = {m.pk for m in self.members}
            found["lines"] = [x for x in changes["lines"] if x["member"] in there]
        return found

    def _choices(self, case: FamilyNow, changes: dict[str, Any]) -> dict[str, Any]:
        """What the office decides: as at the decision, but for what is said now."""
        assert case.account is not None  # it was approved on one
        choices = dict(choices_of(case.account))
        for name in ("deductions", "labour_ground", "property_ok"):
            if name in changes and name in choices:
                choices[name] = changes[name]
        if "single" in changes:
            choices["method"] = "single"
        elif choices.get("method") == "single":
            choices["method"] = case.rulebook["allowance.method"]
        if self.family == Family.DESTITUTE and case.care:
            choices["support"] = case.care.support
        return choices

    def _of_roster(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Heads and incomes as the review found them; 分类施保 goes on as it is."""
        rulebook = rules(self.on)
        head = next((m for m in self.members if m.relation == "SELF"), None)
        persons, insured = int(changes["persons"]), int(changes["insured"])
        standard = rulebook.dated(f"standard.{self.benefit.programme}")
        limits = rulebook.dated("property.limits")
        people = [self._unnamed(i, insured, head) for i in range(persons)]
        line = {"member": 0, "kind": "OTHER", "fen": changes["annual_fen"], "counted": True}
        return {
            "programme": self.benefit.programme,
            "rule_set": rulebook.rule_set,
            "on": str(self.on),
            "choices": {"method": "difference", "deductions": [], "tiers": {}},
            "method": "difference",
            "standard": {
                "fen": standard.value,
                "source": standard.source,
                "from": str(standard.valid_from),
            },
            "members": people,
            "lines": [line],
            "obligors": [],
            "deductions": [],
            "property": {"limits": limits.value, "source": limits.source, "items": []},
            "supplements": [],
            "supplement_given": changes["supplement_fen"],
        }

    def _unnamed(self, i: int, insured: int, head: Member | None) -> dict[str, Any]:
        """A person of whom the roster says nothing but that there is one; the first is the head."""
        known = head if not i else None
        return {
            "id": i,
            "name": known.name if known else f"成员{i + 1}",
            "counted": True,
            "insured": i < insured,
            "condition": known.condition if known else "HEALTHY",
            "registered": "HERE",
            "age": identity_numbers.age_on(known.birth_on, self.on) if known else UNKNOWN_AGE,
            "categories": [],
            "tier": None,
        }

    @cached_property
    def contacts(self) -> list[Contact]:
        """Visits, sign-ins and reports since the review was opened, the newest first."""
        since = Q(on_day__gte=self.review.opened_on)
        found = Contact.objects.filter(since, benefit=self.benefit, kind__in=("VISIT", "CERTIFY"))
        return list(found.select_related("recorded_by").order_by("-on_day", "-id"))

    @property
    def must_be_noticed(self) -> bool:
        """特困 that ends is told of for seven days first, but for death (N3 第二十五条)."""
        review = self.review
        return (
            self.family == Family.DESTITUTE
            and review.outcome == "STOP"
            and review.ground not in ("DIED", "OWN")
        )

    @cached_property
    def notices(self) -> list[Notice]:
        """拟终止公示 that hang or hung on the review in this round."""
        if not self.must_be_noticed or self.benefit.source_case_id:
            return []
        mine = Notice.objects.filter(review=self.review, round=self.review.round)
        return list(mine.with_objections().order_by("id"))

    def _is_noticed(self) -> bool:
        """Whether the days of the notice have passed; one that was withdrawn or objected to with
        right belongs to an earlier round."""
        case = self.benefit.source_case
        if case is not None:
            return case.ending_noticed_on is not None
        return any(n.closed_on for n in self.notices)

    def judged(self) -> ReviewFacts:
        """The plain facts that the table's needs look at."""
        review = self.review
        return ReviewFacts(
            on=self.on,
            is_looked_into=bool(self.contacts),
            attempts=len({c.on_day for c in self.contacts}),
            is_settled=bool(review.outcome),
            is_stale=bool(review.outcome) and self._is_stale(),
            outcome=review.outcome,
            ground=review.ground,
            must_be_noticed=self.must_be_noticed,
            is_noticed=self._is_noticed(),
            hangs_here=self.benefit.source_case_id is None,
            notice=notice_facts(next((n for n in self.notices if not n.closed_on), None)),
            may_withdraw=review.trigger == "HAND",
        )

    def _is_stale(self) -> bool:
        review, now = self.review, self.now
        before = (
            review.before_persons,
            review.before_monthly_fen,
            review.before_supplement_fen,
        )
        if before != (now.persons, now.monthly_fen, now.supplement_fen):
            return True
        settled = review.facts.get("people")
        return settled is not None and settled != people_of(self.members)

    def content(self, stage: str) -> dict[str, Any]:
        """What a signature of the review binds: who, what was found, what follows, since when."""
        review = self.review
        fields = (
            "trigger what outcome ground reason method persons monthly_fen supplement_fen"
            " year_fen support care_tier exit_months before_persons before_monthly_fen"
            " before_supplement_fen round"
        )
        return {
            "subject": SUBJECT,
            "no": review.no,
            "stage": stage,
            "benefit": self.benefit.key,
            "household": self.benefit.household.key,
            "head": self.benefit.household.head_name,
            **{name: getattr(review, name) for name in fields.split()},
            "changed_on": review.changed_on.isoformat() if review.changed_on else "",
            "facts": digest(canonical(review.facts)),
            "sentences": review.sentences,
            "contacts": [c.pk for c in self.contacts],
        }


def people_of(members: list[Member]) -> list[list[Any]]:
    """Who was there when it was settled, and as what: a change afterwards makes it stale."""
    return [[m.pk, m.counts_for_income, m.is_insured, m.condition] for m in members]
