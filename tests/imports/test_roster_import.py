"""The roster: all or nothing, errors by row, twice is once, within one office."""

import threading
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection, connections

from cases.models import Benefit, Case, Household, Member, PayeeAccount
from cases.operations import roster
from cases.operations.roster import RosterErrors, import_roster, preview
from tests import road
from tests.cast import Cast, make_cast
from tests.imports.rosters import HEADER, NEXT, ON, as_csv, as_xlsx, line, lines
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Attachment, Event, Unit
from yuquan_relief.kernel.spreadsheets import Unreadable


def take_over(cast: Cast, content: bytes, on: date = ON) -> roster.Imported:
    return import_roster(content, name="名册.csv", actor=cast.staff, on=on)


def errors_of(cast: Cast, *rows: list[str]) -> list[tuple[int, str, str]]:
    found = preview(as_csv(rows), name="名册.csv", actor=cast.staff, on=ON)
    return [(e.number, e.column, e.message) for e in found.errors]


def counts() -> list[int]:
    models = (Household, Member, PayeeAccount, Benefit, Event)
    history = [m.history.model for m in (Household, Member, Benefit)]
    return [model.objects.count() for model in (*models, *history)]


def test_imported_household_is_in_benefit_from_next_month(cast: Cast) -> None:
    done = take_over(cast, as_csv([line(1)]))
    benefit = Benefit.objects.select_related("household").get()
    assert (done.households, done.persons, done.monthly_fen) == (1, 2, 73200)
    assert (benefit.start_month, benefit.paid_with, benefit.source_case) == (NEXT, NEXT, None)
    assert (benefit.monthly_fen, benefit.supplement_fen, benefit.persons) == (68200, 5000, 2)
    assert benefit.source.startswith("名册导入 ")
    assert benefit.village_id == cast.village.pk
    assert list(Benefit.objects.in_month(NEXT)) == [benefit]


def test_imported_head_and_account_are_as_after_an_application(cast: Cast) -> None:
    take_over(cast, as_csv([line(1, 户主姓名="演练·乙", 账户名称="演练·乙")]))
    head, account = Member.objects.get(), PayeeAccount.objects.get()
    assert (head.name, head.relation, head.is_insured, head.initials[:3]) == (
        "演练·乙",
        "SELF",
        True,
        "YLY",
    )
    assert head.id_no == line(1)[2]
    assert (account.number, account.kind, account.is_current) == (line(1)[11], "card", True)


def test_history_has_the_same_values_as_simple_history_would_write(cast: Cast) -> None:
    take_over(cast, as_csv([line(1)]))
    benefit, head = Benefit.objects.get(), Member.objects.get()
    for row in (benefit, head):
        past = row.history.get()
        assert (past.history_type, past.history_user_id) == ("+", cast.staff.account_id)
        assert past.instance == row
    assert head.history.get().id_no == head.id_no
    benefit.persons = 1
    benefit.save()
    assert benefit.history.count() == 2


def test_one_event_tells_of_the_import_without_personal_data(cast: Cast) -> None:
    before = Event.objects.count()
    take_over(cast, as_csv(lines(3)))
    assert Event.objects.count() == before + 1
    event = Event.objects.latest("seq")
    assert (event.action, event.unit_id, event.body["households"]) == (
        "import_roster",
        cast.office.pk,
        3,
    )
    assert line(1)[2] not in event.canon
    assert line(1)[11] not in event.canon
    assert "演练甲" not in event.canon


@pytest.mark.parametrize(
    ("month", "first"),
    [("2026-12", NEXT), ("2026-11", NEXT), ("2025-03", NEXT), ("2027-01", date(2027, 1, 1))],
)
def test_payment_begins_with_the_rosters_month_but_not_before_next(
    cast: Cast, month: str, first: date
) -> None:
    take_over(cast, as_csv([line(1, 发放年月=month)]))
    assert Benefit.objects.get().start_month == first


