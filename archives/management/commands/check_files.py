"""Every file of the store is read now; non-zero exit when one is not as it must be."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archives.models import FixityProblem
from archives.operations.fixity import SHELVES, check
from yuquan_relief.kernel.clock import today


class Command(BaseCommand):
    """核验全部文件：逐字节计算摘要，与登记的比较。"""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each open problem and the sum; raise CommandError when there is one."""
        found = check(SHELVES, on=today())
        problems = FixityProblem.objects.filter(mended_on__isnull=True).order_by("id")
        for problem in problems:
            self.stdout.write(f"{problem.get_kind_display()}：{problem.name}（{problem.what}）")
        if problems:
            raise CommandError(f"读了 {found.files} 个文件，有 {len(problems)} 个问题")
        self.stdout.write(f"没有发现问题。读了 {found.files} 个文件，{found.bytes} 字节。")
