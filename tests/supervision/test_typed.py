"""What was typed stays when an act is refused; what cannot be read is refused with a sentence."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client

from supervision.models import Bulletin, Complaint, Finding, ReportBox, Sheet
from supervision.operations import boxes as withdrawals
from supervision.operations import bulletins as operations
from supervision.operations.bulletin_paper import make_paper
from supervision.operations.bulletins import content_of
from supervision.operations.checking import check_everything
from supervision.views import partners, sheets
from tests.cast import Cast, make_cast
from tests.road import photo
from tests.supervision import test_partners as partnership
from tests.supervision.ground import Ground
from tests.supervision.test_loop import get, post, signed, text
from tests.supervision.test_phone import phoned
from tests.supervision.test_sheets import begun, filled, site
from yuquan_relief.kernel import file_store, middleware, queries
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Unit

DAY = timedelta(days=1)
LONG = "前三季度核查情况通报如下，各单位要逐项对照整改。"


# ------------------------------------------------------------------ a bulletin's words


@pytest.fixture
def draft(cast: Cast) -> Bulletin:
    """A bulletin of one finding that is being written."""
    Ground(cast).case(state="INVESTIGATING", due_on=today() - 3 * DAY)
    check_everything(today())
    found = Finding.objects.get(rule="R43")
    post(cast, "leader", f"/findings/{found.no}/answer/", note="正在催办")
    post(cast, "supervisor", f"/findings/{found.no}/confirm/", note="属实")
    post(cast, "supervisor", "/bulletins/", finding=[found.no])
    return Bulletin.objects.get()


def words(row: Bulletin, **more: Any) -> dict[str, Any]:
    """What is typed into the bulletin's form, as the page gave it out."""
    return {
        "version": row.version, "title": "工作通报", "period_from": f"{today():%Y-%m-01}",
        "period_to": f"{today()}", "text": LONG, "demand": "限期整改",
    } | more  # fmt: skip


def test_a_refused_bulletin_keeps_its_words(cast: Cast, draft: Bulletin) -> None:
    url = f"/bulletins/{draft.no}/write/"
    wrong = words(draft, period_from=f"{today()}", period_to=f"{today() - DAY}")
    page = text(post(cast, "supervisor", url, 409, **wrong))
    assert LONG in page
    assert "起日应在止日以前" in page
    assert "<title>有错误：" in page
    page = text(post(cast, "supervisor", url, 422, **words(draft, title="")))
    assert LONG in page
    assert "请填写题目" in page


def test_a_second_editor_is_told_and_then_decides(cast: Cast, draft: Bulletin) -> None:
    url = f"/bulletins/{draft.no}/write/"
    assert f'name="version" value="{draft.version}"' in get(cast, "supervisor", url[:-6])
    post(cast, "supervisor", url, **words(draft, text="甲写的"))
    answer = post(cast, "supervisor2", url, 409, **words(draft, text="乙写的"))
    draft.refresh_from_db()
    assert draft.text == "甲写的"
    page = text(answer)
    assert "甲写的" in page
    assert "乙写的" in page
    assert "这份通报已被改过" in page
    again = answer.context["words"]["version"].value()  # now he has seen it
    post(cast, "supervisor2", url, **words(draft, text="甲乙合写", version=again))
    draft.refresh_from_db()
    assert draft.text == "甲乙合写"


def test_control_without_the_version_the_second_writes_over_the_first(
    cast: Cast, draft: Bulletin
) -> None:
    url, write = f"/bulletins/{draft.no}/write/", operations.write_words
    post(cast, "supervisor", url, **words(draft, text="甲写的"))

    def unversioned(*args: Any, version: int | None, **kwargs: Any) -> Any:
        return write(*args, **kwargs)

    with mock.patch.object(operations, "write_words", unversioned):
        post(cast, "supervisor2", url, **words(draft, text="乙写的"))
    draft.refresh_from_db()
    assert draft.text == "乙写的"


def test_what_was_typed_stays_when_the_draft_was_handed_in(cast: Cast, draft: Bulletin) -> None:
    post(cast, "supervisor", f"/bulletins/{draft.no}/write/", **words(draft))
    draft.refresh_from_db()
    post(cast, "supervisor", f"/bulletins/{draft.no}/submit/")
    late = words(draft, text="最后又改了一句")
    page = text(post(cast, "supervisor2", f"/bulletins/{draft.no}/write/", 409, **late))
    assert "最后又改了一句" in page


