"""Models of cases, one aggregate a file."""

from .bureau import BureauCheck
from .case import Case, scope_of
from .decision import Benefit, Decision, Letter
from .declared import Claim, Obligor, PropertyItem
from .draft import Draft
from .evidence import Appraisal, IncomeAccount, IncomeLine, MeansCheck, Survey
from .household import Household, Member, PayeeAccount
from .notice import Notice, Objection
from .relief import FirstRelief, HandOver
from .self_care import SelfCare

__all__ = [
    "Appraisal",
    "Benefit",
    "BureauCheck",
    "Case",
    "Claim",
    "Decision",
    "Draft",
    "FirstRelief",
    "HandOver",
    "Household",
    "IncomeAccount",
    "IncomeLine",
    "Letter",
    "MeansCheck",
    "Member",
    "Notice",
    "Objection",
    "Obligor",
    "PayeeAccount",
    "PropertyItem",
    "SelfCare",
    "Survey",
    "scope_of",
]
