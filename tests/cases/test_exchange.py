"""Reports of the verification centre by file: all of them or none, one file once (5(3))."""

from contextlib import suppress
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cases.models import Case, IncomeLine, MeansCheck, MeansFinding, PropertyItem
from cases.operations import decisions, exchange, investigation
from cases.operations.exchange import Imported, WrongRows, import_reports, requested_rows
from cases.rules.exchange import REQUESTED
from tests import road
from tests.cases.exchanged import COLUMNS, ON, asked, fetched, full, id_of, line, rows_of, written
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.spreadsheets import Unreadable


def imported(cast: Cast, *rows: Any, form: str = "csv", on: date = ON) -> Imported:
    """The centre takes the lines in."""
    name = f"报告.{form}"
    return import_reports(written(rows, form), name=name, actor=cast.verifier, on=on)


def wrong(cast: Cast, *rows: Any) -> list[tuple[int, str, str]]:
    """What is said of each line that must be mended; nothing was taken in."""
    before = kept()
    with pytest.raises(WrongRows) as refused:
        imported(cast, *rows)
    assert kept() == before
    assert refused.value.reason == f"文件有 {len(refused.value.errors)} 处需要修改，没有导入"
    return [(e.number, e.column, e.message) for e in refused.value.errors]


def kept() -> dict[str, Any]:
    """Everything that a report leaves."""
    return {
        "checks": list(MeansCheck.objects.order_by("pk").values()),
        "lines": list(IncomeLine.objects.order_by("pk").values()),
        "property": list(PropertyItem.objects.order_by("pk").values()),
        "findings": list(MeansFinding.objects.order_by("pk").values()),
        "cases": list(Case.objects.order_by("pk").values_list("no", "version")),
        "events": Event.objects.exclude(subject_kind="account").count(),
    }


# ------------------------------------------------------------------ who waits


@pytest.mark.clause("5(3)")
def test_the_list_has_everybody_who_waits_and_nobody_else(cast: Cast) -> None:
    first, second = asked(cast, 1), asked(cast, 2, ON + timedelta(days=1))
    road.accepted(cast, 3)  # not asked
    returned = asked(cast, 4)
    imported(cast, line(returned))
    header, *rows = requested_rows(actor=cast.verifier, on=ON)
    assert header == list(REQUESTED)
    assert rows == [
        [case.no, str(day), "1", name, id_of(case, relation), label]
        for case, day in ((first, ON), (second, ON + timedelta(days=1)))
        for name, relation, label in (("演练甲", "SELF", "本人"), ("演练乙", "SPOUSE", "配偶"))
    ]


def test_who_has_left_the_family_is_not_asked_about(cast: Cast) -> None:
    case = asked(cast)
    case.household.members.filter(relation="SPOUSE").update(left_on=ON, left_reason="APART")
    assert [row[3] for row in requested_rows(actor=cast.verifier, on=ON)[1:]] == ["演练甲"]


def test_a_second_check_is_named_as_such(cast: Cast) -> None:
    case = asked(cast)
    imported(cast, line(case))
    investigation.request_recheck(case.no, objection="车已报废", actor=cast.staff, on=ON)
    assert {row[2] for row in requested_rows(actor=cast.verifier, on=ON)[1:]} == {"2"}


def test_who_took_the_list_is_recorded_and_names_nobody(cast: Cast) -> None:
    case = asked(cast)
    requested_rows(actor=cast.verifier, on=ON)
    event = Event.objects.get(subject_kind="means_exchange")
    assert (event.action, event.person_id) == ("export_requests", cast.verifier.person_id)
    assert event.body == {"cases": 1, "persons": 2}
    for secret in (id_of(case), "演练甲", case.no):
        assert secret not in event.canon


@pytest.mark.parametrize("who", ["clerk", "staff", "leader", "supervisor", "auditor", "sysadmin"])
def test_nobody_else_exchanges_files(cast: Cast, who: str) -> None:
    case = asked(cast)
    with pytest.raises(PermissionDenied):
        requested_rows(actor=cast.actors[who], on=ON)
    with pytest.raises(PermissionDenied):
        import_reports(written([line(case)]), name="a.csv", actor=cast.actors[who], on=ON)
    assert not Event.objects.filter(subject_kind="means_exchange").exists()