def test_encodings_and_xlsx_give_the_same_result(cast: Cast) -> None:
    rows = lines(3)
    files = [as_csv(rows, encoding=e) for e in ("utf-8", "utf-8-sig", "gb18030", "utf-16")]
    previews = [
        preview(content, name="", actor=cast.staff, on=ON) for content in [*files, as_xlsx(rows)]
    ]
    assert {tuple(n.row for n in p.newcomers) for p in previews} == {
        tuple(n.row for n in previews[0].newcomers)
    }
    assert previews[0].households == 3


def test_amounts_may_be_numbers_in_a_sheet_but_accounts_may_not(cast: Cast) -> None:
    row: list[object] = [*line(1)]
    row[5], row[6], row[7], row[8] = 2, 682, 50, 732.0
    assert not preview(as_xlsx([row]), name="", actor=cast.staff, on=ON).errors
    row[11] = 6228480000000000018
    errors = preview(as_xlsx([row]), name="", actor=cast.staff, on=ON).errors
    assert [(e.number, e.column) for e in errors] == [(2, "账号")]
    assert "文本" in errors[0].message


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("地区", "", "没有填写"),
        ("地区", "没有的村", "没有这个村"),
        ("地区", "乙一社区", "没有这个村"),
        ("户主姓名", "张 三", "空格"),
        ("户主姓名", "=cmd|'/c calc'!A0", "符号"),
        ("身份证号", "15990019610304001", "18 位"),
        ("身份证号", "1.59901E+17", "文本"),
        ("低保证号", "C 1", "6 至 30 位"),
        ("低保证号", "N150104001202600001", "类别字母"),
        ("救助类别", "特困", "城市低保"),
        ("保障人口数", "0", "1 至 30"),
        ("保障人口数", "1.5", "1 至 30"),
        ("救助金额(基本)", "0", "大于 0"),
        ("救助金额(基本)", "-5", "正数"),
        ("发放合计", "732.01", "不等于"),
        ("账号", "6228480000000000019", "校验码"),
        ("账号", "6.22848E+18", "文本"),
        ("发放年月", "26-11", "四位"),
        ("发放年月", "2027-12", "太晚"),
    ],
)
def test_row_errors_name_row_and_column(cast: Cast, column: str, text: str, said: str) -> None:
    errors = errors_of(cast, line(1), line(2, **{column: text}))
    assert [(number, name) for number, name, _ in errors] == [(3, column)] or (
        column.startswith("救助金额") and {e[1] for e in errors} <= {column, "发放合计"}
    )
    assert any(said in message for _, name, message in errors if name == column)


def test_errors_never_repeat_what_was_typed(cast: Cast) -> None:
    errors = errors_of(cast, line(1, 户主姓名="李四9", 身份证号="159900196103040012"))
    assert len(errors) == 2
    assert not any("李四" in text or "1599" in text for _, _, text in errors)


def test_two_months_at_once_need_their_total(cast: Cast) -> None:
    assert not errors_of(cast, line(1, 发放月数="2", 发放合计="1464.00"))
    assert errors_of(cast, line(1, 发放月数="2", 发放合计="732.00"))
    assert errors_of(cast, line(1, 发放月数="2", 发放合计=""))


@pytest.mark.parametrize(
    "place",
    [
        "甲一社区",
        "甲街道甲一社区",
        "测试区甲街道甲一社区",
        "呼和浩特市测试区甲街道甲一社区",
        "甲街道 甲一社区",
    ],
)
def test_place_may_be_written_with_what_it_belongs_to(cast: Cast, place: str) -> None:
    assert not errors_of(cast, line(1, 地区=place))


def test_the_same_household_twice_in_the_file(cast: Cast) -> None:
    twice = line(1, 低保证号=line(9)[3])
    assert [e[:2] for e in errors_of(cast, line(1), twice)] == [(3, "身份证号")]
    same_certificate = line(2, 低保证号=line(1)[3])
    assert [e[:2] for e in errors_of(cast, line(1), same_certificate)] == [(3, "低保证号")]


