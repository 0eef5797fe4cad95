"""How long a file is kept: held by one, freed by another, and by the longest rule (6.4)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from archives.models import Dossier, LegalHold
from archives.operations import disposal, keeping
from cases.models import Benefit, Review
from tests.archives.conftest import opened
from tests.archives.disposing import expired, hold, listed
from tests.cast import Cast
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused

pytestmark = pytest.mark.usefixtures("quick_pdf")


def test_a_hold_is_placed_by_one_and_lifted_by_another(cast: Cast) -> None:
    dossier = expired(cast)
    hold(cast, dossier)
    found = LegalHold.objects.get()
    with pytest.raises(PermissionDenied):
        keeping.lift_hold(dossier.no, found.pk, "已办结", actor=cast.supervisor, on=today())
    with pytest.raises(Refused, match="没有保管期满"):
        disposal.open_disposal(cast.office.pk, actor=cast.supervisor, on=today())
    keeping.lift_hold(dossier.no, found.pk, "已办结", actor=cast.bureau, on=today())
    with pytest.raises(Refused, match="已经解除"):
        keeping.lift_hold(dossier.no, found.pk, "已办结", actor=cast.bureau, on=today())
    assert listed(cast).items.count() == 1


def test_a_hold_is_not_taken_back(cast: Cast) -> None:
    dossier = expired(cast)
    hold(cast, dossier)
    for change in ({"reason": "别的"}, {"cause": "AUDIT"}, {"placed_on": date(2020, 1, 1)}):
        with pytest.raises(DatabaseError, match="只能解除一次"), transaction.atomic():
            LegalHold.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        LegalHold.objects.all().delete()


# By the longest rule


def ended(dossier: Dossier, month: date) -> None:
    Benefit.objects.filter(source_case=dossier.case).update(end_month=month)


def reviewed(cast: Cast, dossier: Dossier, ended_on: date) -> None:
    """A review of the benefit that has ended on the day."""
    benefit = Benefit.objects.get(source_case=dossier.case)
    row = Review(
        no="FH-1", benefit=benefit, district_id=benefit.district_id, office_id=benefit.office_id,
        village_id=benefit.village_id, opened_on=ended_on, due_on=ended_on, state="WITHDRAWN",
        ended_on=ended_on,
    )  # fmt: skip
    Review.objects.bulk_create([row])


@pytest.mark.parametrize(
    ("end", "review", "until", "reason"),
    [
        (None, None, None, ""),
        (date(2026, 12, 1), None, date(2036, 12, 31), "停止保障"),
        (date(2026, 12, 1), date(2027, 3, 3), date(2036, 12, 31), "停止保障"),
        (date(2026, 12, 1), date(2033, 2, 28), date(2038, 2, 28), "末次复核办结"),
        (date(2028, 2, 1), date(2028, 2, 29), date(2038, 2, 28), "停止保障"),
    ],
)
def test_each_file_is_kept_by_the_longest_rule(
    cast: Cast, end: date | None, review: date | None, until: date | None, reason: str
) -> None:
    dossier = opened(cast)
    if end:
        ended(dossier, end)
    if review:
        reviewed(cast, dossier, review)
    keeping.move_ends(today())
    dossier.refresh_from_db()
    assert dossier.retain_until == until
    if until:
        assert dossier.retain_reason == reason
    from archives.rules.retention import longest

    found = longest(keeping.terms_of(dossier, today()))  # the same in Python, for the page
    assert (found.until, found.until and found.reason) == (until, until and reason)
    with connection.cursor() as cursor:
        assert keeping.move_ends(today()) == 0
        cursor.execute("SELECT 1")


def test_holds_on_the_page(cast: Cast) -> None:
    dossier = expired(cast)
    url = f"/archive/{dossier.no}/hold/"
    auditor, bureau = cast.client("auditor"), cast.client("bureau")
    assert auditor.post(url, {"cause": "AUDIT"}, follow=True).status_code == 200
    assert not LegalHold.objects.exists()
    auditor.post(url, {"cause": "AUDIT", "reason": "专项审计", "document": "审〔2026〕3 号"})
    found = LegalHold.objects.get()
    shown = bureau.get(f"/archive/{dossier.no}/").content.decode()
    assert "专项审计" in shown
    assert auditor.post(url, {"hold": found.pk, "lifted_reason": "完"}).status_code == 403
    bureau.post(url, {"hold": found.pk, "lifted_reason": "审计结束"})
    assert LegalHold.objects.get().lifted_on == today()
    assert bureau.post(url, {"hold": 987654, "lifted_reason": "x"}).status_code == 404
