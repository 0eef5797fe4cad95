"""Reads of funds: the month's board, one list, what differs from last month, the ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, Sum

from cases.models import Benefit
from cases.models.entitlement import with_amounts
from cases.rules.months import previous_month
from cases.rules.programmes import Programme
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.inputs import money
from yuquan_relief.kernel.models import Signature
from yuquan_relief.kernel.signing import content_digest
from yuquan_relief.kernel.workdays import WorkCalendar, days_text

from .models import (
    Allocation,
    FundAccount,
    PayoutBatch,
    PayoutLine,
    ResultException,
)
from .models.batch import office_scope
from .models.facts import SUBJECT, content_of, facts_of, fund_accounts
from .rules.batches import STEPS, TONES, Step
from .rules.lists import NORMAL
from .rules.spreading import SOURCES

PAGE = 50
RELEASE_OPEN = timedelta(minutes=15)
STAGES = {"prepare": "锁定（制单）", "approve": "签批", "release": "领取银行文件"}


@dataclass(frozen=True)
class Deadline:
    """The households' day, as components/deadline.html shows it."""

    text: str
    tone: str
    date_text: str
    provisional: bool


@dataclass(frozen=True)
class BoardRow:
    """One list of a month; amounts in fen. `no` is "" while there is none.

    `slug` names it in addresses; `available_fen` is what it can be paid from.
    """

    no: str
    slug: str
    kind: str
    title: str
    office_code: str
    office_name: str
    programme: str
    programme_label: str
    state: str
    state_label: str
    tone: str
    households: int
    persons: int
    lines: int
    total_fen: int
    paid_fen: int
    returned_count: int
    returned_fen: int
    owed_count: int  # of what came back: neither sent again nor given up
    available_fen: int
    open_exceptions: int
    pay_by: date | None
    is_late: bool
    deadline: Deadline | None
    version: int
    content_sha256: str = ""

    @property
    def is_short(self) -> bool:
        """Whether a list that is not yet approved needs more than is available."""
        return self.state in ("OPEN", "LOCKED", "") and self.available_fen < self.total_fen


def board(actor: Actor, month: date, on: date) -> list[BoardRow]:
    """Every list of the month in the actor's scope, and those that should exist and do not.

    Constant statements. Rows in the order of office codes and programmes.
    """
    calendar = work_calendar()
    available = _available(actor, month.year)
    waiting = dict(
        ResultException.objects.filter(batch__month=month, resolved_on__isnull=True)
        .values_list("batch")
        .annotate(n=Count("id"))
    )
    batches = PayoutBatch.objects.visible_to(actor).in_month(month).select_related("office")
    owed = _owed(Q(batch__month=month))
    rows = [
        _row(b, _purse_of(b, available), (waiting.get(b.pk, 0), owed.get(b.pk, 0)), calendar, on)
        for b in batches
    ]
    made = {(b.office_id, b.programme) for b in batches if b.kind == NORMAL}
    rows += [
        _row_to_make(due, available.get((*key, "AVAILABLE", month.year), 0))
        for key, due in _due(actor, month).items()
        if key not in made
    ]
    order = {programme.value: place for place, programme in enumerate(Programme)}
    return sorted(rows, key=lambda row: (row.office_code, order[row.programme], row.no))


def batch_row(batch: PayoutBatch, on: date) -> BoardRow:
    """One list as the board shows it."""
    available = sum(fund_accounts(batch).balances(batch.rules.out_of).values())
    waiting = batch.exceptions.filter(resolved_on__isnull=True).count()
    owed = _owed(Q(batch=batch)).get(batch.pk, 0) if batch.returned_count else 0
    return _row(batch, available, (waiting, owed), work_calendar(), on)


def _owed(where: Q) -> dict[int, int]:
    """List → how many of its lines came back and wait to be sent again."""
    lines = PayoutLine.objects.filter(where, state="RETURNED", reissued_as=None, given_up=None)
    return dict(lines.values_list("batch").annotate(n=Count("id")))


Purse = tuple[int, str, str, int]  # office, programme, account, year


def _available(actor: Actor, year: int) -> dict[Purse, int]:
    """What lists of the year can be paid from; what came back may be of the year before."""
    found = FundAccount.objects.filter(
        _ledger_scope(actor), kind__in=("AVAILABLE", "OWED"), year__in=(year - 1, year)
    )
    sums = found.values_list("office_id", "programme", "kind", "year").annotate(
        fen=Sum("entries__amount_fen")
    )
    return {(office, *key): fen or 0 for office, *key, fen in sums}


def _purse_of(batch: PayoutBatch, available: dict[Purse, int]) -> int:
    key = (batch.office_id, batch.programme, batch.rules.out_of, batch.fund_year)
    return available.get(key, 0)


def _ledger_scope(actor: Actor) -> Q:
    """Accounts of the actor's office or district; an account knows its office only."""
    return office_scope(actor, district="office__parent_id")


