"""The file builds itself (6.1): opened by the approval, filled from what is on record."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from archives.models import Dossier, DossierItem
from archives.operations.building import (
    gaps_of,
    open_dossier,
    refresh,
    refresh_by_hand,
    supplement,
)
from archives.papers import make_sheet, read_case
from cases.models import Benefit
from cases.operations import decisions, notices
from tests import road
from tests.archives.conftest import day, dossier_of, opened
from tests.cast import Cast
from yuquan_relief.kernel import outbox
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Attachment, Event, Job
from yuquan_relief.kernel.operations.attachments import withdraw_attachment

pytestmark = pytest.mark.usefixtures("quick_pdf")

REQUIRED = [
    *("approval_form", "application", "authorisation", "id_card", "household_book"),
    *("means_report", "survey", "survey_photo", "income_account", "appraisal"),
    *("review_notice", "approval_notice", "notice_photo"),
]


def slots(dossier: Dossier) -> list[str]:
    return [item.slot for item in DossierItem.objects.filter(dossier=dossier).current()]


@pytest.mark.clause("6(1)", "6(2)")
def test_an_approval_opens_a_file_that_is_complete_and_in_binding_order(cast: Cast) -> None:
    dossier = opened(cast)
    assert dossier.no == f"YQMZ-MS·{day(dossier).year}-D10-159900001-0001"
    assert slots(dossier) == [*REQUIRED, "acceptance", "decision"]
    assert (dossier.required_present, dossier.required_total, dossier.percent) == (13, 13, 100)
    assert gaps_of(dossier) == []
    assert Event.objects.of("dossier", dossier.no).get().action == "open"


def test_before_the_outbox_runs_there_is_none_and_twice_makes_one(cast: Cast) -> None:
    case = road.approved(cast)
    assert not Dossier.objects.exists()
    outbox.sweep()
    Job.objects.filter(listener="archives.open_dossier").update(state=Job.State.WAITING)
    outbox.sweep()
    assert open_dossier(case.no, on=date(2026, 12, 1)) == Dossier.objects.get()


def test_no_file_for_a_case_that_is_refused(cast: Cast) -> None:
    case = road.to_decide(cast)
    assert case.state_since is not None
    decisions.refuse(
        case.no,
        ground="INCOME",
        note="收入超过标准（第八条）",
        actor=cast.leader,
        on=case.state_since,
        proof=cast.proof("leader"),
    )
    outbox.sweep()
    assert not Dossier.objects.exists()


def test_refreshing_an_unchanged_file_changes_nothing(cast: Cast) -> None:
    dossier = opened(cast)
    before = DossierItem.objects.count()
    assert refresh(dossier.case.no, on=day(dossier)) == 0
    assert DossierItem.objects.count() == before


def test_a_served_letter_gives_a_new_edition_of_the_decision(cast: Cast) -> None:
    dossier = opened(cast)
    decisions.serve_letter(
        dossier.case.no,
        served_on=day(dossier),
        method="DIRECT",
        receiver="演练甲",
        actor=cast.clerk,
        on=day(dossier),
    )
    outbox.sweep()
    editions = DossierItem.objects.filter(dossier=dossier, key="form:decision")
    assert editions.count() == 2
    assert editions.current().get() == editions.latest("id")


@pytest.mark.clause("4(1).1")
def test_a_withdrawn_file_goes_unless_the_leader_signed_on_it(cast: Cast) -> None:
    dossier = opened(cast)
    signed = Attachment.objects.get(subject_key=dossier.case.no, slot="id_card")
    photo = Attachment.objects.filter(subject_key=dossier.case.no, slot="notice_photo").first()
    assert photo
    for file in (signed, photo):
        withdraw_attachment(file, reason="重复", actor=cast.clerk)
    assert refresh(dossier.case.no, on=day(dossier)) == 1
    assert "id_card" in slots(dossier)
    assert not DossierItem.objects.filter(attachment=photo).current().exists()


def incomplete(cast: Cast) -> Dossier:
    """The file of a case whose household book was withdrawn before anybody signed the whole."""
    case = road.accepted(cast)
    book = Attachment.objects.get(subject_key=case.no, slot="household_book")
    withdraw_attachment(book, reason="拍糊了", actor=cast.clerk)
    for step in (road.survey, road.means_check, road.settle, road.appraise):
        step(cast, case, road.START)
    case = road.through_notice(cast, road.fresh(case), "post_review_notice", road.START)
    assert case.state_since
    proof = cast.proof("staff", "建议批准")
    decisions.propose(case.no, actor=cast.staff, on=case.state_since, proof=proof)
    case = road.through_notice(cast, case, "post_approval_notice", case.state_since)
    assert case.state_since
    decisions.approve(
        case.no, actor=cast.leader, on=case.state_since, proof=cast.proof("leader", "同意")
    )
    outbox.sweep()
    return dossier_of(case)


@pytest.mark.clause("6(1)")
def test_a_gap_is_listed_counted_and_closed_by_a_late_file(cast: Cast) -> None:
    dossier = incomplete(cast)
    assert [gap.slot.title for gap in gaps_of(dossier)] == ["户口簿"]
    assert (dossier.required_present, dossier.required_total, dossier.percent) == (12, 13, 92)
    supplement(
        dossier.no, "household_book", [road.photo((5, 6, 7))], actor=cast.staff, on=day(dossier)
    )
    dossier.refresh_from_db()
    assert (gaps_of(dossier), dossier.percent) == ([], 100)


@pytest.mark.parametrize(
    ("slot", "files", "said"),
    [
        ("survey", [b"x"], "由系统生成或不在目录里"),
        ("unknown", [b"x"], "由系统生成或不在目录里"),
        ("mandate", [], "请先选择文件"),
        ("mandate", [b"x"], "请上传 JPEG、PNG 图片或 PDF 文件"),
    ],
)
def test_what_cannot_be_supplemented_is_refused(
    cast: Cast, slot: str, files: list[bytes], said: str
) -> None:
    dossier = opened(cast)
    with pytest.raises(Refused, match=said):
        supplement(dossier.no, slot, files, actor=cast.staff, on=day(dossier))
    assert not Attachment.objects.filter(subject_kind="dossier").exists()


def test_what_came_before_a_refused_file_is_in_the_file(cast: Cast) -> None:
    dossier = incomplete(cast)
    files = [road.photo((5, 6, 7)), b"x"]
    with pytest.raises(Refused, match="请上传 JPEG、PNG 图片或 PDF 文件"):
        supplement(dossier.no, "household_book", files, actor=cast.staff, on=day(dossier))
    dossier.refresh_from_db()
    assert (gaps_of(dossier), dossier.percent) == ([], 100)


def test_a_changing_hand_needs_the_capability_and_the_scope(cast: Cast) -> None:
    dossier = opened(cast)
    with pytest.raises(PermissionDenied):
        refresh_by_hand(dossier.no, actor=cast.leader, on=day(dossier))
    with pytest.raises(Dossier.DoesNotExist):
        refresh_by_hand(dossier.no, actor=cast.foreign_staff, on=day(dossier))


@pytest.mark.clause("6(4)")
def test_keeping_has_no_end_while_in_benefit_and_ten_years_after(cast: Cast) -> None:
    dossier = opened(cast)
    assert dossier.retain_until is None
    assert "仍在保障" in dossier.retention_text
    Benefit.objects.filter(source_case=dossier.case).update(end_month=date(2027, 2, 1))
    refresh(dossier.case.no, on=day(dossier))
    dossier.refresh_from_db()
    assert dossier.retain_until == date(2037, 2, 28)
    assert "2037-02-28" in dossier.retention_text


def test_an_objection_that_was_answered_stands_on_the_approval_form(cast: Cast) -> None:
    case = road.investigated(cast)
    notices.post_notice(
        case.no,
        "post_review_notice",
        place="公示栏",
        photo=road.photo(),
        actor=cast.clerk,
        on=road.START,
    )
    notice = case.notices.get()
    objection = notices.record_objection(
        notice.no, channel="来电", content="有人反映有车", actor=cast.staff, on=road.START
    )
    notices.dismiss_objection(objection.pk, answer="经查无车", actor=cast.staff, on=road.START)
    html = make_sheet(read_case(case.no, road.START), "approval_form").html
    assert "有人反映有车；不成立，答复：经查无车" in html
