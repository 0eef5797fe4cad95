"""Sealing (6.3): complete, signed, and closed by the database itself."""

import json
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from archives.invariants import broken
from archives.models import Dossier, DossierItem
from archives.operations.building import open_dossier, refresh, supplement
from archives.operations.sealing import hand_out, items_digest, seal
from tests import databases, road
from tests.archives import packages
from tests.archives.conftest import day, opened, sealed
from tests.archives.test_building import incomplete
from tests.cast import Cast, make_cast
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.errors import ContentChanged, Refused
from yuquan_relief.kernel.models import Event, Signature

pytestmark = pytest.mark.usefixtures("quick_pdf")


@pytest.mark.clause("6(3)", "4(1).1")
def test_a_sealed_file_is_signed_kept_and_on_record(cast: Cast) -> None:
    dossier = sealed(cast)
    package = file_store.read(dossier.package_sha256)
    signature = Signature.objects.get(subject_kind="dossier", subject_key=dossier.no)
    event = Event.objects.of("dossier", dossier.no).first()
    assert event
    assert dossier.package_size == len(package)
    assert (event.action, event.body["signature_hash"]) == ("seal", signature.hash)
    assert event.body["package_sha256"] == dossier.package_sha256
    files = packages.unpacked(package)
    assert json.loads(files["seal.json"])["hash"] == signature.hash
    assert json.loads(signature.content)["manifest_sha256"] == dossier.manifest_sha256
    assert list(broken()) == []


def test_an_incomplete_file_is_refused_with_what_is_missing(cast: Cast) -> None:
    dossier = incomplete(cast)
    with pytest.raises(Refused, match="还缺：户口簿，补齐后才能封存"):
        seal(dossier.no, actor=cast.staff, on=day(dossier), proof=cast.proof("staff"))
    dossier.refresh_from_db()
    assert (dossier.state, Signature.objects.filter(stage="seal").count()) == ("BUILDING", 0)


def test_the_signer_seals_what_they_read(cast: Cast) -> None:
    dossier = opened(cast)
    proof = replace(cast.proof("staff"), content_sha256=items_digest(dossier))
    road.add_file(cast, dossier.case, "income_proof", "收入证明", (7, 7, 7))
    with pytest.raises(ContentChanged):
        seal(dossier.no, actor=cast.staff, on=day(dossier), proof=proof)
    proof = replace(proof, content_sha256=items_digest(dossier))
    assert seal(dossier.no, actor=cast.staff, on=day(dossier), proof=proof).is_sealed


def test_a_damaged_file_is_not_sealed(cast: Cast) -> None:
    dossier = opened(cast)
    item = DossierItem.objects.filter(dossier=dossier, slot="id_card").get()
    file_store.place(item.sha256).write_bytes(b"rotten")
    with pytest.raises(Refused, match="“身份证”的文件损坏或丢失"):
        seal(dossier.no, actor=cast.staff, on=day(dossier), proof=cast.proof("staff"))


@pytest.mark.parametrize("who", ["leader", "clerk", "supervisor", "auditor"])
def test_sealing_needs_the_capability(cast: Cast, who: str) -> None:
    dossier = opened(cast)
    with pytest.raises(PermissionDenied):
        seal(dossier.no, actor=cast.actors[who], on=day(dossier), proof=cast.proof(who))


@pytest.mark.parametrize("who", ["foreign_staff", "foreign_leader", "sysadmin"])
def test_outside_the_scope_there_is_no_file(cast: Cast, who: str) -> None:
    dossier = opened(cast)
    actor = cast.actors[who]
    with pytest.raises(Dossier.DoesNotExist):
        seal(dossier.no, actor=actor, on=day(dossier), proof=cast.proof(who))
    with pytest.raises(Dossier.DoesNotExist):
        hand_out(dossier.no, actor=actor, on=day(dossier))


def test_twice_is_refused_and_nothing_comes_in_after(cast: Cast) -> None:
    dossier = sealed(cast)
    with pytest.raises(Refused, match="本卷已封存"):
        seal(dossier.no, actor=cast.staff, on=day(dossier), proof=cast.proof("staff"))
    with pytest.raises(Refused, match="本卷已封存"):
        supplement(dossier.no, "mandate", [road.photo()], actor=cast.staff, on=day(dossier))
    assert refresh(dossier.case.no, on=day(dossier)) == 0


def test_only_a_sealed_file_is_handed_out_and_that_is_on_record(cast: Cast) -> None:
    dossier = opened(cast)
    with pytest.raises(Refused, match="还没有封存"):
        hand_out(dossier.no, actor=cast.staff, on=day(dossier))
    dossier = seal(dossier.no, actor=cast.staff, on=day(dossier), proof=cast.proof("staff"))
    with pytest.raises(PermissionDenied):
        hand_out(dossier.no, actor=cast.clerk, on=day(dossier))
    hand_out(dossier.no, actor=cast.auditor, on=day(dossier))
    event = Event.objects.of("dossier", dossier.no).first()
    assert event
    assert (event.action, event.actor_name) == ("download", cast.auditor.name)


# The database's own guards, met as the application's role

