"""The work calendar: which days differ from the week, and which years are published."""

from django.db import models

from .people import Person


class CalendarYear(models.Model):
    """A year whose notice of rest days and make-up workdays has been entered."""

    year = models.PositiveSmallIntegerField("年份", primary_key=True)
    source = models.CharField("依据文件", max_length=200)
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    entered_at = models.DateTimeField("录入时间", auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "日历年"

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    """A day that is not what its weekday says: a rest day, or a make-up workday (调休上班)."""

    day = models.DateField("日期", primary_key=True)
    year = models.ForeignKey(CalendarYear, models.CASCADE, related_name="days")
    is_workday = models.BooleanField("上班")
    note = models.CharField("说明", max_length=60)

    class Meta:
        verbose_name = verbose_name_plural = "日历日"

    def __str__(self) -> str:
        return f"{self.day} {self.note}"
