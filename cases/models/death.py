"""死亡信息: lists of the dead from civil affairs, police and health insurance (R10-R12)."""

from django.db import models

from yuquan_relief.kernel.models import Person, Unit


class DeathRecord(models.Model):
    """That somebody died, as one source says. The number is kept as a digest. Append-only."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    name = models.CharField("姓名", max_length=100)
    id_digest = models.CharField(max_length=64, db_index=True)
    id_tail = models.CharField(max_length=4)
    died_on = models.DateField("死亡日期")
    source = models.CharField("来源", max_length=60)
    imported_on = models.DateField("导入日期")
    imported_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "死亡信息"
        constraints = [
            models.UniqueConstraint(
                fields=["district", "id_digest", "died_on", "source"], name="death_record_once"
            )
        ]

    def __str__(self) -> str:
        return f"…{self.id_tail}"
