"""The part of the `mlps3` password profile that Django does not have."""

import re

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError

PASSWORD_REASONS = {
    "password_too_short": "密码太短，至少 12 位",
    "password_too_common": "这是常见的密码，容易被猜到",
    "password_too_similar": "密码与账号名或姓名太相似",
    "password_entirely_numeric": "密码不能全是数字",
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
