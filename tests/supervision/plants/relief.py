"""临时救助: R54."""

from datetime import date, timedelta
from typing import Any

from cases.models import Case, Claim, HandOver
from tests.supervision.ground import ON, STANDARD, Ground
from tests.supervision.plants.shape import Plant

DAY = timedelta(days=1)
OFFICE_MOST = 1_009_200  # relief.office_most: above it the bureau decides


SEPT_7 = date(2026, 9, 7)  # a Monday
NOV_10, YEAR_BEFORE = date(2026, 11, 10), date(2025, 11, 10)
LEAP = date(2024, 8, 1)
HALF = OFFICE_MOST // 2
JUST_UNDER = OFFICE_MOST * 99 // 100


def _relief(g: Ground, decided: date | None, **changes: Any) -> Case:
    """急难型 that was asked for the day before it was decided, of four times the standard."""
    once, home = changes.pop("once", 4 * STANDARD), changes.pop("home", None)
    account = changes.pop("account", {})
    asked = changes.pop("asked", None) or (decided or ON) - DAY
    state = changes.setdefault("state", "APPROVED" if decided else "URGENT")
    values: dict[str, Any] = {
        "programme": "URGENT_RELIEF", "submitted_on": asked, "accepted_on": asked,
        "state_since": decided or asked, "decided_on": decided,
    }  # fmt: skip
    decision = {"once_fen": once, "persons": account.get("persons", 1)}
    if state == "REFUSED":
        decision = {"once_fen": 0, "persons": 0}
    case = g.case(home, without="survey account", decision=decision, **values | changes)
    g.survey(case, visited_on=asked)
    settled = {"settled_on": decided or asked, "monthly_fen": 0, "once_fen": once}
    g.income_account(case, **settled | account)
    return case


def _claim(case: Case, cause: str = "ILLNESS") -> Case:
    Claim.objects.create(
        case=case, cause=cause, happened_on=case.submitted_on, place="家中",
        household_class="ALLOWANCE", total_fen=9000_00, covered_fen=0, asked_fen=4000_00,
    )  # fmt: skip
    return case


def _handed(g: Ground, programme: str, method: str) -> str:
    case = _relief(g, date(2026, 9, 9), programme=programme)
    receipt = g.photo(case, "receipt", date(2026, 9, 10))
    HandOver.objects.create(
        case=case, handed_on=date(2026, 9, 10), method=method, amount_fen=4 * STANDARD,
        receiver="本人", cash_reason="没有账户", receipt=receipt,
        recorded_by_id=g.person("staff"),
    )  # fmt: skip
    return str(case.no)


def _pair(g: Ground, first: date, then: date, **changes: Any) -> str:
    """Two awards to one person for one cause; the key of the later one.

    `cause`: of the second one; `apart`: it was asked for as another household; `swapped`: the
    later one was entered first; `once`: the two sums, without a cause.
    """
    home = g.home()
    other = home
    if changes.get("apart"):
        head = g.head(home)
        other = g.home(head={"name": head.name, "id_no": head.id_no})
    sums = changes.get("once", (4 * STANDARD, 4 * STANDARD))
    more = {"above_office": changes.get("above_office", False)}

    def earlier() -> Case:
        return _relief(g, first, home=home, once=sums[0])

    def later() -> Case:
        return _relief(g, then, home=other, once=sums[1], **more)

    made = [later(), earlier()] if changes.get("swapped") else [earlier(), later()]
    found = next(case for case in made if case.decided_on == then)
    if "once" not in changes:
        for case in made:
            _claim(case, changes.get("cause", "FIRE") if case is found else "FIRE")
    return str(found.no)


def _day_of(g: Ground, fen: int, *days: date) -> tuple[str, ...]:
    """Awards of so much to as many households as there are days."""
    return tuple(str(_relief(g, day, once=fen).no) for day in days)


def _papers(g: Ground, relieved: date, decided: date | None) -> str:
    return str(_relief(g, decided, asked=relieved, relieved_on=relieved).no)


def _sum(g: Ground, fen: int, *, special: str = "", persons: int = 1) -> str:
    account = {"facts": {"special": special}, "persons": persons, "insured": persons}
    return str(_relief(g, date(2026, 9, 9), once=fen, account=account).no)


