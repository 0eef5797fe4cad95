"""Settlements computed anew: years later the same facts give the same fen (8)."""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from cases.rules.settlement import replay

from .evidence import IncomeAccount


def settled_accounts(numbers: Sequence[str] = ()) -> QuerySet[IncomeAccount]:
    """Settlements that kept their facts, of these cases or of all."""
    found = IncomeAccount.objects.exclude(facts={}).select_related("case").order_by("pk")
    return found.filter(case__no__in=numbers) if numbers else found


def differences(accounts: QuerySet[IncomeAccount]) -> Iterator[str]:
    """A sentence for each settlement whose stored figures are not what its facts give."""
    for account in accounts.iterator(chunk_size=500):
        figures = {name: getattr(account, name) for name in IncomeAccount.FIGURES.split()}
        for words in replay(account.facts, figures).differences:
            yield f"{account.case.no} 第 {account.round} 轮核算：{words}"
