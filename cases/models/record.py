"""The record of a case: each part is read when it is first asked for, and only once."""

from collections.abc import Collection
from datetime import date
from functools import cached_property
from typing import Any

from django.contrib.postgres.aggregates import JSONBAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, JSONField, OuterRef, Q, Value
from django.db.models.functions import JSONObject

from cases.rules.programmes import Family, Programme
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.models import Attachment, Event, Signature
from yuquan_relief.kernel.rulebook_values import Rules, rules
from yuquan_relief.kernel.workdays import WorkCalendar

from .care import CareArrangement
from .case import Case
from .decision import Benefit, Letter
from .declared import Claim, Obligor, PropertyItem
from .deferral import Deferral
from .evidence import (
    Appraisal,
    IncomeAccount,
    IncomeLine,
    MeansCheck,
    MeansFinding,
    Survey,
)
from .household import Member, MemberQuerySet, PayeeAccount
from .notice import Notice
from .relief import FirstRelief, HandOver
from .self_care import SelfCare

SUBJECT = "case"
FAILURES = JSONBAgg(
    JSONObject(
        kind="failures__kind",
        first="failures__first_day",
        last="failures__last_day",
        note="failures__note",
    ),
    filter=Q(failures__isnull=False),
    default=Value([], output_field=JSONField()),
)

FOUND = (
    MeansFinding.objects.filter(check_of=OuterRef("pk"))
    .order_by("pk")
    .values(row=JSONObject(member="member_id", kind="kind", note="note"))
)


def rules_of(case: Case, on: date) -> Rules:
    """The rules under which the case was accepted, or those of today before that."""
    return rules(case.accepted_on or on, case.rule_set)