def test_cells_that_a_spreadsheet_would_run_are_neutral(cast: Cast) -> None:
    case = asked(cast)
    case.household.members.filter(relation="SELF").update(name="=HYPERLINK(1)")
    cells = [row[3] for row in rows_of(fetched(cast))]
    assert "'=HYPERLINK(1)" in cells
    assert "=HYPERLINK(1)" not in cells
    assert "=HYPERLINK(1)" in [r[3] for r in requested_rows(actor=cast.verifier, on=ON)]  # the twin


# ------------------------------------------------------------------ reports


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_report_is_returned_with_everything_in_it(cast: Cast, form: str) -> None:
    case = asked(cast)
    assert imported(cast, *full(case), form=form) == Imported(1, 0)
    check = MeansCheck.objects.get(case=case)
    assert (check.returned_on, check.report_no, check.conclusion) == (ON, f"HD-{case.pk}", "WITHIN")
    assert (check.data_upto, check.valid_until) == (ON, date(2027, 3, 1))
    head, spouse = case.household.members.order_by("pk")
    assert IncomeLine.objects.get(member=head).checked_fen == 15_000_50
    owned = check.property_items.order_by("pk").values_list(
        "member", "kind", "note", "value_fen", "area"
    )
    assert list(owned) == [
        (head.pk, "VEHICLE", "蒙A12345", 30_000_00, 0),
        (None, "DWELLING", "自有住房", 0, 80),
    ]
    (found,) = check.findings.all()
    assert (found.member_id, found.kind, found.note) == (spouse.pk, "PAYROLL", "某中学")
    event = Event.objects.of("case", case.no).filter(action="return_means_check").get()
    assert event.person_id == cast.verifier.person_id


def test_by_file_and_by_form_a_report_is_the_same(cast: Cast) -> None:
    by_file, by_form = asked(cast, 1), asked(cast, 2)
    imported(cast, *full(by_file))
    head, spouse = by_form.household.members.order_by("pk")
    report = investigation.MeansReport(
        report_no=f"HD-{by_form.pk}", data_upto=ON, valid_until=date(2027, 3, 1),
        conclusion="WITHIN",
        lines=[
            investigation.CheckedIncome(member_id=head.pk, kind="WAGES", annual_fen=15_000_50)
        ],
        property=[
            investigation.CheckedProperty(
                member_id=head.pk, kind="VEHICLE", note="蒙A12345", value_fen=30_000_00
            ),
            investigation.CheckedProperty(
                member_id=None, kind="DWELLING", note="自有住房", area=80
            ),
        ],
        findings=[investigation.Finding(member_id=spouse.pk, kind="PAYROLL", note="某中学")],
    )  # fmt: skip
    investigation.return_means_check(by_form.no, report, actor=cast.verifier, on=ON)
    incomes, owned, found = [
        [
            sorted(rows.filter(**{f"{to_case}": case}).values_list(*fields))
            for case in (by_file, by_form)
        ]
        for rows, to_case, fields in (
            (IncomeLine.objects.all(), "case", ("kind", "declared_fen", "checked_fen")),
            (PropertyItem.objects.all(), "case", ("kind", "note", "value_fen", "area")),
            (MeansFinding.objects.all(), "check_of__case", ("kind", "note")),
        )
    ]
    assert (incomes[0], owned[0], found[0]) == (incomes[1], owned[1], found[1])


def test_several_families_in_one_file(cast: Cast) -> None:
    cases = [asked(cast, serial) for serial in (1, 2, 3)]
    mixed = [row for rows in zip(*(full(c) for c in cases), strict=True) for row in rows]
    assert imported(cast, *mixed) == Imported(3, 0)
    assert MeansFinding.objects.count() == 3
    assert PropertyItem.objects.count() == 6


@pytest.mark.parametrize("conclusion", ["疑似超标", "超标"])
def test_the_conclusion_in_words(cast: Cast, conclusion: str) -> None:
    imported(cast, line(asked(cast), 结论=conclusion, 说明="有车辆"))
    check = MeansCheck.objects.get()
    assert (check.get_conclusion_display(), check.note) == (conclusion, "有车辆")


