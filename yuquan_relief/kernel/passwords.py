"""The parts of the password profiles that Django does not have."""

import re

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError

from .models import PasswordRecord, Unit

PASSWORD_REASONS = {
    "password_too_short": "密码太短，至少 12 位",
    "password_too_common": "这是常见的密码，容易被猜到",
    "password_too_similar": "密码与账号名或姓名太相似",
    "password_entirely_numeric": "密码不能全是数字",
    "password_guessable": "密码是连续、重复的字符，或含有单位名称，容易被猜到",
    "password_recent": "这个密码最近用过",
    "password_kinds": "密码请至少用上大写字母、小写字母、数字、符号中的三种",
}


def password_reason(error: ValidationError) -> str:
    """What is wrong with the password, in Chinese; Django's own words are not all translated."""
    found = [PASSWORD_REASONS.get(e.code or "", str(e.message)) for e in error.error_list]
    return "；".join(found) + "。请换一个密码"


KINDS = (r"[a-z]", r"[A-Z]", r"\d", r"[^a-zA-Z0-9]")


class ThreeKindsValidator:
    """At least three kinds of characters (等保三级: complexity)."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError when fewer than three kinds occur."""
        if sum(bool(re.search(kind, password)) for kind in KINDS) < 3:
            raise ValidationError(self.get_help_text(), code="password_kinds")

    def get_help_text(self) -> str:
        """What the form says."""
        return "密码请至少用上大写字母、小写字母、数字、符号中的三种"


RUNS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")


class NotGuessableValidator:
    """No runs of the keyboard, no few characters over and over, no name of a unit."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError for what anybody would try first."""
        text = password.lower()
        if len(set(text)) < 5 or _left_of_runs(text) < 6 or _names_a_unit(password):
            raise ValidationError(self.get_help_text(), code="password_guessable")

    def get_help_text(self) -> str:
        """What the form says."""
        return PASSWORD_REASONS["password_guessable"]


def _left_of_runs(text: str) -> int:
    """How many characters are left when runs of four and more, forwards or back, are taken out."""
    for run in RUNS:
        for line in (run, run[::-1]):
            for length in range(len(line), 3, -1):
                for start in range(len(line) - length + 1):
                    text = text.replace(line[start : start + length], "")
    return len(text)


def _names_a_unit(password: str) -> bool:
    names = Unit.objects.values_list("short_name", flat=True).distinct()
    return any(len(name) > 2 and name in password for name in names)


class NotRecentValidator:
    """Not one of the account's last five (等保三级)."""

    def __init__(self, most: int = 5) -> None:
        self.most = most

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError for a password that the account had lately."""
        if user is None or user.pk is None:
            return
        last = PasswordRecord.objects.filter(account_id=user.pk).order_by("-id")[: self.most]
        past = [user.password, *last.values_list("password", flat=True)]
        if any(check_password(password, kept) for kept in past):
            raise ValidationError(self.get_help_text(), code="password_recent")

    def get_help_text(self) -> str:
        """What the form says."""
        return PASSWORD_REASONS["password_recent"]
