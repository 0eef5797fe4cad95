"""Checks on the spot: two signatures, whole answers, findings; books; approvals (5(9), 9-13)."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from supervision.models import Finding, Sample, Sheet
from supervision.operations import sampling
from supervision.operations import sheets as operations
from supervision.reports.figures import Filter, figure
from supervision.rules.sheets import KINDS
from tests.cast import SIGN_CODE, SINCE, Cast, make_cast
from tests.databases import as_owner
from tests.races.arena import CERTAIN, meeting_at, together, without_row_locks
from tests.road import photo
from tests.supervision.ground import Ground
from tests.supervision.test_loop import get, post
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Post, Signature
from yuquan_relief.kernel.signing import content_digest

LEAN = (
    "authorisation survey means account appraisal notices signatures letter obligor self_care"
    " benefit"
)
FIRST, LAST = date(2026, 7, 1), date(2026, 9, 30)
YEAR = Filter(first=date(2026, 1, 1), last=date(2026, 12, 31))
SHEETS = "supervision.operations.sheets"


def draw_of(cast: Cast, kind: str = "NEW", percent: int = 100) -> Sample:
    """A sample of the months that Ground decides in, drawn."""
    plan = sampling.Plan(kind=kind, period_from=FIRST, period_to=LAST, percent=percent)
    made = sampling.open_sample(plan, actor=cast.supervisor, on=today())
    return sampling.draw_sample(made.no, actor=cast.supervisor, on=today())


def begun(cast: Cast, sample: Sample, at: int = 0, who: str = "supervisor") -> Sheet:
    """The sheet of one that waits is opened from the sample's page."""
    item = sample.items.filter(state="WAITING", sheet=None).order_by("id")[at]
    post(cast, who, f"/samples/{sample.no}/open/", number=item.number)
    return Sheet.objects.get(item=item)


def filled(sheet: Sheet, *bad: str, **more: Any) -> dict[str, Any]:
    """What is typed: everything as it should be, but for `bad`, each with a note."""
    data: dict[str, Any] = {"verdict": "RIGHT", "summary": "已入户核对", "met": "本人"}
    for question in KINDS[sheet.kind].questions:
        good = next(answer for answer in question.answers if answer not in question.bad)
        wrong = question.code in bad
        data[f"q-{question.code}"] = next(iter(question.bad)) if wrong else good
        data[f"n-{question.code}"] = "现场看到不符" if wrong else ""
    return data | more


def saved(cast: Cast, sheet: Sheet, *bad: str, who: str = "supervisor", **more: Any) -> None:
    """The answers stand."""
    post(cast, who, f"/checks/sheets/{sheet.no}/save/", **filled(sheet, *bad, **more))


def signed(cast: Cast, sheet: Sheet, who: str, code: str, status: int = 302) -> str:
    """Somebody signs what stands now; the page when it was refused."""
    sheet.refresh_from_db()
    digest = content_digest(operations.content_of(sheet))
    data = {"sign_code": SIGN_CODE, "content_sha256": digest}
    answer = post(cast, who, f"/checks/sheets/{sheet.no}/{code}/", status, **data)
    return str(answer.content.decode())


def finished(cast: Cast, sheet: Sheet, *bad: str, **more: Any) -> Sheet:
    """Filled, signed by both, closed by who began it."""
    saved(cast, sheet, *bad, **more)
    if KINDS[sheet.kind].two:
        signed(cast, sheet, "supervisor2", "cosign")
    signed(cast, sheet, "supervisor", "finish")
    sheet.refresh_from_db()
    return sheet


def site(cast: Cast, **changes: Any) -> Sheet:
    """The sheet of the only new household."""
    Ground(cast).case(without=LEAN, **changes)
    return begun(cast, draw_of(cast))