NEVER = [
    "UPDATE archives_dossier SET package_sha256 = repeat('0', 64) WHERE id = %s",
    "UPDATE archives_dossier SET state = 'BUILDING', sealed_on = NULL, package_sha256 = '' "
    "WHERE id = %s",
    "UPDATE archives_dossier SET sealed_on = sealed_on + 1 WHERE id = %s",
    "UPDATE archives_dossier SET required_total = 0, required_present = 0 WHERE id = %s",
    "INSERT INTO archives_dossieritem (dossier_id, key, slot, position, title, responsible, "
    "formed_on, pages, sha256, size, content_type, source, made_from, is_removed, added_at) "
    "VALUES (%s, 'form:x', 'x', 1, 'x', 'x', '2026-01-01', 1, repeat('0', 64), 1, "
    "'application/pdf', 'form', '', false, now())",
]
NEVER_AT_ALL = [
    "DELETE FROM archives_dossier WHERE id = %s",
    "UPDATE archives_dossieritem SET title = 'x' WHERE dossier_id = %s",
    "DELETE FROM archives_dossieritem WHERE dossier_id = %s",
    "TRUNCATE archives_dossieritem, archives_dossier",
]


def run(sql: str, dossier: Dossier) -> int:
    """Rows touched by the statement, undone when refused."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [dossier.pk] if "%s" in sql else [])
        return int(cursor.rowcount)


@pytest.mark.parametrize("sql", [*NEVER, *NEVER_AT_ALL])
def test_a_sealed_file_cannot_be_changed_by_sql(cast: Cast, sql: str) -> None:
    dossier = sealed(cast)
    with pytest.raises(DatabaseError, match=r"已封存的档案不能|permission denied"):
        run(sql, dossier)


@pytest.mark.parametrize(
    "sql", [NEVER[-1], "UPDATE archives_dossier SET required_present = 0 WHERE id = %s"]
)
def test_twin_the_same_is_allowed_before_sealing(cast: Cast, sql: str) -> None:
    assert run(sql, opened(cast)) == 1


def test_twin_without_the_triggers_the_change_goes_through(own_database: str) -> None:
    cast = make_cast()
    case = road.approved(cast)
    dossier = open_dossier(case.no, on=road.START)
    dossier = seal(dossier.no, actor=cast.staff, on=road.START, proof=cast.proof("staff"))
    with pytest.raises(DatabaseError, match="已封存的档案不能修改"):
        run(NEVER[2], dossier)
    databases.as_owner(
        "ALTER TABLE archives_dossier DISABLE TRIGGER archives_dossier_stays",
        database=own_database,
    )
    assert run(NEVER[2], dossier) == 1


@pytest.mark.clause("6(4)")
def test_keeping_can_be_made_longer_and_never_shorter(cast: Cast) -> None:
    dossier = sealed(cast)
    assert run("UPDATE archives_dossier SET retain_until = '2040-01-01' WHERE id = %s", dossier)
    assert run("UPDATE archives_dossier SET retain_until = '2041-01-01' WHERE id = %s", dossier)
    with pytest.raises(DatabaseError, match="保管期限只能延长"):
        run("UPDATE archives_dossier SET retain_until = '2040-12-31' WHERE id = %s", dossier)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"state": "SEALED"}, "dossier_sealed_with_package"),
        ({"sealed_on": "2026-01-01"}, "dossier_sealed_with_package"),
        ({"required_present": 99}, "dossier_present_of_required"),
        ({"required_present": 0, "state": "SEALED"}, "dossier_sealed_complete"),
    ],
)
def test_constraints_of_a_file(cast: Cast, change: dict[str, object], name: str) -> None:
    dossier = opened(cast)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Dossier.objects.filter(pk=dossier.pk).update(**change)


def test_a_form_is_no_attachment(cast: Cast) -> None:
    item = DossierItem.objects.filter(dossier=opened(cast), source="form").first()
    assert item
    item.pk, item.source, item._state.adding = None, "photo", True
    with pytest.raises(IntegrityError, match="dossier_item_form_or_file"), transaction.atomic():
        item.save()


# Invariants


def test_invariants_name_every_file_that_is_gone_or_changed(cast: Cast) -> None:
    dossier = sealed(cast)
    item = DossierItem.objects.get(dossier=dossier, slot="id_card")
    file_store.place(item.sha256).write_bytes(b"rotten")
    file_store.place(dossier.package_sha256).unlink()
    told = "\n".join(broken())
    assert f"卷内“身份证”的文件丢失或摘要不符：{item.sha256}" in told
    assert f"{dossier.no} 的封存包丢失或摘要不符" in told
    assert "附件" in told


def test_invariants_see_a_package_of_another_file(cast: Cast) -> None:
    one, two = sealed(cast), sealed(cast, 2)
    file = file_store.place(one.package_sha256)
    assert list(broken()) == []
    forged = packages.unpacked(file.read_bytes())
    packages.flip("approval_form")(forged)
    packages.remanifest(forged)
    sha256 = file_store.keep(packages.packed(forged))
    found = Dossier.objects.get(pk=two.pk)
    found.package_sha256 = sha256
    from archives import invariants

    assert sorted(invariants.packed(found)) != sorted(invariants.packed(one))
