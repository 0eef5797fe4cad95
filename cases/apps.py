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
        from cases.reports import (  # noqa: F401 - registers what the inbox tells
            inbox,
            inbox_of_benefits,
        )
        from cases.reports.timeline import OTHER_LABELS
        from cases.rules.procedures import PROCEDURES, STATES
        from yuquan_relief.kernel import event_words

        steps = {step.code: step.label for p in PROCEDURES.values() for step in p.values()}
        event_words.ACTIONS.update({f"case.{k}": v for k, v in (OTHER_LABELS | steps).items()})
        event_words.ACTIONS["roster.import_roster"] = "导入在享名册"
        _words_of_benefits()
        _pages_of_people()
        event_words.STATES.update({f"case.{code}": label for code, label in STATES.items()})


def _pages_of_people() -> None:
    """Pages that show a person leave a trace of who opened them."""
    from yuquan_relief.kernel.looks import shows

    tabs = ("case", "case_family", "case_evidence", "case_field", "case_notice", "case_decision")
    shows("case", "no", "案件", *tabs, "case_timeline", "desk_sign", "api_case", "api_case_files")
    shows("household", "key", "家庭", "household")
    shows("benefit", "key", "在享对象", "benefit")
    shows("review", "no", "复核", "adjustment")
    shows("draft", "key", "申请草稿", "draft", "draft_topic", "draft_check", "draft_documents")


def _words_of_benefits() -> None:
    """The audit page says of those in benefit what their own pages say."""
    from cases.reports.timeline import OTHER_LABELS
    from cases.rules import contacts, reviews, standards
    from yuquan_relief.kernel import event_words

    for kind, module in (("review", reviews), ("standard", standards)):
        words = {f"{kind}.{code}": step.label for code, step in module.STEPS.items()}
        event_words.ACTIONS.update(words)
        event_words.STATES.update({f"{kind}.{k}": v for k, v in module.STATES.items()})
    seen = {f"benefit.contact_{k.lower()}": f"登记{v}" for k, v in contacts.KINDS.items()}
    event_words.ACTIONS.update(seen)
    event_words.ACTIONS.update(
        {
            **{
                f"{kind}.attach": "上传材料" for kind in ("review", "standard", "benefit", "change")
            },
            "review.print_form": "打印表格",
            **{
                f"review.{act}": OTHER_LABELS[act]
                for act in ("objection", "dismiss_objection", "recompute_due")
            },
            "benefit.print_form": "打印表格",
            "change.report": "登记变化报告",
            "change.check": "核实变化报告",
            "change.withdraw": "撤回变化报告",
            "change.start_account": "启用新账户",
            "deaths.import": "导入死亡信息",
            "recovery.open": "发起追缴",
        }
    )
