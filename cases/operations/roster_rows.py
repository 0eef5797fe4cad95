"""Writing taken-over households by the thousand: a fixed number of statements for each lot."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, models
from psycopg2 import sql

from cases.models import Benefit, Household, Member, PayeeAccount
from cases.rules.roster import RosterRow
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.inputs import pinyin
from yuquan_relief.kernel.models import Unit

from .applications import searchable


@dataclass(frozen=True)
class Newcomer:
    """A row of the roster that is not there yet, with its village and first month of payment."""

    row: RosterRow
    village: Unit  # with its office and district
    month: date


def write(newcomers: Sequence[Newcomer], *, actor: Actor, on: date, sha256: str) -> None:
    """The newcomers are households with a head, an account and a benefit, each with history.

    Raises IntegrityError when a certificate number was taken in the meantime.
    """
    households = Household.objects.bulk_create(_household(n.row, n.village) for n in newcomers)
    pairs = list(zip(newcomers, households, strict=True))
    members = Member.objects.bulk_create(_head(n.row, h, on) for n, h in pairs)
    PayeeAccount.objects.bulk_create(_account(n.row, h, on) for n, h in pairs)
    source = f"名册导入 {sha256[:12]}"
    benefits = Benefit.objects.bulk_create(_benefit(n, h, source) for n, h in pairs)
    for model, rows in ((Household, households), (Member, members), (Benefit, benefits)):
        _add_history(model, [row.pk for row in rows], reason=source, actor=actor)


def _household(row: RosterRow, village: Unit) -> Household:
    office = village.parent
    assert office is not None
    assert office.parent is not None
    return Household(
        key=f"H{secrets.token_hex(6).upper()}",
        head_name=row.head_name,
        village=village,
        office=office,
        district=office.parent,
    )


def _head(row: RosterRow, household: Household, on: date) -> Member:
    return Member(
        household=household,
        name=row.head_name,
        initials=searchable(row.head_name),
        sort_key=pinyin.sort_key(row.head_name)[:200],
        id_no=row.identity.number,
        id_digest=digest(row.identity.number),
        id_tail=row.identity.number[-4:],
        birth_on=row.identity.birth_on,
        is_male=row.identity.is_male,
        relation="SELF",
        joined_on=on,
    )


def _account(row: RosterRow, household: Household, on: date) -> PayeeAccount:
    return PayeeAccount(
        household=household,
        holder=row.holder,
        bank=row.bank,
        kind=row.account_kind,
        number=row.account_number,
        number_digest=digest(row.account_number),
        number_tail=row.account_number[-4:],
        valid_from=on,
    )


def _benefit(newcomer: Newcomer, household: Household, source: str) -> Benefit:
    row = newcomer.row
    return Benefit(
        key=f"B-MC-{secrets.token_hex(6).upper()}",
        certificate_no=row.certificate_no,
        household=household,
        programme=row.programme.value,
        district_id=household.district_id,
        office_id=household.office_id,
        village_id=household.village_id,
        persons=row.persons,
        monthly_fen=row.monthly_fen,
        supplement_fen=row.supplement_fen,
        start_month=newcomer.month,
        paid_with=newcomer.month,
        source=source,
    )


def _add_history(model: type[models.Model], ids: list[Any], *, reason: str, actor: Actor) -> None:
    """One INSERT … SELECT: what simple-history would write row by row, sealed texts as they are."""
    history = model.history.model  # type: ignore[attr-defined] # added by simple-history
    columns = sql.SQL(", ").join(sql.Identifier(f.column) for f in model._meta.concrete_fields)
    statement = sql.SQL(
        "INSERT INTO {history} ({columns}, history_date, history_type, history_change_reason,"
        " history_user_id) SELECT {columns}, %s, '+', %s, %s FROM {table} WHERE id = ANY(%s)"
        " ORDER BY id"
    ).format(
        history=sql.Identifier(history._meta.db_table),
        columns=columns,
        table=sql.Identifier(model._meta.db_table),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            statement.as_string(cursor.cursor.connection), [now(), reason, actor.account_id, ids]
        )
