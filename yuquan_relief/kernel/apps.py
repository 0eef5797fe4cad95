"""The kernel as an installed app."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Ground floor of the house."""

    name = "yuquan_relief.kernel"
    label = "kernel"
    verbose_name = "基础"
