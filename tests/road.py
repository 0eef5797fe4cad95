"""Driving one case along the road, through operations only, to any point of it."""

import io
from datetime import date, timedelta
from typing import Any

from PIL import Image

from cases.models import Case, IncomeLine
from cases.operations import applications, decisions, investigation, notices, settlement
from cases.operations.answers import release
from tests.cast import Cast
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.operations.attachments import attach

START = date(2026, 9, 21)
SLOTS = {"id_card": "身份证", "household_book": "户口簿", "authorisation": "核对授权书"}


def photo(colour: tuple[int, int, int] = (120, 140, 160)) -> bytes:
    """A small real JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(out, "JPEG")
    return out.getvalue()


def number(serial: int, *, born: date = date(1961, 3, 4), is_male: bool = True) -> str:
    """A synthetic identity number."""
    return identity_numbers.synthetic(serial, birth_on=born, is_male=is_male)


def application(serial: int = 1, **changes: Any) -> dict[str, Any]:
    """A family of two with wages of 12,000 a year, as the interface sends it."""
    return {
        "programme": "URBAN_ALLOWANCE",
        "phone": "19900000000",
        "address": "甲街道演练路 1 号",
        "reason": "因病缺乏劳动力",
        "bank": "演练银行",
        "holder": "演练甲",
        "account_kind": "card",
        "account_number": "6228480000000000018",
        "members": [
            {
                "name": "演练甲",
                "id_no": number(serial * 2),
                "relation": "SELF",
                "incomes": [{"kind": "WAGES", "annual": "12000"}],
            },
            {
                "name": "演练乙",
                "id_no": number(serial * 2 + 1, is_male=False),
                "relation": "SPOUSE",
            },
        ],
    } | changes


def submitted(cast: Cast, serial: int = 1, on: date = START, **changes: Any) -> Case:
    """A submitted case with its required documents."""
    case = applications.submit(
        application(serial, **changes), submission_key=f"road-{serial}", actor=cast.clerk, on=on
    )
    for i, (slot, title) in enumerate(SLOTS.items()):
        add_file(cast, case, slot, title, (serial % 250, i, 7))
    return case


def add_file(cast: Cast, case: Case, slot: str, title: str, colour: tuple[int, int, int]) -> None:
    """One photo in one slot of the case."""
    attach(
        "case",
        case.no,
        slot,
        photo(colour),
        title=title,
        village_id=case.village_id,
        office_id=case.office_id,
        actor=cast.clerk,
    )


def accepted(cast: Cast, serial: int = 1, on: date = START, **changes: Any) -> Case:
    """An accepted case."""
    case = submitted(cast, serial, on, **changes)
    investigation.accept(case.no, actor=cast.staff, on=on)
    return fresh(case)


def in_effect(case: Case) -> Case:
    """The time for recall is over: what the leader answered is in effect."""
    release(now() + timedelta(minutes=6))
    return fresh(case)


def fresh(case: Case) -> Case:
    """The case as it stands in the database."""
    return Case.objects.select_related("household", "village", "office").get(pk=case.pk)


def investigated(cast: Cast, serial: int = 1, on: date = START, **changes: Any) -> Case:
    """A case with all evidence, still 调查中."""
    case = accepted(cast, serial, on, **changes)
    survey(cast, case, on)
    means_check(cast, case, on)
    settle(cast, case, on)
    appraise(cast, case, on)
    return fresh(case)


def survey(cast: Cast, case: Case, on: date) -> None:
    """Visited and signed by two, with a photo."""
    add_file(cast, case, "survey_photo", "入户照片", (9, 9, case.pk % 250))
    findings = investigation.SurveyFindings(
        visited_on=on,
        present="演练甲",
        housing="自有住房一套，六十平方米",
        living="家中陈设简单",
        neighbours="邻居二人证实",
        is_true=True,
    )
    investigation.record_survey(
        case.no, findings, actor=cast.clerk, on=on, proof=cast.proof("clerk")
    )
    investigation.cosign_survey(case.no, actor=cast.surveyor, on=on, proof=cast.proof("surveyor"))


def means_check(cast: Cast, case: Case, on: date) -> None:
    """Sent and returned with what was declared."""
    investigation.request_means_check(case.no, actor=cast.staff, on=on)
    lines = [
        investigation.CheckedIncome(
            member_id=line.member_id, kind=line.kind, annual_fen=line.declared_fen
        )
        for line in IncomeLine.objects.filter(case=case)
    ]
    report = investigation.MeansReport(
        report_no=f"HD-{case.pk}",
        data_upto=on,
        valid_until=on + timedelta(days=180),
        conclusion="WITHIN",
        lines=lines,
    )
    investigation.return_means_check(case.no, report, actor=cast.verifier, on=on)


def settle(cast: Cast, case: Case, on: date) -> None:
    """Income settled as checked."""
    adopted = [
        settlement.Adopted(line_id=line.pk, adopted_fen=line.checked_fen or 0)
        for line in IncomeLine.objects.filter(case=case)
    ]
    settlement.settle_income(case.no, settlement.Adoption(lines=adopted), actor=cast.staff, on=on)


def appraise(cast: Cast, case: Case, on: date) -> None:
    """Appraised and signed by the head of the committee."""
    meeting = investigation.Meeting(
        held_on=on,
        place="社区会议室",
        host="演练社区主任",
        expected=9,
        attended=9,
        agree=9,
        oppose=0,
        abstain=0,
    )
    investigation.record_appraisal(case.no, meeting, actor=cast.clerk, on=on)
    investigation.sign_appraisal(case.no, actor=cast.head, on=on, proof=cast.proof("head"))


def to_propose(cast: Cast, serial: int = 1, on: date = START, **changes: Any) -> Case:
    """A case whose first notice is over, with the day on which it ended as `case.state_since`."""
    case = investigated(cast, serial, on, **changes)
    return through_notice(cast, case, "post_review_notice", on)


def through_notice(cast: Cast, case: Case, code: str, on: date) -> Case:
    """The notice hung with its photo and has ended."""
    notices.post_notice(
        case.no, code, place="社区公示栏", photo=photo((1, 2, 3)), actor=cast.clerk, on=on
    )
    last = case.notices.latest("id").last_day
    notices.close_notice(case.no, on=last + timedelta(days=1))
    return fresh(case)


def to_decide(cast: Cast, serial: int = 1, on: date = START, **changes: Any) -> Case:
    """A case on the leader's desk."""
    case = to_propose(cast, serial, on, **changes)
    assert case.state_since is not None
    decisions.propose(
        case.no, actor=cast.staff, on=case.state_since, proof=cast.proof("staff", "建议批准")
    )
    return through_notice(cast, case, "post_approval_notice", case.state_since)


def approved(cast: Cast, serial: int = 1, on: date = START, **changes: Any) -> Case:
    """An approved case with its benefit; decided on the day after the second notice."""
    case = to_decide(cast, serial, on, **changes)
    assert case.state_since is not None
    decisions.approve(
        case.no,
        actor=cast.leader,
        on=case.state_since,
        proof=cast.proof("leader", "同意按审核意见办理。"),
    )
    return fresh(case)
