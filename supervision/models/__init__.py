"""Models of supervision, one aggregate a file."""

from .bulletin import Bulletin, BulletinItem, BulletinRead, Mending, MendingFile, Referral
from .complaint import BoxOpening, Complaint, ComplaintSubject, ReportBox
from .finding import CheckCount, CheckRun, Finding, Suppression
from .liability import Exemption, Liability
from .once import Once
from .paper import Paper
from .partner import Contract, Task, TaskFile
from .policy import Publication, Simulation
from .sample import Call, FrameLine, Sample, SampleItem, Sheet, SheetFile
from .statistics import PayoutSum, StatQuery, StatReport
from .training import Attendance, Course
from .words import Words

__all__ = [
    "Attendance",
    "BoxOpening",
    "Bulletin",
    "BulletinItem",
    "BulletinRead",
    "Call",
    "CheckCount",
    "CheckRun",
    "Complaint",
    "ComplaintSubject",
    "Contract",
    "Course",
    "Exemption",
    "Finding",
    "FrameLine",
    "Liability",
    "Mending",
    "MendingFile",
    "Once",
    "Paper",
    "PayoutSum",
    "Publication",
    "Referral",
    "ReportBox",
    "Sample",
    "SampleItem",
    "Sheet",
    "SheetFile",
    "Simulation",
    "StatQuery",
    "StatReport",
    "Suppression",
    "Task",
    "TaskFile",
    "Words",
]
