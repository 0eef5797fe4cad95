"""证据册: all evidence of a case, for a purpose, let go by another, and it proves itself (G12)."""

import csv
import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pypdf
import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from archives.models import EvidenceExport
from archives.operations import evidence
from cases.models import Case
from tests import road
from tests.archives.conftest import day, opened
from tests.cast import Cast
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Attachment, Event


def taken(cast: Cast, no: str, who: str = "auditor") -> dict[str, bytes]:
    row = evidence.ask(no, "专项审计", "区审计局", actor=cast.actors[who], on=today())
    _, content = evidence.take(row.no, actor=cast.actors[who], on=today())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def test_the_package_proves_itself(cast: Cast) -> None:
    dossier = opened(cast)
    cast.client("staff").get(f"/cases/{dossier.case.no}/")
    files = taken(cast, dossier.case.no)
    for line in files["manifest-sha256.txt"].decode().splitlines():
        sha256, _, path = line.partition("  ")
        assert hashlib.sha256(files[path]).hexdigest() == sha256
    events = [json.loads(line) for line in files["data/events.jsonl"].decode().splitlines()]
    known = Event.objects.of("case", dossier.case.no).count()
    assert sum(e["subject_kind"] == "case" for e in events) == known
    looks = list(csv.reader(io.StringIO(files["data/access.csv"].decode("utf-8-sig"))))
    assert looks[1][1] == cast.staff.name
    listed = files["data/文件.csv"].decode("utf-8-sig")
    assert listed.count("完好") == sum(name.startswith("data/documents/") for name in files)
    pdf = pypdf.PdfReader(io.BytesIO(files["data/证据册.pdf"]))
    for page in pdf.pages:  # the watermark says whose copy it is, on each page
        assert "仅供区审计局用于专项审计" in page.extract_text().replace("\n", "")


def test_a_file_that_is_gone_is_told_and_the_rest_comes(cast: Cast) -> None:
    case = road.submitted(cast)
    file = Attachment.objects.filter(subject_key=case.no).earliest("id")
    file_store.place(file.sha256).unlink()
    files = taken(cast, case.no)
    assert "缺失或被改动" in files["data/文件.csv"].decode("utf-8-sig")
    page = cast.client("auditor").get(f"/audit/cases/{case.no}/").content.decode()
    assert "有文件缺失或者被改动" in page


def test_auditors_take_by_right_others_wait(cast: Cast) -> None:
    case = road.submitted(cast)
    row = evidence.ask(case.no, "答复信访", "区信访局", actor=cast.supervisor, on=today())
    with pytest.raises(Refused, match="还没有批准"):
        evidence.take(row.no, actor=cast.supervisor, on=today())
    with pytest.raises(PermissionDenied):
        evidence.answer(row.no, "", actor=cast.supervisor, on=today())
    evidence.answer(row.no, "", actor=cast.bureau, on=today())
    with pytest.raises(Refused, match="已经答复"):
        evidence.answer(row.no, "", actor=cast.bureau, on=today())
    evidence.take(row.no, actor=cast.supervisor, on=today() + timedelta(days=7))
    with pytest.raises(Refused, match="过期"):
        evidence.take(row.no, actor=cast.supervisor, on=today() + timedelta(days=8))
    with pytest.raises(Refused, match="别人申请"):  # what was let go to one is not another's
        evidence.take(row.no, actor=cast.actors["supervisor2"], on=today())


def test_refused_with_a_reason(cast: Cast) -> None:
    case = road.submitted(cast)
    row = evidence.ask(case.no, "看看", "某人", actor=cast.supervisor, on=today())
    evidence.answer(row.no, "用途不明", actor=cast.bureau, on=today())
    with pytest.raises(Refused, match="还没有批准"):
        evidence.take(row.no, actor=cast.supervisor, on=today())
    assert EvidenceExport.objects.get().state_label == "不同意"


def test_the_database_knows_who_may_not_let_go(cast: Cast) -> None:
    case = road.submitted(cast)
    row = evidence.ask(case.no, "a", "b", actor=cast.supervisor, on=today())
    with pytest.raises(IntegrityError, match="export_let_go_by_another"), transaction.atomic():
        EvidenceExport.objects.filter(pk=row.pk).update(
            answered_by_id=cast.supervisor.human_id, answered_on=today()
        )


def test_for_a_purpose_and_within_the_scope(cast: Cast) -> None:
    case = road.submitted(cast)
    with pytest.raises(Refused, match="用途和交给谁"):
        evidence.ask(case.no, " ", "b", actor=cast.actors["auditor"], on=today())
    with pytest.raises(PermissionDenied):
        evidence.ask(case.no, "a", "b", actor=cast.staff, on=today())
    with pytest.raises(Case.DoesNotExist):
        evidence.ask(case.no, "a", "b", actor=cast.actors["sysadmin"], on=today())


def test_three_clicks(cast: Cast) -> None:
    """G12: the page of the case, its evidence, the package."""
    dossier = opened(cast)
    auditor = cast.client("auditor")
    page = auditor.get(f"/cases/{dossier.case.no}/").content.decode()
    assert f"/audit/cases/{dossier.case.no}/" in page
    url = f"/audit/cases/{dossier.case.no}/"
    unsaid = auditor.post(url, {"purpose": "审计"})
    assert (unsaid.status_code, 'value="审计"' in unsaid.content.decode()) == (422, True)
    sent = auditor.post(url, {"purpose": "审计", "recipient": "区审计局"}, follow=True)
    assert sent["Content-Type"] == "application/zip"
    asked = Event.objects.filter(subject_kind="evidence").values_list("action", flat=True)
    assert sorted(asked) == ["ask", "take"]
    assert day(dossier)


def test_others_ask_and_the_leader_answers_on_the_pages(cast: Cast) -> None:
    case = road.submitted(cast)
    supervisor, bureau = cast.client("supervisor"), cast.client("bureau")
    found = supervisor.get(f"/audit/cases/?no={case.no}")
    assert found.url == f"/audit/cases/{case.no}/"
    assert "没有这个编号" in supervisor.get("/audit/cases/?no=x").content.decode()
    supervisor.post(found.url, {"purpose": "信访", "recipient": "信访局"})
    row = EvidenceExport.objects.get()
    early = supervisor.get(f"/audit/exports/{row.no}/", follow=True).content.decode()
    assert "还没有批准" in early
    assert row.no in bureau.get("/audit/cases/").content.decode()
    bureau.post(f"/audit/exports/{row.no}/answer/", {"refusal": ""})
    assert supervisor.get(f"/audit/exports/{row.no}/")["Content-Type"] == "application/zip"
