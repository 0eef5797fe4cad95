"""Serving the decision: with the photo of the receipt, and never unseen without one (4(1).2)."""

import pytest

from cases.models import Case, Letter
from cases.operations import decisions
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused


def serve(cast: Cast, case: Case, method: str, proof: bytes | None) -> None:
    """The office has taken the letter to the family."""
    assert case.decided_on is not None
    decisions.serve_letter(
        case.no,
        served_on=case.decided_on,
        method=method,
        receiver="见证人演练乙",
        proof=proof,
        actor=cast.staff,
        on=case.decided_on,
    )


@pytest.mark.parametrize("method", ["LEFT", "NOTICE"])
def test_what_nobody_took_is_served_with_a_photo_only(
    cast: Cast, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = road.approved(cast)
    with pytest.raises(Refused, match="须有现场照片"):
        serve(cast, case, method, None)
    monkeypatch.setattr(decisions, "SEEN_ONLY_BY_PROOF", frozenset())
    serve(cast, case, method, None)  # the twin
    assert Letter.objects.get().proof is None


@pytest.mark.parametrize("method", ["DIRECT", "LEFT", "POST", "NOTICE"])
def test_the_proof_is_in_the_file(cast: Cast, method: str) -> None:
    case = road.approved(cast)
    serve(cast, case, method, road.photo((3, 2, 1)))
    proof = Letter.objects.get().proof
    assert proof is not None
    assert (proof.subject_key, proof.slot) == (case.no, "letter_proof")
    page = cast.client("staff").get(f"/cases/{case.no}/decision/").content.decode()
    assert f"/files/{proof.pk}/" in page
