"""Compute old settlements anew out of their frozen facts, and say which come out differently."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.models.replaying import differences, settled_accounts


class Command(BaseCommand):
    help = "按当时冻结的依据重算核算结果；有不一致的逐件列出并以非零状态退出"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("no", nargs="*", help="案件编号；不写的重算全部")

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = settled_accounts(options["no"])
        found = list(differences(accounts))
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"{len(found)} 件重算不一致")
        self.stdout.write(f"已重算 {accounts.count()} 次核算，全部一致")
