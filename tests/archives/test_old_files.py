"""Every file since 2015: taken over, given out, looked at by its own year's list, mended (16)."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from archives import old_file_reports as reports
from archives.models import OldFile
from archives.operations import old_files
from archives.rules import old_files as rules
from archives.rules.old_files import COLUMNS
from tests.archives.test_handover import without
from tests.cast import Cast
from tests.road import photo
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Attachment, Event
from yuquan_relief.kernel.spreadsheets import Unreadable

DAY = date(2026, 11, 27)
GOOD = ("2016", "城市低保", "2016-001", "演练甲", "甲街道", "甲一社区", "31", "12", "2016-03-01")


def table(*rows: tuple[str, ...], header: tuple[str, ...] = COLUMNS) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


def changed(**changes: str) -> tuple[str, ...]:
    return tuple({**dict(zip(COLUMNS, GOOD, strict=True)), **changes}.values())


def taken_in(cast: Cast, *rows: tuple[str, ...]) -> list[OldFile]:
    rows = rows or (GOOD, changed(档号="2016-002"), changed(年度="2021", 档号="2021-001"))
    old_files.import_archives(table(*rows), name="a.csv", actor=cast.supervisor, on=DAY)
    return list(OldFile.objects.order_by("no"))


def given(cast: Cast) -> OldFile:
    file, *_ = taken_in(cast)
    old_files.assign(
        cast.office.pk, 2016, cast.staff.human_id, due_on=DAY + timedelta(days=20),
        actor=cast.supervisor, on=DAY,
    )  # fmt: skip
    file.refresh_from_db()
    return file


def answered(cast: Cast, file: OldFile, **lacks: str) -> None:
    found = {
        line.slot: (line.slot not in lacks, lacks.get(line.slot, "")) for line in file.lines.all()
    }
    old_files.answer(file.no, found, actor=cast.staff, on=DAY)


def with_problem(cast: Cast) -> OldFile:
    file = given(cast)
    answered(cast, file, notice="缺公示单")
    old_files.problem(file.no, actor=cast.staff, on=DAY)
    file.refresh_from_db()
    return file


# The register


@pytest.mark.clause("16")
def test_the_register_is_taken_over_once_with_each_years_list(cast: Cast) -> None:
    files = taken_in(cast)
    assert [f.no for f in files] == [
        "JD-159900001-2016-00001", "JD-159900001-2016-00002", "JD-159900001-2021-00001",
    ]  # fmt: skip
    old, new = files[0].lines, files[2].lines
    assert not old.filter(slot="letter").exists()  # what nobody asked for in 2016
    assert new.filter(slot="letter").exists()
    again = old_files.import_archives(table(GOOD), name="a.csv", actor=cast.supervisor, on=DAY)
    assert (len(again.fresh), again.unchanged, OldFile.objects.count()) == (0, 1, 3)
    assert Event.objects.filter(subject_kind="old_file", action="import").count() == 1


@pytest.mark.parametrize(
    ("changes", "column", "text"),
    [
        ({"年度": "2014"}, "年度", "2015 至 2026"),
        ({"年度": "去年"}, "年度", "2015 至 2026"),
        ({"类别": "低保"}, "类别", "类别请填"),
        ({"档号": ""}, "档号", "没有填档号"),
        ({"户主": ""}, "户主", "没有填户主"),
        ({"镇街道": "丙街道"}, "镇街道", "没有这个镇、街道"),
        ({"页数": "三十"}, "页数", "页数请填数字"),
        ({"批准日期": "早就批了"}, "批准日期", "年-月-日"),
    ],
)
def test_a_wrong_cell_is_told_and_nothing_is_taken(
    cast: Cast, changes: dict[str, str], column: str, text: str
) -> None:
    content = table(changed(档号="1"), changed(**changes))
    found = old_files.preview(content, name="a.csv", actor=cast.supervisor, on=DAY)
    assert [(e.number, e.column) for e in found.errors] == [(3, column)]
    assert text in found.errors[0].message
    with pytest.raises(Refused, match="没有导入"):
        old_files.import_archives(content, name="a.csv", actor=cast.supervisor, on=DAY)
    assert not OldFile.objects.exists()


def test_one_number_for_two_files(cast: Cast) -> None:
    twice = table(GOOD, changed(户主="演练乙"))
    found = old_files.preview(twice, name="a.csv", actor=cast.supervisor, on=DAY)
    assert "与第 2 行的档号相同" in found.errors[0].message
    taken_in(cast)
    other = table(changed(户主="演练乙"))
    found = old_files.preview(other, name="a.csv", actor=cast.supervisor, on=DAY)
    assert "已有这个档号" in found.errors[0].message


def test_what_is_no_register(cast: Cast) -> None:
    for content in (table(header=COLUMNS[1:]), table()):
        with pytest.raises(Unreadable):
            old_files.preview(content, name="a.csv", actor=cast.supervisor, on=DAY)
    with pytest.raises(PermissionDenied):
        old_files.preview(table(GOOD), name="a.csv", actor=cast.staff, on=DAY)


def test_the_command(cast: Cast, tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(table(GOOD, changed(年度="1999", 档号="2")))
    with pytest.raises(CommandError, match="没有导入任何一卷"):
        call_command("import_archives", str(path))
    path.write_bytes(table(GOOD))
    call_command("import_archives", str(path), "--preview")
    assert not OldFile.objects.exists()
    call_command("import_archives", str(path))
    assert "新增 1 卷" in capsys.readouterr().out
    with pytest.raises(CommandError, match="打不开文件"):
        call_command("import_archives", str(tmp_path / "b.csv"))


# Given out, looked at, mended


def test_only_who_was_given_the_file_checks_it(cast: Cast) -> None:
    file = given(cast)
    assert (file.state, file.checker_id) == ("ASSIGNED", cast.staff.human_id)
    with pytest.raises(Refused, match="派到的核查人"):
        old_files.answer(file.no, {"notice": (True, "")}, actor=cast.actors["surveyor"], on=DAY)
    with pytest.raises(Refused, match="没有核查"):
        old_files.whole(file.no, actor=cast.staff, on=DAY)
    with pytest.raises(Refused, match="写明缺什么"):
        old_files.answer(file.no, {"notice": (False, " ")}, actor=cast.staff, on=DAY)
    answered(cast, file)
    with pytest.raises(Refused, match="没有缺项"):
        old_files.problem(file.no, actor=cast.staff, on=DAY)
    old_files.whole(file.no, actor=cast.staff, on=DAY)
    file.refresh_from_db()
    assert (file.state, file.done_on, file.due_on) == ("DONE", DAY, None)


@pytest.mark.parametrize("who", ["foreign_staff", "leader"])
def test_files_are_given_to_the_offices_own_staff(cast: Cast, who: str) -> None:
    taken_in(cast)
    with pytest.raises(Refused, match="须是这个镇、街道社救办的人"):
        old_files.assign(
            cast.office.pk, 2016, cast.actors[who].human_id, due_on=DAY,
            actor=cast.supervisor, on=DAY,
        )  # fmt: skip


def test_what_has_begun_is_not_given_to_another(cast: Cast) -> None:
    file = given(cast)
    old_files.answer(file.no, {"notice": (True, "")}, actor=cast.staff, on=DAY)
    count = old_files.assign(
        cast.office.pk, 2016, cast.actors["surveyor"].human_id, due_on=DAY,
        actor=cast.supervisor, on=DAY,
    )  # fmt: skip
    file.refresh_from_db()
    assert (count, file.checker_id) == (1, cast.staff.human_id)


@pytest.mark.clause("16")
def test_what_lacks_is_mended_and_looked_at_again(cast: Cast) -> None:
    file = with_problem(cast)
    assert (file.state, file.due_on) == ("PROBLEM", DAY + timedelta(days=15))
    with pytest.raises(Refused, match="没有整改"):
        old_files.perform(file.no, "ask_again", actor=cast.staff, on=DAY)
    with pytest.raises(Refused, match="怎样整改"):
        old_files.mend(file.no, {"application": "补"}, actor=cast.staff, on=DAY)  # lacks nothing
    old_files.mend(file.no, {"notice": "补了复印件"}, actor=cast.staff, on=DAY)
    old_files.perform(file.no, "ask_again", actor=cast.staff, on=DAY)
    with pytest.raises(Refused, match="写明理由"):
        old_files.refuse(file.no, note=" ", actor=cast.supervisor, on=DAY)
    old_files.refuse(file.no, note="复印件看不清", actor=cast.supervisor, on=DAY)
    with pytest.raises(Refused, match="没有整改"):  # asked anew
        old_files.perform(file.no, "ask_again", actor=cast.staff, on=DAY)
    old_files.mend(file.no, {"notice": "重新复印"}, actor=cast.staff, on=DAY)
    old_files.perform(file.no, "ask_again", actor=cast.staff, on=DAY)
    old_files.passed(file.no, actor=cast.supervisor, on=DAY)
    file.refresh_from_db()
    assert (file.state, file.round, file.had_problem) == ("DONE", 2, True)


def test_a_deadline_is_extended_with_its_reason(cast: Cast) -> None:
    file = with_problem(cast)
    later = DAY + timedelta(days=60)
    old_files.extend(file.no, note="档案在审计", due_on=later, actor=cast.supervisor, on=DAY)
    event = Event.objects.of("old_file", file.no).filter(action="extend").get()
    assert event.body["to"] == later.isoformat()
    with pytest.raises(Refused, match="一年以内"):
        old_files.extend(
            file.no, note="x", due_on=DAY - timedelta(days=1), actor=cast.supervisor, on=DAY
        )
    with pytest.raises(PermissionDenied):
        old_files.extend(file.no, note="x", actor=cast.staff, on=DAY)


def test_progress_by_office_and_year(cast: Cast) -> None:
    file = with_problem(cast)
    late = file.due_on
    assert late is not None
    rows = reports.progress(cast.supervisor, late + timedelta(days=1))
    # The second file of 2016 is given and late too; that of 2021 is not given.
    assert [(r.year, r.files, r.done, r.problems, r.late) for r in rows] == [
        (2016, 2, 0, 1, 1),
        (2021, 1, 0, 0, 0),
    ]
    assert reports.progress(cast.actors["foreign_staff"], DAY) == []


# On the pages


def test_the_check_goes_its_way_on_the_pages(cast: Cast) -> None:
    supervisor, staff = cast.client("supervisor"), cast.client("staff")
    root = "/archive/since2015/"
    assert supervisor.get(f"{root}?as=template").content.decode("utf-8-sig").startswith("年度")

    def upload(*rows: tuple[str, ...]) -> Any:
        file = SimpleUploadedFile("a.csv", table(*rows))
        return supervisor.post(f"{root}register/", {"file": file})

    wrong = upload(changed(年度="1999"))
    assert (wrong.status_code, "2015 至" in wrong.content.decode()) == (422, True)
    assert supervisor.post(f"{root}register/").status_code == 422
    assert upload(GOOD).status_code == 302
    due = (today() + timedelta(days=9)).isoformat()
    give = {"office": cast.office.pk, "year": 2016, "checker": cast.staff.human_id}
    early = supervisor.post(f"{root}assign/", give | {"due_on": "2020-01-01"})
    assert (early.status_code, "一年以内" in early.content.decode()) == (409, True)
    assert supervisor.post(f"{root}assign/", give | {"due_on": due}).status_code == 302
    listed = staff.get(f"{root}?mine=on").content.decode()
    file = OldFile.objects.get()
    assert (file.old_no in listed, "0%" in listed) == (True, True)
    url = f"{root}{file.no}/"
    slots = list(file.lines.values_list("slot", flat=True))
    typed = dict.fromkeys(slots, "Y") | {"notice": "N", "version": 0}
    bad = staff.post(f"{url}answer/", typed)
    assert (bad.status_code, "写明缺什么" in bad.content.decode()) == (409, True)
    assert bad.content.decode().count(" checked") == len(slots)  # nothing typed is lost
    assert staff.post(f"{url}answer/", typed | {"notice-lack": "缺"}).status_code == 302
    assert staff.post(f"{url}problem/", {"version": 1}).status_code == 302
    assert staff.post(f"{url}mend/", {"notice-mended": ""}).status_code == 409
    assert staff.post(f"{url}mend/", {"notice-mended": "补了"}).status_code == 302
    assert staff.post(f"{url}ask_again/", {}).status_code == 302
    assert supervisor.post(f"{url}pass/", {}).status_code == 302
    assert "100.0" in supervisor.get(root).content.decode()
    beyond = supervisor.get(f"{root}?page={'9' * 18}")
    assert (beyond.status_code, file.old_no in beyond.content.decode()) == (200, False)


def test_scans_stand_beside_the_checklist(cast: Cast) -> None:
    file = given(cast)
    staff, url = cast.client("staff"), f"/archive/since2015/{file.no}/scan/"
    none = staff.post(url, {"slot": "notice"})
    assert (none.status_code, "请先选择" in none.content.decode()) == (409, True)
    picture = SimpleUploadedFile("a.jpg", photo((1, 2, 3)), "image/jpeg")
    assert staff.post(url, {"slot": "notice", "files": picture}).status_code == 302
    kept = Attachment.objects.get(subject_kind="old_file")
    assert (kept.subject_key, kept.slot, kept.office_id) == (file.no, "notice", cast.office.pk)
    assert staff.get(f"/files/{kept.pk}/").status_code == 200
    assert cast.client("foreign_staff").get(f"/files/{kept.pk}/").status_code == 404
    assert f"/files/{kept.pk}/" in staff.get(f"/archive/since2015/{file.no}/").content.decode()
    with pytest.raises(Refused, match="请先选择"):
        old_files.scan(file.no, "letter", [b"x"], actor=cast.staff, on=DAY)  # not of 2016


# The twins: without its guard each of these goes through


def checked_by_another(cast: Cast) -> None:
    file = given(cast)
    old_files.answer(file.no, {"notice": (True, "")}, actor=cast.actors["surveyor"], on=DAY)


def whole_without_looking(cast: Cast) -> None:
    old_files.whole(given(cast).no, actor=cast.staff, on=DAY)


def whole_although_it_lacks(cast: Cast) -> None:
    file = given(cast)
    answered(cast, file, notice="缺公示单")
    old_files.whole(file.no, actor=cast.staff, on=DAY)


def asked_again_without_mending(cast: Cast) -> None:
    old_files.perform(with_problem(cast).no, "ask_again", actor=cast.staff, on=DAY)


def passed_by_who_mended(cast: Cast) -> None:
    file = with_problem(cast)
    old_files.mend(file.no, {"notice": "补了"}, actor=cast.staff, on=DAY)
    old_files.perform(file.no, "ask_again", actor=cast.staff, on=DAY)
    OldFile.objects.filter(pk=file.pk).update(mended_by_id=cast.supervisor.human_id)
    old_files.passed(file.no, actor=cast.supervisor, on=DAY)


WRONG = {
    "checker": checked_by_another,
    "answered": whole_without_looking,
    "whole": whole_although_it_lacks,
    "mended": asked_again_without_mending,
    "other": passed_by_who_mended,
}


@pytest.mark.parametrize("need", WRONG)
def test_each_guard_refuses_and_nothing_else_does(
    cast: Cast, need: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused), transaction.atomic():
        WRONG[need](cast)
    without(monkeypatch, rules, need)
    WRONG[need](cast)
