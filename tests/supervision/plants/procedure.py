"""Procedure and time: R40-R44."""

from datetime import date
from typing import Any

from cases.models import Case, Objection
from tests.supervision.ground import (
    DECIDED,
    ON,
    POSTED,
    SUBMITTED,
    Ground,
)
from tests.supervision.plants.dates import DATES
from tests.supervision.plants.notices import NOTICES
from tests.supervision.plants.roads import (
    DAY,
    REFUSED,
    expense,
    held,
    in_round,
    owner,
    posted,
    unsign,
    urgent,
)
from tests.supervision.plants.shape import Plant


def _lone_visit(ground: Ground, case: Case) -> str:
    unsign(ground, case, "survey", "surveyor")
    return str(case.no)


def _visits(ground: Ground, *, alone: bool) -> str:
    """In round 2: the first visit stands with both names, or each of two visits has one name."""
    case = ground.case(round=2, without="survey")
    ground.survey(in_round(case, 1))
    if alone:
        unsign(ground, case, "survey", "surveyor")
        ground.survey(in_round(case, 2))
        unsign(ground, case, "survey", "clerk")
    return str(case.no)


def _authorised(ground: Ground) -> str:
    case = ground.case()
    ground.photo(case, "authorisation", SUBMITTED)
    return str(case.no)


def _reported(ground: Ground, day: date) -> str:
    case = ground.case(without="means")
    ground.means(case, returned_on=day)
    return str(case.no)


def _signed(ground: Ground, **rounds: int) -> str:
    """A case in round 2 with these signatures of these rounds."""
    case = ground.case(without="signatures", round=2)
    for stage, number in rounds.items():
        who = "staff" if stage == "propose" else "leader"
        ground.signature(case, stage, who, round=number)
    return str(case.no)


def _first_notice(ground: Ground, **changes: Any) -> str:
    case = ground.case(without="notices", **changes)
    ground.notice(case, "REVIEW")
    return str(case.no)


def _objected(ground: Ground, answered: date) -> str:
    case = ground.case()
    Objection.objects.create(
        notice=case.notices.get(kind="REVIEW"), received_on=POSTED + DAY, channel="电话",
        content="收入不实", answer="不成立", answered_on=answered, is_upheld=False,
    )  # fmt: skip
    return str(case.no)


def _unwitnessed(ground: Ground, **changes: Any) -> str:
    case = ground.case(**changes)
    unsign(ground, case, "witness", "head")
    return str(case.no)


def _meetings(ground: Ground, *, unsigned: bool) -> str:
    """In round 2: the first meeting stands, or a second was held that nobody signed."""
    case = ground.case(round=2, without="appraisal")
    ground.appraisal(in_round(case, 1))
    if unsigned:
        ground.appraisal(in_round(case, 2))
        unsign(ground, case, "witness", "head")
    return str(case.no)


def _old_meeting(ground: Ground, attended: int) -> str:
    """A meeting of round 1, which still counts in round 2."""
    case = ground.case(round=2, without="appraisal")
    ground.appraisal(in_round(case, 1), attended=attended, agree=attended)
    return str(case.no)


def _miscounted(ground: Ground) -> str:
    owner("ALTER TABLE cases_appraisal DROP CONSTRAINT IF EXISTS appraisal_votes_add_up")
    return held(ground, agree=5, oppose=1)


def _due(ground: Ground, day: date) -> str:
    """An open case that is due on the day; its number says it, for what must not find it."""
    return str(ground.case(no=f"DB-R43-{day:%m%d}", state="TO_PROPOSE", due_on=day).no)