def test_passbook_and_15_digit_number_are_taken_with_a_word(cast: Cast) -> None:
    found = preview(
        as_csv([line(1, 账号="012345678901", 身份证号="159900610304001", 账户名称="演练乙")]),
        name="",
        actor=cast.staff,
        on=ON,
    )
    assert found.newcomers[0].row.account_kind == "passbook"
    assert [w.column for w in found.warnings] == ["身份证号", "账户名称"]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ([*HEADER[:1], *HEADER[2:]], "缺少列：户主姓名"),
        ([*HEADER[:-1], "民族"], "不认识的列：民族"),
        ([*HEADER[:-1], "救助金额"], "两次"),
    ],
)
def test_x8_header_is_reported_exactly(cast: Cast, header: list[str], said: str) -> None:
    content = as_csv([line(1)[: len(header)]], header=header)
    with pytest.raises(Unreadable, match=said):
        preview(content, name="", actor=cast.staff, on=ON)


def test_x9_one_bad_row_among_5000_and_nothing_is_imported(cast: Cast) -> None:
    rows = lines(5000)
    rows[4319][6] = "12.345"
    before = counts()
    with pytest.raises(RosterErrors) as caught:
        take_over(cast, as_csv(rows))
    assert {e.number for e in caught.value.errors} == {4321}
    assert counts() == before


def test_x10_the_same_file_again_changes_nothing(cast: Cast) -> None:
    content = as_csv(lines(3))
    take_over(cast, content)
    before = counts()
    again = take_over(cast, content)
    assert (again.households, again.unchanged) == (0, 3)
    assert counts() == before


def test_a_longer_file_adds_only_what_is_new(cast: Cast) -> None:
    take_over(cast, as_csv(lines(3)))
    done = take_over(cast, as_xlsx(lines(5)))
    assert (done.households, done.unchanged, Benefit.objects.count()) == (2, 3, 5)


def test_other_content_under_a_known_certificate_is_a_conflict(cast: Cast) -> None:
    take_over(cast, as_csv([line(1)]))
    errors = errors_of(cast, line(1, 保障人口数="3"))
    assert [e[:2] for e in errors] == [(2, "低保证号")]
    assert "名册导入不改在享资料" in errors[0][2]


def test_person_in_benefit_under_another_certificate_is_a_conflict(cast: Cast) -> None:
    take_over(cast, as_csv([line(1)]))
    errors = errors_of(cast, line(1, 低保证号=line(2)[3]))
    assert [e[:2] for e in errors] == [(2, "身份证号")]


def test_person_with_an_open_case_is_a_conflict(cast: Cast) -> None:
    road.submitted(cast)
    number = Member.objects.get(relation="SELF").id_no
    errors = errors_of(cast, line(1, 身份证号=number))
    assert [e[:2] for e in errors] == [(2, "身份证号")]
    assert "在办" in errors[0][2]


def test_person_whose_case_was_declined_may_be_taken_over(cast: Cast) -> None:
    case = road.submitted(cast)
    from cases.operations.steps import perform

    perform(case.no, "decline", actor=cast.staff, on=road.START, note="不在本区")
    number = Member.objects.get(relation="SELF").id_no
    assert not errors_of(cast, line(1, 身份证号=number))


@pytest.mark.parametrize("name", ["clerk", "leader", "chief", "sysadmin", "auditor"])
def test_only_staff_of_office_or_district_may_import(cast: Cast, name: str) -> None:
    with pytest.raises(PermissionDenied):
        import_roster(as_csv([line(1)]), name="", actor=cast.actors[name], on=ON)


def test_the_district_takes_over_all_offices_with_one_file(cast: Cast) -> None:
    places = ["甲街道甲一社区", "测试区甲街道甲二村", "乙街道乙一社区"]
    content = as_xlsx([line(n, 地区=place) for n, place in enumerate(places, 1)])
    found = preview(content, name="", actor=cast.supervisor, on=ON)
    assert {total.village for total in found.totals} == {
        "甲街道甲一社区",
        "甲街道甲二村",
        "乙街道乙一社区",
    }
    import_roster(content, name="", actor=cast.supervisor, on=ON, expected=3)
    where = Benefit.objects.order_by("certificate_no").values_list("office_id", "village_id")
    assert list(where) == [
        (cast.office.pk, cast.village.pk),
        (cast.office.pk, cast.other_village.pk),
        (cast.other_office.pk, cast.foreign_village.pk),
    ]
    assert Event.objects.get(action="import_roster").unit_id == cast.district.pk


