"""manage.py verify_dossier: the stand-alone verifier, by the side of the other commands."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tools import verify_dossier


class Command(BaseCommand):
    """A sealed household file proves itself; the database is not asked."""

    help = "验证封存的一户一档档案包：不读数据库；通过返回 0，不通过返回 1"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The package, and the digest on record."""
        parser.add_argument("file", metavar="FILE", help="档案包（.zip）")
        parser.add_argument("--sha256", default="", help="封存记录中的包摘要")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the report and leave with its status."""
        arguments = [options["file"]]
        if options["sha256"]:
            arguments += ["--sha256", options["sha256"]]
        sys.exit(verify_dossier.main(arguments))
