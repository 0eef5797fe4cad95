"""走访、签到、认证、定期报告: that somebody in benefit was seen or heard of (4(1).2, 3(2))."""

from django.db import models
from django.db.models import Q

from cases.rules.contacts import KINDS, MEANS
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Attachment, Person, Unit

from .decision import Benefit
from .scope import scope_of


class ContactQuerySet(models.QuerySet["Contact"]):
    """Reads of contacts."""

    def visible_to(self, actor: Actor) -> "ContactQuerySet":
        """Contacts of the actor's village, office or district."""
        return self.filter(scope_of(actor))


class Contact(models.Model):
    """One visit, sign-in, certification or periodic report (F35, F36). Append-only by trigger."""

    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="contacts", db_index=False)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField("种类", max_length=8, choices=list(KINDS.items()))
    on_day = models.DateField("日期")
    means = models.CharField("方式", max_length=8, choices=list(MEANS.items()))
    place = models.CharField("地点", max_length=100)
    met = models.CharField("见到（联系到）的人", max_length=100)
    companion = models.CharField("同行人", max_length=50, blank=True)
    is_changed = models.BooleanField("有变化", default=False)
    note = models.CharField("情况", max_length=500, blank=True)
    photo = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    recorded_on = models.DateField("登记日期")
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访、签到、报告"
        constraints = [
            models.UniqueConstraint(
                fields=["benefit", "kind", "on_day"], name="contact_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(is_changed=False) | ~Q(note=""), name="contact_says_what_changed"
            ),
            models.CheckConstraint(
                condition=Q(recorded_on__gte=models.F("on_day")), name="contact_not_in_future"
            ),
        ]
        indexes = [
            models.Index(fields=["benefit", "kind", "-on_day"], name="contact_of_benefit"),
            models.Index(fields=["office", "kind", "on_day"], name="contact_office"),
            models.Index(fields=["village", "kind", "on_day"], name="contact_village"),
        ]

    def __str__(self) -> str:
        return f"{self.benefit_id} {self.kind} {self.on_day}"
