"""The roster in the browser: upload, look, confirm by the number of households."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from cases.models import Benefit
from cases.rules.roster import OPTIONAL, REQUIRED
from tests.cast import Cast
from tests.imports.rosters import as_csv, as_xlsx, line, lines

URL = "/roster/import/"


def upload(
    cast: Cast, content: bytes, *, who: str = "staff", name: str = "名册.csv"
) -> HttpResponse:
    file = SimpleUploadedFile(name, content)
    response: HttpResponse = cast.client(who).post(URL, {"file": file})  # type: ignore[assignment]
    return response


def text(response: HttpResponse) -> str:
    return response.content.decode()


def test_upload_leads_to_the_preview_and_imports_nothing(cast: Cast) -> None:
    response = upload(cast, as_xlsx(lines(3)), name="名册.xlsx")
    assert response.status_code == 302
    page = text(cast.client("staff").get(response["Location"]))  # type: ignore[arg-type]
    assert "确认导入 3 户" in page
    assert "演练甲" in page
    assert "甲一社区" in page
    assert "XLSX" in page
    assert not Benefit.objects.exists()


def test_confirming_with_the_number_imports_and_a_second_time_changes_nothing(cast: Cast) -> None:
    url = upload(cast, as_csv(lines(3)))["Location"]
    client = cast.client("staff")
    assert client.post(url, {"households": "3"}).status_code == 302
    assert Benefit.objects.count() == 3
    assert "已导入 3 户 6 人" in client.get(url).content.decode()
    assert client.post(url, {"households": "3"}).status_code == 409
    assert Benefit.objects.count() == 3
    assert "没有需要导入的家庭" in client.get(url).content.decode()


@pytest.mark.parametrize(("typed", "status"), [("", 422), ("三", 422), ("²", 422), ("2", 409)])
def test_wrong_number_imports_nothing_and_says_so(cast: Cast, typed: str, status: int) -> None:
    url = upload(cast, as_csv(lines(3)))["Location"]
    response = cast.client("staff").post(url, {"households": typed})
    assert response.status_code == status
    assert 'href="#id_households"' in response.content.decode()
    assert not Benefit.objects.exists()


def test_errors_are_shown_by_row_and_can_be_taken_away(cast: Cast) -> None:
    rows = lines(150)
    for row in rows[:120]:
        row[5] = "=1+1"
    url = upload(cast, as_csv(rows))["Location"]
    client = cast.client("staff")
    page = client.get(url).content.decode()
    assert "需要修改，共 120 处，显示前 100 处" in page
    assert "确认导入" not in page
    sheet = client.get(url + "?as=csv").content.decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(sheet)))
    assert (len(table), table[1][:2]) == (121, ["2", "保障人口数"])
    assert "=1+1" not in sheet
    assert client.post(url, {"households": "30"}).status_code == 409
    assert not Benefit.objects.exists()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "a.xls", "旧版 .xls"),
        (as_csv([["1"]], header=["甲"]), "a.csv", "缺少列"),
        (b"\x00\x00\x00", "a.csv", "空"),
    ],
)
def test_file_that_is_no_roster_is_refused(
    cast: Cast, content: bytes, name: str, said: str
) -> None:
    response = upload(cast, content, name=name)
    assert response.status_code == 415
    assert said in text(response)


def test_no_file_chosen(cast: Cast) -> None:
    response = cast.client("staff").post(URL, {})
    assert response.status_code == 422
    assert "请选择要导入的名册文件" in response.content.decode()


def test_another_office_does_not_find_the_file(cast: Cast) -> None:
    url = upload(cast, as_csv([line(1)]))["Location"]
    assert cast.client("foreign_staff").get(url).status_code == 404
    assert cast.client("foreign_staff").post(url, {"households": "1"}).status_code == 404
    assert cast.client("staff").get(f"{URL}{'0' * 64}/").status_code == 404


@pytest.mark.parametrize("who", ["clerk", "leader", "chief", "auditor", "sysadmin"])
def test_others_may_not_come_in(cast: Cast, who: str) -> None:
    url = upload(cast, as_csv([line(1)]))["Location"]
    assert cast.client(who).get(URL).status_code == 403
    assert cast.client(who).get(url).status_code == 403
    assert upload(cast, as_csv([line(1)]), who=who).status_code == 403


def test_template_has_the_columns(cast: Cast) -> None:
    response = cast.client("staff").get(URL + "?as=template")
    header = next(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert header == [*REQUIRED, *OPTIONAL]


def test_identity_and_account_numbers_are_on_no_page(cast: Cast) -> None:
    row = line(1)
    url = upload(cast, as_csv([row]))["Location"]
    page = cast.client("staff").get(url).content.decode()
    assert row[2] not in page
    assert row[11] not in page
    assert row[2] not in url
