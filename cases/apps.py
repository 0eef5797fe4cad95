"""The app cases（案件）."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """案件."""

    name = "cases"
    verbose_name = "案件"

    def ready(self) -> None:
        """The clock knows the duties of cases, the audit page its words."""
        from cases import tasks  # noqa: F401 - registers the duties
        from cases.operations import deadlines  # noqa: F401 - registers what hangs on the calendar
        from cases.reports import inbox  # noqa: F401 - registers what the inbox tells
        from cases.reports.timeline import OTHER_LABELS
        from cases.rules.procedures import PROCEDURES, STATES
        from yuquan_relief.kernel import event_words

        steps = {step.code: step.label for p in PROCEDURES.values() for step in p.values()}
        event_words.ACTIONS.update({f"case.{k}": v for k, v in (OTHER_LABELS | steps).items()})
        event_words.ACTIONS["roster.import_roster"] = "导入在享名册"
        event_words.STATES.update({f"case.{code}": label for code, label in STATES.items()})
