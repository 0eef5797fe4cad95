"""Models of cases, one aggregate a file."""

from .case import Case, scope_of
from .decision import Benefit, Decision, Letter
from .draft import Draft
from .evidence import Appraisal, IncomeAccount, IncomeLine, MeansCheck, Survey
from .household import Household, Member, PayeeAccount
from .notice import Notice, Objection

__all__ = [
    "Appraisal",
    "Benefit",
    "Case",
    "Decision",
    "Draft",
    "Household",
    "IncomeAccount",
    "IncomeLine",
    "Letter",
    "MeansCheck",
    "Member",
    "Notice",
    "Objection",
    "PayeeAccount",
    "Survey",
    "scope_of",
]
