"""Reviews, ages, care, relief, back pay: R50-R55."""

from datetime import date, timedelta
from typing import Any

from cases.models import Benefit, Entitlement, StandardLine, StandardRun
from tests.supervision.ground import MONTH, ON, Ground
from tests.supervision.plants.back_pay import BACK_PAY, paid
from tests.supervision.plants.care import CARE
from tests.supervision.plants.relief import RELIEF
from tests.supervision.plants.shape import Plant

DAY = timedelta(days=1)


def _family(g: Ground, *, born: date | None = None, **changes: Any) -> Benefit:
    """A benefit of two persons; the second one as `who` says, born on the very day."""
    home, who = g.home(), changes.pop("who", {})
    if born:
        who = {"id_no": g.number(born)} | who
    g.member(home, **{"relation": "CHILD"} | who)
    return g.benefit(home, persons=2, **changes)


def _exit(g: Ground, benefit: Benefit, first: date, last: date, **changes: Any) -> str:
    """The benefit runs out from one month to another, as the family was told before."""
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    values = {"opened_on": first - 20 * DAY, "ground": "INCOME", "exit_months": months}
    dates = {"from_month": first, "last_month": last}
    return str(g.review(benefit, outcome="EXIT", **values | dates | changes).no)


def _entitle(benefit: Benefit, first: date, **source: Any) -> None:
    Entitlement.objects.create(
        benefit=benefit, from_month=first, paid_with=first, persons=benefit.persons,
        monthly_fen=benefit.monthly_fen, supplement_fen=100_00, recorded_on=first - 5 * DAY,
        **source,
    )  # fmt: skip


# ---------------------------------------------------------------------- R50


def _unvisited(g: Ground, *seen: tuple[date, str], start: date = date(2026, 1, 1)) -> str:
    """Heard of by telephone in October; `seen`: days and ways of what else there was."""
    benefit = g.benefit(start_month=start, paid_with=start, visited=None)
    g.contact(benefit, date(2026, 10, 8), kind="SIGN_IN", means="PHONE")
    for day, means in seen:
        g.contact(benefit, day, means=means)
    return str(benefit.key)


def _applied_last_year(g: Ground, visited: date) -> str:
    """In benefit since March on an application of December, surveyed on that day."""
    asked, first = date(2025, 12, 15), date(2026, 3, 1)
    case = g.case(
        submitted_on=asked, accepted_on=asked, decided_on=date(2026, 2, 10),
        without="survey means appraisal notices benefit",
        decision={"start_month": first, "paid_with": first},
    )  # fmt: skip
    g.survey(case, visited_on=visited)
    g.means(case, requested_on=asked, returned_on=asked + 7 * DAY)
    g.appraisal(case, held_on=date(2026, 1, 5))
    g.notice(case, "REVIEW", posted_on=date(2026, 1, 6))
    g.notice(case, "APPROVAL", posted_on=date(2026, 1, 20))
    months = {"start_month": first, "paid_with": first}
    made = g.benefit(case.household, source_case=case, visited=None, **months)
    g.contact(made, date(2026, 10, 8), kind="SIGN_IN", means="PHONE")
    return str(made.key)


R50 = [
    Plant(
        "R50", "复核应在 2026-11-26 以前办结",
        hit=lambda g: g.benefit(review_due_on=ON - DAY).key,
        near=lambda g: g.benefit(review_due_on=ON).key,
    ),
    Plant(
        "R50", "2026 年还没有入户",
        hit=lambda g: (
            _unvisited(g),
            _unvisited(g, (date(2025, 12, 31), "HOME")),
            _unvisited(g, (date(2026, 6, 1), "VIDEO")),
        ),
        near=lambda g: _unvisited(g, (date(2026, 1, 1), "HOME")),
    ),
    Plant(  # all in benefit are visited (4(1).2), also who came in the course of the year
        "R50", "2026 年还没有入户",
        hit=lambda g: (
            _unvisited(g, start=date(2026, 2, 1)),
            _applied_last_year(g, date(2025, 12, 31)),
        ),
        near=lambda g: _applied_last_year(g, date(2026, 1, 1)),
    ),
]  # fmt: skip


# ---------------------------------------------------------------------- R51


def _seven_months(g: Ground) -> str:
    g.lift("cases_review", "review_exit_months")
    return _exit(g, g.benefit(), date(2026, 7, 1), date(2027, 1, 1))


def _in_two(g: Ground, last: date) -> tuple[str, ...]:
    """渐退 from August to October, and again from November on; the second review last."""
    benefit = g.benefit()
    first = _exit(g, benefit, date(2026, 8, 1), date(2026, 10, 1))
    return first, _exit(g, benefit, date(2026, 11, 1), last)


def _paid_after(g: Ground, last: date) -> str:
    benefit = g.benefit()
    paid(g, benefit, MONTH)
    return _exit(g, benefit, date(2026, 9, 1), last)


def _paid_between(g: Ground) -> tuple[str, ...]:
    """渐退 in two pieces, six months in all; November is of the second one."""
    benefit = g.benefit()
    paid(g, benefit, MONTH)
    first = _exit(g, benefit, date(2026, 8, 1), date(2026, 10, 1))
    return first, _exit(g, benefit, date(2026, 11, 1), date(2027, 1, 1))


