"""动态管理: what a review leaves stands in the household's file, after the rest (6.1)."""

from datetime import date
from pathlib import Path

import pytest
from django.db.models import QuerySet

from archives import invariants
from archives.models import Dossier, DossierItem
from archives.operations import building, disposal, evidence
from archives.operations.sealing import seal
from cases.models import Benefit, Review
from cases.operations import reviews
from tests.archives.conftest import opened
from tests.benefit import walks
from tests.benefit.test_of_cases import settled
from tests.cast import Cast
from tools import verify_dossier
from yuquan_relief.kernel import file_store, outbox

DAY = date(2026, 12, 10)


def reviewed(cast: Cast) -> tuple[Dossier, Review]:
    """The wages rose; the family has the letter, with a photo of it."""
    dossier = opened(cast)
    benefit = Benefit.objects.select_related("household").get(source_case=dossier.case)
    review = settled(cast, benefit, fen=15_000_00)
    reviews.propose(review.no, actor=cast.staff, on=DAY, proof=cast.proof("staff", "建议减发"))
    reviews.agree(review.no, actor=cast.leader, on=DAY, proof=cast.proof("leader", "同意"))
    outbox.sweep()
    assert not of_review(dossier).exists()  # not before it has ended
    walks.tell(cast, review, DAY, photo=walks.PHOTO)
    outbox.sweep()
    return dossier, review


def of_review(dossier: Dossier) -> QuerySet[DossierItem]:
    return DossierItem.objects.filter(dossier=dossier, slot="review").current()


@pytest.mark.clause("6.1")
def test_forms_and_files_of_a_review_come_last(cast: Cast) -> None:
    dossier, review = reviewed(cast)
    items = list(DossierItem.objects.filter(dossier=dossier).current())
    assert [i.key for i in items[-3:]][:2] == [f"review:{review.no}:F21", f"review:{review.no}:F17"]
    assert items[-1].source == "photo"
    assert {i.slot for i in items[-3:]} == {"review"}
    assert building.refresh(dossier.case.no, on=DAY) == 0  # the same again adds nothing
    assert list(invariants.broken()) == []


def test_a_file_with_reviews_is_sealed_and_proves_itself(cast: Cast, tmp_path: Path) -> None:
    dossier, review = reviewed(cast)
    sealed = seal(dossier.no, actor=cast.actors["surveyor"], on=DAY, proof=cast.proof("surveyor"))
    path = tmp_path / "one.zip"
    path.write_bytes(file_store.read(sealed.package_sha256))
    results = verify_dossier.verify(str(path), sealed.package_sha256)
    assert [label for label, wrong in results if wrong] == []
    photo = of_review(dossier).get(source="photo")
    assert photo.sha256 in disposal.files_of(sealed)
    assert building.refresh_for_review(review.no, on=DAY) == 0  # sealed: it stays as it is


def test_the_evidence_of_the_case_has_its_reviews(cast: Cast) -> None:
    dossier, review = reviewed(cast)
    book = evidence.book_of(dossier.case)
    assert {s.stage for s in book.signatures if s.subject_key == review.no}
    assert any(e.subject_key == review.no for e in book.events)


def test_a_review_of_somebody_from_the_roster_has_no_file(cast: Cast) -> None:
    assert building.refresh_for_review("FH-0", on=DAY) == 0
