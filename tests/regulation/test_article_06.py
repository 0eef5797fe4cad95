"""第六条 档案资料管理责任."""

import pytest
from django.db import ProgrammingError, connection, transaction

from tests import road
from tests.cast import Cast


@pytest.mark.clause("6.3")
def test_decided_things_cannot_be_changed(cast: Cast) -> None:
    road.approved(cast)
    for table in ("cases_decision", "kernel_signature", "kernel_event"):
        with (
            pytest.raises(ProgrammingError, match=f"permission denied for table {table}"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {table}")
