"""Duties of supervision."""

from datetime import date

from supervision.operations.checking import check_everything
from supervision.operations.reminding import remind_late
from supervision.operations.sums import mend_sums
from yuquan_relief.kernel.duties import duty


@duty("system_checks", label="系统核查全部案件", clause="8 12")
def check(on: date) -> int:
    """Every rule looks at everything once a night; what is new waits for its owner."""
    return check_everything(on)


@duty("payout_sums", label="核对发放汇总", clause="5(8)")
def sums(on: date) -> int:
    """Sums that are missing or stale are made again."""
    return mend_sums(on)


@duty("supervision_due", label="督办到期的答复、整改、信访、任务", clause="5(5) 16")
def due(on: date) -> int:
    """Who is to do something is reminded three days before, on the day, and when it is late."""
    return remind_late(on)