def test_the_same_file_again_changes_nothing(cast: Cast) -> None:
    rows = [*full(asked(cast, 1)), *full(asked(cast, 2))]
    assert imported(cast, *rows) == Imported(2, 0)
    before = kept()
    assert imported(cast, *rows) == Imported(0, 2)
    assert imported(cast, *rows, on=ON + timedelta(days=3)) == Imported(0, 2)
    assert kept() == before


def test_a_longer_file_takes_in_only_what_is_new(cast: Cast) -> None:
    first, second = asked(cast, 1), asked(cast, 2)
    imported(cast, *full(first))
    assert imported(cast, *full(first), *full(second)) == Imported(1, 1)


def test_another_report_on_what_was_returned_is_refused(cast: Cast) -> None:
    case = asked(cast)
    imported(cast, line(case))
    (told,) = wrong(cast, line(case, 报告编号="HD-OTHER"))
    assert told[:2] == (2, "案件编号")
    assert "核对报告已返回，不能重复提交" in told[2]


def test_after_an_objection_a_second_report_is_taken(cast: Cast) -> None:
    case = asked(cast)
    imported(cast, *full(case))
    investigation.request_recheck(case.no, objection="车已报废", actor=cast.staff, on=ON)
    assert imported(cast, line(case, 报告编号="HD-2")) == Imported(1, 0)
    assert case.means_checks.count() == 2


# ------------------------------------------------------------------ all or none


def test_one_bad_line_and_nothing_is_taken_in(cast: Cast) -> None:
    good, bad = asked(cast, 1), asked(cast, 2)
    rows = [*full(good), line(bad, 结论="可能")]
    assert wrong(cast, *rows) == [(6, "结论", "请填未超标、疑似超标、超标之一")]
    rows[-1] = line(bad)
    assert imported(cast, *rows) == Imported(2, 0)  # the control


def test_twin_without_its_transaction_half_of_the_file_would_stay(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = asked(cast, 1), asked(cast, 2)
    monkeypatch.setattr(exchange, "transaction", SimpleNamespace(set_rollback=lambda _: None))
    foreign = line(bad, 项目="人员", 证号=road.number(99), 类别="死亡或者殡葬登记")
    alone = vars(import_reports)["__wrapped__"]
    with pytest.raises(WrongRows):
        alone(written([*full(good), foreign]), name="a.csv", actor=cast.verifier, on=ON)
    assert MeansCheck.objects.get(case=good).returned_on == ON


def test_every_line_that_is_wrong_is_told_in_the_order_of_the_file(cast: Cast) -> None:
    first, second = asked(cast, 1), asked(cast, 2)
    told = wrong(
        cast,
        line(first, 项目="收入", 证号="159900194908170018", 类别="工资性收入", 金额="1.005"),
        line(second, 数据截止日="2026-02-30", 有效期至=""),
        line(first, 项目="汽车"),
        line(None),
    )
    assert [(number, column) for number, column, _ in told] == [
        (2, "证号"), (2, "金额"), (3, "有效期至"), (3, "数据截止日"), (4, "项目"), (5, "案件编号"),
    ]  # fmt: skip
    assert all(message for _, _, message in told)


def test_a_foreign_number_is_told_and_not_repeated(cast: Cast) -> None:
    case, other = asked(cast, 1), asked(cast, 2)
    number = id_of(other)
    (told,) = wrong(cast, line(case, 项目="人员", 证号=number, 类别="在校学生"))
    assert told == (2, "证号", f"{case.no} 里有不属于本户的证号")
    assert number not in told[2]


def test_a_case_that_was_not_asked_about_is_not_there(cast: Cast) -> None:
    asked(cast, 1)
    for no in (road.accepted(cast, 2).no, "YQ-DB-1", "' OR 1=1 --", "%"):
        told = wrong(cast, line(None, 案件编号=no))
        assert told == [(2, "案件编号", "没有委托核对这个案件，请核对案件编号")]


def test_a_case_that_is_decided_is_refused_with_its_words(cast: Cast) -> None:
    case = road.approved(cast)
    (told,) = wrong(cast, line(case, 报告编号="HD-LATE"))
    assert "现在是“已批准”，不能返回核对报告" in told[2]


def test_lines_of_one_case_say_the_same_of_its_report(cast: Cast) -> None:
    case = asked(cast)
    (told,) = wrong(cast, line(case), line(case, 结论="超标"))
    assert told == (3, "报告编号", "与第 2 行同一案件的报告内容不一致，请核对")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"数据截止日": "2026-09-22"}, "截止日不晚于今天"),
        ({"有效期至": "2026-09-20"}, "有效期不早于今天"),
    ],
)
def test_days_that_cannot_be_are_refused(cast: Cast, changes: dict[str, str], said: str) -> None:
    (told,) = wrong(cast, line(asked(cast), **changes))
    assert said in told[2]


