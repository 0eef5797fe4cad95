"""A term of keeping ends by the day of here, wherever the connection stands (6.4)."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from archives.guards import WHY_NOT_DESTROYED
from archives.models import Dossier
from tests import databases
from tests.archives.conftest import opened
from tests.cast import Cast, make_cast
from yuquan_relief.kernel.clock import today

EAST, WEST = "Pacific/Kiritimati", "Etc/GMT+12"  # 26 hours apart: never on the same day
NOT_YET = "保管期限未满"


def told(dossier: Dossier, days: int, zone: str) -> bool:
    """Whether the database says that a term of so many days from today has not passed."""
    Dossier.objects.filter(pk=dossier.pk).update(retain_until=today() + timedelta(days=days))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE %s", [zone])
        cursor.execute(
            "SELECT dossier_why_not_destroyed(d) FROM archives_dossier d WHERE id = %s",
            [dossier.pk],
        )
        return bool(cursor.fetchone()[0] == NOT_YET)


@pytest.mark.parametrize("zone", [EAST, WEST])
def test_a_term_ends_with_the_day_of_here(cast: Cast, zone: str) -> None:
    dossier = opened(cast)
    assert told(dossier, -1, zone) is False
    assert told(dossier, 0, zone) is True


def test_control_by_the_connections_day_it_depends_on_where_one_stands(own_database: str) -> None:
    here = "(now() AT TIME ZONE 'Asia/Shanghai')::date"
    assert here in WHY_NOT_DESTROYED
    databases.as_owner(WHY_NOT_DESTROYED.replace(here, "current_date"), database=own_database)
    dossier = opened(make_cast())
    found = [told(dossier, days, zone) for days in (-1, 0) for zone in (EAST, WEST)]
    assert found != [False, False, True, True]
