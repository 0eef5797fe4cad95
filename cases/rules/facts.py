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


def why_not_over(kind: str, notice: NoticeFacts | None, on: date) -> str:
    """Why the notice cannot end on `on`; "" when its days have passed with proof (3(4))."""
    if notice is None:
        return f"{kind}还没有张贴，请先登记张贴"
    if not notice.has_photo:
        return f"{kind}缺张贴照片，请补传"
    if notice.open_objections:
        return f"{kind}有 {notice.open_objections} 件异议未答复，请先处理"
    if on <= notice.last_day:
        return f"{kind}到 {notice.last_day:%Y-%m-%d} 期满，期满次日自动结束"
    return ""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The evidence of one case on one day."""

    on: date
    missing_documents: tuple[str, ...] = ()
    deferred: tuple[str, ...] = ()  # promised for a later day, and not there
    corrections_asked: bool = False
    is_first_round: bool = True
    survey_recorded: bool = False
    survey_this_round: bool = False
    survey_signers: int = 0
    survey_photos: int = 0
    means_this_round: bool = False
    means_requested: bool = False
    means_returned: bool = False
    self_care_assessed: bool = False
    self_care_this_round: bool = False
    income_settled: bool = False  # or, for 特困 and 临时救助, the standing or the sum
    income_this_round: bool = False
    income_eligible: bool = False
    appraisal_recorded: bool = False
    appraisal_this_round: bool = False
    appraisal_signed: bool = False
    review_notice: NoticeFacts | None = None
    approval_notice: NoticeFacts | None = None
    ending_proposed: bool = False
    ending_notice: NoticeFacts | None = None  # that hangs now
    is_ending_noticed: bool = False
    letter_served: bool = False
    is_known_class: bool = False  # 临时救助 for somebody in 低保 or 特困
    is_relieved: bool = False
    needs_bureau: bool = False
    to_hand_over_fen: int = 0
    is_extended: bool = False
    is_kin: bool = False
    bureau_visited: bool = False
    is_rechecked: bool = False
    care_reported: bool = False  # a change of self-care waits to be assessed
    is_held: bool = False  # answered by the leader, in effect in a few minutes
    is_opposed: bool = False  # the office's last opinion is that it be refused

    @property
    def is_renewed(self) -> bool:
        """Whether a case that came back was looked into again before it goes on."""
        return self.is_first_round or self.is_begun

    @property
    def is_begun(self) -> bool:
        """Whether anything was looked into in this round."""
        return any(
            (
                self.survey_this_round,
                self.means_this_round,
                self.income_this_round,
                self.self_care_this_round,
                self.appraisal_this_round,
            )
        )
