"""Write docs/procedures.md from the procedure tables, or check that it is up to date."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.rules import reviews, standards
from cases.rules.clause_words import clause_text
from cases.rules.needs import NEEDS
from cases.rules.procedures import PROCEDURES, STATES
from cases.rules.programmes import Programme
from yuquan_relief.kernel.operations.rulebook import delivered
from yuquan_relief.kernel.roles import ROLES

HEAD = """# 办理程序

本页由 `manage.py describe_procedures` 从 `cases/rules/` 的
`procedures.py`、`reviews.py`、`standards.py` 生成，请勿手改。
"""


class Command(BaseCommand):
    help = "由办理程序表生成 docs/procedures.md；--check 只核对是否一致"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="不一致时以非零状态退出")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "procedures.md"
        text = page()
        if not options["check"]:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"已生成 {path.relative_to(settings.BASE_DIR)}")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise CommandError(
                "docs/procedures.md 与程序表不一致，请运行 manage.py describe_procedures"
            )


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for programme in Programme:
        parts += [f"## {programme.label}\n", *table(PROCEDURES[programme.value])]
    for title, more, words, needs in (
        ("在享期间的复核", reviews.STEPS, reviews.STATES, reviews.NEEDS),
        ("提标", standards.STEPS, standards.STATES, reviews.NEEDS),
    ):
        parts += [f"## {title}\n", *table(more, words, needs)]
    return "\n".join([*parts, *_limits()]) + "\n"


def table(
    steps: Mapping[str, Any], states: Mapping[str, str] = STATES, needs: Mapping[str, Any] = NEEDS
) -> list[str]:
    """The steps of one procedure as a table."""
    rows = [
        "| 环节 | 代码 | 从 | 到 | 办理人 | 须先具备 | 签字 | 依据 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows += [_row(step, states, needs) for step in steps.values()]
    return [*rows, ""]


def _row(step: Any, states: Mapping[str, str], named: Mapping[str, Any]) -> str:
    sources = "、".join(states[s] for s in states if s in step.sources) or "—"
    target = states[step.target] if step.target else "不变"
    who = (
        "系统"
        if step.by_robot and not step.capability
        else "、".join(role.label for role in ROLES.values() if step.capability in role.can)
    )
    needs = "、".join(named[n].label for n in step.needs) or "—"
    signed = "是" if step.stage else "—"
    clause = clause_text(step.cites)
    return (
        f"| {step.label} | `{step.code}` | {sources} | {target} | {who} | {needs} | {signed} "
        f"| {clause} |"
    )


def _limits() -> list[str]:
    rows = [
        "## 随系统交付的规则值\n",
        "| 参数 | 规则集 | 生效日期 | 值 | 单位 | 依据 |",
        "|---|---|---|---|---|---|",
    ]
    for value in delivered():
        shown = f"{len(value['value'])} 项" if isinstance(value["value"], list) else value["value"]
        if isinstance(shown, dict):
            shown = shown.get("days", f"{len(shown)} 项")
        rows.append(
            f"| {value['label']} | {value['rule_set']} | {value['valid_from']} | {shown} "
            f"| {value['unit']} | {value['source']} |"
        )
    return rows
