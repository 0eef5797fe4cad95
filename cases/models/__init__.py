"""Models of cases, one aggregate a file."""

from .bureau import BureauCheck
from .capture import CaptureLink
from .care import CareArrangement, CareReport, Institution
from .case import Case
from .chain import HouseholdChange
from .decision import Benefit, Decision, Letter
from .declared import Claim, Obligor, PropertyItem
from .deferral import Deferral
from .delegation import Delegation
from .draft import Draft
from .evidence import (
    Appraisal,
    IncomeAccount,
    IncomeLine,
    MeansCheck,
    MeansFinding,
    PlatformFailure,
    Survey,
)
from .held import HeldAnswer
from .household import Household, Member, PayeeAccount
from .kin import StaffRelative
from .lead import Lead
from .notice import Notice, Objection, StandingNotice
from .relief import FirstRelief, HandOver
from .scope import scope_of
from .self_care import SelfCare

__all__ = [
    "Appraisal",
    "Benefit",
    "BureauCheck",
    "CaptureLink",
    "CareArrangement",
    "CareReport",
    "Case",
    "Claim",
    "Decision",
    "Deferral",
    "Delegation",
    "Draft",
    "FirstRelief",
    "HandOver",
    "HeldAnswer",
    "Household",
    "HouseholdChange",
    "IncomeAccount",
    "IncomeLine",
    "Institution",
    "Lead",
    "Letter",
    "MeansCheck",
    "MeansFinding",
    "Member",
    "Notice",
    "Objection",
    "Obligor",
    "PayeeAccount",
    "PlatformFailure",
    "PropertyItem",
    "SelfCare",
    "StaffRelative",
    "StandingNotice",
    "Survey",
    "scope_of",
]
