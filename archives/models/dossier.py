"""The household file (一户一档): its cover, and its items in binding order (6.1, 6.2)."""

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from cases.models import Case, Household, scope_of
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Attachment, Unit


class DossierQuerySet(models.QuerySet["Dossier"]):
    """Reads of dossiers."""

    def visible_to(self, actor: Actor) -> "DossierQuerySet":
        """Dossiers of the actor's village, office or district. Outside it, nothing exists."""
        return self.filter(scope_of(actor))

    def with_gaps(self) -> "DossierQuerySet":
        """Dossiers in which something required is missing."""
        return self.filter(required_present__lt=F("required_total"))

    def for_list(self) -> "DossierQuerySet":
        """With what a row of the list shows."""
        return self.select_related("case", "household", "village", "paper__box")


class Dossier(models.Model):
    """The file of one approved case. Once sealed, only the end of its retention may move; what
    comes afterwards (reviews, letters, late files) stands in the next `part` (续卷).

    `required_total` and `required_present` are kept by `refresh`, for lists. `retain_until` is
    null while the household is in benefit: the ten years count from its end (6.4, K9).
    """

    class State(models.TextChoices):
        BUILDING = "BUILDING", "归集中"
        SEALED = "SEALED", "已封存"
        DESTROYED = "DESTROYED", "已销毁"

    no = models.CharField("档号", max_length=60, unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="dossiers")
    part = models.PositiveSmallIntegerField("卷次", db_default=1, default=1)
    household = models.ForeignKey(Household, models.PROTECT, related_name="dossiers")
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=10, choices=State, default=State.BUILDING)
    opened_on = models.DateField("立卷日期")
    sealed_on = models.DateField("封存日期", null=True)
    retain_years = models.PositiveSmallIntegerField("保管年限")
    retain_until = models.DateField("保管期限至", null=True)
    retain_reason = models.CharField("保管依据", max_length=40, db_default="", blank=True)
    destroyed_on = models.DateField("销毁日期", null=True)
    required_total = models.PositiveSmallIntegerField("应归件数", default=0)
    required_present = models.PositiveSmallIntegerField("已归件数", default=0)
    manifest_sha256 = models.CharField("清单摘要", max_length=64, blank=True)
    package_sha256 = models.CharField("封存包摘要", max_length=64, blank=True)
    package_size = models.PositiveBigIntegerField("封存包字节", null=True)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "档案"
        constraints = [
            models.UniqueConstraint(fields=["case", "part"], name="dossier_part_once"),
            models.CheckConstraint(
                condition=Q(state="BUILDING", sealed_on__isnull=True, package_sha256="")
                | Q(state__in=("SEALED", "DESTROYED"), sealed_on__isnull=False, package_size__gt=0)
                & ~Q(package_sha256="")
                & ~Q(manifest_sha256=""),
                name="dossier_sealed_with_package",
            ),
            models.CheckConstraint(
                condition=Q(required_present__lte=F("required_total")),
                name="dossier_present_of_required",
            ),
            models.CheckConstraint(
                condition=Q(state="BUILDING") | Q(required_present=F("required_total")),
                name="dossier_sealed_complete",
            ),
            models.CheckConstraint(
                condition=Q(state="DESTROYED", destroyed_on__isnull=False)
                | ~Q(state="DESTROYED") & Q(destroyed_on=None),
                name="dossier_destroyed_on",
            ),
        ]
        indexes = [
            models.Index(fields=["office", "-id"], name="dossier_office"),
            models.Index(fields=["district", "-id"], name="dossier_district"),
            models.Index(fields=["village", "-id"], name="dossier_village"),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def is_sealed(self) -> bool:
        """Whether nothing in it can change any more."""
        return self.state != self.State.BUILDING

    @property
    def is_destroyed(self) -> bool:
        """Whether only its directory is left."""
        return self.state == self.State.DESTROYED

    @property
    def percent(self) -> int:
        """How much of what is required is there, in whole per cent, rounded down."""
        return 100 * self.required_present // self.required_total if self.required_total else 100

    @property
    def part_label(self) -> str:
        """续卷 1 for the second part, "" for the first."""
        return f"续卷 {self.part - 1}" if self.part > 1 else ""

    @property
    def retention_text(self) -> str:
        """Until when the file is kept, or why that day is not known yet."""
        if self.retain_until:
            return f"保管至 {self.retain_until}（{self.retain_reason or '停止保障'}后起算）"
        return f"本户仍在保障，自停止保障之日起保管 {self.retain_years} 年（第六条（四））"


class DossierItemQuerySet(models.QuerySet["DossierItem"]):
    """Reads of items."""

    def current(self) -> "DossierItemQuerySet":
        """The newest row of each key, unless it says that the thing was taken out."""
        newest = (
            DossierItem.objects.filter(dossier=OuterRef("dossier"), key=OuterRef("key"))
            .order_by("-id")
            .values("pk")[:1]
        )
        return self.filter(pk=Subquery(newest), is_removed=False).order_by("position", "id")


class DossierItem(models.Model):
    """One thing in the file, at one time. Append-only: a newer row of the same `key` replaces it.

    `made_from` is the digest of the page from which a form was made: equal pages are not made
    again. `pages` is null when nobody has counted (an uploaded PDF).
    """

    class Source(models.TextChoices):
        FORM = "form", "系统生成"
        PHOTO = "photo", "影像"
        UPLOAD = "upload", "上传文件"

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="items")
    key = models.CharField("唯一键", max_length=60)
    slot = models.CharField("材料", max_length=40)
    position = models.PositiveSmallIntegerField("卷内顺序")
    title = models.CharField("题名", max_length=100)
    responsible = models.CharField("责任者", max_length=100)
    formed_on = models.DateField("形成日期")
    pages = models.PositiveSmallIntegerField("页数", null=True)
    sha256 = models.CharField("摘要", max_length=64)
    size = models.PositiveBigIntegerField("字节")
    content_type = models.CharField("类型", max_length=60)
    source = models.CharField("来源", max_length=10, choices=Source)
    made_from = models.CharField("版式摘要", max_length=64, blank=True)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    is_removed = models.BooleanField("已撤出", default=False)
    added_at = models.DateTimeField("归入时间", auto_now_add=True)

    objects = DossierItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "卷内文件"
        constraints = [
            models.CheckConstraint(
                condition=Q(source="form", attachment__isnull=True)
                | ~Q(source="form") & Q(attachment__isnull=False),
                name="dossier_item_form_or_file",
            ),
        ]
        indexes = [models.Index(fields=["dossier", "key", "-id"], name="dossier_item_newest")]

    def __str__(self) -> str:
        return self.title
