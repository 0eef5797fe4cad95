"""Models of funds, one aggregate a file."""

from .batch import PayoutBatch
from .handed_over import SettledHandOver
from .ledger import Allocation, FundAccount, LedgerClose, LedgerEntry, LedgerGroup, Voucher
from .line import GivenUpReturn, PayoutLine
from .planning import BudgetLine, ImprestRequest, PlanLine, QuarterBudget, YearPlan
from .proof import FlowProof, ProofFile
from .recovery import Instalment, Recovery, RecoveryMonth, RecoveryReceipt
from .result import BankResult, ResultException
from .supplement import Supplement

__all__ = [
    "Allocation",
    "BankResult",
    "BudgetLine",
    "FlowProof",
    "FundAccount",
    "GivenUpReturn",
    "ImprestRequest",
    "Instalment",
    "LedgerClose",
    "LedgerEntry",
    "LedgerGroup",
    "PayoutBatch",
    "PayoutLine",
    "PlanLine",
    "ProofFile",
    "QuarterBudget",
    "Recovery",
    "RecoveryMonth",
    "RecoveryReceipt",
    "ResultException",
    "SettledHandOver",
    "Supplement",
    "Voucher",
    "YearPlan",
]
