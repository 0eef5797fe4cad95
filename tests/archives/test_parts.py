"""续卷: what comes after the seal stands in a part of its own, sealed and proved like the first."""

from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from archives import invariants
from archives.models import Dossier, DossierItem, expired
from archives.operations import building, disposal, evidence, keeping
from archives.operations.numbering import numbers
from archives.operations.sealing import seal
from cases.models import Benefit
from cases.operations import reviews
from tests import road
from tests.archives.conftest import day, opened, sealed
from tests.benefit import walks
from tests.benefit.test_of_cases import settled
from tests.cast import Cast
from tools import verify_dossier
from yuquan_relief.kernel import file_store, outbox

pytestmark = pytest.mark.usefixtures("quick_pdf")
DAY = date(2026, 12, 10)


def second(cast: Cast) -> Dossier:
    """The first part is sealed, and a review has come after it."""
    first = sealed(cast)
    benefit = Benefit.objects.select_related("household").get(source_case=first.case)
    review = settled(cast, benefit, fen=15_000_00)
    surveyor = cast.actors["surveyor"]
    reviews.propose(review.no, actor=surveyor, on=DAY, proof=cast.proof("surveyor", "减发"))
    reviews.agree(review.no, actor=cast.leader, on=DAY, proof=cast.proof("leader", "同意"))
    walks.tell(cast, review, DAY, photo=walks.PHOTO)
    outbox.sweep()
    return Dossier.objects.select_related("case").get(case=first.case, part=2)


@pytest.mark.clause("6.1")
def test_what_comes_after_the_seal_begins_the_next_part(cast: Cast) -> None:
    part = second(cast)
    first = Dossier.objects.get(case=part.case, part=1)
    assert part.no == f"{first.no}-X1"
    assert (first.state, part.state) == ("SEALED", "BUILDING")
    mine = DossierItem.objects.filter(dossier=part).current()
    assert {i.slot for i in mine} == {"review"}
    before = set(DossierItem.objects.filter(dossier=first).values_list("key", flat=True))
    assert not before & {i.key for i in mine}
    assert (part.required_total, part.percent) == (0, 100)  # what must be there is in the first
    assert building.refresh(part.case.no, on=DAY) == 0
    assert list(invariants.broken()) == []
    assert [n.missing for n in numbers(cast.staff)] == [[]]


def test_nothing_new_begins_no_part(cast: Cast) -> None:
    first = sealed(cast)
    assert building.refresh(first.case.no, on=day(first)) == 0
    assert Dossier.objects.filter(case=first.case).count() == 1


def test_a_late_file_begins_a_part_too(cast: Cast) -> None:
    first = sealed(cast)
    road.add_file(cast, first.case, "income_proof", "收入证明", (7, 7, 7))
    assert building.refresh(first.case.no, on=day(first)) == 1
    part = Dossier.objects.get(case=first.case, part=2)
    assert [i.slot for i in DossierItem.objects.filter(dossier=part)] == ["income_proof"]


def test_the_part_is_sealed_and_proves_itself(cast: Cast, tmp_path: Path) -> None:
    part = second(cast)
    done = seal(part.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))
    path = tmp_path / "two.zip"
    path.write_bytes(file_store.read(done.package_sha256))
    found = verify_dossier.verify(str(path), done.package_sha256)
    assert [label for label, wrong in found if wrong] == []
    road.add_file(cast, part.case, "income_proof", "收入证明", (7, 7, 7))
    building.refresh(part.case.no, on=DAY)
    third = Dossier.objects.get(case=part.case, part=3)
    assert third.no.endswith("-X2")
    # The evidence of the case has what all parts have.
    digests = {f.sha256 for f in evidence.book_of(part.case).files}
    assert set(DossierItem.objects.filter(dossier__case=part.case).values_list(
        "sha256", flat=True)) == digests  # fmt: skip


def test_no_part_goes_while_another_is_being_built(cast: Cast) -> None:
    part = second(cast)
    Dossier.objects.filter(case=part.case).update(retain_until=date(2020, 1, 1))
    assert not expired(Dossier.objects.all(), DAY).exists()
    done = seal(part.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))
    assert expired(Dossier.objects.all(), DAY).count() == 2
    first = Dossier.objects.get(case=part.case, part=1)
    # Each part takes its own files along, not those of the other.
    assert not disposal.files_of(first) & disposal.files_of(done)


def test_a_part_that_comes_after_the_list_keeps_the_others(cast: Cast) -> None:
    first = sealed(cast)
    Dossier.objects.filter(pk=first.pk).update(retain_until=date(2020, 1, 1))
    first.refresh_from_db()
    assert keeping.why_not_free(first, DAY) == ""
    road.add_file(cast, first.case, "income_proof", "收入证明", (7, 7, 7))
    building.refresh(first.case.no, on=DAY)
    assert keeping.why_not_free(first, DAY) == "同案的续卷还没有封存"


def test_two_parts_of_one_number_cannot_be(cast: Cast) -> None:
    first = sealed(cast)
    with pytest.raises(IntegrityError, match="dossier_part_once"), transaction.atomic():
        Dossier.objects.create(
            no="X", case=first.case, household_id=first.household_id,
            district_id=first.district_id, office_id=first.office_id,
            village_id=first.village_id, opened_on=DAY, retain_years=10,
        )  # fmt: skip


def test_the_pages_lead_from_part_to_part(cast: Cast) -> None:
    part = second(cast)
    staff = cast.client("staff")
    page = staff.get(f"/archive/{part.no}/").content.decode()
    assert ("续卷 1" in page, "首卷" in page) == (True, True)
    first = Dossier.objects.get(case=part.case, part=1)
    assert f"/archive/{part.no}/" in staff.get(f"/archive/{first.no}/").content.decode()


def test_a_file_whose_end_was_moved_further_is_still_filled(cast: Cast) -> None:
    dossier = opened(cast)
    Dossier.objects.filter(pk=dossier.pk).update(retain_until=date(2050, 1, 1))
    Benefit.objects.filter(source_case=dossier.case).update(end_month=date(2026, 12, 1))
    road.add_file(cast, dossier.case, "income_proof", "收入证明", (7, 7, 7))
    assert building.refresh(dossier.case.no, on=DAY) == 1
    assert Dossier.objects.get(pk=dossier.pk).retain_until == date(2050, 1, 1)
