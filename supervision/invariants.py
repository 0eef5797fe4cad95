"""What must always be true of supervision; called by manage.py check_invariants."""

from collections.abc import Iterator

from django.db import connection

from supervision.models import Sample, StatReport
from supervision.operations.sampling import is_as_drawn
from supervision.operations.statistics import digest_of
from supervision.operations.sums import wrong

CHECKS = {
    "核查发现 {0} 的状态 {1} 没有对应的操作记录": """
        SELECT f.no, f.state FROM supervision_finding f
         WHERE f.state <> 'OPEN' AND f.state IS DISTINCT FROM (
            SELECT e.after FROM kernel_event e WHERE e.subject_kind = 'finding'
               AND e.subject_key = f.no AND e.after <> '' ORDER BY e.seq DESC LIMIT 1)""",
    "举报信访 {0} 由被反映的单位承办": """
        SELECT q.no FROM supervision_complaint q WHERE q.handler_id = q.office_id""",
    "举报信访编号不连续：{0}": """
        SELECT c.prefix FROM kernel_counter c WHERE c.prefix LIKE 'XF-%%'
           AND c.last <> (SELECT count(*) FROM supervision_complaint q
                           WHERE q.no LIKE c.prefix || '%%')""",
    "核查发现编号不连续：{0}": """
        SELECT c.prefix FROM kernel_counter c WHERE c.prefix LIKE 'HC-%%'
           AND c.last <> (SELECT count(*) FROM supervision_finding f
                           WHERE f.no LIKE c.prefix || '%%')""",
    "通报 {0} 已下发，没有签发人的签字": """
        SELECT b.no FROM supervision_bulletin b WHERE b.state = 'ISSUED' AND NOT EXISTS (
            SELECT FROM kernel_signature s WHERE s.subject_kind = 'bulletin'
               AND s.subject_key = b.no AND s.stage = 'issue')""",
    "责任追究 {0} 已决定，没有签字": """
        SELECT l.no FROM supervision_liability l WHERE l.state = 'DECIDED' AND NOT EXISTS (
            SELECT FROM kernel_signature s WHERE s.subject_kind = 'liability'
               AND s.subject_key = l.no AND s.stage = 'decide' AND s.round = l.round)""",
    "检查表 {0} 已办结，没有检查人的签字": """
        SELECT s.no FROM supervision_sheet s
         WHERE s.finished_on IS NOT NULL AND NOT (s.kind = 'PHONE' AND s.verdict = 'NONE')
           AND NOT EXISTS (
            SELECT FROM kernel_signature g WHERE g.subject_kind = 'sheet'
               AND g.subject_key = s.no AND g.stage = 'check')""",
}


def broken() -> Iterator[str]:
    """Every broken thing, in words."""
    with connection.cursor() as cursor:
        for text, statement in CHECKS.items():
            cursor.execute(statement)
            yield from (text.format(*row) for row in cursor.fetchall())
    for batch in wrong():
        yield f"发放名单（{batch}）的汇总与逐笔合计不一致"
    for sample in Sample.objects.exclude(state="OPEN"):
        if not is_as_drawn(sample):
            yield f"抽查 {sample.no} 的名单与种子抽出的不一致"
    for report in StatReport.objects.exclude(state="DRAFT"):
        if digest_of(report.figures) != report.figures_sha256:
            yield f"统计报表 {report.no} 的数据与摘要不符"
