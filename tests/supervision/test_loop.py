"""A finding on its whole way by the pages: found, judged, told of, mended, held to (14-21)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from supervision.models import (
    BoxOpening,
    Bulletin,
    CheckCount,
    CheckRun,
    Complaint,
    Finding,
    Liability,
    Mending,
    Referral,
    ReportBox,
    Suppression,
)
from supervision.operations.bulletin_paper import make_paper
from supervision.operations.bulletins import content_of as bulletin_content
from supervision.operations.checking import check_everything
from supervision.operations.liability import content_of as liability_content
from supervision.operations.mending import REFERRALS
from supervision.rules.checks import CHECKS
from tests.cast import SIGN_CODE, Cast
from tests.road import photo
from tests.supervision.ground import Ground
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.outbox import sweep
from yuquan_relief.kernel.signing import content_digest


def post(cast: Cast, who: str, url: str, status: int = 302, **data: Any) -> Any:
    """Somebody posts; the answer, which must have the status."""
    answer = cast.client(who).post(url, data)
    assert answer.status_code == status, (url, answer.status_code, said(answer))
    return answer


def said(answer: Any) -> str:
    """What the page says when something was refused."""
    context = answer.context or {}
    form = context.get("form") if hasattr(context, "get") else None
    return str(getattr(form, "errors", "")) + str(context.get("error", "") if context else "")


def text(answer: Any) -> str:
    """What an answer says."""
    return str(answer.content.decode())


def get(cast: Cast, who: str, url: str, status: int = 200) -> str:
    """Somebody opens a page; its text."""
    answer = cast.client(who).get(url)
    assert answer.status_code == status, (url, answer.status_code)
    return answer.content.decode() if not answer.streaming else ""


@pytest.fixture
def late(cast: Cast) -> Finding:
    """A case that is late, found by the night's run."""
    ground = Ground(cast)
    case = ground.case(state="INVESTIGATING", due_on=today() - timedelta(days=3))
    check_everything(today())
    return Finding.objects.get(rule="R43", subject_key=case.no)


def test_the_night_finds_once_and_an_office_sees_its_own(cast: Cast, late: Finding) -> None:
    assert check_everything(today()) == 0
    assert late.office == cast.office
    assert late.due_on is not None
    assert late.due_on > today()
    for who in ("staff", "leader", "chief", "supervisor", "bureau", "auditor"):
        assert late.no in get(cast, who, f"/findings/{late.no}/")
        assert late.what in get(cast, who, "/supervise/")
    get(cast, "foreign_staff", f"/findings/{late.no}/", 404)
    get(cast, "accountant", f"/findings/{late.no}/", 404)
    get(cast, "clerk", f"/findings/{late.no}/", 404)
    assert late.what not in get(cast, "foreign_staff", "/supervise/")


def signed(content: Any, **more: Any) -> dict[str, Any]:
    """The code over what the page showed."""
    return {"sign_code": SIGN_CODE, "content_sha256": content_digest(content), **more}


def picture(colour: tuple[int, int, int]) -> SimpleUploadedFile:
    """A photo as a browser sends it."""
    return SimpleUploadedFile("照片.jpg", photo(colour), "image/jpeg")


@pytest.fixture
def told(cast: Cast, late: Finding) -> Bulletin:
    """The finding was answered, judged, and put into a bulletin that is ready to be signed."""
    url = f"/findings/{late.no}/"
    post(cast, "leader", url + "answer/", note="核对平台迟缓，正在催办")
    post(cast, "supervisor", url + "confirm/", note="属实，请尽快办结")
    post(cast, "supervisor", "/bulletins/", finding=[late.no])
    row = Bulletin.objects.get()
    words = {
        "title": "11 月工作通报", "period_from": f"{today():%Y-%m-01}", "period_to": f"{today()}",
        "text": "情况通报如下。", "demand": "限期整改。",
        "mend_by": f"{today() + timedelta(days=10)}",
    }  # fmt: skip
    post(cast, "supervisor", f"/bulletins/{row.no}/write/", **words)
    post(cast, "supervisor", f"/bulletins/{row.no}/submit/")
    row.refresh_from_db()
    return row


