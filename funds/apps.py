"""The app funds（资金）."""

from django.apps import AppConfig


class FundsConfig(AppConfig):
    """资金."""

    name = "funds"
    verbose_name = "资金"

    def ready(self) -> None:
        """Duties register by being imported."""
        from . import tasks  # noqa: F401 - registers the duties
