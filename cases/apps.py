"""The app cases（案件）."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """案件."""

    name = "cases"
    verbose_name = "案件"
