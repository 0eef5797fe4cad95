"""The app archives（档案）."""

from django.apps import AppConfig

WORDS = {
    "dossier.open": "立卷",
    "dossier.refresh": "更新卷内文件",
    "dossier.attach": "补传材料",
    "dossier.seal": "封存",
    "dossier.download": "下载档案包",
    "dossier.print_form": "打印封面和目录",
    "dossier.hold": "保留，期满不销毁",
    "dossier.lift_hold": "解除保留",
    "dossier.destroy": "销毁",
    "dossier.shelve": "登记纸质档案",
    "dossier.lend": "借出",
    "dossier.give_back": "归还",
    "dossier.correct": "留痕更正",
    "dossier.inspect": "四性检测",
    "box.open": "登记档案盒",
    "box.move": "移动档案盒",
    "stocktake.open": "开始盘点",
    "stocktake.close": "结束盘点",
    "old_file.import": "导入历年档案登记表",
    "old_file.attach": "存入扫描件",
    "print_run.ask": "申请成批打印",
    "print_run.piece": "生成一批",
    "print_run.done": "成批打印完成",
    "evidence.ask": "申请证据册",
    "evidence.approve": "同意证据册",
    "evidence.refuse": "不同意证据册",
    "evidence.take": "下载证据册",
    "fixity.changed": "发现文件被改动",
    "fixity.missing": "发现文件丢失",
    "fixity.untracked": "发现没有登记的文件",
    "fixity.mended": "文件恢复完好",
}


class ArchivesConfig(AppConfig):
    """档案."""

    name = "archives"
    verbose_name = "档案"

    def ready(self) -> None:
        """The outbox knows what archives listens to, the audit page its words and pages."""
        from archives import inbox, listeners, tasks  # noqa: F401 - register by being imported
        from archives.operations import handover  # noqa: F401 - nobody leaves with open work
        from archives.rules import disposal, old_files
        from archives.rules import handover as handovers
        from yuquan_relief.kernel import event_words
        from yuquan_relief.kernel.looks import shows

        event_words.ACTIONS.update(WORDS)
        event_words.STATES.update(
            {
                "dossier.BUILDING": "归集中",
                "dossier.SEALED": "已封存",
                "dossier.DESTROYED": "已销毁",
            }
        )
        tables = {"handover": handovers, "disposal": disposal, "old_file": old_files}
        for kind, table in tables.items():
            words = {f"{kind}.{code}": step.label for code, step in table.STEPS.items()}
            event_words.ACTIONS.update(words)
            event_words.STATES.update({f"{kind}.{c}": text for c, text in table.STATES.items()})
        shows("dossier", "no", "档案", "dossier", "dossier_item", "dossier_paper", "api_dossier")
        shows("dossier", "no", "封面和目录", "dossier_cover")
        shows("dossier", "no", "档案包", "dossier_package", "api_dossier_package")
        shows("case", "case_no", "表格", "form_pdf", "form_list")
        shows("case", "no", "证据册", "evidence")
        shows("old_file", "no", "历年档案", "old_file")
