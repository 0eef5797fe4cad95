"""The books: a wrong posting is taken back by another, a month is closed, a year carried over."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max, Min, Sum

from cases.rules.months import next_month
from cases.rules.programmes import Programme
from funds.models import FundAccount, LedgerClose, LedgerEntry, LedgerGroup
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record

from .ledger import post


def reverse_allocation(pk: int, *, note: str, actor: Actor, on: date) -> LedgerGroup:
    """An allocation that was entered wrongly is taken back whole, once; both postings stay.

    Only allocations are reversed by hand: what a list committed or paid has its own ways back.
    Refused when the money has been spent, in the words of the ledger. Raises DoesNotExist outside
    the actor's district.
    """
    if not actor.can("funds.allocate"):
        raise PermissionDenied("funds.allocate")
    if not note.strip():
        raise Refused("冲正须写明理由，请填写后再办", code="note_needed")
    wrong = LedgerGroup.objects.select_related("office").get(
        pk=pk, kind="ALLOCATION", office__parent_id=actor.district_id
    )
    if LedgerGroup.objects.filter(reverses=wrong).exists():
        raise Refused("这笔拨付已经冲正过，请核对", code="reversed")
    accounts = FundAccount.objects.filter(entries__group=wrong).order_by("pk")
    try:
        with transaction.atomic():
            list(accounts.select_for_update(of=("self",)))
            _refuse_spent(wrong)
            return _reversed(wrong, note.strip(), actor, on)
    except IntegrityError:
        raise Refused("这笔拨付已经冲正，或者当月已经关账，请核对", code="reversed") from None


def _refuse_spent(wrong: LedgerGroup) -> None:
    for entry in wrong.entries.filter(account__kind="AVAILABLE").select_related("account"):
        held = entry.account.entries.aggregate(fen=Sum("amount_fen"))["fen"]
        if held < entry.amount_fen:
            raise Refused("这笔钱已经用出一部分，不能冲正；请用追加、核减指标的拨付调整")


def _reversed(wrong: LedgerGroup, note: str, actor: Actor, on: date) -> LedgerGroup:
    group = LedgerGroup.objects.create(
        kind="REVERSAL",
        programme=wrong.programme,
        office_id=wrong.office_id,
        reverses=wrong,
        on_day=on,
        note=f"冲正：{note}"[:200],
    )
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            group=group,
            account_id=entry.account_id,
            programme=entry.programme,
            amount_fen=-entry.amount_fen,
        )
        for entry in wrong.entries.all()
    )
    record(
        "allocation",
        str(wrong.pk),
        "reverse",
        actor=actor,
        on=on,
        unit_id=wrong.office_id,
        note=note,
        body={"group": wrong.pk, "ledger_group": group.pk},
    )
    return group


Trial = list[list[str | int]]


def trial_balance(district_id: int, month: date) -> Trial:
    """[office, programme, source, year, account, fen] up to the end of the month; sums to zero."""
    found = (
        LedgerEntry.objects.filter(
            group__office__parent_id=district_id, group__on_day__lt=next_month(month)
        )
        .values_list(
            "account__office__code",
            "account__programme",
            "account__source",
            "account__year",
            "account__kind",
        )
        .annotate(fen=Sum("amount_fen"))
        .order_by(
            "account__office__code",
            "account__programme",
            "account__source",
            "account__year",
            "account__kind",
        )
    )
    return [list(row) for row in found if row[-1]]


def month_to_close(district_id: int) -> date | None:
    """The month after the last one that was closed, or the first with a posting; None of none."""
    last = LedgerClose.objects.filter(district_id=district_id).aggregate(m=Max("month"))["m"]
    if last:
        return next_month(last)
    groups = LedgerGroup.objects.filter(office__parent_id=district_id)
    first = groups.aggregate(day=Min("on_day"))["day"]
    return first.replace(day=1) if first else None


def close_month(month: date, *, actor: Actor, on: date) -> LedgerClose:
    """No posting gets a day in the month any more; its trial balance is kept with its digest.

    Months are closed one after the other, when they are over.
    """
    if not actor.can("funds.allocate"):
        raise PermissionDenied("funds.allocate")
    assert actor.district_id is not None
    due = month_to_close(actor.district_id)
    if due is None or month != due:
        name = f"{due:%Y}年{due.month}月" if due else "有记账的月份"
        raise Refused(f"应逐月关账，请先关{name}", code="not_next")
    if on < next_month(month):
        raise Refused("这个月还没有结束，月末以后再关账", code="too_early")
    with transaction.atomic():
        trial = trial_balance(actor.district_id, month)
        if sum(int(row[-1]) for row in trial):
            raise Refused("试算不平衡，不能关账，请联系系统管理员", code="unbalanced")
        return _closed(month, trial, actor, on)


def _closed(month: date, trial: Trial, actor: Actor, on: date) -> LedgerClose:
    row = LedgerClose(
        district_id=actor.district_id or 0,
        month=month,
        trial=trial,
        trial_sha256=trial_digest(trial),
        closed_on=on,
        closed_by_id=actor.human_id,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("这个月已经关账", code="closed") from None
    record(
        "ledger",
        f"{month:%Y-%m}",
        "close",
        actor=actor,
        on=on,
        unit_id=actor.district_id,
        body={"trial_sha256": row.trial_sha256, "accounts": len(trial)},
    )
    return row


def trial_digest(trial: Trial) -> str:
    """SHA-256 over the trial balance as JSON without spaces."""
    text = json.dumps(trial, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def carry_over(year: int, *, actor: Actor, on: date) -> int:
    """What was left of `year` can be spent out of the next, in the same programme and source; how
    many purses. A second time there is nothing left to carry."""
    if not actor.can("funds.allocate"):
        raise PermissionDenied("funds.allocate")
    if on.year <= year:
        raise Refused("年度结束以后才能结转", code="too_early")
    purses = FundAccount.objects.filter(
        office__parent_id=actor.district_id, year=year, kind="AVAILABLE"
    ).order_by("pk")
    with transaction.atomic():
        held = list(purses.select_for_update(of=("self",)))
        left = dict(purses.annotate(fen=Sum("entries__amount_fen")).values_list("pk", "fen"))
        rest = [(account, left[account.pk]) for account in held if left[account.pk]]
        _carry(rest, year, actor, on)
    return len(rest)


def _carry(rest: Iterable[tuple[FundAccount, int]], year: int, actor: Actor, on: date) -> None:
    for account, fen in rest:
        group = LedgerGroup(
            kind="CARRY_OVER",
            programme=account.programme,
            office_id=account.office_id,
            on_day=on,
            note=f"{year}年结转{year + 1}年",
        )
        post(group, year + 1, [(account.source, "AVAILABLE", fen)])
        LedgerEntry.objects.create(
            group=group, account=account, programme=account.programme, amount_fen=-fen
        )
        record(
            "ledger",
            str(year),
            "carry_over",
            actor=actor,
            on=on,
            unit_id=account.office_id,
            note=group.note,
            body={
                "programme": Programme(account.programme).value,
                "source": account.source,
                "fen": fen,
                "ledger_group": group.pk,
            },
        )
