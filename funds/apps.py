"""The app funds（资金）."""

from django.apps import AppConfig


class FundsConfig(AppConfig):
    """资金."""

    name = "funds"
    verbose_name = "资金"

    def ready(self) -> None:
        """The clock knows the duties of funds, the audit page its words."""
        from cases.models.facts import ON_THE_WAY
        from funds import inbox, tasks  # noqa: F401 - registers the duties
        from funds.models.line import on_the_way
        from funds.operations import deadlines  # noqa: F401 - registers what hangs on the calendar
        from funds.rules.batches import STATES, STEPS
        from funds.rules.papers import PROCEDURES
        from yuquan_relief.kernel import event_words

        if on_the_way not in ON_THE_WAY:
            ON_THE_WAY.append(on_the_way)
        event_words.ACTIONS.update({f"payout.{code}": step.label for code, step in STEPS.items()})
        event_words.ACTIONS["payout.recompute_due"] = "重算发放到户期限"
        event_words.ACTIONS["allocation.allocate"] = "登记拨付"
        event_words.ACTIONS["supplement.enter"] = "登记一次性补贴"
        event_words.ACTIONS["allocation.reverse"] = "冲正拨付"
        event_words.ACTIONS["ledger.close"] = "关账"
        event_words.ACTIONS["hand_over.settle"] = "登记交接簿核对结果"
        event_words.ACTIONS["ledger.carry_over"] = "年度结转"
        for subject, table in PROCEDURES.items():
            steps, states = table.steps.values(), table.states.items()
            event_words.ACTIONS.update({f"{subject}.{step.code}": step.label for step in steps})
            event_words.ACTIONS[f"{subject}.open"] = f"登记{table.label}"
            event_words.STATES.update({f"{subject}.{code}": label for code, label in states})
        event_words.ACTIONS["proof.draw"] = "抽取流水凭证对象"
        event_words.ACTIONS["proof.attach"] = "上传文件"
        event_words.ACTIONS["money.print_form"] = "打印表格"
        event_words.STATES.update({f"payout.{code}": label for code, label in STATES.items()})
