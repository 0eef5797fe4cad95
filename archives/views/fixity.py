"""文件核验: what was read when, what is wrong, and reading everything now."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Min, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from archives.models import FixityProblem, FixityShelf
from archives.operations.fixity import NIGHTS, SHELVES, check
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.middleware import PersonRequest

MOST = 200
AT_ONCE = 20_000  # files that a page may read by itself; more are the clock's work


@require_http_methods(["GET", "HEAD", "POST"])
def fixity(request: PersonRequest) -> HttpResponse:
    """The state of the store; who looks after it may have all of it read now."""
    actor = request.actor
    if not (actor.can("audit.view") or actor.can("clients.edit")):
        raise PermissionDenied("audit.view")
    on = today()
    read = FixityShelf.objects.aggregate(
        files=Sum("files", default=0), bytes=Sum("bytes", default=0), since=Min("checked_on")
    )
    is_small = read["files"] <= AT_ONCE
    if request.method == "POST":
        if not is_small:
            messages.error(request, f"文件超过 {AT_ONCE} 个，请等待每夜的核验，或请系统管理员执行")
            return redirect("fixity")
        found = check(SHELVES, on=on)
        words = f"，发现 {len(found.wrong)} 个问题" if found.wrong else "，全部完好"
        messages.success(request, f"已读完 {found.files} 个文件{words}")
        return redirect("fixity")
    problems = FixityProblem.objects.order_by("mended_on", "-found_on", "-id")
    page = {
        "page_title": "文件核验",
        "files": read["files"],
        "megabytes": read["bytes"] // 1_000_000,
        "shelves": FixityShelf.objects.filter(checked_on__gt=on - timedelta(days=30)).count(),
        "all_shelves": len(SHELVES),
        "since": read["since"],
        "nights": NIGHTS,
        "open": problems.filter(mended_on__isnull=True)[:MOST],
        "mended": problems.filter(mended_on__isnull=False)[:50],
        "is_small": is_small,
    }
    return render(request, "archives/fixity.html", page)
