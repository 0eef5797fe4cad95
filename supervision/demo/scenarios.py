"""Which cases the demo district has: every desk has work today, and something to look back on."""

from dataclasses import dataclass

_OPENING = ("submit", "accept", "request_means_check", "record_survey", "cosign_survey")
_INVESTIGATED = (
    *_OPENING,
    "return_means_check",
    "settle_income",
    "record_appraisal",
    "sign_appraisal",
)
_REVIEWING = (*_INVESTIGATED, "post_review_notice")
_REVIEWED = (*_REVIEWING, "close_review_notice")
_PUBLISHED = (*_REVIEWED, "propose", "post_approval_notice")
_ON_DESK = (*_PUBLISHED, "close_approval_notice")
_APPROVED = (*_ON_DESK, "approve")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Steps of some cases, and how far back from today the last one lies.

    `ago`: calendar days between the last step and today, one case for each. `due_in`: working
    days from today to the due date instead, negative when overdue.
    """

    label: str
    steps: tuple[str, ...]
    of: str = ""  # destitute, expense, urgent; "" is 低保
    ago: tuple[int, ...] = ()
    due_in: tuple[int, ...] = ()


_DESTITUTE = (
    *_OPENING,
    "return_means_check",
    "assess_self_care",
    "settle_standing",
    "record_appraisal",
    "sign_appraisal",
    *_ON_DESK[len(_INVESTIGATED) :],
)
_EXPENSE = (
    *_OPENING,
    "return_means_check",
    "settle_relief",
    "post_review_notice",
    "close_review_notice",
    "propose",
)
_URGENT = ("submit", "relieve_first", "hand_over", "record_survey", "settle_relief", "propose")

SCENARIOS = (
    Scenario(label="特困待评估", steps=_DESTITUTE[:6], ago=(1,), of="destitute"),
    Scenario(label="特困待审批", steps=_DESTITUTE, ago=(0, 2), of="destitute"),
    Scenario(
        label="特困已批准",
        steps=(*_DESTITUTE, "approve", "serve_letter"),
        ago=(30,),
        of="destitute",
    ),
    Scenario(label="支出型待提出金额", steps=_EXPENSE[:6], ago=(1,), of="expense"),
    Scenario(label="支出型待审批", steps=_EXPENSE, ago=(1,), of="expense"),
    Scenario(
        label="支出型已批准",
        steps=(*_EXPENSE, "approve", "serve_letter", "hand_over"),
        ago=(25,),
        of="expense",
    ),
    Scenario(label="急难型刚提出", steps=("submit",), ago=(0,), of="urgent"),
    Scenario(label="急难型已先行救助", steps=_URGENT[:3], ago=(2,), of="urgent"),
    Scenario(label="急难型待审批", steps=_URGENT, ago=(1,), of="urgent"),
    Scenario(label="待受理", steps=("submit",), ago=(0, 1, 4)),
    Scenario(label="补正中", steps=("submit", "request_corrections"), ago=(2,)),
    Scenario(label="补正后待受理", steps=("submit", "request_corrections", "resubmit"), ago=(1,)),
    Scenario(label="不予受理", steps=("submit", "decline"), ago=(9,)),
    Scenario(label="刚受理", steps=("submit", "accept"), ago=(0, 2)),
    Scenario(label="等核对报告", steps=_OPENING[:3], ago=(1, 6)),
    Scenario(label="等第二调查人签字", steps=_OPENING[:4], ago=(1,)),
    Scenario(label="等核算", steps=(*_OPENING, "return_means_check"), ago=(1,)),
    Scenario(label="等主任签评议", steps=_INVESTIGATED[:-1], ago=(1, 3)),
    Scenario(label="可张贴公示", steps=_INVESTIGATED, ago=(1,)),
    Scenario(label="审核公示中", steps=_REVIEWING, ago=(3, 6)),
    Scenario(label="公示有异议待处理", steps=(*_REVIEWING, "object"), ago=(1,)),
    Scenario(label="异议成立重新调查", steps=(*_REVIEWING, "object", "uphold_objection"), ago=(2,)),
    Scenario(label="待审核", steps=_REVIEWED, ago=(0, 3)),
    Scenario(label="拟批准公示中", steps=_PUBLISHED, ago=(2, 5)),
    Scenario(label="退回补正", steps=(*_ON_DESK, "send_back"), ago=(3,)),
    Scenario(label="即将到期", steps=_OPENING, due_in=(2,)),
    Scenario(label="已超期", steps=_OPENING[:4], due_in=(-3,)),
    Scenario(label="不予批准", steps=(*_ON_DESK, "refuse", "serve_letter"), ago=(12,)),
    Scenario(
        label="异议不成立后批准",
        steps=(
            *_REVIEWING,
            "object",
            "dismiss_objection",
            *_APPROVED[len(_REVIEWING) :],
            "serve_letter",
        ),
        ago=(20,),
    ),
    Scenario(label="已批准", steps=(*_APPROVED, "serve_letter"), ago=(6, 27, 33, 41)),
    Scenario(label="待领导审批", steps=_ON_DESK, ago=(0, 1, 1, 3, 4, 6, 8)),
    Scenario(label="已批准待送达", steps=_APPROVED, ago=(2,)),
)
# The second office: enough to see that its people see only theirs.
SMALL = (
    Scenario(label="待受理", steps=("submit",), ago=(0, 2)),
    Scenario(label="刚受理", steps=("submit", "accept"), ago=(1,)),
    Scenario(label="等核对报告", steps=_OPENING[:3], ago=(2,)),
    Scenario(label="等主任签评议", steps=_INVESTIGATED[:-1], ago=(1,)),
    Scenario(label="审核公示中", steps=_REVIEWING, ago=(3,)),
    Scenario(label="待审核", steps=_REVIEWED, ago=(1,)),
    Scenario(label="拟批准公示中", steps=_PUBLISHED, ago=(4,)),
    Scenario(label="待领导审批", steps=_ON_DESK, ago=(1, 5)),
    Scenario(label="已超期", steps=_OPENING[:4], due_in=(-1,)),
    Scenario(label="已批准", steps=(*_APPROVED, "serve_letter"), ago=(9,)),
)