@pytest.fixture
def mending(cast: Cast, told: Bulletin) -> Mending:
    """The bulletin was issued; the finding must be mended."""
    post(cast, "bureau", f"/bulletins/{told.no}/issue/", **signed(bulletin_content(told)))
    return Mending.objects.get()


@pytest.mark.clause("14", "16", "10")
def test_a_bulletin_is_signed_numbered_frozen_and_read(cast: Cast, told: Bulletin) -> None:
    at, late = f"/bulletins/{told.no}/", Finding.objects.get(rule="R43")
    assert (late.state, late.outcome) == ("MENDING", "TRUE")
    get(cast, "staff", at, 404)  # not before it is issued
    post(cast, "supervisor", at + "issue/", 403, **signed(bulletin_content(told)))
    post(cast, "bureau", at + "issue/", **signed(bulletin_content(told)))
    told.refresh_from_db()
    assert told.document_no.startswith("玉民社救通〔")
    assert told.tables["findings"][0]["no"] == late.no
    assert make_paper(told.no) == make_paper(told.no)
    post(cast, "staff", at + "read/")
    assert told.reads.get().office == cast.office
    assert "签收" in get(cast, "supervisor", at)
    assert cast.client("staff").get(at + "paper.pdf").content.startswith(b"%PDF")


@pytest.mark.clause("16")
def test_what_is_demanded_is_proved_looked_at_again_and_ends(cast: Cast, mending: Mending) -> None:
    to = f"/rectify/{mending.no}/"
    assert "还没有整改证明" in text(post(cast, "staff", to + "send/", 409, note="已办结"))
    post(cast, "staff", to + "prove/", title="办结单", file=picture((9, 9, 9)))
    later = f"{today() + timedelta(days=20)}"
    post(cast, "staff", to + "ask_time/", note="再等两天", until=later)
    post(cast, "supervisor", to + "extend/", note="同意", until=later)
    post(cast, "staff", to + "send/", note="已办结并加强催办")
    post(cast, "foreign_staff", to + "send/", 404, note="x")
    post(cast, "supervisor", to + "return/", note="照片不清")
    assert "还没有整改证明" in text(post(cast, "staff", to + "send/", 409, note="再报"))
    post(cast, "staff", to + "prove/", title="清晰的", file=picture((1, 2, 3)))
    post(cast, "staff", to + "send/", note="重新报送")
    post(cast, "supervisor", to + "pass/", note="复查通过")
    mending.finding.refresh_from_db()
    assert (mending.finding.state, mending.finding.outcome) == ("DONE", "TRUE")


@pytest.mark.clause("18(2)", "20(4)", "21.1", "21.2", "5(5)")
def test_somebody_is_held_to_it_after_being_heard(cast: Cast, late: Finding) -> None:
    clue = {
        "clause": "18(2)", "unit": cast.office.pk, "person": cast.staff.human_id,
        "happened_on": f"{today()}", "facts": "人为原因超过时限",
    }  # fmt: skip
    post(cast, "supervisor", f"/liability/?finding={late.no}", **clue)
    held = Liability.objects.get()
    way = f"/liability/{held.no}/"
    for who in ("staff", "auditor", "leader"):
        get(cast, who, way, 404)
    early = {"note": "书面检查", "for_person": ["WRITTEN"]}
    assert "不能提出处理意见" in text(post(cast, "supervisor", way + "propose/", 409, **early))
    post(cast, "supervisor", way + "state/", note="平台迟缓，已多次催办")
    assert "免责情形没有核实" in text(post(cast, "supervisor", way + "propose/", 409, **early))
    for row in held.exemptions.filter(verdict="WAITING"):
        judged = {"clause": row.clause, "verdict": "REJECTED", "note": "与本件无关"}
        post(cast, "supervisor", way + "exempt/", **judged)
    whole = {"note": "责令书面检查", "for_person": ["WRITTEN"], "for_unit": ["APPRAISAL"]}
    post(cast, "supervisor", way + "propose/", **whole)
    held.refresh_from_db()
    code = signed(liability_content(held))
    post(cast, "bureau", way + "decide/", **code)
    post(cast, "supervisor", way + "serve/", note="当面送达")
    post(cast, "supervisor", way + "appeal/", note="不服决定")
    assert "复核人不能是原决定人" in text(post(cast, "bureau", way + "uphold/", 409, **code))
    held.refresh_from_db()
    assert held.state == "APPEALED"
    assert held.no in get(cast, "supervisor", "/liability/")


