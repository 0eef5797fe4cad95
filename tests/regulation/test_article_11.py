"""第十一条 救助资金监督检查."""

from datetime import timedelta

import pytest

from tests.cast import Cast
from tests.funds import payouts


@pytest.mark.clause("11")
def test_a_list_is_late_after_its_day_until_the_bank_has_paid_it(cast: Cast) -> None:
    batch = payouts.sent(cast, 1)
    after = batch.pay_by + timedelta(days=1)
    assert (batch.is_late(batch.pay_by), batch.is_late(after)) == (False, True)
    payouts.imported(cast, batch, payouts.answers(batch))
    assert not payouts.fresh(batch).is_late(after)
