"""The kernel as an installed app."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Ground floor of the house."""

    name = "yuquan_relief.kernel"
    label = "kernel"
    verbose_name = "基础"

    def ready(self) -> None:
        """Celery's settings hold in every process; the clock knows its duties."""
        from yuquan_relief import celery  # noqa: F401 - sets the application
        from yuquan_relief.kernel import (  # noqa: F401 - they register themselves
            checkpoints,
            housekeeping,
            openapi,
        )