def _given(g: Ground, born: date | None = None, *, settled: str = "", **who: Any) -> str:
    """分类施保 is given. `settled`: KEEP: it was looked at afterwards; BEFORE: a short time before,
    so that it counts from a later month; STANDARD: only the standard was raised afterwards."""
    benefit = _family(g, born=born, supplement_fen=100_00, who=who)
    if settled == "WAITS":
        g.review(benefit, opened_on=date(2026, 10, 12))
    if settled == "KEEP":
        g.review(benefit, outcome="KEEP", opened_on=date(2026, 6, 22))
    if settled == "BEFORE":
        days = {"opened_on": date(2026, 5, 6), "decided_on": date(2026, 6, 12)}
        made = g.review(benefit, outcome="RAISE", from_month=date(2026, 7, 1), **days)
        _entitle(benefit, date(2026, 7, 1), review=made)
    if settled == "STANDARD":
        _entitle(benefit, date(2026, 9, 1), line=_raised(g, benefit))
    return str(benefit.key)


def _raised(g: Ground, benefit: Benefit) -> StandardLine:
    first = date(2026, 9, 1)
    run = StandardRun.objects.create(
        no=f"TB-{next(g.serial)}", district=benefit.district, office=benefit.office,
        programme=benefit.programme, valid_from=first, source="演练", before_fen=1, after_fen=2,
        opened_on=date(2026, 8, 20), computed_for=first, state="ENDED",
    )  # fmt: skip
    return StandardLine.objects.create(
        run=run, benefit=benefit, village=benefit.village, from_month=first, is_latest=True,
        persons=2, before_monthly_fen=400_00, before_supplement_fen=90_00, monthly_fen=400_00,
        supplement_fen=100_00,
    )  # fmt: skip


JUNE_20, OCT_31, NOV_1 = date(2026, 6, 20), date(2026, 10, 31), date(2026, 11, 1)
BORN = date(2008, 6, 20)  # 18 on 20 June
R51 = [
    Plant(
        "R51", "超过六个月",
        hit=_seven_months,
        near=lambda g: _exit(g, g.benefit(), date(2026, 8, 1), date(2027, 1, 1)),
    ),
    Plant(
        "R51", "超过六个月",
        hit=lambda g: _in_two(g, date(2027, 2, 1))[1],
        near=lambda g: _in_two(g, date(2027, 1, 1)),
    ),
    Plant(
        "R51", "渐退到",
        hit=lambda g: _paid_after(g, date(2026, 10, 1)),
        near=lambda g: _paid_after(g, MONTH),
    ),
    Plant(
        "R51", "渐退到",
        hit=lambda g: _paid_after(g, date(2026, 9, 1)),
        near=_paid_between,
    ),
    Plant(
        "R51", "年满 18 周岁", also=("R52",),
        hit=lambda g: _given(g, OCT_31.replace(year=2008)),
        near=lambda g: _given(g, NOV_1.replace(year=2008), settled="WAITS"),
    ),
    Plant(
        "R51", "死亡",
        hit=lambda g: _given(g, left_on=OCT_31, left_reason="DIED"),
        near=lambda g: _given(g, left_on=NOV_1, left_reason="DIED"),
    ),
    Plant(
        "R51", "毕业", also=("R52",),
        hit=lambda g: _given(g, date(2006, 3, 4), studies_until=OCT_31),
        near=lambda g: _given(g, date(2006, 3, 4), studies_until=NOV_1, settled="WAITS"),
    ),
    Plant(
        "R51", "年满 18 周岁", also=("R52",),
        hit=lambda g: _given(g, BORN, settled="BEFORE"),
        near=lambda g: _given(g, BORN, settled="KEEP"),
    ),
    Plant(
        "R51", "年满 18 周岁", also=("R52",),
        hit=lambda g: _given(g, BORN, settled="STANDARD"),
        near=lambda g: _given(g, BORN, left_on=JUNE_20 - DAY, left_reason="APART"),
    ),
]  # fmt: skip


# ---------------------------------------------------------------------- R52


def _student(g: Ground, born: date, until: date, **review: Any) -> str:
    benefit = _family(g, born=born, who={"studies_until": until})
    if review:
        g.review(benefit, **review)
    return str(benefit.key)


def _aged(g: Ground, age: int, on: date, **review: Any) -> str:
    benefit = _family(g, born=on.replace(year=on.year - age))
    if review:
        g.review(benefit, **review)
    return str(benefit.key)


def _reaches(age: int) -> Plant:
    return Plant(
        "R52", f"已满 {age} 周岁",
        hit=lambda g: (
            _aged(g, age, ON),
            _aged(g, age, date(2026, 9, 15), state="WITHDRAWN", opened_on=date(2026, 9, 15)),
        ),
        near=lambda g: (
            _aged(g, age, ON + DAY),
            _aged(g, age, date(2026, 9, 15), opened_on=date(2026, 8, 16)),
        ),
    )  # fmt: skip


R52 = [
    Plant(
        "R52", "已满 25 周岁",
        hit=lambda g: _student(g, ON.replace(year=2001), ON),
        near=lambda g: _student(g, ON.replace(year=2001) + DAY, ON),
    ),
    Plant(
        "R52", "毕业，没有复核",
        hit=lambda g: (
            _student(g, date(2004, 3, 4), OCT_31),
            _student(g, date(2004, 3, 4), OCT_31, state="WITHDRAWN"),
        ),
        near=lambda g: _student(g, date(2004, 3, 4), OCT_31, opened_on=OCT_31 - 30 * DAY),
    ),
    Plant(  # past the month of graduation, and not only the day
        "R52", "毕业，没有复核",
        hit=lambda g: _student(g, date(2004, 3, 4), date(2026, 7, 1)),
        near=lambda g: _student(g, date(2004, 3, 4), NOV_1),
    ),
    *(_reaches(age) for age in (16, 18, 60, 70)),
]  # fmt: skip


PLANTS = [*R50, *R51, *R52, *CARE, *RELIEF, *BACK_PAY]
