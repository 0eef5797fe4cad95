"""Duties of archives."""

from datetime import date

from archives.operations.fixity import check_due
from yuquan_relief.kernel.duties import duty


@duty("fixity", label="核验档案文件", clause="6.3 6.4")
def read_store(on: date) -> int:
    """Every file of the store is read again within thirty days, a part of it each night."""
    return check_due(on)
