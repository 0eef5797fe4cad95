"""Models of funds, one aggregate a file."""

from .batch import PayoutBatch
from .ledger import Allocation, FundAccount, LedgerEntry, LedgerGroup, Voucher
from .line import GivenUpReturn, PayoutLine
from .recovery import Recovery, RecoveryMonth
from .result import BankResult, ResultException
from .supplement import Supplement

__all__ = [
    "Allocation",
    "BankResult",
    "FundAccount",
    "GivenUpReturn",
    "LedgerEntry",
    "LedgerGroup",
    "PayoutBatch",
    "PayoutLine",
    "Recovery",
    "RecoveryMonth",
    "ResultException",
    "Supplement",
    "Voucher",
]
