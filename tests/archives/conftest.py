"""Files of cases that went the whole road."""

import hashlib
from datetime import date
from typing import Any

import pytest

from archives.models import Dossier
from archives.operations.sealing import seal
from archives.pdf import Pdf
from cases.models import Case
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel import file_store, outbox

PACKAGES: dict[str, bytes] = {}  # made once for the many tests that only read or break it


def opened(cast: Cast, serial: int = 1, **changes: Any) -> Dossier:
    """The file of an approved case, as the outbox opened it."""
    case = road.approved(cast, serial, **changes)
    outbox.sweep()
    return dossier_of(case)


def dossier_of(case: Case) -> Dossier:
    """The file of a case as it stands in the database."""
    return Dossier.objects.select_related("case").get(case=case)


def day(dossier: Dossier) -> date:
    """The day on which everything may still happen."""
    assert dossier.case.decided_on is not None
    return dossier.case.decided_on


def sealed(cast: Cast, serial: int = 1) -> Dossier:
    """A sealed file."""
    dossier = opened(cast, serial)
    return seal(dossier.no, actor=cast.staff, on=day(dossier), proof=cast.proof("staff"))


@pytest.fixture
def quick_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms are not typeset, for tests that do not look at paper (test_pdf.py does)."""

    def quick(html: str, *, made_on: date, pictures: Any = None) -> Pdf:
        digest = hashlib.sha256(f"{made_on}{html}".encode()).hexdigest()
        return Pdf(f"%PDF-1.7\n{digest}\n%%EOF".encode(), 1)

    monkeypatch.setattr("archives.papers.forms.make_pdf", quick)
    monkeypatch.setattr("archives.copies.make_pdf", quick)


@pytest.fixture
def package(request: pytest.FixtureRequest) -> bytes:
    """The bytes of a sealed package."""
    if "one" not in PACKAGES:
        dossier = sealed(request.getfixturevalue("cast"))
        PACKAGES["one"] = file_store.read(dossier.package_sha256)
    return PACKAGES["one"]
