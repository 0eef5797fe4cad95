"""Write docs/regulation.md: clause → steps, operations, pages, tests; open clauses are listed."""

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.rules.procedures import PROCEDURES
from yuquan_relief.kernel.duties import DUTIES
from yuquan_relief.kernel.views.pages import Clause, anchor, clauses

APPS = ("yuquan_relief/kernel", "cases", "funds", "archives", "supervision")
CITED = re.compile(r"(?<![\w.])(\d{1,2}(?:\(\d\))?(?:\.\d)?)(?=[ ,，、:)）]|$)")
HEAD = """# 制度条文与系统

本页由 `manage.py trace_regulation` 生成，请勿手改。“办理环节”取自程序表，
“操作”取自说明中引用该条的公开函数，
“时钟”取自按日历执行的职责，“检验”取自 `tests/` 中标注 `@pytest.mark.clause` 的测试。
没有检验的条文列在最后，不作掩饰。
"""


class Command(BaseCommand):
    help = "生成 docs/regulation.md：条文、环节、操作、检验；--check 只核对是否一致"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="不一致时以非零状态退出")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "regulation.md"
        text = page()
        if not options["check"]:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"已生成 {path.relative_to(settings.BASE_DIR)}")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise CommandError("docs/regulation.md 已过时，请运行 manage.py trace_regulation")


def page() -> str:
    """The whole page."""
    steps, operations, tests = cited_by_steps(), cited_by_operations(), marked_tests()
    clocks = {duty.clause: duty.label for duty in DUTIES.values()}
    rows = [
        "| 条文 | 内容 | 办理环节 | 操作 | 时钟 | 检验 |",
        "|---|---|---|---|---|---|",
    ]
    rows += [_row(c, steps, operations, clocks, tests) for c in clauses()]
    known = {c.id for c in clauses()}
    open_clauses = [c for c in clauses() if not tests.get(c.id) and not _is_heading(c, known)]
    listed = [f"- {c.id}：{c.text[:40]}…" for c in open_clauses]
    return "\n".join([HEAD, *rows, "", f"## 尚无检验的条文（{len(listed)} 条）", "", *listed, ""])


def _is_heading(clause: Clause, known: set[str]) -> bool:
    return any(
        other != clause.id and other.startswith(clause.id + s) for other in known for s in "(."
    )


def _row(
    clause: Clause,
    steps: dict[str, list[str]],
    operations: dict[str, list[str]],
    clocks: dict[str, str],
    tests: dict[str, list[str]],
) -> str:
    text = clause.text if len(clause.text) <= 36 else clause.text[:36] + "…"
    cells = [
        f'<a id="{anchor(clause.id)}"></a>{clause.id}',
        text,
        "、".join(dict.fromkeys(steps.get(clause.id, []))) or "—",
        "<br>".join(f"`{name}`" for name in sorted(set(operations.get(clause.id, [])))) or "—",
        clocks.get(clause.id, "—"),
        "<br>".join(f"`{name}`" for name in sorted(set(tests.get(clause.id, [])))) or "—",
    ]
    return "| " + " | ".join(cells) + " |"


def cited_by_steps() -> dict[str, list[str]]:
    """Clause → labels of the steps that cite it."""
    found: dict[str, list[str]] = defaultdict(list)
    for procedure in PROCEDURES.values():
        for step in procedure.values():
            for clause in step.cites.split():
                found[clause].append(step.label)
    return found


def _functions(folder: str) -> list[tuple[str, ast.FunctionDef]]:
    root = Path(settings.BASE_DIR)
    return [
        (str(path.relative_to(root)), node)
        for path in sorted((root / folder).rglob("*.py"))
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]


def cited_by_operations() -> dict[str, list[str]]:
    """Clause → public functions whose docstring cites it in brackets, as `(4(1).1)`."""
    known = {c.id for c in clauses()}
    found: dict[str, list[str]] = defaultdict(list)
    for app in APPS:
        for path, node in _functions(app):
            words = ast.get_docstring(node) or ""
            for bracket in re.findall(r"\(((?:[^()]|\(\d\))+)\)", words):
                for clause in CITED.findall(bracket):
                    if clause in known and not node.name.startswith("_"):
                        found[clause].append(f"{path}:{node.name}")
    return found


def marked_tests() -> dict[str, list[str]]:
    """Clause → tests that carry its mark."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, node in _functions("tests"):
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith(
                "mark.clause"
            ):
                for argument in decorator.args:
                    found[str(ast.literal_eval(argument))].append(f"{path}::{node.name}")
    return found
