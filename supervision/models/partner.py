"""第三方服务: contracts, and tasks of people who see nothing else (5(4))."""

from django.db import models
from django.db.models import F, Q

from cases.models import Benefit
from supervision.rules.partners import CONTRACT, TASK, TASK_KINDS
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Attachment, Person
from yuquan_relief.kernel.roles import Reach

from .paper import Paper, PaperQuerySet, known_states


class ContractQuerySet(PaperQuerySet):
    """Reads of contracts."""


class Contract(Paper):
    """One contract for a service, found by open tender."""

    PROCEDURE = CONTRACT

    party = models.CharField("服务机构", max_length=100)
    credit_code = models.CharField("统一社会信用代码", max_length=18)
    tender = models.CharField("招标文号", max_length=100)
    scope = models.CharField("服务内容", max_length=500)
    amount_fen = models.BigIntegerField("合同金额")
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("截止日期")
    score = models.PositiveSmallIntegerField("考核分", null=True)
    score_note = models.CharField("考核情况", max_length=1000, blank=True)
    accepted_on = models.DateField("验收日期", null=True)

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "服务合同"
        constraints = [
            known_states(CONTRACT),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on"), amount_fen__gte=0), name="contract_period"
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__lte=100), name="contract_score_of_100"
            ),
        ]


class TaskQuerySet(PaperQuerySet):
    """Reads of tasks."""

    def visible_to(self, actor: Actor) -> "TaskQuerySet":
        """The district's for who manages them; for who carries them out, his own."""
        if actor.is_robot:
            return self
        if actor.can("partner.visit"):
            return self.filter(worker=actor.person_id)
        if actor.reach == Reach.DISTRICT:
            return self.filter(district=actor.unit_id)
        return self.none()


class Task(Paper):
    """One visit or service for one household, given to one person of the contract's party."""

    PROCEDURE = TASK

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="tasks")
    kind = models.CharField("服务类别", max_length=8, choices=list(TASK_KINDS.items()))
    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="+")
    worker = models.ForeignKey(Person, models.PROTECT, related_name="+")
    what = models.CharField("要求", max_length=300, blank=True)
    report = models.CharField("服务记录", max_length=1000, blank=True)
    reported_on = models.DateField("报送日期", null=True)
    passed_on = models.DateField("通过日期", null=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "服务任务"
        constraints = [known_states(TASK)]
        indexes = [models.Index(fields=["worker", "state"], name="task_of_worker")]


class TaskFile(models.Model):
    """A photo of the service."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="files")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = verbose_name_plural = "服务照片"

    def __str__(self) -> str:
        return f"{self.task_id}"