@pytest.mark.clause("9", "13")
def test_a_check_is_signed_by_two_and_each_bad_answer_is_a_finding(cast: Cast) -> None:
    sheet = site(cast)
    finished(cast, sheet, "HOUSING", "MONEY", verdict="WRONG")
    assert (sheet.finished_on, sheet.checked_on) == (today(), today())
    signatures = Signature.objects.filter(subject_kind="sheet", subject_key=sheet.no)
    people = dict(signatures.values_list("stage", "person"))
    assert people == {"second": cast.supervisor2.human_id, "check": cast.supervisor.human_id}
    found = Finding.objects.filter(origin_kind="sheet", origin_key=sheet.no)
    assert sheet.case
    assert sorted(found.values_list("mark", flat=True)) == ["HOUSING", "MONEY", "VERDICT"]
    assert set(found.values_list("subject_key", "office", "state")) == {
        (sheet.case.no, cast.office.pk, "OPEN")
    }
    assert "现场看到不符" in found.get(mark="HOUSING").what
    assert "认定不准" in found.get(mark="VERDICT").what
    assert found.get(mark="MONEY").no in get(cast, "supervisor", f"/checks/sheets/{sheet.no}/")


def test_a_check_without_anything_bad_makes_no_finding(cast: Cast) -> None:
    finished(cast, site(cast))
    assert not Finding.objects.exists()


@pytest.mark.clause("13")
def test_a_covert_visit_is_begun_without_a_case_and_what_it_saw_stands_at_the_office(
    cast: Cast,
) -> None:
    url = post(cast, "supervisor", "/checks/sheets/", office=cast.office.pk).url
    sheet = Sheet.objects.get()
    assert (url, sheet.kind, sheet.case) == (f"/checks/sheets/{sheet.no}/", "COVERT", None)
    assert "明察暗访记录" in get(cast, "supervisor", url)
    finished(cast, sheet, "RECEPTION", "BOX")
    found = Finding.objects.filter(origin_key=sheet.no)
    assert sorted(found.values_list("mark", "subject_kind", "office")) == [
        ("BOX", "office", cast.office.pk),
        ("RECEPTION", "office", cast.office.pk),
    ]


def test_every_question_is_answered_and_what_is_bad_is_explained(cast: Cast) -> None:
    sheet = site(cast)
    whole = filled(sheet, "PAPER")
    url = f"/checks/sheets/{sheet.no}/save/"
    post(cast, "supervisor", url, **{k: v for k, v in whole.items() if k != "q-MONEY"})
    assert "还有 1 项没有填：按时足额领到" in signed(cast, sheet, "supervisor2", "cosign", 409)
    post(cast, "supervisor", url, **whole | {"n-PAPER": " "})
    assert "不符合，请写明情况" in signed(cast, sheet, "supervisor2", "cosign", 409)
    post(cast, "supervisor", url, **whole | {"verdict": ""})
    assert "请选择判定" in signed(cast, sheet, "supervisor2", "cosign", 409)
    post(cast, "supervisor", url, 409, **whole | {"q-PAPER": "MAYBE"})
    post(cast, "supervisor", url, **whole)
    assert "还没有第二检查人" in signed(cast, sheet, "supervisor", "finish", 409)
    signed(cast, sheet, "supervisor2", "cosign")
    signed(cast, sheet, "supervisor", "finish")


def test_the_second_is_another_person_and_a_stale_page_is_refused(cast: Cast) -> None:
    sheet = site(cast)
    saved(cast, sheet)
    assert "第二检查人须是另一人" in signed(cast, sheet, "supervisor", "cosign", 409)
    sheet.refresh_from_db()
    read = content_digest(operations.content_of(sheet))
    saved(cast, sheet, summary="又看了一遍")
    data = {"sign_code": SIGN_CODE, "content_sha256": read}
    stale = post(cast, "supervisor2", f"/checks/sheets/{sheet.no}/cosign/", 409, **data)
    assert "内容有变化" in stale.content.decode()
    again = filled(sheet) | {"version": sheet.version}
    post(cast, "supervisor", f"/checks/sheets/{sheet.no}/save/", 409, **again)
    signed(cast, sheet, "supervisor2", "cosign")
    assert "请由检查人签字办结" in signed(cast, sheet, "supervisor2", "finish", 409)


