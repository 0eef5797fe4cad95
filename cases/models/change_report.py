"""变化报告: what a household in benefit told, when it knew it, and what became of it (3(2))."""

import json
from collections.abc import Callable

from django.db import models
from django.db.models import F, Q

from cases.rules.programmes import CONDITIONS, LEFT_REASONS, RELATIONS
from cases.rules.reports_of_change import KINDS, STATES, WAITING
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.fields import SealedTextField
from yuquan_relief.kernel.models import Attachment, Person, Unit

from .decision import Benefit
from .household import Member
from .review import Review
from .scope import scope_of


class ChangeReportQuerySet(models.QuerySet["ChangeReport"]):
    """Reads of change reports."""

    def visible_to(self, actor: Actor) -> "ChangeReportQuerySet":
        """Reports of the actor's village, office or district."""
        return self.filter(scope_of(actor))

    def waiting(self) -> "ChangeReportQuerySet":
        """Reports that still wait for something."""
        return self.filter(state__in=sorted(WAITING))


class ChangeReport(models.Model):
    """One change: what stands now and what is so from now on; the new value is kept sealed.

    `field` names what it touches; of one field only one report waits at a time.
    """

    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="change_reports")
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField("种类", max_length=10, choices=list(KINDS.items()))
    field = models.CharField(max_length=30)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    old = SealedTextField("原来", blank=True)
    new = SealedTextField("现在", blank=True)
    note = models.CharField("说明", max_length=300)
    happened_on = models.DateField("发生日期")
    known_on = models.DateField("家庭知道的日期")
    reported_on = models.DateField("报告日期")
    is_late = models.BooleanField("超过三个月才报告", default=False)
    evidence = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=10, choices=list(STATES.items()), default="OPEN")
    checked_on = models.DateField("核实日期", null=True)
    checked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answer = models.CharField("核实情况", max_length=300, blank=True)
    takes_effect_on = models.DateField("启用日期", null=True)
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaces")
    review = models.ForeignKey(Review, models.PROTECT, null=True, related_name="change_reports")

    objects = ChangeReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "变化报告"
        constraints = [
            models.UniqueConstraint(
                fields=["benefit", "field"],
                condition=Q(state__in=sorted(WAITING)),
                name="change_report_one_a_field",
            ),
            models.CheckConstraint(
                condition=Q(known_on__gte=F("happened_on")) & Q(reported_on__gte=F("known_on")),
                name="change_report_days",
            ),
            # Money goes elsewhere only when a second person has looked (R14).
            models.CheckConstraint(
                condition=Q(checked_by=None) | ~Q(checked_by=F("recorded_by")),
                name="change_report_second_person",
            ),
        ]
        indexes = [
            models.Index(fields=["office", "state", "-id"], name="change_office_state"),
            models.Index(fields=["village", "state", "-id"], name="change_village_state"),
        ]

    def __str__(self) -> str:
        return f"{self.benefit_id} {self.kind}"

    def new_text(self, *, whole: bool = False) -> str:
        """The new value in words. `whole`: the whole account number too, for who checks it
        against the papers; else, and for identity numbers always, the last digits."""
        new: dict[str, str] = json.loads(self.new or "{}")
        words: dict[str, Callable[[str], str]] = {
            "number": lambda v: v if whole else f"…{v[-4:]}",
            "id_no": lambda v: f"…{v[-4:]}",
            "value": lambda v: v if self.kind != "PHONE" or whole else f"…{v[-4:]}",
            "kind": lambda v: {"card": "银行卡", "passbook": "存折"}.get(v, v),
            "reason": lambda v: LEFT_REASONS.get(v, v),
            "condition": lambda v: CONDITIONS.get(v, v),
            "relation": lambda v: RELATIONS.get(v, v),
        }
        return "，".join(words.get(name, str)(value) for name, value in new.items() if value)