def test_a_draft_cannot_be_read_and_a_lost_paper_is_404(
    cast: Cast, draft: Bulletin, caplog: pytest.LogCaptureFixture
) -> None:
    at = f"/bulletins/{draft.no}/"
    post(cast, "supervisor", at + "read/", 404)
    post(cast, "supervisor", at + "write/", **words(draft, mend_by=f"{today() + 9 * DAY}"))
    post(cast, "supervisor", at + "submit/")
    draft.refresh_from_db()
    post(cast, "bureau", at + "issue/", **signed(content_of(draft)))
    assert cast.client("staff").get(at + "paper.pdf").content.startswith(b"%PDF")
    file_store.place(make_paper(draft.no)).unlink()
    get(cast, "staff", at + "paper.pdf", 404)
    assert f"bulletin {draft.no} has lost its file" in caplog.text


def test_control_without_the_catch_a_draft_is_an_error(cast: Cast, draft: Bulletin) -> None:
    with pytest.raises(Bulletin.DoesNotExist):
        operations.take_note(draft.no, actor=cast.supervisor, on=today())


# ------------------------------------------------------------------ letters, reasons


def test_a_refused_letter_keeps_its_name(cast: Cast) -> None:
    told = {"kind": "REPORT", "channel": "LETTER", "received_on": f"{today()}", "content": "反映"}
    post(cast, "supervisor", "/petitions/", **told)
    url = f"/petitions/{Complaint.objects.get().no}/attach/"
    page = text(post(cast, "supervisor", url, 422, title="第二封来信"))
    assert 'value="第二封来信"' in page
    assert "请填写文件" in page
    file = SimpleUploadedFile("来信.pdf", b"not a pdf", "application/pdf")
    page = text(post(cast, "supervisor", url, 409, title="第三封来信", file=file))
    assert 'value="第三封来信"' in page
    assert 'enctype="multipart/form-data"' in page


def test_a_refused_exchange_keeps_its_reason(cast: Cast) -> None:
    sample = phoned(cast)
    item = sample.items.get(state="WAITING")
    url = f"/samples/{sample.no}/replace/"
    reason = "全家外出务工，" + "很久" * 200
    page = text(post(cast, "supervisor", url, 422, number=item.number, reason=reason))
    assert reason in page
    assert "300 个字以内" in page
    page = text(post(cast, "supervisor", url, 409, number=item.number, reason=" "))
    assert page.count("换样须写明理由") == 2  # on top, and beside the row


# ------------------------------------------------------------------ a sheet is one form


def calling(cast: Cast) -> Sheet:
    """The sheet of a call that was begun."""
    return begun(cast, phoned(cast))


def typed(sheet: Sheet, **more: Any) -> dict[str, Any]:
    """Everything that is on the page, as its one form sends it."""
    return filled(sheet, version=sheet.version, consented="on", **more)


def test_the_buttons_of_a_sheet_send_its_answers(cast: Cast) -> None:
    page = get(cast, "supervisor", f"/checks/sheets/{calling(cast).no}/")
    assert '<form id="answers"' in page
    for code, label in (("call", "登记拨打"), ("photo", "上传照片、文件")):
        there = f'form="answers" formaction="/checks/sheets/{Sheet.objects.get().no}/{code}/"'
        assert f"{there}>{label}" in page
    # answers beside: result, note, files, the code; and three buttons
    assert page.count('form="answers"') == 7


def test_what_was_filled_in_stands_after_a_call(cast: Cast) -> None:
    sheet = calling(cast)
    url = f"/checks/sheets/{sheet.no}/"
    more = {"result": "ANSWERED", "note": "本人接听", "n-AWARE": "听说过"}
    post(cast, "supervisor", url + "call/", **typed(sheet, **more))
    sheet.refresh_from_db()
    assert (sheet.summary, sheet.met, sheet.verdict) == ("已入户核对", "本人", "RIGHT")
    assert sheet.answers["AWARE"]["note"] == "听说过"
    assert sheet.calls.get().note == "本人接听"
    assert "听说过" in get(cast, "supervisor", url)