def _due(actor: Actor, month: date) -> dict[tuple[int, str], dict[str, Any]]:
    due = with_amounts(
        Benefit.objects.visible_to(actor).in_month(month).filter(paid_with__lte=month), month
    )
    groups = due.values("office_id", "office__code", "office__name", "programme").annotate(
        households=Count("id"),
        people=Sum("now_persons"),
        fen=Sum(F("now_monthly_fen") + F("now_supplement_fen")),
    )
    return {(group["office_id"], group["programme"]): {**group} for group in groups}


def _row(
    batch: PayoutBatch,
    available: int,
    waiting: tuple[int, int],
    calendar: WorkCalendar,
    on: date,
) -> BoardRow:
    """`waiting`: differences that nobody has resolved, and lines that are owed."""
    return BoardRow(
        no=batch.no,
        slug=batch.slug,
        kind=batch.kind,
        title=batch.title,
        office_code=batch.office.code,
        office_name=batch.office.name,
        programme=batch.programme,
        programme_label=batch.programme_label,
        state=batch.state,
        state_label=batch.state_label,
        tone=TONES[batch.state],
        households=batch.household_count,
        persons=batch.person_count,
        lines=batch.line_count,
        total_fen=batch.total_fen,
        paid_fen=batch.paid_fen,
        returned_count=batch.returned_count,
        returned_fen=batch.returned_fen,
        available_fen=available,
        open_exceptions=waiting[0],
        owed_count=waiting[1],
        pay_by=batch.pay_by,
        is_late=batch.is_late(on),
        deadline=_deadline(batch, calendar, on),
        version=batch.version,
        content_sha256=content_sha256(batch),
    )


def _row_to_make(due: dict[str, Any], available: int) -> BoardRow:
    return BoardRow(
        no="",
        slug=due["programme"],
        kind=NORMAL,
        title=Programme(due["programme"]).label,
        office_code=due["office__code"],
        office_name=due["office__name"],
        programme=due["programme"],
        programme_label=Programme(due["programme"]).label,
        state="",
        state_label="未生成",
        tone="mute",
        households=due["households"],
        persons=due["people"],
        lines=0,
        total_fen=due["fen"],
        paid_fen=0,
        returned_count=0,
        returned_fen=0,
        available_fen=available,
        open_exceptions=0,
        owed_count=0,
        pay_by=None,
        is_late=False,
        deadline=None,
        version=0,
    )


def _deadline(batch: PayoutBatch, calendar: WorkCalendar, on: date) -> Deadline | None:
    if batch.state == "CLOSED":
        return None
    if batch.pay_by < on:
        text, tone = f"已超 {(on - batch.pay_by).days} 天", "bad"
    else:
        left = calendar.workdays_between(on, batch.pay_by)
        text, tone = f"剩 {left} 个工作日", "warn" if left <= 3 else "brand"
    return Deadline(text, tone, days_text(batch.pay_by), batch.pay_by_is_provisional)


@dataclass(frozen=True)
class LinePage:
    """Some lines of a list, with the numbers after which the neighbouring pages start."""

    rows: list[PayoutLine]
    previous_after: int | None
    next_after: int | None


def lines(batch: PayoutBatch, after: int = 0, size: int = PAGE) -> LinePage:
    """The lines after number `after` (one statement); without gaps, so pages go both ways."""
    after = max(after, 0)
    rows = list(PayoutLine.objects.filter(batch=batch).for_list().page(after, size))
    more = bool(rows) and rows[-1].line_no < batch.line_count
    return LinePage(
        rows, max(after - size, 0) if after else None, rows[-1].line_no if more else None
    )


@dataclass(frozen=True)
class Change:
    """One household whose money or account differs from last month's list (fen)."""

    what: str
    certificate_no: str
    head_name: str
    before_fen: int | None
    after_fen: int | None

    @property
    def label(self) -> str:
        """What differs, in words."""
        return WHAT[self.what]


@dataclass(frozen=True)
class Differences:
    """How a list differs from the month before: counts, and at most 20 households of each kind."""

    counts: dict[str, int]
    changes: list[Change]

    @property
    def summary(self) -> str:
        """`新增 12 户，停发 7 户，金额调整 19 户，账户变更 0 户`."""
        return "，".join(f"{label} {self.counts.get(what, 0)} 户" for what, label in WHAT.items())


