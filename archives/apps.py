"""The app archives（档案）."""

from django.apps import AppConfig


class ArchivesConfig(AppConfig):
    """档案."""

    name = "archives"
    verbose_name = "档案"

    def ready(self) -> None:
        """The outbox knows what archives listens to, the audit page its words."""
        from archives import inbox, listeners, tasks  # noqa: F401 - register by being imported
        from archives.operations import handover  # noqa: F401 - nobody leaves with open work
        from archives.rules.handover import STATES, STEPS
        from yuquan_relief.kernel import event_words

        words = {
            "open": "立卷",
            "refresh": "更新卷内文件",
            "attach": "补传材料",
            "seal": "封存",
            "download": "下载档案包",
        }
        event_words.ACTIONS.update({f"dossier.{code}": label for code, label in words.items()})
        event_words.ACTIONS.update(
            {
                "fixity.changed": "发现文件被改动",
                "fixity.missing": "发现文件丢失",
                "fixity.untracked": "发现没有登记的文件",
                "fixity.mended": "文件恢复完好",
            }
        )
        event_words.ACTIONS.update({f"handover.{c}": step.label for c, step in STEPS.items()})
        event_words.STATES.update({f"handover.{c}": label for c, label in STATES.items()})
        event_words.STATES.update({"dossier.BUILDING": "归集中", "dossier.SEALED": "已封存"})
