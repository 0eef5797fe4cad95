"""工作通报, 整改, 移送: what is made known, demanded, mended, handed to others (14, 16)."""

from django.db import models
from django.db.models import Q

from supervision.rules.bulletins import AUTHORITIES, MENDING, PROCEDURE, REFERRAL
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Attachment, Person, Unit
from yuquan_relief.kernel.roles import Reach

from .complaint import Complaint, ComplaintSubject
from .finding import Finding, about
from .paper import Paper, PaperQuerySet, known_states


class BulletinQuerySet(PaperQuerySet):
    """Reads of bulletins."""

    def visible_to(self, actor: Actor) -> "BulletinQuerySet":
        """Who supervises sees all of the district; others of it what was issued."""
        if actor.is_robot:
            return self
        if actor.reach == Reach.DISTRICT and actor.can("supervision.view"):
            return self.filter(district=actor.unit_id)
        if actor.reach == Reach.NONE:
            return self.none()
        return self.filter(state="ISSUED", district=actor.district_id)


class Bulletin(Paper):
    """One bulletin over a period. Its tables are frozen when it is issued; its PDF is kept."""

    PROCEDURE = PROCEDURE

    title = models.CharField("题目", max_length=100)
    period_from = models.DateField("自")
    period_to = models.DateField("至")
    text = models.CharField("正文", max_length=5000, blank=True)
    demand = models.CharField("整改要求", max_length=2000, blank=True)
    tables = models.JSONField("分单位情况", default=dict)
    issued_on = models.DateField("签发日期", null=True)
    document_no = models.CharField("文号", max_length=60, blank=True)
    pdf_sha256 = models.CharField("成文摘要", max_length=64, blank=True)

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工作通报"
        constraints = [
            known_states(PROCEDURE),
            models.CheckConstraint(
                condition=Q(state="ISSUED", issued_on__isnull=False) & ~Q(document_no="")
                | ~Q(state="ISSUED") & Q(issued_on=None),
                name="bulletin_issued_whole",
            ),
            models.UniqueConstraint(
                fields=["document_no"], condition=~Q(document_no=""), name="bulletin_number_once"
            ),
        ]


class BulletinItem(models.Model):
    """A finding in a bulletin, with the day by which it must be mended. Once issued it stays."""

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="items")
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="+")
    mend_by = models.DateField("整改期限")
    demand = models.CharField("整改要求", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "通报内容"
        constraints = [
            models.UniqueConstraint(fields=["bulletin", "finding"], name="bulletin_item_once")
        ]

    def __str__(self) -> str:
        return f"{self.bulletin_id} {self.finding_id}"


class BulletinRead(models.Model):
    """An office has read it: by whom, when. Append-only."""

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="reads")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField("签收时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "通报签收"
        constraints = [
            models.UniqueConstraint(
                fields=["bulletin", "office", "person"], name="bulletin_read_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.bulletin_id} {self.office_id}"


class MendingQuerySet(PaperQuerySet):
    """Reads of what must be mended."""

    def visible_to(self, actor: Actor) -> "MendingQuerySet":
        """As the findings: another post of the district sees what it must mend."""
        found: MendingQuerySet = super().visible_to(actor)
        if not actor.is_robot:
            found = found.exclude(about(actor, "finding__"))
        if actor.is_robot or actor.reach != Reach.DISTRICT or actor.can("supervision.view"):
            return found
        return found.filter(finding__owner=actor.role_code)


class Mending(Paper):
    """整改: one finding that an office must mend by a day, with proof, looked at again (16)."""

    PROCEDURE = MENDING

    finding = models.OneToOneField(Finding, models.PROTECT, related_name="mending")
    bulletin = models.ForeignKey(Bulletin, models.PROTECT, null=True, related_name="mendings")
    demand = models.CharField("要求", max_length=1100)
    first_due_on = models.DateField("原期限")
    asked_until = models.DateField("申请延至", null=True)
    extensions = models.PositiveSmallIntegerField("延期次数", default=0)
    report = models.CharField("整改情况", max_length=1000, blank=True)
    sent_on = models.DateField("报送日期", null=True)
    sent_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    passed_on = models.DateField("销号日期", null=True)

    objects = MendingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改"
        constraints = [
            known_states(MENDING),
            models.CheckConstraint(
                condition=Q(state="DONE", passed_on__isnull=False)
                | ~Q(state="DONE") & Q(passed_on=None),
                name="mending_passed_on",
            ),
        ]
        indexes = [models.Index(fields=["district", "state", "due_on"], name="mending_due")]


class MendingFile(models.Model):
    """Proof of what was mended."""

    mending = models.ForeignKey(Mending, models.PROTECT, related_name="files")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    added_on = models.DateField("上传日期")

    class Meta:
        verbose_name = verbose_name_plural = "整改证明"

    def __str__(self) -> str:
        return f"{self.mending_id}"


class ReferralQuerySet(PaperQuerySet):
    """Reads of referrals."""

    def visible_to(self, actor: Actor) -> "ReferralQuerySet":
        """The district's own; an office is not told what went to others about it."""
        if actor.is_robot:
            return self
        if actor.reach != Reach.DISTRICT:
            return self.none()
        named = ComplaintSubject.objects.filter(person=actor.person_id).values("complaint")
        found: ReferralQuerySet = self.filter(district=actor.unit_id)
        return found.exclude(about(actor, "finding__")).exclude(complaint__in=named)


class Referral(Paper):
    """移送: what another authority has to look into (14)."""

    PROCEDURE = REFERRAL

    finding = models.ForeignKey(Finding, models.PROTECT, null=True, related_name="referrals")
    complaint = models.ForeignKey(Complaint, models.PROTECT, null=True, related_name="referrals")
    authority = models.CharField("受移送机关", max_length=12, choices=list(AUTHORITIES.items()))
    facts = models.CharField("事实", max_length=2000)
    document_no = models.CharField("移送文号", max_length=60, blank=True)
    sent_on = models.DateField("移送日期", null=True)
    reply = models.CharField("回复", max_length=1000, blank=True)
    replied_on = models.DateField("回复日期", null=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "移送"
        constraints = [
            known_states(REFERRAL),
            models.CheckConstraint(
                condition=Q(finding__isnull=False) | Q(complaint__isnull=False),
                name="referral_of_something",
            ),
        ]