RELIEF = [
    Plant(
        "R54", "天才救助，规定三日",
        hit=lambda g: (
            _relief(g, SEPT_7 + 4 * DAY, asked=SEPT_7).no,
            _relief(g, None, asked=ON - 4 * DAY).no,
        ),
        near=lambda g: (
            _relief(g, SEPT_7 + 3 * DAY, asked=SEPT_7).no,
            _relief(g, SEPT_7 + 3 * DAY, asked=SEPT_7, state="REFUSED").no,
            _relief(g, None, asked=ON - 3 * DAY).no,
            _relief(g, SEPT_7 + 9 * DAY, asked=SEPT_7, relieved_on=SEPT_7 + 3 * DAY).no,
        ),
    ),
    Plant(  # ten working days
        "R54", "先行救助",
        hit=lambda g: _papers(g, date(2026, 11, 12), None),
        near=lambda g: _papers(g, date(2026, 11, 13), None),
    ),
    Plant(
        "R54", "先行救助",
        hit=lambda g: _papers(g, date(2026, 8, 3), date(2026, 8, 18)),
        near=lambda g: _papers(g, date(2026, 8, 3), date(2026, 8, 17)),
    ),
    Plant(
        "R54", "支出型救助发放了现金",
        hit=lambda g: _handed(g, "EXPENSE_RELIEF", "CASH"),
        near=lambda g: (
            _handed(g, "URGENT_RELIEF", "CASH"),
            _handed(g, "EXPENSE_RELIEF", "BANK"),
        ),
    ),
    Plant(
        "R54", "同一事由十二个月内已救助过",
        hit=lambda g: _pair(g, YEAR_BEFORE + DAY, NOV_10),
        near=lambda g: (
            _pair(g, YEAR_BEFORE, NOV_10),
            _pair(g, YEAR_BEFORE + DAY, NOV_10, cause="ACCIDENT"),
        ),
    ),
    Plant(  # 365 days, of a year of 366
        "R54", "同一事由十二个月内已救助过",
        hit=lambda g: _pair(g, date(2023, 8, 2), LEAP),
        near=lambda g: _pair(g, date(2023, 8, 1), LEAP),
    ),
    Plant(  # each application is a household of its own
        "R54", "同一事由十二个月内已救助过",
        hit=lambda g: _pair(g, YEAR_BEFORE + DAY, NOV_10, apart=True),
        near=lambda g: _pair(g, YEAR_BEFORE, NOV_10, apart=True),
    ),
    Plant(
        "R54", "同一事由十二个月内已救助过",
        hit=lambda g: _pair(g, YEAR_BEFORE + DAY, NOV_10, swapped=True),
        near=lambda g: _pair(g, YEAR_BEFORE, NOV_10, swapped=True),
    ),
    Plant(
        "R54", "没有一事一议记录",
        hit=lambda g: (
            _sum(g, 3 * STANDARD - 1),
            _sum(g, 12 * STANDARD + 1),
            _sum(g, 6 * STANDARD - 1, persons=2),
        ),
        near=lambda g: (
            _sum(g, 3 * STANDARD),
            _sum(g, 12 * STANDARD),
            _sum(g, 6 * STANDARD, persons=2),
            _sum(g, 24 * STANDARD, persons=2),
            _sum(g, 2 * STANDARD, special="2026-09-08 会议纪要"),
        ),
    ),
    Plant(
        "R54", "每次都在镇、街道上限以内",
        hit=lambda g: _pair(g, YEAR_BEFORE + DAY, NOV_10, once=(HALF, HALF + 1)),
        near=lambda g: (
            _pair(g, YEAR_BEFORE + DAY, NOV_10, once=(HALF, HALF)),
            _pair(g, YEAR_BEFORE + DAY, NOV_10, once=(HALF, HALF + 1), above_office=True),
        ),
    ),
    Plant(
        "R54", "每次都在镇、街道上限以内",
        hit=lambda g: _pair(g, YEAR_BEFORE + DAY, NOV_10, once=(HALF, HALF + 1), apart=True),
        near=lambda g: _pair(g, YEAR_BEFORE, NOV_10, once=(HALF, HALF + 1)),
    ),
    Plant(
        "R54", "同一天",
        hit=lambda g: _day_of(g, JUST_UNDER, *[date(2026, 3, 4)] * 3),
        near=lambda g: (
            *_day_of(g, 4 * STANDARD, *[date(2026, 3, 11)] * 3),
            *_day_of(g, JUST_UNDER, *[date(2026, 3, 16) + n * DAY for n in range(3)]),
        ),
    ),
]  # fmt: skip