WHAT = {"NEW": "新增", "STOPPED": "停发", "AMOUNT": "金额调整", "ACCOUNT": "账户变更"}
DIFFERENCES = """
SELECT what, certificate_no, head_name, before_fen, after_fen, n FROM (
    SELECT x.*, count(*) OVER (PARTITION BY what) AS n,
           row_number() OVER (PARTITION BY what ORDER BY certificate_no) AS place
      FROM (
        SELECT coalesce(n.certificate_no, o.certificate_no) AS certificate_no,
               coalesce(n.head_name, o.head_name) AS head_name,
               o.amount_fen AS before_fen, n.amount_fen AS after_fen,
               CASE WHEN o.id IS NULL THEN 'NEW' WHEN n.id IS NULL THEN 'STOPPED'
                    WHEN o.amount_fen <> n.amount_fen THEN 'AMOUNT'
                    WHEN o.account_digest <> n.account_digest THEN 'ACCOUNT' END AS what
          FROM (SELECT * FROM funds_payoutline WHERE batch_id = %(this)s AND kind = 'NORMAL') n
          FULL JOIN
               (SELECT * FROM funds_payoutline WHERE batch_id = %(last)s AND kind = 'NORMAL') o
            ON n.benefit_id = o.benefit_id
      ) x WHERE what IS NOT NULL
) y WHERE place <= 20 ORDER BY what, place
"""


def differences(batch: PayoutBatch) -> Differences:
    """What is new, stopped or changed against last month's list (two statements).

    Only a month's list is compared: what another pays has no month before.
    """
    if batch.kind != NORMAL:
        return Differences({}, [])
    last = PayoutBatch.objects.filter(
        office_id=batch.office_id,
        programme=batch.programme,
        month=previous_month(batch.month),
        kind=batch.kind,
    ).values_list("pk", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES, {"this": batch.pk, "last": last.first()})
        found = cursor.fetchall()
    return Differences({row[0]: row[5] for row in found}, [Change(*row[:5]) for row in found])


@dataclass(frozen=True)
class LedgerRow:
    """One purse: office, programme, source (fen)."""

    office_name: str
    programme_label: str
    source_label: str
    allocated_fen: int
    available_fen: int
    committed_fen: int
    paid_fen: int
    owed_fen: int


def ledger(actor: Actor, year: int) -> list[LedgerRow]:
    """The balances of a year in the actor's scope (one statement)."""
    found = (
        FundAccount.objects.filter(_ledger_scope(actor), year=year)
        .values_list("office__code", "office__name", "programme", "source", "kind")
        .annotate(fen=Sum("entries__amount_fen", default=0))
        .order_by("office__code", "programme", "source")
    )
    purses: dict[tuple[str, str, str, str], dict[str, int]] = {}
    for *key, kind, fen in found:
        purses.setdefault((key[0], key[1], key[2], key[3]), {})[kind] = fen
    return [
        LedgerRow(
            name,
            Programme(programme).label,
            SOURCES[source],
            -kinds.get("SOURCE", 0),
            kinds.get("AVAILABLE", 0),
            kinds.get("COMMITTED", 0),
            kinds.get("PAID", 0),
            kinds.get("OWED", 0),
        )
        for (_, name, programme, source), kinds in purses.items()
    ]


@dataclass(frozen=True)
class Action:
    """A step that the actor's post carries, with every reason why it may not be taken now."""

    step: Step
    reasons: list[str]


def actions(batch: PayoutBatch, actor: Actor, on: date) -> Iterator[Action]:
    """The steps that can follow from the list's state, for this actor."""
    for step in STEPS.values():
        if batch.state not in step.sources or not actor.can(step.capability):
            continue
        if step.code in ("resolve_exception", "give_up", "nudge"):
            continue
        facts = facts_of(batch, on, step.needs)
        if step.code != "recognise" or facts.handed_over_on:  # only after a backup was restored
            yield Action(step, step.reasons(batch.state, facts))


def opinions(batch: PayoutBatch) -> list[dict[str, Any]]:
    """Everybody who signed for the list, oldest first, as components/opinions.html shows them."""
    mine = Signature.objects.filter(subject_kind=SUBJECT, subject_key=batch.no)
    return [
        {
            "stage": STAGES[signature.stage],
            "who": f"{signature.unit} {signature.post} {signature.name}",
            "at": signature.signed_at,
            "text": signature.opinion or "已签字",
        }
        for signature in mine.order_by("id")
    ]


def allocations(actor: Actor, year: int) -> list[Allocation]:
    """The latest thirty allocations of a year in the actor's scope (one statement)."""
    found = Allocation.objects.filter(_ledger_scope(actor), year=year).select_related("office")
    return list(found.order_by("-id")[:30])


def content_sha256(batch: PayoutBatch) -> str:
    """The digest of what is signed, shown with the page; "" while the list is open."""
    return content_digest(content_of(batch)) if batch.file_sha256 else ""


def yuan(fen: int) -> str:
    """`1,826.68`."""
    return money.show(fen)


def may_download(batch: PayoutBatch, actor: Actor, at: datetime) -> bool:
    """Whether the actor has signed for the file within the last quarter of an hour."""
    return Signature.objects.filter(
        subject_kind=SUBJECT,
        subject_key=batch.no,
        stage="release",
        person_id=actor.person_id or 0,
        signed_at__gte=at - RELEASE_OPEN,
    ).exists()