def test_what_was_filled_in_stands_after_a_photo(cast: Cast) -> None:
    sheet = site(cast)
    url = f"/checks/sheets/{sheet.no}/"
    file = SimpleUploadedFile("现场.jpg", photo(), "image/jpeg")
    half = {k: v for k, v in filled(sheet).items() if k != "q-MONEY"}
    half |= {"version": sheet.version, "n-MONEY": "存折还没有看", "files": [file]}
    post(cast, "supervisor", url + "photo/", **half)
    sheet.refresh_from_db()
    assert (sheet.files.count(), sheet.summary) == (1, "已入户核对")
    assert sheet.answers["MONEY"] == {"note": "存折还没有看"}  # no answer yet, so none is counted
    assert "存折还没有看" in get(cast, "supervisor", url)
    whole = filled(sheet, version=sheet.version) | {"n-MONEY": ""}
    post(cast, "supervisor", url + "save/", **whole)
    sheet.refresh_from_db()
    assert sheet.answers["MONEY"] == {"answer": whole["q-MONEY"], "note": ""}


def test_control_without_the_saving_the_answers_are_lost(cast: Cast) -> None:
    sheet = calling(cast)
    data = typed(sheet, result="ANSWERED")
    with mock.patch.object(sheets, "_keep"):
        post(cast, "supervisor", f"/checks/sheets/{sheet.no}/call/", **data)
    sheet.refresh_from_db()
    assert (sheet.answers, sheet.summary) == ({}, "")


def test_a_refused_call_changes_nothing_and_keeps_everything(cast: Cast) -> None:
    sheet = calling(cast)
    url = f"/checks/sheets/{sheet.no}/call/"
    page = text(post(cast, "supervisor", url, 422, **typed(sheet, result="", note="没听清")))
    for kept in ("已入户核对", "没听清", "请选择拨打结果"):
        assert kept in page
    post(cast, "supervisor", url, result="ANSWERED")
    again = typed(sheet, result="NO_ANSWER", note="又打了一次")
    page = text(post(cast, "supervisor", url, 409, **again))
    for kept in ("已入户核对", "又打了一次", "已经接通过"):
        assert kept in page
    sheet.refresh_from_db()
    assert (sheet.answers, sheet.calls.count()) == ({}, 1)


def test_a_bare_call_moves_neither_version_nor_day(cast: Cast) -> None:
    sheet = calling(cast)
    blank = {"version": sheet.version, "met": "", "verdict": "", "summary": "", "checked_on": ""}
    blank |= {"consented": "on"} if sheet.consented else {}
    post(cast, "supervisor", f"/checks/sheets/{sheet.no}/call/", **blank, result="OFF")
    before = sheet.version
    sheet.refresh_from_db()
    assert (sheet.version, sheet.checked_on, sheet.calls.count()) == (before, None, 1)


def test_a_call_typed_beside_another_button_is_not_lost(cast: Cast) -> None:
    sheet = calling(cast)
    data = typed(sheet, result="ANSWERED", note="本人接听")
    answer = post(cast, "supervisor", f"/checks/sheets/{sheet.no}/save/", 200, **data)
    assert "拨打结果还没有登记" in text(answer)
    assert 'value="本人接听"' in text(answer)
    sheet.refresh_from_db()
    assert (sheet.calls.count(), sheet.summary) == (0, "已入户核对")


def test_a_stale_sheet_is_not_written_over_by_a_photo(cast: Cast) -> None:
    sheet = site(cast)
    url = f"/checks/sheets/{sheet.no}/"
    old = filled(sheet, version=sheet.version)
    post(cast, "supervisor2", url + "save/", **old | {"summary": "另一人写的"})
    file = SimpleUploadedFile("现场.jpg", photo(), "image/jpeg")
    page = text(post(cast, "supervisor", url + "photo/", 409, **old, files=[file]))
    assert "已有新的内容" in page
    assert "已入户核对" in page
    sheet.refresh_from_db()
    assert (sheet.summary, sheet.files.count()) == ("另一人写的", 0)


# ------------------------------------------------------------------ what cannot be read

