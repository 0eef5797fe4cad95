"""Models of funds, one aggregate a file."""

from .batch import PayoutBatch
from .ledger import Allocation, FundAccount, LedgerEntry, LedgerGroup, Voucher
from .line import PayoutLine
from .recovery import Recovery, RecoveryMonth
from .result import BankResult, ResultException

__all__ = [
    "Allocation",
    "BankResult",
    "FundAccount",
    "LedgerEntry",
    "LedgerGroup",
    "PayoutBatch",
    "PayoutLine",
    "Recovery",
    "RecoveryMonth",
    "ResultException",
    "Voucher",
]
