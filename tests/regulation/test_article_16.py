"""第十六条 社会救助档案逐一核查."""

import pytest

from archives.reports import list_page
from tests.archives.conftest import opened, quick_pdf  # noqa: F401 - a fixture
from tests.archives.test_building import incomplete
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("quick_pdf")


@pytest.mark.clause("16")
def test_the_district_counts_the_files_that_are_not_complete(cast: Cast) -> None:
    dossier = incomplete(cast)
    opened(cast, 2)
    listed = list_page(cast.supervisor, {}, {})
    assert (listed.complete, listed.total) == (1, 2)
    shares = {row.no: (row.present, row.total) for row in listed.rows}
    assert shares[dossier.no] == (12, 13)
    assert list_page(cast.foreign_staff, {}, {}).total == 0