NUL = "a\x00b"


def nul_posts(cast: Cast) -> list[tuple[str, dict[str, Any], int]]:
    """Address, what is typed, what is answered: 422 where a form says it beside the field."""
    sheet = calling(cast)
    assert sheet.item
    no = sheet.item.sample.no
    return [
        (f"/samples/{no}/replace/", {"number": NUL, "reason": "外出"}, 400),
        (f"/samples/{no}/replace/", {"number": sheet.item.number, "reason": NUL}, 422),
        (f"/samples/{no}/open/", {"number": NUL}, 400),
        ("/bulletins/", {"finding": [NUL]}, 400),
        ("/supervise/recheck/", {"case": NUL}, 400),
        (f"/checks/sheets/{sheet.no}/save/", {"q-AWARE": "1", "n-AWARE": NUL}, 422),
        (f"/checks/sheets/{sheet.no}/save/", {"q-AWARE": NUL}, 409),
    ]


def test_a_nul_byte_is_answered_with_a_sentence(cast: Cast) -> None:
    for url, data, status in nul_posts(cast):
        answer = post(cast, "supervisor", url, status, **data)
        if status == 400:
            assert "不能识别的字符" in text(answer)


def test_control_without_the_guard_a_nul_byte_is_an_error(cast: Cast) -> None:
    found = [case for case in nul_posts(cast) if case[2] == 400]
    with mock.patch.object(middleware, "_nul_in_what_was_typed", return_value=None):
        for url, data, _ in found:
            with pytest.raises(ValueError, match="NUL"):
                cast.client("supervisor").post(url, data)


def test_another_error_is_not_taken_for_a_nul_byte(cast: Cast) -> None:
    with (
        mock.patch.object(sheets.operations, "open_recheck", side_effect=ValueError("other")),
        pytest.raises(ValueError, match="other"),
    ):
        cast.client("supervisor").post("/supervise/recheck/", {"case": "DB-1"})


LISTS = ("/supervise/", "/samples/", "/checks/sheets/", "/petitions/", "/bulletins/", "/tasks/",
         "/figures/findings_open/")  # fmt: skip


@pytest.mark.parametrize("url", LISTS)
def test_a_page_beyond_the_end_is_empty(cast: Cast, url: str) -> None:
    assert "共" in get(cast, "supervisor", f"{url}?page={'9' * 18}")


def test_control_without_the_bound_a_page_is_an_error(cast: Cast) -> None:
    Ground(cast).case(state="INVESTIGATING", due_on=today() - 3 * DAY)
    with (
        mock.patch.object(queries, "MOST_PAGES", 10**18),
        pytest.raises((DatabaseError, OverflowError)),
        transaction.atomic(),
    ):
        cast.client("supervisor").get(f"/supervise/?page={'9' * 18}")


# ------------------------------------------------------------------ boxes and numbers


def hotline(cast: Cast, place: str = "0471-0000001") -> ReportBox:
    """The office's number, by the page."""
    data = {"office": cast.office.pk, "kind": "HOTLINE", "place": place, "since": "2026-01-05"}
    post(cast, "staff", "/petitions/boxes/", **data)
    return ReportBox.objects.latest("id")


def public() -> str:
    """What everybody reads."""
    return Client().get("/public/petitions/").content.decode()


@pytest.mark.clause("7.2")
def test_a_number_is_withdrawn_and_another_made_public(cast: Cast) -> None:
    row = hotline(cast)
    assert row.place in public()
    assert "撤除举报电话" in get(cast, "staff", "/petitions/boxes/")
    post(cast, "staff", f"/petitions/boxes/{row.pk}/close/", until=f"{today()}")
    row.refresh_from_db()
    assert row.until == today()
    assert row.place not in public()
    assert row.place not in get(cast, "staff", "/petitions/boxes/")
    event = Event.objects.of("report_box", str(row.pk)).get(action="close")
    assert event.body["until"] == f"{today()}"
    post(cast, "staff", f"/petitions/boxes/{row.pk}/close/", 404, until=f"{today()}")
    assert hotline(cast, "0471-0000002").place in public()


