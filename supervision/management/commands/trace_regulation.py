"""Write docs/regulation.md: clause → steps, code, pages, clocks, tests; open clauses are listed."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from supervision.reports.citations import FalseCitation
from supervision.reports.regulation import page


class Command(BaseCommand):
    help = "生成 docs/regulation.md：条文、环节、代码、页面、检验；--check 只核对是否一致"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="不一致时以非零状态退出")

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        path = root / "docs" / "regulation.md"
        try:
            text = page(root)
        except FalseCitation as wrong:
            raise CommandError(str(wrong)) from wrong
        if not options["check"]:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"已生成 {path.relative_to(root)}")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise CommandError("docs/regulation.md 已过时，请运行 manage.py trace_regulation")
