"""Models of cases, one aggregate a file."""

from .bureau import BureauCheck
from .capture import CaptureLink
from .care import CareArrangement, CareReport, Institution
from .case import Case
from .chain import HouseholdChange
from .change_report import ChangeReport
from .contact import Contact
from .death import DeathRecord
from .decision import Benefit, Decision, Letter
from .declared import Claim, Obligor, PropertyItem
from .deferral import Deferral
from .delegation import Delegation
from .draft import Draft
from .entitlement import Entitlement
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
from .review import Review
from .review_due import ReviewDue
from .scope import scope_of
from .self_care import SelfCare
from .standard import StandardLine, StandardRun, StandardTelling

__all__ = [
    "Appraisal",
    "Benefit",
    "BureauCheck",
    "CaptureLink",
    "CareArrangement",
    "CareReport",
    "Case",
    "ChangeReport",
    "Claim",
    "Contact",
    "DeathRecord",
    "Decision",
    "Deferral",
    "Delegation",
    "Draft",
    "Entitlement",
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
    "Review",
    "ReviewDue",
    "SelfCare",
    "StaffRelative",
    "StandardLine",
    "StandardRun",
    "StandardTelling",
    "StandingNotice",
    "Survey",
    "scope_of",
]
