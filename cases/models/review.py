"""复核: a household in benefit is looked at again, and what follows from it."""

from django.db import models
from django.db.models import F, Q

from cases.rules.destitution import TIERS
from cases.rules.programmes import SUPPORT_MODES
from cases.rules.reviews import (
    FINAL_STATES,
    GROUNDS,
    METHODS,
    MOST_EXIT_MONTHS,
    OUTCOMES,
    STATES,
    TRIGGERS,
)
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Attachment, Unit

from .decision import Benefit
from .household import Member
from .scope import scope_of


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reads of reviews."""

    def visible_to(self, actor: Actor) -> "ReviewQuerySet":
        """Reviews of the actor's village, office or district."""
        return self.filter(scope_of(actor))

    def open(self) -> "ReviewQuerySet":
        """Reviews that still wait for something."""
        return self.exclude(state__in=FINAL_STATES)


class Review(models.Model):
    """One review of one benefit (4(1).2). Only cases.operations.reviews.perform moves `state`.

    The figures (fen a month) are what is proposed; they are in force from the entitlement that
    serving the letter makes. `facts` holds all that they rest on, as in IncomeAccount.
    """

    no = models.CharField("复核编号", max_length=40, unique=True)
    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="reviews")
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    trigger = models.CharField("起因", max_length=10, choices=list(TRIGGERS.items()))
    cause = models.CharField(
        "情况", max_length=40, blank=True
    )  # AGE18:17, so that it is found once
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    what = models.CharField("要核实的", max_length=300, blank=True)
    state = models.CharField("状态", max_length=10, choices=list(STATES.items()), default="OPEN")
    round = models.PositiveSmallIntegerField("轮次", default=1)
    version = models.PositiveIntegerField("版本", default=0)
    opened_on = models.DateField("发起日期")
    due_on = models.DateField("应办结日期")
    outcome = models.CharField("结论", max_length=8, choices=list(OUTCOMES.items()), blank=True)
    ground = models.CharField("停发情形", max_length=16, choices=list(GROUNDS.items()), blank=True)
    reason = models.CharField("理由", max_length=500, blank=True)
    method = models.CharField("核算方式", max_length=20, blank=True)
    facts = models.JSONField("依据", default=dict)
    sentences = models.JSONField("说明", default=list)
    before_persons = models.PositiveSmallIntegerField("原保障人口", default=0)
    before_monthly_fen = models.BigIntegerField("原月保障金", default=0)
    before_supplement_fen = models.BigIntegerField("原分类施保金", default=0)
    persons = models.PositiveSmallIntegerField("保障人口", default=0)
    monthly_fen = models.BigIntegerField("月保障金", default=0)
    supplement_fen = models.BigIntegerField("分类施保金", default=0)
    year_fen = models.BigIntegerField("全年基本生活费", default=0)
    support = models.CharField(
        "供养方式", max_length=10, choices=list(SUPPORT_MODES.items()), blank=True
    )
    care_tier = models.CharField("自理能力", max_length=10, choices=list(TIERS.items()), blank=True)
    category = models.CharField("复核类别", max_length=1, blank=True)
    exit_months = models.PositiveSmallIntegerField("渐退月数", default=0)
    changed_on = models.DateField("变化发生日期", null=True)
    from_month = models.DateField("执行月", null=True)
    last_month = models.DateField("最后一个月", null=True)  # of a benefit that stops
    proposed_on = models.DateField("提出日期", null=True)
    decided_on = models.DateField("签批日期", null=True)
    ended_on = models.DateField("办结日期", null=True)
    told_on = models.DateField("告知日期", null=True)
    told_method = models.CharField(
        "告知方式", max_length=10, choices=list(METHODS.items()), blank=True
    )
    told_to = models.CharField("签收人", max_length=100, blank=True)
    told_proof = models.ForeignKey(
        Attachment, models.PROTECT, null=True, related_name="+", verbose_name="告知凭证"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "复核"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(STATES)), name="review_known_state"),
            models.UniqueConstraint(
                fields=["benefit"],
                condition=~Q(state__in=sorted(FINAL_STATES)),
                name="review_one_open",
            ),
            models.UniqueConstraint(
                fields=["benefit", "cause"], condition=~Q(cause=""), name="review_once_a_cause"
            ),
            # Nothing is in effect before the family was told (4(1).2): the database keeps it too.
            models.CheckConstraint(
                condition=~Q(state="ENDED")
                | Q(outcome="KEEP", told_on=None)
                | Q(told_on__isnull=False) & ~Q(outcome="") & ~Q(told_method=""),
                name="review_told_before_it_counts",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="STOP") | ~Q(ground=""), name="review_stop_has_ground"
            ),
            models.CheckConstraint(
                condition=Q(exit_months__lte=MOST_EXIT_MONTHS)
                & (Q(outcome="EXIT", exit_months__gt=0) | ~Q(outcome="EXIT") & Q(exit_months=0)),
                name="review_exit_months",
            ),
            models.CheckConstraint(
                condition=Q(told_on=None) | Q(told_on__gte=F("decided_on")),
                name="review_told_after_signed",
            ),
        ]
        indexes = [
            models.Index(fields=["office", "state", "due_on"], name="review_office_state"),
            models.Index(fields=["village", "state", "due_on"], name="review_village_state"),
            models.Index(fields=["district", "state", "due_on"], name="review_district_state"),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def before_fen(self) -> int:
        """What the household was given a month."""
        return self.before_monthly_fen + self.before_supplement_fen

    @property
    def after_fen(self) -> int:
        """What it would be given; nothing when it stops."""
        return 0 if self.outcome == "STOP" else self.monthly_fen + self.supplement_fen

    @property
    def state_label(self) -> str:
        """The state in words."""
        return STATES[self.state]

    @property
    def outcome_label(self) -> str:
        """The outcome in words; "" while there is none."""
        return OUTCOMES.get(self.outcome, "")
