"""The app cases（案件）."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """案件."""

    name = "cases"
    verbose_name = "案件"

    def ready(self) -> None:
        """The clock knows the duties of cases."""
        from cases import tasks  # noqa: F401 - registers the duties
