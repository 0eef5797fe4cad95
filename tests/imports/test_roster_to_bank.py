"""A household of the roster is paid in the next month: from the district's file to the bank's."""

import csv
import io

import pytest

from cases.models import Benefit
from cases.operations.roster import import_roster
from funds import invariants
from funds.models import PayoutLine
from funds.operations import batches, building
from tests.cast import Cast
from tests.funds import payouts
from tests.funds.payouts import APPROVED, LOCKED, MONTH, OPENED, PROGRAMME, SENT
from tests.imports.rosters import HEADER, as_csv, as_xlsx, line, lines
from yuquan_relief.kernel import file_store

F37 = (
    "地区 户主姓名 身份证号 低保证号 救助类别 保障人口数 救助金额(基本) 分类施保金额 发放合计"
    " 开户银行 账户名称 账号 发放年月 发放月数 发放方式 发放状态 反馈状态 备注"
)


def test_the_fixture_has_all_columns_of_the_official_list() -> None:
    assert F37.split() == HEADER


@pytest.mark.clause("4(1)")
@pytest.mark.parametrize("who", ["staff", "supervisor"])
@pytest.mark.parametrize("form", [as_csv, as_xlsx])
def test_taken_over_today_and_in_the_banks_file_next_month(
    cast: Cast, who: str, form: object
) -> None:
    content = form(lines(3))  # type: ignore[operator] # one of the two above
    import_roster(content, name="", actor=cast.actors[who], on=OPENED)
    payouts.funded(cast)
    batch = building.open_month(cast.office.pk, PROGRAMME, month=MONTH, actor=cast.staff, on=OPENED)
    batches.lock(batch.no, actor=cast.staff, on=LOCKED, proof=cast.proof("staff"))
    batches.approve(batch.no, actor=cast.leader, on=APPROVED, proof=cast.proof("leader"))
    batches.take_file(batch.no, actor=cast.accountant, on=SENT, proof=cast.proof("accountant"))
    batch = payouts.fresh(batch)
    assert (batch.line_count, batch.total_fen) == (3, 3 * 732_00)
    text = file_store.read(batch.file_sha256).decode("gb18030")
    rows = list(csv.reader(io.StringIO(text)))
    for serial in (1, 2, 3):
        account = dict(zip(HEADER, line(serial), strict=True))["账号"]
        (row,) = [row for row in rows if account in row]
        assert "732.00" in row
    assert PayoutLine.objects.count() == Benefit.objects.count() == 3
    assert list(invariants.broken()) == []
