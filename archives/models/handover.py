"""移交清单: who gives what to whom when a post changes hands, thing by thing (6.4)."""

from django.db import models
from django.db.models import F, Q

from archives.rules.handover import ANSWERS, FINAL, KINDS, STATES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Person, Post, Unit
from yuquan_relief.kernel.roles import Reach


class HandoverQuerySet(models.QuerySet["Handover"]):
    """Reads of handovers."""

    def visible_to(self, actor: Actor) -> "HandoverQuerySet":
        """Those of the actor's office or district, of a village its own, and one's own."""
        place = {
            Reach.VILLAGE: Q(unit_id=actor.unit_id),
            Reach.OFFICE: Q(office_id=actor.unit_id),
            Reach.DISTRICT: Q(office_id=actor.unit_id) | Q(office__parent_id=actor.unit_id),
        }.get(actor.reach)
        if place is None:
            return self.none()
        own = Q(giver_id=actor.person_id) | Q(taker_id=actor.person_id)
        return self.filter(place | own)


class Handover(models.Model):
    """One change of hands. Only archives.operations.handover moves `state`.

    `office` is the office of the post, or the district of a post of the bureau.
    """

    no = models.CharField("移交编号", max_length=40, unique=True)
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    giver = models.ForeignKey(Person, models.PROTECT, related_name="+")
    taker = models.ForeignKey(Person, models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=10, choices=list(STATES.items()), default="OPEN")
    round = models.PositiveSmallIntegerField("轮次", default=1)
    version = models.PositiveIntegerField("版本", default=0)
    opened_on = models.DateField("列出日期")
    absent = models.CharField("移交人不能到场的原因", max_length=300, blank=True)
    done_on = models.DateField("移交日期", null=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "移交"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(STATES)), name="handover_known_state"
            ),
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="handover_of_two"),
            models.CheckConstraint(
                condition=Q(state="DONE", done_on__isnull=False)
                | ~Q(state="DONE") & Q(done_on__isnull=True),
                name="handover_done_on",
            ),
            models.UniqueConstraint(
                fields=["post"], condition=~Q(state__in=sorted(FINAL)), name="handover_one_open"
            ),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def state_label(self) -> str:
        """The state in words."""
        return STATES[self.state]

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be done any more."""
        return self.state in FINAL


class HandoverItem(models.Model):
    """One thing of the list, and what the taker found."""

    handover = models.ForeignKey(Handover, models.CASCADE, related_name="items")
    kind = models.CharField("种类", max_length=10, choices=list(KINDS.items()))
    key = models.CharField("编号", max_length=60)
    title = models.CharField("名称", max_length=150)
    url = models.CharField(max_length=200)
    answer = models.CharField(
        "清点", max_length=10, choices=list(ANSWERS.items()), default="WAITING"
    )
    note = models.CharField("说明", max_length=200, blank=True)
    answered_on = models.DateField("清点日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "移交事项"
        constraints = [
            models.UniqueConstraint(fields=["handover", "kind", "key"], name="handover_item_once"),
            models.CheckConstraint(
                condition=Q(answer="WAITING", answered_on__isnull=True)
                | ~Q(answer="WAITING") & Q(answered_on__isnull=False),
                name="handover_item_answered_on",
            ),
        ]

    def __str__(self) -> str:
        return self.key