def test_an_exemption_that_holds_allows_no_measure(cast: Cast, late: Finding) -> None:
    clue = {"clause": "18(2)", "unit": cast.office.pk, "happened_on": f"{today()}", "facts": "超期"}
    post(cast, "supervisor", f"/liability/?finding={late.no}", **clue)
    held = Liability.objects.get()
    way = f"/liability/{held.no}/"
    post(cast, "supervisor", way + "state/", note="平台迟缓")
    for clause in {*held.exemptions.values_list("clause", flat=True), "20(4)"}:
        verdict = "ADOPTED" if clause == "20(4)" else "REJECTED"
        post(cast, "supervisor", way + "exempt/", clause=clause, verdict=verdict, note="已核实")
    unit = {"note": "通报", "for_unit": ["DISTRICT"]}
    assert "免于承担责任" in text(post(cast, "supervisor", way + "propose/", 409, **unit))
    post(cast, "supervisor", way + "propose/", note="免责", for_unit=["NONE"])


def test_who_answered_does_not_judge_and_a_stale_page_is_refused(cast: Cast, late: Finding) -> None:
    url = f"/findings/{late.no}/"
    post(cast, "foreign_leader", url + "answer/", 404, note="不是我的")
    post(cast, "leader", url + "answer/", note="情况说明", version=0)
    stale = post(cast, "supervisor", url + "false_alarm/", 409, note="误报", version=0)
    assert "已有新的办理" in text(stale)
    post(cast, "leader", url + "confirm/", 403, note="自己判定")
    Finding.objects.filter(pk=late.pk).update(answered_by=cast.supervisor.human_id)
    own = post(cast, "supervisor", url + "untrue/", 409, note="不属实")
    assert "判定人不能是答复人" in text(own)
    post(cast, "supervisor2", url + "false_alarm/", note="数据更新前的旧时限")
    late.refresh_from_db()
    assert (late.state, late.outcome) == ("DONE", "FALSE_ALARM")
    assert Finding.objects.precision()["R43"] == (0, 1)
    assert "R43" in get(cast, "supervisor", "/supervise/rules/")
    post(cast, "bureau", url + "reopen/", note="请重新核对")
    late.refresh_from_db()
    assert (late.state, late.outcome) == ("ANSWERED", "")


def test_a_silenced_rule_counts_and_makes_nothing(cast: Cast) -> None:
    ground = Ground(cast)
    day = f"{today() + timedelta(days=30)}"
    post(cast, "supervisor", "/supervise/rules/", rule="R43", until=day, reason="系统升级停办")
    case = ground.case(state="INVESTIGATING", due_on=today() - timedelta(days=3))
    post(cast, "supervisor", "/supervise/rules/run/")
    post(cast, "supervisor", "/supervise/rules/run/")  # twice is once
    assert CheckRun.objects.count() == 1
    assert "正在核查：已完成 0 /" in get(cast, "supervisor", "/supervise/rules/")
    while sweep():
        pass
    assert CheckRun.objects.get().ended_at
    assert CheckCount.objects.count() == len(CHECKS)
    assert not Finding.objects.filter(rule="R43").exists()
    page = get(cast, "supervisor", "/supervise/rules/")
    assert "系统升级停办" in page
    quiet = Suppression.objects.get()
    post(cast, "supervisor", "/supervise/rules/run/", quiet=quiet.pk)
    post(cast, "supervisor", f"/supervise/cases/{case.no}/")
    assert Finding.objects.filter(rule="R43", subject_key=case.no).exists()
    assert case.no in get(cast, "supervisor", f"/supervise/cases/{case.no}/")
    far = f"{today() + timedelta(days=400)}"
    post(cast, "supervisor", "/supervise/rules/", 409, rule="R43", until=far, reason="x")


