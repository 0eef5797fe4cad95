"""Write docs/checks.md from the catalogue and the procedures of supervision, or check for drift."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.management.commands.describe_procedures import table
from cases.rules.clause_words import clause_text
from supervision.rules.checks import CHECKS, SEVERITIES
from supervision.rules.figures import FIGURES
from supervision.rules.procedures import PROCEDURES
from yuquan_relief.kernel.roles import ROLES

HEAD = """# 系统核查规则、监督程序、统计口径

本页由 `manage.py describe_checks` 从 `supervision/rules/` 生成，请勿手改。
规则只发现，不改变任何待遇。
"""


class Command(BaseCommand):
    help = "由规则目录生成 docs/checks.md；--check 只核对是否一致"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="不一致时以非零状态退出")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "checks.md"
        text = page()
        if not options["check"]:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"已生成 {path.relative_to(settings.BASE_DIR)}")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise CommandError("docs/checks.md 与规则不一致，请运行 manage.py describe_checks")


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_checks(), *_procedures(), *_figures()]) + "\n"


def _checks() -> list[str]:
    rows = [
        "## 规则\n",
        "| 规则 | 级别 | 正常情况 | 查哪些 | 责任岗位 | 答复（工作日） | 建议 | 依据 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for check in CHECKS.values():
        where = "、".join(dict.fromkeys(part.of.label for part in check.parts))
        rows.append(
            f"| {check.id} | {SEVERITIES[check.severity]} | {check.label} | {where} "
            f"| {ROLES[check.owner].label} | {check.answer_days} | {check.advice} "
            f"| {clause_text(check.cites)} |"
        )
    return [*rows, ""]


def _procedures() -> list[str]:
    rows = []
    for procedure in PROCEDURES.values():
        needs = next(iter(procedure.steps.values())).known_needs
        rows += [f"## {procedure.label}\n", *table(procedure.steps, procedure.states, needs)]
    return rows


def _figures() -> list[str]:
    rows = ["## 统计口径\n", "| 数字 | 代码 | 分子 | 分母 | 依据 |", "|---|---|---|---|---|"]
    for figure in FIGURES.values():
        rows.append(
            f"| {figure.label} | `{figure.code}` | {figure.numerator} "
            f"| {figure.denominator or '—'} | {clause_text(figure.cites)} |"
        )
    return rows