def test_control_without_the_guards_one_person_signs_twice(own_database: str) -> None:
    """Who is the first, the law of two stages, the database's own: only without all three."""
    cast = make_cast()
    sheet = site(cast)
    saved(cast, sheet)
    act: dict[str, Any] = {"actor": cast.supervisor, "on": today()}
    mine = Sheet.objects.filter(pk=sheet.pk)
    mine.update(checked_by=cast.supervisor2.human_id)
    operations.cosign(sheet.no, proof=cast.proof("supervisor"), **act)
    mine.update(checked_by=cast.supervisor.human_id)
    with pytest.raises(Refused, match="同一人不能签两个环节"):
        operations.finish(sheet.no, proof=cast.proof("supervisor"), **act)
    with mock.patch("yuquan_relief.kernel.signing._refuse_second"):
        with pytest.raises(DatabaseError):
            operations.finish(sheet.no, proof=cast.proof("supervisor"), **act)
        Ground(cast).lift("kernel_signature", "signature_one_stage_a_person")
        assert operations.finish(sheet.no, proof=cast.proof("supervisor"), **act).finished_on


def test_what_changes_after_the_second_signature_is_signed_again(cast: Cast) -> None:
    sheet = site(cast)
    saved(cast, sheet)
    signed(cast, sheet, "supervisor2", "cosign")
    saved(cast, sheet, "PAPER")
    assert "还没有第二检查人对现在内容的签字" in signed(cast, sheet, "supervisor", "finish", 409)
    signed(cast, sheet, "supervisor2", "cosign")
    signed(cast, sheet, "supervisor", "finish")


def test_what_is_typed_beside_the_code_is_kept_first_and_not_signed(cast: Cast) -> None:
    sheet = site(cast)
    saved(cast, sheet)
    sheet.refresh_from_db()
    url = f"/checks/sheets/{sheet.no}/cosign/"
    html = get(cast, "supervisor2", f"/checks/sheets/{sheet.no}/")
    assert ('form="answers"' in html, f'formaction="{url}"' in html) == (True, True)
    (read,) = re.findall(r'name="content_sha256" value="(\w+)"', html)
    sent = filled(sheet) | {"version": sheet.version, "sign_code": SIGN_CODE}
    sent |= {"content_sha256": read}
    client = cast.client("supervisor2")
    answer = client.post(url, sent | {"summary": "第二人补写"}, follow=True).content.decode()
    assert ("还没有签字，请核对后再签字" in answer, "第二人补写" in answer) == (True, True)
    assert not Signature.objects.filter(subject_key=sheet.no).exists()
    refused = client.post(url, sent | {"summary": "又", "verdict": "X"})
    assert (refused.status_code, "又</textarea" in refused.content.decode()) == (422, True)
    sheet.refresh_from_db()
    whole = sent | {"version": sheet.version, "summary": "第二人补写"}
    whole["checked_on"] = today().isoformat()
    whole["content_sha256"] = content_digest(operations.content_of(sheet))
    assert client.post(url, whole).status_code == 302
    assert Signature.objects.filter(subject_key=sheet.no, stage="second").count() == 1


def test_control_without_the_guard_what_is_typed_beside_the_code_is_lost(cast: Cast) -> None:
    sheet = site(cast)
    saved(cast, sheet)
    sheet.refresh_from_db()
    sent = filled(sheet) | {"version": sheet.version, "sign_code": SIGN_CODE}
    sent |= {"content_sha256": content_digest(operations.content_of(sheet)), "summary": "补写"}
    with mock.patch("supervision.views.sheets._says_more", return_value=False):
        answer = cast.client("supervisor2").post(f"/checks/sheets/{sheet.no}/cosign/", sent)
    assert answer.status_code == 302
    assert Signature.objects.filter(subject_key=sheet.no, stage="second").exists()
    sheet.refresh_from_db()
    assert sheet.summary != "补写"


