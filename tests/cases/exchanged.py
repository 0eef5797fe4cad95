"""Files that go to the platform and come back from it."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from cases.models import Case
from cases.operations import investigation
from cases.rules.exchange import HEAD, ITEM
from tests import road
from tests.cases.days import at
from tests.cast import Cast
from tests.imports.rosters import as_csv, as_xlsx

ON = road.START
COLUMNS = [*HEAD, *ITEM]


def asked(cast: Cast, serial: int = 1, on: date = ON, **changes: Any) -> Case:
    """A family for which the centre was asked."""
    case = road.accepted(cast, serial, on, **changes)
    investigation.request_means_check(case.no, actor=cast.staff, on=on)
    return road.fresh(case)


def line(case: Case | None, **changes: Any) -> list[Any]:
    """One line of the file: a report of the case without a find, but for the changes."""
    values: dict[str, Any] = {
        "案件编号": case.no if case else "",
        "报告编号": f"HD-{case.pk if case else 0}",
        "数据截止日": str(ON),
        "有效期至": "2027-03-01",
        "结论": "未超标",
        "说明": "",
        "项目": "",
        "证号": "",
        "类别": "",
        "内容": "",
        "金额": "",
        "面积": "",
    }
    return list((values | changes).values())


def id_of(case: Case, relation: str = "SELF") -> str:
    """The number of somebody of the family."""
    return case.household.members.get(relation=relation).id_no


def full(case: Case) -> list[list[Any]]:
    """A report with an income, a car, a flat of the family and what is known of a person."""
    return [
        line(case, 项目="收入", 证号=id_of(case), 类别="工资性收入", 金额="15,000.50"),
        line(case, 项目="财产", 证号=id_of(case), 类别="机动车辆", 内容="蒙A12345", 金额="30000"),
        line(case, 项目="财产", 类别="住房", 内容="自有住房", 面积="80"),
        line(case, 项目="人员", 证号=id_of(case, "SPOUSE"), 类别="财政供养人员", 内容="某中学"),
    ]


FORMS: dict[str, Callable[..., bytes]] = {"csv": as_csv, "xlsx": as_xlsx}


def written(rows: Sequence[Sequence[Any]], form: str = "csv", **more: Any) -> bytes:
    """The lines as a file."""
    return FORMS[form](rows, header=more.pop("header", COLUMNS), **more)


def sent(cast: Cast, content: bytes, name: str = "报告.csv", who: str = "verifier") -> Any:
    """The file as somebody sends it in the browser; whatever happens is an answer."""
    client = cast.client(who)
    client.raise_request_exception = False
    with at(ON):
        return client.post("/checks/import/", {"file": SimpleUploadedFile(name, content)})


def fetched(cast: Cast, who: str = "verifier", on: date = ON) -> Any:
    """The list of who waits, as it is downloaded."""
    client = cast.client(who)
    client.raise_request_exception = False
    with at(on):
        return client.post("/checks/export/")


def rows_of(answer: Any) -> list[list[str]]:
    """The lines of a downloaded file."""
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
