"""Death and status: R10-R13."""

from datetime import date, timedelta
from typing import Any

from cases.models import Benefit, DeathRecord, Entitlement, MeansFinding, Member, Review
from funds.models import PayoutBatch, Recovery, RecoveryMonth
from tests.supervision.ground import MONTH, ON, Ground
from tests.supervision.plants.roads import correct
from tests.supervision.plants.shape import Plant

DAY = timedelta(days=1)
AUGUST = date(2026, 8, 31)
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
LAST_OF_OCTOBER = date(2026, 10, 31)
KNOWN = date(2026, 11, 20)


def died(ground: Ground, person: Member, day: date, known: date = KNOWN, **more: Any) -> None:
    values = {"source": "殡葬", "name": person.name, "id_digest": person.id_digest}
    DeathRecord.objects.create(
        district=ground.cast.district, id_tail=person.id_tail, died_on=day, imported_on=known,
        imported_by_id=ground.person("staff"), **values | more,
    )  # fmt: skip


def couple(ground: Ground, holder: str = "head", **spouse: Any) -> tuple[Benefit, Member]:
    """A couple in benefit and the spouse; paid to the head, or to the spouse."""
    home = ground.home(account=False)
    values = {"relation": "SPOUSE", "is_male": False}
    other = ground.member(home, **values | spouse)
    ground.account(home, holder=home.head_name if holder == "head" else other.name)
    return ground.benefit(home, persons=2), other


def open_list(ground: Ground, month: date = MONTH) -> PayoutBatch:
    return ground.batch(month=month, kind="BACK_PAY", state="OPEN")


def _paid(ground: Ground, benefit: Benefit, *months: date) -> str:
    batch = open_list(ground)
    for month in months:
        ground.line(batch, benefit, month=month, kind="BACK_PAY")
    return str(benefit.key)


def _review(benefit: Benefit, ended_on: date, **changes: Any) -> Review:
    """Ended with nothing changed."""
    values = {
        "no": f"FH-{benefit.key}", "trigger": "HAND", "state": "ENDED", "opened_on": ended_on,
        "due_on": ended_on, "outcome": "KEEP", "ended_on": ended_on,
    }  # fmt: skip
    place = {n: getattr(benefit, n) for n in ("district", "office", "village")}
    return Review.objects.create(benefit=benefit, **place, **values | changes)


def _given(benefit: Benefit, outcome: str, month: date, **changes: Any) -> None:
    """A review that was told in August gives another sum from the month on."""
    day = date(2026, 8, 25)
    told = {"decided_on": day, "told_on": day, "told_method": "DIRECT", "told_to": "本人"}
    review = _review(benefit, day, outcome=outcome, from_month=month, **told)
    values = {"persons": benefit.persons, "monthly_fen": 410_00, "supplement_fen": 0}
    Entitlement.objects.create(
        benefit=benefit, review=review, from_month=month, paid_with=month, recorded_on=day,
        **values | changes,
    )  # fmt: skip


# ---------------------------------------------------------------------- R10


def _dead_head_listed(ground: Ground, died_on: date, month: date = MONTH) -> str:
    """The head has died; the money goes to the widow's account."""
    benefit, _ = couple(ground, "spouse")
    died(ground, ground.head(benefit.household), died_on)
    batch = open_list(ground)
    ground.line(batch, benefit, state="PENDING", month=month, kind="BACK_PAY")
    return str(batch.no)


def _dead_holder_listed(ground: Ground, died_on: date, *, is_holder: bool = True) -> str:
    """The spouse has died, whose account stands in the list."""
    benefit, spouse = couple(ground)
    died(ground, spouse, died_on)
    batch = open_list(ground)
    holder = {"holder": spouse.name} if is_holder else {}
    ground.line(batch, benefit, state="PENDING", kind="BACK_PAY", **holder)
    return str(batch.no)


# ---------------------------------------------------------------------- R11


def _known_since(ground: Ground, day: date, reviewed_on: date | None = None) -> str:
    benefit, spouse = couple(ground)
    died(ground, spouse, day - 5 * DAY, day)
    if reviewed_on:
        _review(benefit, reviewed_on)
    return str(benefit.key)


def _known_from_two(ground: Ground, day: date) -> str:
    """The second source comes late and says that it was a day earlier."""
    benefit, spouse = couple(ground)
    died(ground, spouse, day - 5 * DAY, day)
    died(ground, spouse, day - 6 * DAY, ON - DAY, source="公安")
    return str(benefit.key)


# ---------------------------------------------------------------------- R12


def _paid_after(ground: Ground, died_on: date, *months: date, **spouse: Any) -> str:
    benefit, other = couple(ground, **spouse)
    died(ground, other, died_on)
    return _paid(ground, benefit, *months)


def _asked_back(ground: Ground, *months: date) -> str:
    """September is asked back."""
    key = _paid_after(ground, AUGUST, *months)
    benefit = Benefit.objects.get(key=key)
    recovery = Recovery.objects.create(
        no=f"ZJ-{key}", district=benefit.district, office=benefit.office, state="OPEN",
        state_since=ON, opened_on=ON, benefit=benefit, household=benefit.household,
        reason="死亡", amount_fen=400_00,
    )  # fmt: skip
    RecoveryMonth.objects.create(
        recovery=recovery, benefit=benefit, month=SEPTEMBER, paid_fen=400_00, due_fen=0, fen=400_00
    )
    return key


def _raised(ground: Ground) -> str:
    """Raised after the death, with the dead still counted."""
    benefit, spouse = couple(ground)
    died(ground, spouse, AUGUST)
    _given(benefit, "RAISE", SEPTEMBER)
    return _paid(ground, benefit, SEPTEMBER)