PLANTS = [
    Plant(
        "R40",
        "没有受理",
        hit=lambda g: g.case(accepted_on=None).no,
        near=lambda g: g.case().no,
    ),
    Plant(
        "R40",
        "没有核对授权书",
        hit=lambda g: (
            g.case(without="authorisation").no,
            g.case(programme="EXPENSE_RELIEF", without="authorisation", **REFUSED).no,
        ),
        near=lambda g: (_authorised(g), str(urgent(g).no)),  # nobody is checked in an emergency
    ),
    Plant(
        "R40",
        "没有两名调查人的签字",
        hit=lambda g: _lone_visit(g, g.case()),
        near=lambda g: g.case().no,
    ),
    Plant(
        "R40",
        "没有两名调查人的签字",
        hit=lambda g: _visits(g, alone=True),
        near=lambda g: _visits(g, alone=False),
    ),
    Plant(  # one is enough only where it is urgent
        "R40",
        "没有两名调查人的签字",
        hit=lambda g: _lone_visit(g, expense(g)),
        near=lambda g: _lone_visit(g, urgent(g)),
    ),
    Plant(
        "R40",
        "没有核对报告",
        hit=lambda g: _reported(g, DECIDED + DAY),
        near=lambda g: _reported(g, DECIDED),
    ),
    Plant(  # the procedure lets a refusal rest on the visit or on the report
        "R40",
        "没有核对报告",
        hit=lambda g: g.case(without="means survey", **REFUSED).no,
        near=lambda g: (
            g.case(without="means", **REFUSED).no,
            g.case(without="survey", **REFUSED).no,
        ),
    ),
    Plant(
        "R40",
        "没有审核意见的签字",
        hit=lambda g: (_signed(g, decide=2), _signed(g, propose=1, decide=2)),
        near=lambda g: _signed(g, propose=2, decide=2),
    ),
    Plant(
        "R40",
        "没有分管领导的签字",
        hit=lambda g: (_signed(g, propose=2), _signed(g, propose=2, decide=1)),
        near=lambda g: _signed(g, propose=2, decide=2),
    ),
    Plant(
        "R40",
        "没有期满的公示",
        hit=lambda g: g.case(without="notices").no,
        near=lambda g: (
            posted(g, DECIDED - 8 * DAY),
            g.case(without="notices", **REFUSED).no,
            str(urgent(g).no),
        ),
    ),
    Plant(  # 拟批准公示 is asked for as well (7.1)
        "R40",
        "没有期满的公示",
        hit=_first_notice,
        near=lambda g: str(expense(g).no),
    ),
    Plant(
        "R40",
        "没有期满的公示",
        hit=lambda g: g.case(programme="EXPENSE_RELIEF", without="notices").no,
        near=lambda g: str(expense(g).no),
    ),
    Plant(
        "R40",
        "没有答复异议",
        hit=lambda g: _objected(g, DECIDED + DAY),
        near=lambda g: _objected(g, DECIDED),
    ),
    *NOTICES,
    Plant(
        "R42",
        "没有主任或书记签字",
        hit=_unwitnessed,
        near=lambda g: _unwitnessed(g, state="INVESTIGATING", without="notices"),
    ),
    Plant(
        "R42",
        "没有主任或书记签字",
        hit=lambda g: _meetings(g, unsigned=True),
        near=lambda g: _meetings(g, unsigned=False),
    ),
    Plant(
        "R42",
        "没有民主评议",
        hit=lambda g: g.case(without="appraisal").no,
        near=lambda g: (str(expense(g).no), g.case(without="appraisal", **REFUSED).no),
    ),
    Plant(
        "R42",
        "不足三分之二",
        hit=lambda g: (held(g, attended=5, agree=5), _old_meeting(g, 5)),
        near=lambda g: (held(g, attended=6, agree=6), _old_meeting(g, 6)),
    ),
    Plant(
        "R42",
        "票数与到会人数不符",
        hit=_miscounted,
        near=lambda g: held(g, agree=5, oppose=1, abstain=1),
    ),
    Plant(
        "R43",
        "已超过办理时限 2026-11-26，停在“待审核”",
        hit=lambda g: _due(g, ON - DAY),
        near=lambda _: f"DB-R43-{ON:%m%d}",
    ),
    Plant(
        "R43",
        "三个工作日内到期",
        hit=lambda g: (_due(g, ON), _due(g, ON + DAY), _due(g, date(2026, 12, 2))),
        near=lambda _: "DB-R43-1203",
    ),
    Plant(
        "R43",
        "五个工作日内到期（2026-12-03），停在“待审核”",
        hit=lambda g: _due(g, date(2026, 12, 3)),
        near=lambda _: "DB-R43-1202",
    ),
    Plant(
        "R43",
        "五个工作日内到期（2026-12-04），停在“待审核”",
        hit=lambda g: _due(g, date(2026, 12, 4)),
        near=lambda g: _due(g, date(2026, 12, 7)),
    ),
    *DATES,
]
