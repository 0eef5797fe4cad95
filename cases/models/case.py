"""The case: one application of one household for one programme."""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from cases.rules.destitution import ENDINGS
from cases.rules.procedures import CLOCK_STATES, OPEN_STATES, STATES
from cases.rules.programmes import CHOICES, SUPPORT_MODES, Programme
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Person, Unit

from .chain import PARTS, HouseholdChange
from .household import Household, Member
from .scope import scope_of


class CaseQuerySet(models.QuerySet["Case"]):
    """Reads of cases."""

    def visible_to(self, actor: Actor) -> "CaseQuerySet":
        """Cases of the actor's village, office or district. Outside it, nothing exists.

        The verification centre sees only cases that were sent to it.
        """
        found = self.filter(scope_of(actor))
        if actor.role_code == "verification":
            checks = self.model._meta.get_field("means_checks").related_model
            sent = checks._default_manager.filter(case=OuterRef("pk"))
            found = found.filter(Exists(sent))
        return found

    def open(self) -> "CaseQuerySet":
        """Cases without a final state."""
        return self.filter(state__in=OPEN_STATES)

    def overdue(self, on: date) -> "CaseQuerySet":
        """Open cases whose due date lies before `on`; decided when read."""
        return self.open().filter(due_on__lt=on)

    def for_list(self) -> "CaseQuerySet":
        """With what a row of the list shows: household, village, last digits of the head."""
        heads = Member.objects.filter(household=OuterRef("household"), relation="SELF")
        return self.select_related("household", "village").annotate(
            head_id_tail=Subquery(heads.values("id_tail")[:1])
        )


class Case(models.Model):
    """An application from submission to decision. Only cases.operations.perform moves `state`.

    Its history is the chain of events, so there is no second one beside it.
    """

    # The composite indexes below begin with these three keys, so that they have none of their own.
    no = models.CharField("案件编号", max_length=40, unique=True)
    programme = models.CharField("事项", max_length=20, choices=CHOICES)
    household = models.ForeignKey(Household, models.PROTECT, related_name="cases")
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    state = models.CharField("状态", max_length=20, choices=list(STATES.items()), default="DRAFT")
    round = models.PositiveSmallIntegerField("调查轮次", default=1)
    version = models.PositiveIntegerField("版本", default=0)
    rule_set = models.CharField("规则集", max_length=20)
    submitted_on = models.DateField("提交日期", null=True)
    accepted_on = models.DateField("受理日期", null=True)
    decided_on = models.DateField("决定日期", null=True)
    due_on = models.DateField("到期日", null=True)
    due_is_provisional = models.BooleanField("到期日暂定", default=False)
    state_since = models.DateField("进入本状态日期", null=True)
    corrections = models.TextField("补正内容", blank=True)
    reason = models.CharField("申请原因", max_length=300, blank=True)
    kin_declared = models.BooleanField("与经办人员或村（居）干部有近亲属关系", default=False)
    kin_found = models.BooleanField("成员中有在岗工作人员", default=False)
    kin_note = models.CharField("近亲属情况", max_length=200, blank=True)
    is_by_proxy = models.BooleanField("委托代办", default=False)
    for_incapable = models.BooleanField("代无行为能力人申请", default=False)
    proxy_name = models.CharField("代办人", max_length=100, blank=True)
    support = models.CharField(
        "供养方式", max_length=10, choices=list(SUPPORT_MODES.items()), blank=True
    )
    mend = models.CharField("退回要补正的内容", max_length=120, blank=True)
    has_deferrals = models.BooleanField("有容缺材料", default=False)
    is_opposed = models.BooleanField("社救办建议不予批准", default=False)
    above_office = models.BooleanField("须由区局审批", default=False)
    bureau_visited_on = models.DateField("区局入户日期", null=True)
    rechecked_on = models.DateField("区局复核日期", null=True)
    relieved_on = models.DateField("先行救助日期", null=True)
    extension = models.CharField("延长时限的情形", max_length=20, blank=True)
    extended_to = models.PositiveSmallIntegerField("延长后的时限（工作日）", null=True)
    change = models.ForeignKey(
        HouseholdChange, models.PROTECT, null=True, related_name="cases", verbose_name="接续"
    )
    part = models.CharField("接续的部分", max_length=4, choices=PARTS, blank=True)
    care_reported_on = models.DateField("报告自理能力变化日期", null=True)
    ending = models.CharField(
        "拟终止的情形", max_length=10, choices=list(ENDINGS.items()), blank=True
    )
    ending_noticed_on = models.DateField("拟终止公示期满日期", null=True)
    must_recheck = models.BooleanField("有成员加入，须重新核对", default=False)
    must_resettle = models.BooleanField("家庭有变化，须重新核算", default=False)
    held_until = models.DateTimeField("签批生效时间", null=True)
    held_note = models.CharField("签批没有生效的原因", max_length=300, blank=True)
    submitted_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    submission_key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "案件"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(STATES)), name="case_known_state"),
            models.CheckConstraint(
                condition=Q(state__in=CLOCK_STATES, due_on__isnull=False, accepted_on__isnull=False)
                | (~Q(state__in=CLOCK_STATES) & Q(due_on__isnull=True)),
                name="case_clock_runs_when_accepted",
            ),
            models.UniqueConstraint(
                fields=["household", "programme"],
                condition=Q(state__in=OPEN_STATES),
                name="case_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["office", "-id"], name="case_office"),
            models.Index(fields=["village", "-id"], name="case_village"),
            models.Index(fields=["office", "state", "-id"], name="case_office_state"),
            models.Index(fields=["district", "state", "-id"], name="case_district_state"),
            models.Index(fields=["due_on"], name="case_due", condition=Q(due_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def is_kin(self) -> bool:
        """Whether the file is kept among those of kin: declared, or found by comparison."""
        return self.kin_declared or self.kin_found

    @property
    def rules_of_programme(self) -> Programme:
        """The programme with its names and rules."""
        return Programme(self.programme)

    @property
    def programme_label(self) -> str:
        """The programme's name."""
        return Programme(self.programme).label

    @property
    def state_label(self) -> str:
        """The state's name; after first help, or while an answer waits, what is left."""
        if self.held_until:
            return "已签字，待生效"
        if self.state == "URGENT" and self.relieved_on:
            return "已先行救助，待补手续"
        return STATES[self.state]

    @property
    def is_open(self) -> bool:
        """Whether the case still waits for something."""
        return self.state in OPEN_STATES