def test_a_finding_is_handed_to_another_authority(cast: Cast, late: Finding) -> None:
    post(
        cast,
        "supervisor",
        f"/findings/{late.no}/refer/",
        authority="DISCIPLINE",
        facts="擅自扩大范围",
    )
    row = Referral.objects.get()
    code = signed(REFERRALS.content_of(row))
    get(cast, "staff", f"/referrals/{row.no}/", 404)
    post(cast, "bureau", f"/referrals/{row.no}/send/", **code)
    post(cast, "supervisor", f"/referrals/{row.no}/answered/", note="已立案")
    row.refresh_from_db()
    assert (row.state, row.reply) == ("ANSWERED", "已立案")
    assert row.document_no in get(cast, "supervisor", "/referrals/")


@pytest.mark.clause("7.2", "5(7)", "18(1)", "19(3)")
def test_a_complaint_is_handled_elsewhere_hidden_and_answered(cast: Cast) -> None:
    told = {
        "kind": "REPORT", "channel": "HOTLINE", "received_on": f"{today()}", "name": "演练某",
        "contact": "19900000001", "office": cast.office.pk, "persons": [cast.staff.human_id],
        "content": "社救办干事收受礼品",
    }  # fmt: skip
    post(cast, "staff", "/petitions/", 403, **told)
    post(cast, "supervisor", "/petitions/", **told)
    row = Complaint.objects.get()
    url = f"/petitions/{row.no}/"
    for who in ("staff", "leader", "foreign_staff", "clerk"):
        get(cast, who, url, 404)
    own = post(cast, "supervisor", url + "assign/", 422, handler=cast.office.pk)
    assert "承办单位" in own.content.decode()
    post(cast, "supervisor", url + "assign/", handler=cast.other_office.pk)
    assert "社救办干事收受礼品" in get(cast, "foreign_staff", url)
    post(cast, "foreign_staff", url + "find/", result="TRUE", note="情况属实")
    post(cast, "supervisor", url + "close/", 409, how="NONE", told_on=f"{today()}", note="无法联系")
    post(cast, "supervisor", url + "close/", how="PHONE", told_on=f"{today()}", note="本人满意")
    row.refresh_from_db()
    assert row.state == "CLOSED"
    found = Finding.objects.get(origin_kind="complaint", origin_key=row.no)
    assert found.office == cast.office
    assert "社救办干事收受礼品" not in found.what
    asked = cast.client("clerk").post("/public/petitions/ask/", {"key": row.key})
    assert "已办结" in asked.content.decode()
    assert "社救办干事收受礼品" not in asked.content.decode()


def test_the_public_tells_without_a_name_and_asks_by_its_code(cast: Cast, client: Any) -> None:
    sent = client.post("/public/petitions/", {
        "kind": "REPORT", "office": cast.office.pk, "is_anonymous": "on",
        "content": "公示栏没有内容", "form_key": "1",
    }, follow=True)  # fmt: skip
    assert sent.redirect_chain == [("/public/petitions/thanks/", 302)]
    row = Complaint.objects.get()
    assert row.key in sent.content.decode()
    assert (row.is_anonymous, row.office, row.channel) == (True, cast.office, "ONLINE")
    named = client.post("/public/petitions/", {
        "kind": "REPORT", "is_anonymous": "on", "name": "某", "content": "x",
        "form_key": "2",
    })  # fmt: skip
    assert named.status_code == 409
    assert client.post("/public/petitions/ask/", {"key": "ABCDEFGH2345"}).status_code == 404
    assert Complaint.objects.count() == 1


def test_boxes_are_opened_by_two(cast: Cast) -> None:
    box = {"office": cast.office.pk, "kind": "BOX", "place": "大厅门口", "since": "2026-01-05"}
    post(cast, "staff", "/petitions/boxes/", **box)
    post(cast, "foreign_staff", "/petitions/boxes/", 422, **box)
    row = ReportBox.objects.get()
    at = f"/petitions/boxes/{row.pk}/open/"
    post(cast, "staff", at, 409, second=cast.staff.human_id, letters=2)
    assert not BoxOpening.objects.exists()
    post(cast, "staff", at, second=cast.surveyor.human_id, letters=2)
    post(cast, "staff", at, 409, second=cast.surveyor.human_id, letters=3)
    assert BoxOpening.objects.get().letters == 2
    assert "乙街道" in get(cast, "supervisor", "/petitions/boxes/")  # has none yet
    assert date(2026, 1, 5) == row.since
