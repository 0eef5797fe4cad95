"""The 5 % line of each office, and what weighs on the year's appraisal (18(4), 21)."""

from collections import defaultdict
from datetime import date

from funds.tables import Cell, Table, number
from supervision.models import Liability
from supervision.reports.figures import Filter, by_group, figure_values
from supervision.rules.liability import FOR_UNITS, ErrorLine
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.roles import Reach


def _offices(actor: Actor) -> list[Unit]:
    mine = Unit.objects.offices()
    if actor.reach == Reach.OFFICE:
        return list(mine.filter(pk=actor.unit_id or 0))
    return list(mine.filter(parent_id=actor.unit_id or 0).order_by("code"))


def lines_of(actor: Actor, year: int) -> dict[int, ErrorLine]:
    """Each office's line of the year; one statement."""
    asked = Filter(first=date(year, 1, 1), last=date(year, 12, 31))
    values = by_group(figure_values("errors", actor, asked, "office"))
    return {pk: ErrorLine(v.numerator, v.denominator or 0) for pk, v in values.items()}


def error_lines(actor: Actor, year: int) -> Table:
    """Numerator, denominator, share, and how many more would reach the line."""
    lines = lines_of(actor, year)
    rows = []
    for unit in _offices(actor):
        line = lines.get(unit.pk, ErrorLine(0, 0))
        share = f"{100 * line.wrong / line.approved:.2f}%" if line.approved else "—"
        if line.is_reached:
            room, tone = "已达 5%，依第十八条（四）追责", "bad"
        else:
            room = f"再有 {line.headroom} 户达 5%" if line.approved else "今年还没有批准"
            tone = "warn" if line.approved and line.wrong * 100 >= 4 * line.approved else ""
        small = "（基数小）" if line.is_small and line.approved else ""
        rows.append(
            [Cell(unit.name), number(line.wrong), number(line.approved), Cell(share, True),
             Cell(room + small, tone=tone)]
        )  # fmt: skip
    heads = ("镇、街道", "认定不准（户）", "批准（户）", "比例", "距 5%")
    return Table(f"{year} 年 5% 红线（第十八条（四））", heads, rows)


def appraisals(actor: Actor, year: int) -> Table:
    """Units whose year's appraisal is touched by a decision that stands (21.2)."""
    mine = Liability.objects.visible_to(actor).filter(year=year, state__in=("DECIDED", "ENDED"))
    found: dict[str, list[str]] = defaultdict(list)
    for row in mine.select_related("unit").order_by("id"):
        for code in row.for_unit:
            if code in FOR_UNITS:
                found[row.unit.name].append(f"{FOR_UNITS[code]}（{row.no}）")
    rows = [[Cell(unit), Cell("；".join(texts))] for unit, texts in sorted(found.items())]
    heads = ("单位", "处理决定")
    return Table(f"{year} 年影响单位考核的决定", heads, rows, empty="没有影响单位考核的决定")
