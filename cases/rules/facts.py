"""What is known of a case when a step is judged: plain values, read once."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class NoticeFacts:
    """One notice of the case as it stands."""

    posted_on: date
    last_day: date
    has_photo: bool
    open_objections: int


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The evidence of one case on one day."""

    on: date
    missing_documents: tuple[str, ...] = ()
    corrections_asked: bool = False
    survey_recorded: bool = False
    survey_signers: int = 0
    survey_photos: int = 0
    means_requested: bool = False
    means_returned: bool = False
    income_settled: bool = False
    appraisal_recorded: bool = False
    appraisal_signed: bool = False
    review_notice: NoticeFacts | None = None
    approval_notice: NoticeFacts | None = None
    letter_served: bool = False
