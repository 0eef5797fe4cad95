"""People, their accounts and their posts; clients of the interface."""

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

from yuquan_relief.kernel.roles import ROLES

from .units import Unit


class Person(models.Model):
    """A member of staff or cadre: the one who answers for a signature, whatever the account."""

    name = models.CharField("姓名", max_length=100)
    id_digest = models.CharField("证号摘要", max_length=64, unique=True)
    phone = models.CharField("联系电话", max_length=20, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "工作人员"

    def __str__(self) -> str:
        return self.name


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts; nobody is a superuser here."""

    def create_user(
        self, username: str, password: str, *, person: Person, **extra: Any
    ) -> "Account":
        """A new account of `person` that signs in with `password`."""
        account = Account(username=username, person=person, **extra)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.select_related("person").get(username=username)


class Account(AbstractBaseUser):
    """One way in for a person. A person may have several accounts."""

    username = models.CharField("账号", max_length=40, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="accounts")
    is_active = models.BooleanField("启用", default=True)
    sign_code = models.CharField("签批码", max_length=128, blank=True)
    sign_code_misses = models.PositiveSmallIntegerField("签批码连续输错次数", default=0)
    large_type = models.BooleanField("大字", default=False)
    must_change_password = models.BooleanField("须改密码", default=False)
    password_set_at = models.DateTimeField("密码设定时间", default=timezone.now)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    class Meta:
        verbose_name = verbose_name_plural = "账号"

    def __str__(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        """The person's name, for the password rules and libraries."""
        return self.person.name


class PasswordRecord(models.Model):
    """A password that the account has had, hashed like the present one."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="passwords")
    password = models.CharField(max_length=128)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "用过的密码"

    def __str__(self) -> str:
        return f"{self.account_id} {self.made_at}"


class PostQuerySet(models.QuerySet["Post"]):
    """Reads of posts."""

    def held_on(self, day: date) -> "PostQuerySet":
        """Posts held on `day` (both ends included)."""
        return self.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))


class Post(models.Model):
    """A person in a role at a unit, from one day to another."""

    ROLE_CHOICES = [(code, role.label) for code, role in ROLES.items()]

    person = models.ForeignKey(Person, models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts")
    role = models.CharField("岗位", max_length=30, choices=ROLE_CHOICES)
    title = models.CharField("职务", max_length=40)
    starts_on = models.DateField("任职日期")
    ends_on = models.DateField("离任日期", null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="post_period",
            ),
            models.UniqueConstraint(
                fields=["person", "unit", "role", "starts_on"], name="post_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit.short_name}{self.title}"


class ApiClient(models.Model):
    """A program that calls the interface, bound to a post and to named scopes."""

    name = models.CharField("名称", max_length=60, unique=True)
    token_digest = models.CharField("令牌摘要", max_length=64, unique=True)
    account = models.ForeignKey(Account, models.PROTECT)
    post = models.ForeignKey(Post, models.PROTECT)
    scopes = models.CharField("范围", max_length=200, help_text="read、act、stats，用空格隔开")
    expires_on = models.DateField("有效期至")
    is_active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "接口客户端"

    def __str__(self) -> str:
        return self.name
