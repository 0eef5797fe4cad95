"""The app supervision（监督）."""

from django.apps import AppConfig

WORDS = {
    "check_run.ask": "要求系统核查",
    "check_run.piece": "核查一批规则",
    "check_run.run": "系统核查完成",
    "check_rule.suppress": "暂停核查规则",
    "check_rule.end_suppression": "恢复核查规则",
    "sample.open": "立项抽查",
    "sample.draw": "抽取",
    "sample.replace": "换样",
    "sample.close": "结束抽查",
    "sheet.open": "开始检查",
    "sheet.take_over": "接手检查",
    "sheet.call": "登记拨打",
    "sheet.cosign": "第二检查人签字",
    "sheet.finish": "签字办结检查表",
    "sheet.attach": "上传检查照片",
    "complaint.attach": "存入来信、照片",
    "report_box.register": "登记举报箱、举报电话",
    "report_box.open_box": "开箱",
    "report_box.close": "撤除举报箱、举报电话",
    "bulletin.read": "签收通报",
    "mending.attach": "上传整改证明",
    "mending.drop": "不再整改",
    "task.attach": "上传服务照片",
    "contract.give": "派单",
    "course.open": "建课",
    "course.sign_in": "培训签到",
    "course.answer": "交卷",
    "publication.publish": "发布政策",
    "publication.end": "登记政策失效",
    "simulation.make": "政策测算",
    "stat_report.make": "生成统计报表",
    "stat_report.lock": "锁定统计报表",
    "stat_report.report": "登记上报统计报表",
}


class SupervisionConfig(AppConfig):
    """监督."""

    name = "supervision"
    verbose_name = "监督"

    def ready(self) -> None:
        """The outbox, the clock and the inbox know supervision; the audit page its words."""
        from supervision import files, inbox, listeners, tasks  # noqa: F401 - register themselves
        from supervision.operations import handing_over  # noqa: F401 - registers itself
        from supervision.rules.procedures import PROCEDURES
        from yuquan_relief.kernel import event_words
        from yuquan_relief.kernel.looks import shows

        event_words.ACTIONS.update(WORDS)
        for kind, procedure in PROCEDURES.items():
            words = {f"{kind}.{code}": step.label for code, step in procedure.steps.items()}
            event_words.ACTIONS.update(words)
            event_words.STATES.update({f"{kind}.{c}": t for c, t in procedure.states.items()})
        shows("complaint", "no", "举报信访", "complaint")
        shows("finding", "no", "核查发现", "finding")
        shows("liability", "no", "责任追究", "liability")
        shows("sheet", "no", "检查表", "sheet")
        shows("task", "no", "服务任务", "task")
        shows("case", "no", "检查一件", "check_case")
