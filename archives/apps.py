"""The app archives（档案）."""

from django.apps import AppConfig


class ArchivesConfig(AppConfig):
    """档案."""

    name = "archives"
    verbose_name = "档案"

    def ready(self) -> None:
        """The outbox knows what archives listens to."""
        from archives import listeners  # noqa: F401 - registers by being imported
