"""第十五条 银行发放流水和支付凭证."""

import pytest

from tests.cast import Cast
from tests.funds import payouts

URL = "/pay/2026-12/159900001/URBAN_ALLOWANCE/"


@pytest.mark.clause("15")
def test_the_voucher_says_what_the_bank_has_paid(cast: Cast) -> None:
    batch = payouts.sent(cast, 2)
    supervisor = cast.client("supervisor")
    assert supervisor.get(f"{URL}voucher/").status_code == 404
    payouts.imported(cast, batch, payouts.answers(batch))
    voucher = batch.vouchers.get()
    assert (voucher.paid_count, voucher.paid_fen, voucher.made_on) == (2, 1364_00, payouts.PAID)
    page = supervisor.get(f"{URL}voucher/").content.decode()
    assert voucher.no in page
    assert "1,364.00" in page


@pytest.mark.clause("15")
def test_the_bank_serial_of_every_payment_is_kept(cast: Cast) -> None:
    batch = payouts.sent(cast, 2)
    payouts.imported(cast, batch, payouts.answers(batch))
    serials = [row["交易流水号"] for row in payouts.answers(batch)]
    assert list(batch.lines.order_by("line_no").values_list("serial", flat=True)) == serials