def test_a_photo_after_the_second_signature_is_signed_again(cast: Cast) -> None:
    sheet = site(cast)
    saved(cast, sheet)
    signed(cast, sheet, "supervisor2", "cosign")
    file = SimpleUploadedFile("现场.jpg", photo(), "image/jpeg")
    post(cast, "supervisor", f"/checks/sheets/{sheet.no}/photo/", files=[file])
    assert "还没有第二检查人对现在内容的签字" in signed(cast, sheet, "supervisor", "finish", 409)
    signed(cast, sheet, "supervisor2", "cosign")
    signed(cast, sheet, "supervisor", "finish")


def test_control_without_the_guard_a_changed_content_is_closed(cast: Cast) -> None:
    sheet = site(cast)
    saved(cast, sheet)
    signed(cast, sheet, "supervisor2", "cosign")
    saved(cast, sheet, "PAPER")
    with mock.patch(f"{SHEETS}._second_covers", return_value=True):
        signed(cast, sheet, "supervisor", "finish")


@pytest.mark.parametrize("who", ["bureau", "auditor", "staff", "leader", "clerk", "worker"])
def test_who_does_not_check_neither_opens_nor_fills(cast: Cast, who: str) -> None:
    sheet = site(cast)
    refused = {403, 404}
    url = f"/checks/sheets/{sheet.no}/"
    assert cast.client(who).post(url + "save/", filled(sheet)).status_code in refused
    opened = cast.client(who).post("/checks/sheets/", {"office": cast.office.pk})
    assert opened.status_code in refused
    looks = who in ("bureau", "auditor")
    assert (cast.client(who).get(url).status_code == 200) is looks
    sheet.refresh_from_db()
    assert sheet.answers == {}


def test_control_without_the_capability_a_leader_fills(cast: Cast) -> None:
    sheet = site(cast)
    given = operations.Answers(answers={"PAPER": ("OK", "")})
    with mock.patch(f"{SHEETS}._require"):
        done = operations.save_answers(sheet.no, given, actor=cast.bureau, on=today())
    assert done.answers["PAPER"]["answer"] == "OK"


def once_of(cast: Cast, who: str) -> None:
    """Somebody worked in the checked village until a month ago."""
    Post.objects.create(
        person_id=cast.actors[who].human_id, unit=cast.village, role="clerk", title="原经办",
        starts_on=SINCE, ends_on=today() - timedelta(days=30),
    )  # fmt: skip


def test_who_worked_in_the_checked_village_neither_fills_nor_signs(cast: Cast) -> None:
    sheet = site(cast)
    once_of(cast, "supervisor2")
    saved(cast, sheet)
    assert "须回避" in signed(cast, sheet, "supervisor2", "cosign", 409)
    url = f"/checks/sheets/{sheet.no}/save/"
    post(cast, "supervisor2", url, 409, **filled(sheet, summary="代填"))


def test_control_without_the_guard_who_worked_there_signs(cast: Cast) -> None:
    sheet = site(cast)
    once_of(cast, "supervisor2")
    saved(cast, sheet)
    with mock.patch(f"{SHEETS}.refuse_own_unit"):
        signed(cast, sheet, "supervisor2", "cosign")


def test_a_finished_sheet_is_not_changed(cast: Cast) -> None:
    sheet = finished(cast, site(cast))
    for code in ("save", "cosign", "finish"):
        data = filled(sheet) | {"sign_code": SIGN_CODE, "content_sha256": "0" * 64}
        page = post(cast, "supervisor", f"/checks/sheets/{sheet.no}/{code}/", 409, **data)
        assert "已经办结" in page.content.decode()
    mine = Sheet.objects.filter(pk=sheet.pk)
    for change in ({"answers": {}}, {"verdict": "WRONG"}, {"finished_on": None}):
        with pytest.raises(DatabaseError, match="办结的不能修改"), transaction.atomic():
            mine.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        mine.delete()