def test_a_day_before_it_was_set_up_or_to_come_is_refused(cast: Cast) -> None:
    row = hotline(cast)
    url = f"/petitions/boxes/{row.pk}/close/"
    for until in ("2026-01-04", f"{today() + DAY}"):
        page = text(post(cast, "staff", url, 409, until=until))
        assert "撤除日期应在" in page
        assert f'value="{until}"' in page
    assert "请填写撤除日期" in text(post(cast, "staff", url, 422))
    row.refresh_from_db()
    assert row.until is None
    withdrawals.close_box(row.pk, today(), actor=cast.staff, on=today())
    with pytest.raises(Refused, match="已于"):
        withdrawals.close_box(row.pk, today(), actor=cast.staff, on=today())


def test_a_box_that_comes_tomorrow_is_not_registered_today(cast: Cast) -> None:
    data = {"office": cast.office.pk, "kind": "BOX", "place": "大厅", "since": f"{today() + DAY}"}
    assert "设置日期不能在今天以后" in text(post(cast, "staff", "/petitions/boxes/", 422, **data))
    assert not ReportBox.objects.exists()


@pytest.mark.parametrize("who", ["foreign_staff", "clerk", "bureau", "auditor"])
def test_who_does_not_look_after_it_does_not_withdraw_it(cast: Cast, who: str) -> None:
    row = hotline(cast)
    answer = cast.client(who).post(f"/petitions/boxes/{row.pk}/close/", {"until": f"{today()}"})
    assert answer.status_code in (403, 404)
    row.refresh_from_db()
    assert row.until is None


def test_control_without_the_guard_another_office_withdraws_it(cast: Cast) -> None:
    row, other = hotline(cast), cast.actors["foreign_staff"]
    close: Callable[[], ReportBox] = lambda: withdrawals.close_box(  # noqa: E731
        row.pk, today(), actor=other, on=today()
    )
    with pytest.raises(Unit.DoesNotExist):
        close()
    with mock.patch.object(withdrawals, "_own_office"):
        assert close().until == today()


def test_a_withdrawn_number_stays_withdrawn_in_the_database(cast: Cast) -> None:
    row = hotline(cast)
    withdrawals.close_box(row.pk, today(), actor=cast.staff, on=today())
    mine = ReportBox.objects.filter(pk=row.pk)
    for change in ({"until": None}, {"until": today() - DAY}, {"place": "x"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            mine.update(**change)


def test_control_without_the_trigger_it_comes_back(own_database: str) -> None:
    cast = make_cast()
    row = hotline(cast)
    withdrawals.close_box(row.pk, today(), actor=cast.staff, on=today())
    with Ground(cast).past("supervision_reportbox"):
        assert ReportBox.objects.filter(pk=row.pk).update(until=None) == 1


def test_a_refused_opening_keeps_what_was_typed(cast: Cast) -> None:
    data = {"office": cast.office.pk, "kind": "BOX", "place": "大厅", "since": "2026-01-05"}
    post(cast, "staff", "/petitions/boxes/", **data)
    post(cast, "staff", "/petitions/boxes/", **data | {"place": "院内"})
    first = ReportBox.objects.earliest("id")
    url = f"/petitions/boxes/{first.pk}/open/"
    page = text(post(cast, "staff", url, 422, letters=3, second="", note="信封有破损"))
    assert page.count('value="信封有破损"') == 1
    assert f'href="#open{first.pk}_second"' in page
    own = {"letters": 3, "second": cast.staff.human_id, "note": "信封有破损"}
    page = text(post(cast, "staff", url, 409, **own))
    assert page.count('value="信封有破损"') == 1
    assert "开箱须两人在场" in page


# ------------------------------------------------------------------ a long contract


def test_a_contract_says_how_many_tasks_it_does_not_list(cast: Cast) -> None:
    ground = Ground(cast)
    for _ in range(3):
        ground.benefit()
    contract = partnership.contracted(cast)
    partnership.given(cast, contract, count=3)
    url = f"/thirdparty/{contract.no}/"
    assert "这里只列最近派出的" not in get(cast, "supervisor", url)
    with mock.patch.object(partners, "MOST_TASKS", 2):
        page = get(cast, "supervisor", url)
    assert "共 3 项，这里只列最近派出的 2 项" in page
    assert '<a href="/tasks/">' in page
