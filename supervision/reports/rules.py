"""How the rules fare: what each found last, how often it was right (domain 15.3, tuning)."""

from django.db.models import Count, Q, Sum

from funds.tables import Cell, Table, number
from supervision.models import CheckCount, CheckRun, Finding
from supervision.rules.checks import CHECKS, SEVERITIES
from yuquan_relief.kernel.actor import Actor

HEADS = (
    "规则",
    "级别",
    "最近命中",
    "新发现",
    "暂停中",
    "未办结",
    "已判定",
    "命中准确率",
    "用时（毫秒）",
)
UNKNOWN = Cell("—", True)
TONES = {"B": "bad", "H": "bad", "M": "warn", "L": "mute"}


def rule_rows(actor: Actor) -> Table:
    """Every rule with the counts of the last whole run and its precision; four statements."""
    ended = CheckRun.objects.filter(district=actor.unit_id, scope="", ended_at__isnull=False)
    last = ended.order_by("-id").first()
    counts = {c.rule: c for c in CheckCount.objects.filter(run=last)} if last else {}
    mine = Finding.objects.visible_to(actor)
    open_ = dict(mine.exclude(rule="").open().values_list("rule").annotate(n=Count("pk")))
    precision = mine.precision()
    rows = []
    for check in CHECKS.values():
        count, (right, judged) = counts.get(check.id), precision.get(check.id, (0, 0))
        share = f"{100 * right / judged:.0f}%" if judged else "—"
        rows.append(
            [
                Cell(f"{check.id} {check.label}", url=f"/supervise/?rule={check.id}"),
                Cell(SEVERITIES[check.severity], tone=TONES[check.severity]),
                *_found(count),
                number(open_.get(check.id, 0)),
                number(judged),
                Cell(share, True),
                number(count.milliseconds) if count and not count.is_broken else UNKNOWN,
            ]
        )
    when = f"{last.on_day}" if last else "还没有核查过"
    return Table(f"规则和命中（最近一次全部核查：{when}）", HEADS, rows)


def _found(count: CheckCount | None) -> list[Cell]:
    """Nothing found is nought; not looked is not nought."""
    if count is None:
        return [UNKNOWN] * 3
    if count.is_broken:
        return [Cell("没有核查成功", tone="bad"), UNKNOWN, UNKNOWN]
    return [number(count.hits), number(count.fresh), number(count.silent)]


def totals(actor: Actor) -> dict[str, int]:
    """Findings of the scope by how far they are."""
    mine = Finding.objects.visible_to(actor)
    found: dict[str, int] = mine.aggregate(
        open=Count("pk", filter=~Q(state="DONE")), done=Count("pk", filter=Q(state="DONE"))
    )
    return found


def hits_of(actor: Actor, rule: str) -> int:
    """How often a rule has found something in all runs."""
    mine = CheckCount.objects.filter(run__district=actor.unit_id, rule=rule)
    return int(mine.aggregate(n=Sum("hits"))["n"] or 0)