def test_control_without_the_trigger_a_finished_sheet_is_changed(own_database: str) -> None:
    cast = make_cast()
    sheet = finished(cast, site(cast))
    with Ground(cast).past("supervision_sheet"):
        assert Sheet.objects.filter(pk=sheet.pk).update(verdict="WRONG") == 1


# ------------------------------------------------------------------ money and new approvals


@pytest.mark.clause("11")
def test_the_money_of_an_office_and_month_is_checked_once(cast: Cast) -> None:
    asked = {"office": cast.office.pk, "month": "2026-10"}
    first = post(cast, "supervisor", "/checks/sheets/", **asked).url
    assert post(cast, "supervisor2", "/checks/sheets/", **asked).url == first
    assert post(cast, "supervisor", "/checks/sheets/", **asked | {"month": "2026-09"}).url != first
    other = asked | {"office": cast.other_office.pk}
    assert post(cast, "supervisor", "/checks/sheets/", **other).url != first
    post(cast, "supervisor", "/checks/sheets/", 422, **asked | {"month": "2027 年"})
    post(cast, "supervisor", "/checks/sheets/", 422, **asked | {"month": "2099-01"})
    assert Sheet.objects.filter(kind="FUND").count() == 3
    sheet = finished(cast, Sheet.objects.get(office=cast.office, month=date(2026, 10, 1)), "CASH")
    found = Finding.objects.get(origin_key=sheet.no)
    assert (found.subject_kind, found.office, found.mark) == ("office", cast.office, "CASH")


def checking_money(cast: Cast, who: str) -> Callable[[], Sheet]:
    """Somebody begins the check of October."""
    month = date(2026, 10, 1)
    return lambda: operations.open_fund_check(
        cast.office.pk, month, actor=cast.actors[who], on=today()
    )


def test_of_two_who_begin_at_once_there_is_one_check(own_database: str) -> None:
    cast = make_cast()
    with meeting_at(f"{SHEETS}.refuse_own_unit"):
        made = together(checking_money(cast, "supervisor"), checking_money(cast, "supervisor2"))
    assert [one for one in made if isinstance(one, Exception)] == []
    assert Sheet.objects.filter(kind="FUND").count() == 1


def test_control_without_lock_and_constraint_there_are_two(own_database: str) -> None:
    cast = make_cast()
    as_owner("DROP INDEX IF EXISTS sheet_fund_once", database=own_database)
    with meeting_at(f"{SHEETS}.refuse_own_unit", patience=CERTAIN), without_row_locks():
        together(checking_money(cast, "supervisor"), checking_money(cast, "supervisor2"))
    assert Sheet.objects.filter(kind="FUND").count() == 2


@pytest.mark.clause("5(9)")
def test_a_new_approval_is_looked_at_again_and_counted(cast: Cast) -> None:
    ground = Ground(cast)
    case, _ = ground.case(without=LEAN), ground.case(without=LEAN)
    assert case.no in get(cast, "supervisor", "/supervise/recheck/")
    made = post(cast, "supervisor", "/supervise/recheck/", case=case.no).url
    assert post(cast, "supervisor", "/supervise/recheck/", case=case.no).url == made
    sheet = Sheet.objects.get(kind="RECHECK")
    assert figure("rechecked", cast.supervisor, YEAR).numerator == 0
    finished(cast, sheet, "AMOUNT")
    case.refresh_from_db()
    assert case.rechecked_on == today()
    value = figure("rechecked", cast.supervisor, YEAR)
    assert (value.numerator, value.denominator) == (1, 2)
    assert Finding.objects.get(origin_key=sheet.no).mark == "AMOUNT"
    assert case.no not in get(cast, "supervisor", "/supervise/recheck/")


def test_an_undecided_case_is_not_looked_at_again(cast: Cast) -> None:
    case = Ground(cast).case(state="INVESTIGATING", without=LEAN)
    client = cast.client("supervisor")
    client.raise_request_exception = False
    assert client.post("/supervise/recheck/", {"case": case.no}).status_code in (302, 404, 409)
    assert not Sheet.objects.exists()
