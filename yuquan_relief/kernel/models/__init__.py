"""Models of the ground floor, one aggregate a file."""

from .attachments import Attachment
from .calendar import CalendarDay, CalendarYear
from .events import Checkpoint, Event
from .jobs import Job, Reminder
from .looks import Look
from .numbers import Counter, next_number, next_numbers, reserve_number
from .people import Account, ApiClient, PasswordRecord, Person, Post
from .rulebook import RuleValue
from .signatures import Signature
from .units import Unit

__all__ = [
    "Account",
    "ApiClient",
    "Attachment",
    "CalendarDay",
    "CalendarYear",
    "Checkpoint",
    "Counter",
    "Event",
    "Job",
    "Look",
    "PasswordRecord",
    "Person",
    "Post",
    "Reminder",
    "RuleValue",
    "Signature",
    "Unit",
    "next_number",
    "next_numbers",
    "reserve_number",
]
