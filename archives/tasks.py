"""Duties of archives."""

from datetime import date

from archives.operations.fixity import check_due
from archives.operations.inspecting import inspect_due
from archives.operations.keeping import move_ends
from archives.operations.printing_many import expire
from yuquan_relief.kernel.duties import duty


@duty("fixity", label="核验档案文件", clause="6.3 6.4")
def read_store(on: date) -> int:
    """Every file of the store is read again within thirty days, a part of it each night."""
    return check_due(on)


@duty("retention", label="更新档案保管期限", clause="6.4")
def move_retention(on: date) -> int:
    """Each file is kept until the end of the longest rule that counts by now."""
    return move_ends(on)


@duty("inspection", label="四性检测", clause="6.3")
def inspect_sealed(on: date) -> int:
    """Each sealed file is inspected once a year."""
    return inspect_due(on)


@duty("print_runs", label="清理成批打印的文件", clause="6.3")
def expire_print_runs(on: date) -> int:
    """What was printed a week ago is not kept a second time."""
    return expire(on)