def test_a_village_name_that_two_offices_have_must_be_told_apart(cast: Cast) -> None:
    Unit.objects.filter(pk=cast.foreign_village.pk).update(name="甲一社区", short_name="甲一社区")
    found = preview(as_csv([line(1)]), name="", actor=cast.supervisor, on=ON)
    assert [(e.number, e.message) for e in found.errors] == [(2, roster.SAME_NAME)]
    assert not errors_of(cast, line(1))  # within one office there is no doubt


def test_an_office_cannot_take_over_a_household_of_another(cast: Cast) -> None:
    for place in ("乙一社区", "乙街道乙一社区"):
        assert [e[2] for e in errors_of(cast, line(1, 地区=place))] == [roster.NO_SUCH_PLACE]


def test_without_the_scope_an_office_would_take_over_anothers(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    everywhere = roster._villages(cast.supervisor, ON)
    monkeypatch.setattr(roster, "_villages", lambda actor, on: everywhere)
    take_over(cast, as_csv([line(1, 地区="乙街道乙一社区")]))
    assert Benefit.objects.get().office_id == cast.other_office.pk


def test_certificate_of_another_office_is_not_shown_as_there(cast: Cast) -> None:
    import_roster(as_csv([line(1, 地区="乙一社区")]), name="", actor=cast.foreign_staff, on=ON)
    assert [e[:2] for e in errors_of(cast, line(1))] == [(2, "低保证号")]


def test_number_typed_must_be_the_number_of_households(cast: Cast) -> None:
    content = as_csv(lines(3))
    with pytest.raises(Refused, match="不一致"):
        import_roster(content, name="", actor=cast.staff, on=ON, expected=4)
    assert import_roster(content, name="", actor=cast.staff, on=ON, expected=3).households == 3


def test_statements_do_not_grow_with_the_rows(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        assert take_over(cast, as_csv(lines(1500))).households == 1500


def test_two_imports_of_one_file_at_once_have_one_effect(own_database: str) -> None:
    cast = make_cast()
    content = as_csv(lines(200))
    results: list[int] = []

    def run() -> None:
        try:
            results.append(take_over(cast, content).households)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 0, 0, 200]
    assert Benefit.objects.count() == 200
    assert Event.objects.filter(action="import_roster").count() == 1


def test_command_previews_imports_and_names_rows(
    cast: Cast, tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    path = f"{tmp_path}/名册.csv"
    with open(path, "wb") as file:
        file.write(as_csv(lines(2), encoding="gb18030"))
    call_command("import_roster", path, "--office", cast.office.code, "--preview")
    assert not Benefit.objects.exists()
    assert "新增 2 户" in capsys.readouterr().out
    call_command("import_roster", path, "--office", cast.office.code)
    assert Benefit.objects.count() == 2
    with open(path, "wb") as file:
        file.write(as_csv([line(3, 地区="乙街道乙一社区")]))
    call_command("import_roster", path)
    assert Benefit.objects.filter(office=cast.other_office).count() == 1
    with pytest.raises(CommandError, match="没有代码"):
        call_command("import_roster", path, "--office", "999999999")


def test_upload_is_kept_for_the_office_only(cast: Cast) -> None:
    content = as_csv(lines(2))
    sha256 = roster.keep_upload(content, name="名册.csv", actor=cast.staff)
    assert roster.keep_upload(content, name="名册.csv", actor=cast.staff) == sha256
    assert Attachment.objects.count() == 1
    assert roster.uploaded(sha256, actor=cast.staff).title == "名册.csv"
    with pytest.raises(Attachment.DoesNotExist):
        roster.uploaded(sha256, actor=cast.foreign_staff)


def test_taken_over_person_cannot_apply_again(cast: Cast) -> None:
    take_over(cast, as_csv([line(1, 身份证号=road.number(2))]))
    with pytest.raises(ValueError, match="1 field errors"):
        road.submitted(cast)
    assert not Case.objects.exists()
    assert connection.in_atomic_block
