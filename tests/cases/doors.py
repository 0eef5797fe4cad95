"""The newer forms: who fills them in, what comes before, good values, the kind of each field."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from cases.models import Case, Notice
from cases.operations import care, notices
from tests import road
from tests import road_relief as roads
from tests.cases import care_rows
from tests.cases.stages import asked, photographed
from tests.cast import SIGN_CODE, Cast

ON = road.START


@dataclass(frozen=True)
class Stage:
    """Where a form stands, on which day, and the names of its fields that carry a key."""

    url: str
    on: date = ON
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Door:
    """One form: who fills it in, what comes before, good values, and the kind of each field."""

    who: str
    stage: Callable[[Cast], Stage]
    good: dict[str, str]
    kinds: dict[str, str]


def _step(no: str, code: str, on: date = ON, **names: str) -> Stage:
    return Stage(f"/cases/{no}/{code}/", on, names)


def _settle_standing(cast: Cast) -> Stage:
    case = roads.destitute(cast)
    roads.assess(cast, case)
    line, obligor = case.income_lines.get().pk, case.obligors.get().pk
    return _step(
        case.no,
        "settle_standing",
        adopted=f"adopted-{line}",
        counted=f"counted-{line}",
        line_reason=f"reason-{line}",
        ground=f"ground-{obligor}",
        ground_reason=f"ground-{obligor}-reason",
    )


def _recheck(cast: Cast) -> Stage:
    case = road.approved(cast)
    assert case.decided_on is not None
    return _step(case.no, "recheck", case.decided_on)


def _home(cast: Cast) -> Stage:
    case = roads.destitute(cast)
    return _step(case.no, "arrange_care", home=str(care_rows.institution(case).pk))


SEPTEMBER = date(2026, 9, 18)


def _changed(cast: Cast, code: str, *, is_reported: bool) -> Stage:
    case = roads.approve(cast, roads.destitute_to_decide(cast, on=date(2026, 8, 17)))
    if is_reported:
        care.report_care_change(
            case.no, reported_on=SEPTEMBER, what="摔伤", actor=cast.clerk, on=SEPTEMBER
        )
    return _step(case.no, code, SEPTEMBER)


def _asked(cast: Cast) -> Stage:
    case = asked(cast)
    return _step(case.no, "return_means_check", head=str(case.household.members.all()[0].pk))


def _kin_case(cast: Cast) -> Case:
    return road.accepted(cast, kin_declared=True, kin_note="社区主任的弟媳")


def _short(cast: Cast) -> Case:
    return roads.submitted(cast, road.application(), {"id_card": "身份证"})


def _hanging(cast: Cast) -> Notice:
    case = road.investigated(cast)
    notices.post_notice(
        case.no, "post_review_notice", place="公示栏", photo=None, actor=cast.clerk, on=ON
    )
    return Notice.objects.get(case=case)


BUREAU = {
    "checked_on": str(ON), "checkers": "甲、乙", "is_sound": "1", "finding": "情况属实",
}  # fmt: skip
BUREAU_KINDS = {
    "checked_on": "day", "checkers": "people", "is_sound": "choice", "finding": "remark",
}  # fmt: skip
STEPS: dict[str, Door] = {
    "settle_relief": Door(
        "staff",
        lambda cast: _step(roads.expense(cast).no, "settle_relief"),
        {"amount": "8000", "special": "区协调会议定", "new_reason": "再次住院"},
        {"amount": "money", "special": "remark", "new_reason": "remark"},
    ),
    "relieve_first": Door(
        "surveyor",
        lambda cast: _step(
            roads.urgent(cast).no, "relieve_first", leader=str(cast.leader.person_id)
        ),
        {
            "amount": "3000", "approver": "{leader}", "how": "PHONE", "approved_on": "2026-09-21",
            "approved_at": "9:30", "reason": "夜间失火", "code": SIGN_CODE,
        },
        {
            "amount": "money", "approver": "choice", "how": "choice", "approved_on": "day",
            "approved_at": "time", "reason": "remark",
        },
    ),
    "hand_over": Door(
        "staff",
        lambda cast: _step(roads.relieved(cast).no, "hand_over"),
        {
            "handed_on": "2026-09-21", "method": "BANK", "amount": "1000", "what": "棉被两床",
            "outcome": "已接收", "receiver": "演练甲", "cash_reason": "银行下班",
        },
        {
            "handed_on": "day", "method": "choice", "amount": "money", "what": "line",
            "outcome": "line", "receiver": "line", "cash_reason": "line",
        },
    ),
    "assess_self_care": Door(
        "clerk",
        lambda cast: _step(roads.destitute(cast).no, "assess_self_care"),
        {
            "assessed_on": "2026-09-21", "assessor": "演练评估机构", "note": "两人在场",
            "eats": "1", "dresses": "1", "gets_up": "1", "toilets": "1", "walks": "0",
            "bathes": "0",
        },
        {
            "assessed_on": "day", "assessor": "line", "note": "remark", "eats": "choice",
            "bathes": "choice",
        },
    ),
    "arrange_care": Door(
        "clerk",
        lambda cast: _step(roads.destitute(cast).no, "arrange_care"),
        {
            "support": "SCATTERED", "began_on": "2026-09-21", "carer_name": "演练邻居",
            "carer_relation": "邻居", "carer_phone": "19900000002", "month_pay": "300",
            "agreed_on": "2026-09-21",
        },
        {
            "support": "choice", "began_on": "day", "carer_name": "line",
            "carer_relation": "line", "carer_phone": "phone", "month_pay": "money",
            "agreed_on": "day",
        },
    ),
    "arrange_care_in_a_home": Door(
        "clerk",
        _home,
        {
            "support": "CENTRAL", "began_on": "2026-09-21", "institution": "{home}", "bed": "101",
        },
        {"began_on": "day", "institution": "choice", "bed": "line"},
    ),
    "report_care_change": Door(
        "clerk",
        lambda cast: _changed(cast, "report_care_change", is_reported=False),
        {"reported_on": "2026-09-18", "note": "摔伤后不能行走"},
        {"reported_on": "day", "note": "remark"},
    ),
    "reassess_self_care": Door(
        "clerk",
        lambda cast: _changed(cast, "reassess_self_care", is_reported=True),
        {
            "assessed_on": "2026-09-18", "assessor": "演练评估机构", "note": "两人在场",
            "eats": "1", "dresses": "1", "gets_up": "1", "toilets": "0", "walks": "0",
            "bathes": "0",
        },
        {"assessed_on": "day", "assessor": "line", "note": "remark", "walks": "choice"},
    ),
    "record_survey": Door(
        "clerk",
        lambda cast: _step(photographed(cast).no, "record_survey"),
        {
            "visited_on": "2026-09-21", "present": "演练甲", "housing": "自有", "living": "简单",
            "is_true": "1", "utilities": "120", "luxury": "贵重首饰", "code": SIGN_CODE,
        },
        {"visited_on": "day", "utilities": "money", "luxury": "line"},
    ),
    "return_means_check": Door(
        "verifier",
        _asked,
        {
            "report_no": "HD-9", "data_upto": "2026-09-21", "valid_until": "2027-03-01",
            "conclusion": "WITHIN", "person-0-member": "{head}", "person-0-kind": "STUDENT",
            "person-0-note": "某大学",
        },
        {
            "data_upto": "day", "person-0-member": "choice", "person-0-kind": "choice",
            "person-0-note": "line",
        },
    ),
    "settle_standing": Door(
        "staff",
        _settle_standing,
        {
            "labour_ground": "AGE60", "property_ok": "1", "support": "SCATTERED",
            "adopted": "1560", "line_reason": "基础养老金", "ground": "OLD70",
            "ground_reason": "有户口簿为证",
        },
        {
            "labour_ground": "choice", "property_ok": "choice", "support": "choice",
            "adopted": "money", "line_reason": "line", "ground": "choice",
            "ground_reason": "line",
        },
    ),
    "bureau_visit": Door(
        "supervisor",
        lambda cast: _step(_kin_case(cast).no, "bureau_visit"),
        BUREAU,
        BUREAU_KINDS,
    ),
    "recheck": Door("supervisor", _recheck, BUREAU, BUREAU_KINDS),
    "defer_document": Door(
        "staff",
        lambda cast: _step(_short(cast).no, "defer_document"),
        {"slot": "household_book", "promised_on": "2026-10-12", "note": "在外地补办"},
        {"slot": "choice", "promised_on": "day", "note": "remark"},
    ),
    "extend": Door(
        "leader",
        lambda cast: _step(road.accepted(cast).no, "extend"),
        {"reason": "APART", "note": "户籍在外省", "told_how": "电话告知"},
        {"reason": "choice", "note": "remark", "told_how": "line"},
    ),
}  # fmt: skip
PAGES: dict[str, Door] = {
    "kin": Door(
        "clerk",
        lambda cast: Stage("/kin/", names={"head": str(cast.head.post_id)}),
        {"post": "{head}", "relation": "SIBLING", "name": "演练亲属", "id_no": road.number(3)},
        {"post": "choice", "relation": "choice", "name": "name", "id_no": "identity"},
    ),
    "leads": Door(
        "clerk",
        lambda cast: Stage("/leads/"),
        {
            "name": "演练甲", "phone": "19900000000", "source": "NEIGHBOUR",
            "found_on": "2026-09-20", "difficulty": "丈夫住院",
        },
        {
            "name": "name", "phone": "phone", "source": "choice", "found_on": "day",
            "difficulty": "remark",
        },
    ),
    "institutions": Door(
        "supervisor",
        lambda cast: Stage("/institutions/"),
        {
            "name": "演练敬老院", "address": "甲街道演练路 2 号", "phone": "19900000003",
            "beds": "20", "is_open": "on",
        },
        {"name": "line", "address": "line", "phone": "phone", "beds": "count"},
    ),
    "delegations": Door(
        "leader",
        lambda cast: Stage("/desk/delegate/", names={"chief": str(cast.chief.person_id)}),
        {
            "taker": "{chief}", "starts_on": "2026-09-22", "ends_on": "2026-09-25",
            "programmes": "URBAN_ALLOWANCE", "basis": "党政办公会纪要",
        },
        {
            "taker": "choice", "starts_on": "day", "ends_on": "day", "programmes": "choice",
            "basis": "line",
        },
    ),
    "standing_notice": Door(
        "clerk", lambda cast: Stage("/notices/standing/"), {"place": "公示栏"}, {"place": "line"}
    ),
    "objection": Door(
        "clerk",
        lambda cast: Stage(f"/notices/{_hanging(cast).no}/object/"),
        {"channel": "电话", "content": "他家有出租房"},
        {"channel": "choice", "content": "remark"},
    ),
    "public_objection": Door(
        "",
        lambda cast: Stage(f"/public/notices/{_hanging(cast).public_key}/"),
        {"content": "他家有出租房", "contact": "19900000001"},
        {"content": "remark", "contact": "line"},
    ),
}  # fmt: skip
DOORS = STEPS | PAGES


def fields(doors: dict[str, Door]) -> list[tuple[str, str]]:
    """Every field of every form."""
    return [(name, f) for name, door in doors.items() for f in door.kinds]


def values(door: Door, stage: Stage) -> dict[str, str]:
    """The good values by the names that the page gives."""
    return {stage.names.get(k, k): v.format(**stage.names) for k, v in door.good.items()}
