"""Postings: allocation, setting aside at approval, payment. Every group sums to zero."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Sum

from cases.rules.programmes import Programme
from funds.models import (
    Allocation,
    BudgetLine,
    FundAccount,
    LedgerEntry,
    LedgerGroup,
    PayoutBatch,
    Voucher,
)
from funds.models.facts import fund_accounts
from funds.rules.spreading import SOURCES, spread
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.inputs import money
from yuquan_relief.kernel.models import Unit, next_number

MOST_FEN = 10_000_000_000_00  # ten thousand million yuan: more is a slip of the keyboard
Posting = tuple[str, str, int]  # source, account kind, fen


def post(group: LedgerGroup, year: int, postings: Iterable[Posting]) -> LedgerGroup:
    """The group and its entries stand; the database checks at commit that they sum to zero.

    Constant statements: accounts that do not exist yet are made on the way.
    """
    rows = list(postings)
    key = {"office_id": group.office_id, "programme": group.programme, "year": year}
    FundAccount.objects.bulk_create(
        [FundAccount(source=source, kind=kind, **key) for source, kind, _ in rows],
        ignore_conflicts=True,
    )
    accounts = {(a.source, a.kind): a for a in FundAccount.objects.filter(**key)}
    group.save(force_insert=True)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            group=group,
            account=accounts[source, kind],
            programme=group.programme,
            amount_fen=amount,
        )
        for source, kind, amount in rows
    )
    return group


def commit(batch: PayoutBatch, *, on: date) -> LedgerGroup:
    """The list's total is set aside out of what is available, or of what came back for a list that
    sends it again; raises Refused when it is not there.

    The accounts are locked, so that two lists approved at once cannot spend the same money.
    """
    out_of = batch.rules.out_of
    list(fund_accounts(batch).filter(kind=out_of).select_for_update())
    try:
        parts = spread(batch.total_fen, fund_accounts(batch).balances(out_of))
    except ValueError:
        raise Refused(
            "可用资金不足，请报区社救中心拨付（第四条（一）3）", code="no_funds"
        ) from None
    group = LedgerGroup(
        kind="COMMITMENT",
        programme=batch.programme,
        office_id=batch.office_id,
        batch=batch,
        on_day=on,
        note=f"签批 {batch.no}",
    )
    return post(group, batch.fund_year, _moves(parts, out_of, "COMMITTED"))


def _moves(parts: Mapping[str, int], out_of: str, into: str) -> list[Posting]:
    taken = [(source, out_of, -fen) for source, fen in parts.items()]
    return taken + [(source, into, fen) for source, fen in parts.items()]


def committed(batch: PayoutBatch) -> dict[str, int]:
    """Source → what is still set aside for the list (fen)."""
    entries = LedgerEntry.objects.filter(group__batch=batch, account__kind="COMMITTED")
    sums = entries.values_list("account__source").annotate(fen=Sum("amount_fen"))
    return dict(sums)


def pay(
    batch: PayoutBatch, *, paid: tuple[int, int], returned: tuple[int, int], actor: Actor, on: date
) -> Voucher | None:
    """What the bank paid is spent, what it returned is owed to the households; with a voucher.

    `paid` and `returned` are (number of lines, fen). None when both are nothing.
    """
    if not paid[0] and not returned[0]:
        return None
    purses = committed(batch)
    from_paid = spread(paid[1], purses)
    rest = {source: fen - from_paid.get(source, 0) for source, fen in purses.items()}
    from_returned = spread(returned[1], rest)
    group = LedgerGroup(
        kind="PAYMENT",
        programme=batch.programme,
        office_id=batch.office_id,
        batch=batch,
        on_day=on,
        note=f"银行结果 {batch.no}",
    )
    post(group, batch.fund_year, _merged(from_paid, from_returned))
    office = Unit.objects.only("code").get(pk=batch.office_id)
    return Voucher.objects.create(
        no=next_number(f"PZ{office.code[:9]}-{batch.month:%Y%m}-", digits=3),
        batch=batch,
        group=group,
        made_on=on,
        paid_count=paid[0],
        paid_fen=paid[1],
        returned_count=returned[0],
        returned_fen=returned[1],
        made_by=actor.name,
    )


def release(batch: PayoutBatch, amount_fen: int, *, on: date, note: str) -> LedgerGroup:
    """What came back and is not owed any more can be spent again, in its own year."""
    list(fund_accounts(batch).filter(kind="OWED").select_for_update())
    parts = spread(amount_fen, fund_accounts(batch).balances("OWED"))
    group = LedgerGroup(
        kind="RELEASE",
        programme=batch.programme,
        office_id=batch.office_id,
        batch=batch,
        on_day=on,
        note=note[:200],
    )
    return post(group, batch.fund_year, _moves(parts, "OWED", "AVAILABLE"))


def _merged(paid: Mapping[str, int], returned: Mapping[str, int]) -> list[Posting]:
    postings: list[Posting] = []
    for source in SOURCES:
        out = paid.get(source, 0) + returned.get(source, 0)
        if out:
            postings.append((source, "COMMITTED", -out))
    postings += [(source, "PAID", fen) for source, fen in paid.items()]
    return postings + [(source, "OWED", fen) for source, fen in returned.items()]


def available(office_id: int, programme: str, year: int) -> int:
    """What the office can spend on the programme out of the year's money (fen)."""
    accounts = FundAccount.objects.filter(office_id=office_id, programme=programme, year=year)
    return sum(accounts.balances("AVAILABLE").values())


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What the district gives: to which office, for what, out of what (fen), by which document."""

    office_id: int
    programme: str
    source: str
    year: int
    amount_fen: int
    document: str
    reason: str = ""  # why more than the confirmed budgets of the year ask for


def allocate(grant: Grant, *, key: str, actor: Actor, on: date) -> Allocation:
    """The office has the amount more to spend on the programme in that year (4(1).3).

    `key` is the form's one-time mark: the same key again gives the allocation that is there.
    Raises Unit.DoesNotExist for an office outside the actor's district, Refused when the sum goes
    beyond the confirmed budgets of the year and no reason is given.
    """
    if not actor.can("funds.allocate"):
        raise PermissionDenied("funds.allocate")
    office = Unit.objects.offices().get(pk=grant.office_id, parent_id=actor.district_id)
    if reason := _why_not(grant, on):
        raise Refused(reason)
    allocation = Allocation(
        office=office,
        programme=grant.programme,
        source=grant.source,
        year=grant.year,
        amount_fen=grant.amount_fen,
        document=grant.document.strip()[:60],
        reason=grant.reason.strip()[:200],
        allocated_on=on,
        key=key,
    )
    try:
        return _allocate(allocation, actor)
    except IntegrityError:
        there = Allocation.objects.filter(key=key).first()
        if there is None:
            raise Refused(f"{on:%Y-%m} 已经关账，不能再记账", code="month_closed") from None
        if any(getattr(there, name) != getattr(allocation, name) for name in GIVEN):
            raise Refused(
                "这张表已经登记过一笔拨付，这次填的内容不同；请重新打开页面再登记",
                code="key_reused",
            ) from None
        return there


GIVEN = ("office_id", "programme", "source", "year", "amount_fen", "document", "reason")


def left_of_budget(office_id: int, programme: str, year: int) -> int:
    """What the confirmed quarterly budgets of the year ask for and nobody has allocated yet (fen);
    less than 0 when more was allocated."""
    lines = BudgetLine.objects.filter(
        budget__office_id=office_id, budget__year=year, budget__state="CONFIRMED",
        programme=programme,
    )  # fmt: skip
    given = Allocation.objects.filter(office_id=office_id, programme=programme, year=year)
    asked = lines.aggregate(fen=Sum("asked_fen", default=0))["fen"]
    return int(asked - given.aggregate(fen=Sum("amount_fen", default=0))["fen"])


def hold_office(office_id: int) -> None:
    """One allocation of an office at a time: two that fit each do not exceed together."""
    list(Unit.objects.filter(pk=office_id).select_for_update(of=("self",)).values_list("pk"))


def _refuse_unbudgeted(allocation: Allocation) -> None:
    hold_office(allocation.office_id)
    left = left_of_budget(allocation.office_id, allocation.programme, allocation.year)
    if allocation.amount_fen > left and not allocation.reason:
        raise Refused(
            f"{allocation.year} 年已确认的季度预算还可拨付 {money.show(max(left, 0))} 元，"
            "超出的请填写理由",
            code="beyond_budget",
        )


def _why_not(grant: Grant, on: date) -> str:
    if grant.programme not in set(Programme) or grant.source not in SOURCES:
        return "请选择类别和资金来源"
    if not 0 < grant.amount_fen <= MOST_FEN:
        return "拨付金额须大于 0，并请核对单位是元"
    if not grant.document.strip():
        return "请填写拨付文号"
    if abs(grant.year - on.year) > 1:
        return "年度只能是上年、本年或下年，请核对"
    return ""


@transaction.atomic
def _allocate(allocation: Allocation, actor: Actor) -> Allocation:
    if not Allocation.objects.filter(key=allocation.key).exists():
        _refuse_unbudgeted(allocation)  # the same form again is answered by the key
    group = LedgerGroup(
        kind="ALLOCATION",
        programme=allocation.programme,
        office=allocation.office,
        on_day=allocation.allocated_on,
        note=allocation.document,
    )
    parts = {allocation.source: allocation.amount_fen}
    allocation.group = post(group, allocation.year, _moves(parts, "SOURCE", "AVAILABLE"))
    # Held before the chain's head, as an approval does, so that neither waits for the other.
    touched = FundAccount.objects.filter(entries__group=group).order_by("pk")
    list(touched.select_for_update(of=("self",)))
    allocation.save(force_insert=True)
    record(
        "allocation",
        str(allocation.pk),
        "allocate",
        actor=actor,
        on=allocation.allocated_on,
        unit_id=allocation.office_id,
        note=allocation.document,
        body={
            "programme": allocation.programme,
            "source": allocation.source,
            "year": allocation.year,
            "amount_fen": allocation.amount_fen,
            "reason": allocation.reason,
            "ledger_group": group.pk,
        },
    )
    return allocation