class CaseRecord:
    """What is on record about a case, the latest round of each; None where nothing is yet.

    A page that shows, checks and signs the same evidence makes one record and hands it on. What
    is written later is not seen: an act makes a new one after it has written.
    """

    def __init__(self, case: Case, on: date) -> None:
        self.case, self.on = case, on

    @property
    def family(self) -> Family:
        """By which rules the case is judged."""
        return Programme(self.case.programme).family

    @cached_property
    def rulebook(self) -> Rules:
        """The rules under which the case was accepted."""
        return rules_of(self.case, self.on)

    @cached_property
    def calendar(self) -> WorkCalendar:
        """The work calendar in force."""
        return work_calendar()

    @property
    def own_households(self) -> list[int]:
        """Ids of the case's household and of those that it continues."""
        change = self.case.change
        before = [change.household_id, change.other_id] if change else []
        return [self.case.household_id, *(i for i in before if i is not None)]

    @cached_property
    def ended_month(self) -> date | None:
        """The last month of the benefit that this case continues, once it has ended."""
        ended = Benefit.objects.filter(
            household__in=self.own_households[1:], end_month__isnull=False
        )
        return ended.order_by("-end_month").values_list("end_month", flat=True).first()

    @cached_property
    def is_in_benefit(self) -> bool:
        """Whether somebody of the household is in benefit anywhere now."""
        return self._paid().exists()

    def _paid(self) -> MemberQuerySet:
        running = Benefit.objects.running_on(self.on).filter(household=OuterRef("household"))
        people = Member.objects.filter(
            id_digest__in=[member.id_digest for member in self.members], left_on__isnull=True
        )
        return people.filter(Exists(running))

    @cached_property
    def members(self) -> list[Member]:
        """Who belongs to the household, in the order of joining: now, or when it was decided.

        What happened to the family afterwards does not change what the decision rested on.
        """
        people = self.case.household.members.all()
        day = self.case.decided_on
        found = people.living_on(day) if day else people.filter(left_on__isnull=True)
        return list(found.order_by("id"))

    @cached_property
    def payee(self) -> PayeeAccount | None:
        """The account that the household is paid to."""
        return self.case.household.accounts.filter(is_current=True).first()

    @cached_property
    def lines(self) -> list[IncomeLine]:
        """Incomes, member by member."""
        lines = self.case.income_lines.select_related("member")
        return list(lines.order_by("member_id", "id"))

    @cached_property
    def obligors(self) -> list[Obligor]:
        """Those who owe support by law and live apart."""
        return list(self.case.obligors.order_by("id"))

    @cached_property
    def property_items(self) -> list[PropertyItem]:
        """What the family owns: as declared, and as the latest report found."""
        latest = self.means.pk if self.means else None
        items = self.case.property_items.order_by("id")
        return [p for p in items if p.means_check_id in (None, latest)]

    @cached_property
    def claim(self) -> Claim | None:
        """The cause of a 临时救助; no statement for other programmes."""
        if self.family != Family.RELIEF:
            return None
        return Claim.objects.filter(case=self.case).first()

    @cached_property
    def first_relief(self) -> FirstRelief | None:
        """The help that went out before the paper."""
        if self.case.relieved_on is None:
            return None
        return FirstRelief.objects.filter(case=self.case).select_related("approver").first()

    @cached_property
    def hand_overs(self) -> list[HandOver]:
        """What reached the household."""
        return list(self.case.hand_overs.order_by("id"))

    @cached_property
    def self_care(self) -> SelfCare | None:
        """The latest assessment of self-care; no statement for other programmes."""
        if self.family != Family.DESTITUTE:
            return None
        return self.case.self_care.order_by("-round", "-again").first()

    @cached_property
    def care(self) -> CareArrangement | None:
        """Who cares for the person now; no statement for other programmes."""
        if self.family != Family.DESTITUTE:
            return None
        current = self.case.care_arrangements.filter(ended_on__isnull=True)
        return current.select_related("institution").first()

    @cached_property
    def survey(self) -> Survey | None:
        """The latest home visit."""
        return self.case.surveys.order_by("-round").first()

    @cached_property
    def means_checks(self) -> list[MeansCheck]:
        """All means checks in order."""
        checks = self.case.means_checks.order_by("round", "attempt")
        return list(checks.annotate(failed=FAILURES, found=ArraySubquery(FOUND)))

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What the latest report says of people: {member, kind, note}."""
        return list(getattr(self.means, "found", None) or [])

    @property
    def means(self) -> MeansCheck | None:
        """The latest means check."""
        return self.means_checks[-1] if self.means_checks else None

    @cached_property
    def account(self) -> IncomeAccount | None:
        """The latest income account."""
        return self.case.income_accounts.order_by("-round", "-id").first()

    @cached_property
    def appraisal(self) -> Appraisal | None:
        """The latest appraisal."""
        return self.case.appraisals.order_by("-round").first()

    @cached_property
    def letter(self) -> Letter | None:
        """That the decision was served."""
        return Letter.objects.filter(case=self.case).first()

    @cached_property
    def notices(self) -> list[Notice]:
        """All notices in order, each with its number of unanswered objections."""
        mine = Notice.objects.filter(case=self.case).select_related("photo")
        return list(mine.with_objections().order_by("id"))

    @cached_property
    def files(self) -> list[Attachment]:
        """Files that stand, in the order in which they came."""
        mine = Attachment.objects.filter(subject_kind=SUBJECT, subject_key=self.case.no)
        return list(mine.filter(withdrawn_at__isnull=True).order_by("id"))

    @cached_property
    def deferrals(self) -> list[Deferral]:
        """Documents that may come later; no statement for a case that has none."""
        if not self.case.has_deferrals:
            return []
        return list(self.case.deferrals.order_by("promised_on", "id"))

    @cached_property
    def signatures(self) -> list[Signature]:
        """All signatures in order."""
        mine = Signature.objects.filter(subject_kind=SUBJECT, subject_key=self.case.no)
        return list(mine.order_by("id"))

    @cached_property
    def events(self) -> list[Event]:
        """Everything that happened, newest first."""
        return list(Event.objects.of(SUBJECT, self.case.no))

    def signatures_of(self, stage: str, round: int) -> list[Signature]:
        """The signatures of one stage in one round."""
        return [s for s in self.signatures if (s.stage, s.round) == (stage, round)]

    def latest_signatures(self, stages: Collection[str]) -> list[Signature]:
        """The signatures of the latest round of each stage, in order."""
        newest = {s.stage: s.round for s in sorted(self.signatures, key=lambda s: s.round)}
        return [s for s in self.signatures if s.stage in stages and s.round == newest[s.stage]]