@pytest.mark.parametrize("written_as", ["2026/9/21", "2026.9.21", "2026年9月21日", "20260921"])
def test_days_as_people_write_them(cast: Cast, written_as: str) -> None:
    imported(cast, line(asked(cast), 数据截止日=written_as))
    assert MeansCheck.objects.get().data_upto == ON


@pytest.mark.parametrize("column", COLUMNS[:5])
def test_a_column_that_is_missing_is_named(cast: Cast, column: str) -> None:
    case = asked(cast)
    at = COLUMNS.index(column)
    header, row = [*COLUMNS], line(case)
    del header[at], row[at]
    with pytest.raises(Unreadable, match=f"缺少列：{column}"):
        import_reports(written([row], header=header), name="a.csv", actor=cast.verifier, on=ON)
    assert MeansCheck.objects.get().returned_on is None


def test_an_empty_list_of_reports_is_said(cast: Cast) -> None:
    with pytest.raises(Refused, match="文件里没有报告"):
        imported(cast)


def test_a_foreign_number_is_told_at_its_own_line(cast: Cast) -> None:
    case, other = asked(cast, 1), asked(cast, 2)
    foreign = line(case, 项目="人员", 证号=id_of(other), 类别="在校学生")
    (told,) = wrong(cast, *full(case), foreign)
    assert told[:2] == (6, "证号")


def test_two_incomes_of_one_kind_are_not_one(cast: Cast) -> None:
    """Wages of two employers: told, or added up; that one of them is lost would raise the aid."""
    case = asked(cast)
    head = case.household.members.get(relation="SELF")
    rows = [
        line(case, 项目="收入", 证号=head.id_no, 类别="工资性收入", 金额=yuan)
        for yuan in ("30000", "1000")
    ]
    with suppress(WrongRows):  # to be told is as good as to be added up
        imported(cast, *rows)
    found = IncomeLine.objects.get(member=head).checked_fen
    assert found in (None, 31_000_00)


def test_of_a_case_that_was_decided_nobody_is_asked_any_more(cast: Cast) -> None:
    """They are not sent to the platform for nothing: their report cannot be returned."""
    case = asked(cast)
    road.survey(cast, case, ON)
    decisions.propose_refusal(
        case.no, note="收入高于标准", actor=cast.staff, on=ON, proof=cast.proof("staff")
    )
    decisions.refuse(
        case.no, ground="INCOME", note="收入高于标准", actor=cast.leader, on=ON,
        proof=cast.proof("leader"),
    )  # fmt: skip
    assert road.fresh(case).state == "REFUSED"
    assert requested_rows(actor=cast.verifier, on=ON)[1:] == []


def test_who_is_asked_about_anew_stands_once_on_the_list(cast: Cast) -> None:
    """Looked into anew before the report came, the case is asked about anew: one request waits."""
    case = asked(cast)
    road.survey(cast, case, ON)
    decisions.reopen(case.no, note="补查租金", actor=cast.staff, on=ON)
    investigation.request_means_check(case.no, actor=cast.staff, on=ON)
    rows = requested_rows(actor=cast.verifier, on=ON)[1:]
    assert [row[3] for row in rows] == ["演练甲", "演练乙"]