def _reduced(ground: Ground) -> str:
    """Reduced by the share of the dead."""
    benefit, spouse = couple(ground, left_on=AUGUST, left_reason="DIED")
    died(ground, spouse, AUGUST)
    _given(benefit, "REDUCE", SEPTEMBER, persons=1, monthly_fen=200_00)
    return _paid(ground, benefit, SEPTEMBER)


# ---------------------------------------------------------------------- R13


def _away(ground: Ground, why: str, **person: Any) -> str:
    benefit, _ = couple(ground, not_counted=why, **person)
    return str(benefit.key)


_AWAY = {"counts_for_income": False, "is_insured": False, "not_counted": "IMPRISONED"}


def _reported(
    ground: Ground,
    kind: str,
    *,
    again: bool = False,
    corrected: dict[str, Any] | None = None,
    **person: Any,
) -> str:
    """The report says it of the spouse of an applicant; `again`: the next one no more;
    `corrected`: the spouse's role since."""
    home = ground.home()
    spouse = ground.member(home, relation="SPOUSE", is_male=False, **person)
    case = ground.case(home, state="INVESTIGATING")
    MeansFinding.objects.create(check_of=case.means_checks.get(), member=spouse, kind=kind)
    if again:
        ground.means(case, attempt=2)
    if corrected is not None:
        correct(ground, spouse, **corrected)
    return str(case.no)


def _registered(ground: Ground, head: str, spouse: str) -> str:
    home = ground.home(head={"registered": head})
    ground.member(home, relation="SPOUSE", is_male=False, registered=spouse)
    return str(ground.benefit(home, persons=2).key)


PLANTS = [
    Plant(
        "R10",
        "死亡，仍在 2026-11 的名单中",
        hit=lambda g: _dead_head_listed(g, LAST_OF_OCTOBER),
        near=lambda g: _dead_head_listed(g, MONTH),
    ),
    Plant(
        "R10",
        "死亡，仍在",
        hit=lambda g: _dead_holder_listed(g, LAST_OF_OCTOBER),
        near=lambda g: (
            _dead_holder_listed(g, MONTH),
            _dead_holder_listed(g, LAST_OF_OCTOBER, is_holder=False),
        ),
    ),
    Plant(
        "R10",
        "死亡，仍在",
        hit=lambda g: _dead_head_listed(g, LAST_OF_OCTOBER, SEPTEMBER),
        near=lambda g: _dead_head_listed(g, MONTH, SEPTEMBER),
    ),
    Plant(
        "R11",
        "天没有复核",
        hit=lambda g: _known_since(g, ON - 30 * DAY),
        near=lambda g: (
            _known_since(g, ON - 29 * DAY),
            _known_since(g, ON - 90 * DAY, ON - 90 * DAY),
        ),
    ),
    Plant(
        "R11",
        "知道后已 90 天没有复核",
        hit=lambda g: _known_since(g, ON - 90 * DAY, ON - 91 * DAY),
        near=lambda g: _known_since(g, ON - 90 * DAY, ON),
    ),
    Plant(
        "R11",
        "天没有复核",
        hit=lambda g: _known_from_two(g, ON - 30 * DAY),
        near=lambda g: _known_from_two(g, ON - 29 * DAY),
    ),
    Plant(
        "R12",
        "以后仍发放 2 个月共 800.00 元",
        hit=lambda g: _paid_after(g, AUGUST, SEPTEMBER, OCTOBER),
        near=lambda g: _paid_after(g, OCTOBER, SEPTEMBER, OCTOBER),
    ),
    Plant(
        "R12",
        "没有追缴",
        hit=lambda g: _paid_after(g, AUGUST, SEPTEMBER),
        near=lambda g: (
            _paid_after(g, SEPTEMBER, SEPTEMBER),
            _paid_after(g, AUGUST, SEPTEMBER, left_on=MONTH.replace(2024), left_reason="DIVORCED"),
            _paid_after(g, AUGUST, SEPTEMBER, is_insured=False),
            _asked_back(g, SEPTEMBER),
            _reduced(g),
        ),
    ),
    Plant(
        "R12",
        "以后仍发放 1 个月共 400.00 元",
        hit=lambda g: (_asked_back(g, SEPTEMBER, OCTOBER), _raised(g)),
        near=_reduced,
    ),
    Plant(
        "R13",
        "仍在保障人口中",
        hit=lambda g: (_away(g, "IMPRISONED"), _away(g, "MISSING")),
        near=lambda g: (
            _away(g, "IMPRISONED", is_insured=False),
            _away(g, "MISSING", left_on=ON, left_reason="OTHER"),
        ),
    ),
    Plant(
        "R13",
        "核对发现",
        hit=lambda g: (
            *(_reported(g, kind) for kind in ("PRISON", "DEAD", "MOVED")),
            _reported(g, "DEAD", corrected={"condition": "ILL"}),
        ),
        near=lambda g: (
            _reported(g, "PRISON", corrected=_AWAY),
            _reported(g, "DISABLED"),
            _reported(g, "PRISON", again=True),
            _reported(g, "PRISON", is_insured=False, not_counted="IMPRISONED"),
            _reported(g, "MOVED", left_on=ON, left_reason="MOVED"),
        ),
    ),
    Plant(
        "R13",
        "婚姻登记与申报不同",
        hit=lambda g: _reported(g, "MARRIED"),
        near=lambda g: _reported(g, "MARRIED", left_on=ON, left_reason="MARRIED"),
    ),
    Plant(
        "R13",
        "户籍",
        hit=lambda g: _registered(g, "CITY", "ELSEWHERE"),
        near=lambda g: (_registered(g, "CITY", "HERE"), _registered(g, "PERMIT", "CITY")),
    ),
]
