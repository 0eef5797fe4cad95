"""The part of the `mlps3` password profile that Django does not have."""

import re

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError

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
