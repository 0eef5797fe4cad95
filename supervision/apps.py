"""The app supervision（监督）."""

from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    """监督."""

    name = "supervision"
    verbose_name = "监督"
