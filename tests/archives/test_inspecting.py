"""四性检测: authentic, whole, usable, safe; when filed, handed over and every year (DA/T 70)."""

import json
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.db import DatabaseError, connection, transaction

from archives.inbox import inspections_failed
from archives.models import Dossier, DossierItem, Inspection
from archives.operations import inspecting
from archives.operations.sealing import seal
from archives.rules.four_properties import PROPERTIES
from tests.archives import packages
from tests.archives.conftest import day, opened, sealed
from tests.cast import Cast
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event

pytestmark = pytest.mark.usefixtures("quick_pdf")
TODAY = date(2026, 11, 27)


def wrong(dossier: Dossier) -> dict[str, str]:
    found = inspecting.report_of(dossier, "现在", TODAY)
    return {x["项目"]: x["结果"] for x in found["检测项"] if x["结果"] != "通过"}


@pytest.mark.clause("6.3")
def test_a_file_is_inspected_when_it_is_filed(cast: Cast) -> None:
    dossier = sealed(cast)
    row = Inspection.objects.get()
    assert (row.occasion, row.passed) == ("FILING", True)
    assert {x["性质"] for x in row.report["检测项"]} == set(PROPERTIES.values())
    assert "杀毒" in row.report["未检"]  # what nobody looked for is said
    files = packages.unpacked(file_store.read(dossier.package_sha256))
    assert json.loads(files["data/四性检测.json"]) == row.report


def test_a_changed_file_is_not_authentic(cast: Cast) -> None:
    dossier = opened(cast)
    item = DossierItem.objects.filter(dossier=dossier, slot="id_card").get()
    file_store.place(item.sha256).write_bytes(b"rotten")
    assert any("摘要与登记一致" in what for what in wrong(dossier))
    with pytest.raises(Refused):
        seal(dossier.no, actor=cast.staff, on=day(dossier), proof=cast.proof("staff"))
    assert not Inspection.objects.exists()


def test_a_changed_event_is_not_authentic(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = opened(cast)
    real = inspecting._trail

    def trail(one: Dossier) -> tuple[list[Event], list[object]]:
        events, signatures = real(one)
        events[0].canon += " "
        return events, signatures  # type: ignore[return-value]

    monkeypatch.setattr(inspecting, "_trail", trail)
    assert any("办理经过与记录链" in what for what in wrong(dossier))


def test_a_changed_signature_is_not_authentic(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = opened(cast)
    monkeypatch.setattr(inspecting, "signature_hash", lambda signature: "0" * 64)
    assert any("签字与所签内容" in what for what in wrong(dossier))


def test_what_the_leader_saw_is_there(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = opened(cast)
    monkeypatch.setattr(inspecting, "signed_files", lambda case: ["f" * 64])
    assert wrong(dossier) == {"签批时看过的文件都在卷内": "缺 ffffffffffff"}


def test_a_lost_file_cannot_be_opened(cast: Cast) -> None:
    dossier = opened(cast)
    item = DossierItem.objects.filter(dossier=dossier, slot="id_card").get()
    file_store.place(item.sha256).unlink()
    assert "丢失" in wrong(dossier)["每件文件都能打开"]


def test_a_script_in_a_file_is_not_safe(cast: Cast) -> None:
    dossier = opened(cast)
    item = DossierItem.objects.filter(dossier=dossier, slot="id_card").get()
    bad = file_store.keep(b"%PDF-1.7\n1 0 obj << /OpenAction << /S /JavaScript >> >>\n%%EOF")
    row = DossierItem.objects.get(pk=item.pk)
    row.pk, row.sha256, row.content_type = None, bad, "application/pdf"
    row._state.adding = True
    row.save()
    assert "没有脚本、宏、自动动作和嵌入附件" in wrong(dossier)


def test_sealed_files_are_inspected_once_a_year(cast: Cast) -> None:
    dossier = sealed(cast)
    filed = day(dossier)
    assert inspecting.inspect_due(filed + timedelta(days=364)) == 0
    assert inspecting.inspect_due(filed + timedelta(days=365)) == 1
    assert inspecting.inspect_due(filed + timedelta(days=366)) == 0
    file_store.place(dossier.package_sha256).write_bytes(b"rotten")
    inspecting.inspect_due(filed + timedelta(days=800))
    latest = Inspection.objects.order_by("-id").first()
    assert latest is not None
    assert not latest.passed
    (told,) = inspections_failed(cast.staff, TODAY)
    assert told.hint == dossier.no
    assert inspections_failed(cast.actors["foreign_staff"], TODAY) == []


def test_reports_stay(cast: Cast) -> None:
    sealed(cast)
    for sql in ("UPDATE archives_inspection SET passed = false", "DELETE FROM archives_inspection"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_the_report_on_the_page(cast: Cast) -> None:
    dossier = sealed(cast)
    page = cast.client("staff").get(f"/archive/{dossier.no}/?as=check").content.decode()
    assert ("电子档案四性检测报告" in page, "真实性" in page) == (True, True)


def test_metadata_has_its_four_entities(cast: Cast) -> None:
    dossier = sealed(cast)
    files = packages.unpacked(file_store.read(dossier.package_sha256))
    root = ElementTree.fromstring(files["data/metadata.xml"])
    names = [child.tag.rpartition("}")[2] for child in root]
    documents = sum(name.startswith("data/documents/") for name in files)
    assert names.count("文件") == documents
    events = files["data/events.jsonl"].decode().splitlines()
    assert names.count("业务行为") == len(events)
    assert names.count("机构人员") == len(json.loads(files["data/signatures.json"]))
    for name in ("聚合层次", "来源", "档号", "题名", "责任者", "权利人", "保管期限", "密级"):
        assert root.findtext(f"{{*}}{name}"), name
