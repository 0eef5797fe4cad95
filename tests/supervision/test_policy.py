"""政策: published, ended, for everybody; what a change would do, before it is signed (5(1))."""

import random
from datetime import date, timedelta
from typing import Any
from unittest import mock

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from cases.models import Benefit, Case, Entitlement, PropertyItem, StandardRun
from cases.operations import standards
from supervision.models import Publication, Simulation
from supervision.models.simulating import Change, simulate
from supervision.operations import policy as operations
from tests.cast import Cast, make_cast
from tests.supervision.ground import STANDARD, Ground
from tests.supervision.test_loop import get, post
from tests.supervision.test_sheets import LEAN
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import RuleValue

DAY = timedelta(days=1)
JANUARY, ON = date(2027, 1, 1), date(2027, 5, 10)
AFTER = 891_00
OFFICE_MOST = 1_009_200  # relief.office_most
DECIDED = date(2026, 9, 10)


def published(cast: Cast, title: str, **more: Any) -> Publication:
    """Something is published, by the page."""
    data = {
        "kind": "POLICY", "title": title, "text": f"{title}的全文", "document_no": "玉民发 1 号",
        "effective_on": today(), "is_public": "on",
    } | more  # fmt: skip
    post(cast, "supervisor", "/policy/", **{k: v for k, v in data.items() if v})
    return Publication.objects.get(title=title)


# ------------------------------------------------------------------ published


@pytest.mark.clause("5(1)", "5(7)")
def test_everybody_reads_what_holds_today_and_is_public(cast: Cast, client: Any) -> None:
    published(cast, "今天起执行", effective_on=today())
    published(cast, "早已执行", effective_on=today() - 400 * DAY, kind="ANSWER")
    published(cast, "明天起执行", effective_on=today() + DAY)
    published(cast, "内部口径", is_public="")
    ended = published(cast, "旧的标准", effective_on=today() - 400 * DAY)
    never = published(cast, "撤回的通知", effective_on=today() + 9 * DAY)
    for row in (ended, never):
        post(cast, "supervisor", f"/policy/{row.no}/end/")
    ended.refresh_from_db()
    assert ended.ends_on == today()
    answer = client.get("/public/policy/")
    assert answer.status_code == 200
    page = answer.content.decode()
    for shown in ("今天起执行", "今天起执行的全文", "早已执行"):
        assert shown in page
    for hidden in ("明天起执行", "内部口径", "旧的标准", "撤回的通知"):
        assert hidden not in page
    for who in ("clerk", "staff", "bureau", "supervisor"):
        inside = get(cast, who, "/policy/")
        assert "内部口径" in inside
        assert "旧的标准" in inside
    assert "内部口径的全文" in get(
        cast, "clerk", f"/policy/{Publication.objects.get(title='内部口径').no}/"
    )
    get(cast, "worker", "/policy/", 403)
    for soon, shown_then in ((today() + DAY, "明天起执行"), (today() + 9 * DAY, "明天起执行")):
        with mock.patch("supervision.views.policy.today", return_value=soon):
            later = client.get("/public/policy/").content.decode()
        assert shown_then in later
        assert "撤回的通知" not in later


def test_what_was_published_is_ended_once_and_not_changed(cast: Cast) -> None:
    row = published(cast, "标准")
    post(cast, "supervisor", f"/policy/{row.no}/end/")
    with pytest.raises(Refused, match="已经失效"):
        operations.end_publication(row.no, actor=cast.supervisor, on=today() + DAY)
    mine = Publication.objects.filter(pk=row.pk)
    for change in ({"text": "改过"}, {"title": "改过"}, {"effective_on": today() - DAY}):
        with pytest.raises(DatabaseError, match="不能修改"), transaction.atomic():
            mine.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        mine.delete()
    blank = {"kind": "POLICY", "title": "空", "text": " ", "effective_on": today()}
    post(cast, "supervisor", "/policy/", 422, **blank)


def test_control_without_the_trigger_the_text_is_changed(own_database: str) -> None:
    cast = make_cast()
    published(cast, "标准")
    with Ground(cast).past("supervision_publication"):
        assert Publication.objects.update(text="改过") == 1


@pytest.mark.parametrize("who", ["bureau", "auditor", "staff", "clerk", "worker"])
def test_only_the_centre_publishes_and_ends(cast: Cast, who: str) -> None:
    row = published(cast, "标准")
    data = {"kind": "POLICY", "title": "另", "text": "文", "effective_on": today()}
    post(cast, who, "/policy/", 403, **data)
    post(cast, who, f"/policy/{row.no}/end/", 403)
    row.refresh_from_db()
    assert row.ends_on is None


def test_control_without_the_capability_a_leader_publishes(cast: Cast) -> None:
    text = operations.Text(kind="POLICY", title="另", text="文", effective_on=today())
    act: dict[str, Any] = {"actor": cast.bureau, "on": today()}
    with pytest.raises(PermissionDenied):
        operations.publish(text, **act)
    with mock.patch.object(operations, "CAPABILITY", "supervision.issue"):
        assert operations.publish(text, **act).no


# ------------------------------------------------------------------ a raised standard


def tried(cast: Cast, on: date, **change: int) -> tuple[list[list[Any]], dict[str, int]]:
    """The table by office and the sums of one change."""
    (block,) = simulate(Change(**change), district=cast.district.pk, on=on)["blocks"]
    return block["rows"], dict(block["sums"])


def families(ground: Ground) -> None:
    """Incomes known and not, supplements, what came in force later; and those left out."""
    chance = random.Random(20261127)
    for n in range(24):
        persons = chance.randint(1, 4)
        basis: dict[str, Any] = {"persons": persons, "supplement_fen": chance.choice([0, 84_10])}
        if n % 3:
            counted = persons + chance.randint(0, 2)
            basis |= {
                "counted": counted, "annual_fen": chance.randrange(counted * 12 * STANDARD),
                "percents": [chance.choice([10, 15, 20]) for _ in range(chance.randint(0, 2))],
                "method": "difference",
            }  # fmt: skip
        monthly = chance.randrange(100, persons * STANDARD)
        benefit = ground.benefit(monthly_fen=monthly, visited=None, **basis)
        if n % 4 == 0:
            Entitlement.objects.create(
                review=ground.review(benefit, outcome="RAISE"),
                benefit=benefit, from_month=date(2026, 6, 1), paid_with=date(2026, 6, 1),
                monthly_fen=monthly + 77, recorded_on=date(2026, 6, 1),
                recorded_by_id=ground.person("staff"), **basis | {"persons": 2},
            )  # fmt: skip
    apart: dict[str, Any] = {"monthly_fen": 300_00, "visited": None}
    ground.benefit(method="tiers", annual_fen=0, counted=1, **apart)
    ground.benefit(method="single", annual_fen=0, counted=3, **apart)
    ground.benefit(end_month=date(2027, 7, 1), **apart)  # 渐退
    ground.benefit(end_month=date(2027, 4, 1), **apart)  # gone
    ground.benefit(programme="RURAL_ALLOWANCE", village=ground.cast.other_village, **apart)
    ground.benefit(village=ground.cast.foreign_village, **apart)


@pytest.mark.clause("5(1)")
def test_a_raised_standard_is_what_the_run_for_it_computes(cast: Cast, ground: Ground) -> None:
    families(ground)
    table, sums = tried(cast, ON, urban=AFTER)
    rows = {row[0]: row[1:] for row in table}
    RuleValue.objects.create(
        rule_set="*", parameter="standard.URBAN_ALLOWANCE", valid_from=JANUARY, value=AFTER,
        unit="分", source="演练",
    )  # fmt: skip
    run = standards.open_run("URBAN_ALLOWANCE", valid_from=JANUARY, actor=cast.staff, on=ON)
    assert (run.before_fen, run.after_fen) == (STANDARD, AFTER)
    apart = 3 * 300_00
    households, persons, now, then, more, leaving, left_out = rows["甲街道"]
    assert (households, left_out, leaving) == (run.households + 3, 3, 0)
    assert persons == run.persons + 3
    assert now == f"{(run.total_before_fen + apart) / 100:.2f}"
    assert then == f"{(run.total_after_fen + apart) / 100:.2f}"
    assert more == f"{(run.total_after_fen - run.total_before_fen) / 100:.2f}"
    foreign = standards.open_run(
        "URBAN_ALLOWANCE", valid_from=JANUARY, actor=cast.foreign_staff, on=ON
    )
    whole = run.total_after_fen + foreign.total_after_fen + apart
    assert sums["then_fen"] == whole
    assert sums["year_fen"] == 12 * sums["difference_fen"]
    assert sums["this_year_fen"] == 7 * sums["difference_fen"]
    lines = {line.benefit_id: line for line in run.lines.filter(is_latest=True)}
    assert len(lines) == 24


def test_control_another_standard_comes_to_something_else(cast: Cast, ground: Ground) -> None:
    families(ground)

    def then(standard: int) -> int:
        return tried(cast, ON, urban=standard)[1]["then_fen"]

    assert then(AFTER) < then(AFTER + 1_00)
    assert tried(cast, ON, urban=1_00)[1]["leaving"] > 0


def test_who_was_refused_just_above_the_standard_would_come_in(cast: Cast, ground: Ground) -> None:
    day = today()
    for fen, decided in (
        (STANDARD, day), (AFTER - 1, day), (AFTER, day), (STANDARD - 1, day),
        (STANDARD, day - 364 * DAY), (STANDARD, day - 365 * DAY),
    ):  # fmt: skip
        case = ground.case(
            without=LEAN, state="REFUSED", decided_on=decided, decision={"decided_on": decided}
        )
        ground.income_account(case, per_capita_fen=fen, is_eligible=False, monthly_fen=0)
    assert tried(cast, day, urban=AFTER)[1]["entering"] == 3


def counted() -> dict[str, int]:
    """Rows of every table."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_trying_out_writes_its_own_row_and_nothing_else(cast: Cast, ground: Ground) -> None:
    families(ground)
    before = counted()
    kept = list(Benefit.objects.order_by("pk").values())
    data = {"title": "提标五十元", "urban": "891", "rural": "700", "money_months": 24,
            "office_most": "12000"}  # fmt: skip
    client = cast.client("bureau")
    signed_in = counted()
    url = client.post("/policy/simulations/", data).url
    after = counted()
    more = {name: after[name] - n for name, n in signed_in.items() if after[name] != n}
    assert more.pop("supervision.Simulation") == 1
    assert set(more) <= {"kernel.Event", "kernel.Counter", "kernel.EventHead"}
    assert before["cases.Entitlement"] == after["cases.Entitlement"]
    assert list(Benefit.objects.order_by("pk").values()) == kept
    row = Simulation.objects.get()
    assert row.changes == {"urban": 891_00, "rural": 700_00, "money_months": 24,
                           "office_most": 12000_00}  # fmt: skip
    page = get(cast, "supervisor", url)
    assert "提标五十元" in page
    assert "841.00 → 891.00" in page
    assert not StandardRun.objects.exists()


def test_who_may_try_out_and_what_must_be_said(cast: Cast) -> None:
    for who in ("staff", "leader", "clerk", "auditor", "worker"):
        post(cast, who, "/policy/simulations/", 403, title="方案", urban="891")
    post(cast, "bureau", "/policy/simulations/", 409, title="什么也不改")
    post(cast, "bureau", "/policy/simulations/", 422, title="不是数", urban="很多")
    assert not Simulation.objects.exists()
    act: dict[str, Any] = {"actor": cast.auditor, "on": today()}
    with pytest.raises(PermissionDenied):
        operations.try_out("方案", {"urban": AFTER}, **act)
    with mock.patch.object(operations, "CAPABILITY", "supervision.view"):
        row = operations.try_out("方案", {"urban": AFTER}, **act)
    for change in (lambda: Simulation.objects.update(title="改过"), row.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# ------------------------------------------------------------------ ceilings


def rich(ground: Ground, *values: int, persons: int = 2, **changes: Any) -> Case:
    """A case of so many persons with these sums of money."""
    case = ground.case(without=LEAN.replace("benefit", ""), **changes)
    ground.income_account(case, persons=9)  # settled again later
    ground.income_account(case, persons=persons)
    for fen in values:
        PropertyItem.objects.create(case=case, kind="MONEY", note="存款", value_fen=fen)
    return case


def over(cast: Cast, months: int) -> int:
    """How many households would be above the ceiling."""
    return tried(cast, today(), money_months=months)[1]["over"]


def test_exactly_at_the_ceiling_is_not_above_it(cast: Cast, ground: Ground) -> None:
    limit = 36 * STANDARD * 2
    rich(ground, limit)
    rich(ground, limit - 1, 1)
    assert (over(cast, 36), over(cast, 35), over(cast, 37)) == (0, 2, 0)
    rich(ground, limit, 1)
    rich(ground, limit + 1, state="INVESTIGATING", village=cast.foreign_village)
    assert (over(cast, 36), over(cast, 37)) == (2, 0)
    table, _ = tried(cast, today(), money_months=36)
    assert table == [["甲街道", 1], ["乙街道", 1]]


def test_what_does_not_count_is_not_counted(cast: Cast, ground: Ground) -> None:
    limit = 36 * STANDARD * 2
    exempt = rich(ground, limit)
    values = {"case": exempt, "note": "抚恤金", "value_fen": 1}
    PropertyItem.objects.create(kind="MONEY", is_exempt=True, reason="优抚", **values)
    PropertyItem.objects.create(kind="VEHICLE", **values)
    rich(ground, limit + 1, state="REFUSED", decision={"persons": 0})
    gone = rich(ground, limit + 1)
    Benefit.objects.filter(source_case=gone).update(end_month=date(2026, 10, 1))
    assert over(cast, 36) == 0


def test_money_of_who_is_not_counted_does_not_count(cast: Cast, ground: Ground) -> None:
    """As cases.rules.allowance.property_objections, by which the ceiling is judged."""
    case = rich(ground, 36 * STANDARD * 2)
    soldier = ground.member(
        case.household, relation="CHILD", counts_for_income=False, is_insured=False
    )
    PropertyItem.objects.create(case=case, kind="MONEY", note="存款", value_fen=1, member=soldier)
    assert over(cast, 36) == 0


def awarded(ground: Ground, fen: int, decided: date, home: Any = None) -> Case:
    """急难型 of so much."""
    return ground.case(
        home,
        without=LEAN,
        programme="URGENT_RELIEF",
        decided_on=decided,
        decision={"once_fen": fen},
    )


def at_bureau(cast: Cast, most: int) -> tuple[int, int]:
    """How many the bureau decides now, and would decide."""
    _, sums = tried(cast, today(), office_most=most)
    return sums["now"], sums["then"]


def test_an_award_of_exactly_the_limit_is_the_offices(cast: Cast, ground: Ground) -> None:
    day = today() - 30 * DAY
    awarded(ground, OFFICE_MOST, day)
    assert at_bureau(cast, OFFICE_MOST) == (0, 0)
    assert at_bureau(cast, OFFICE_MOST - 1) == (0, 1)
    awarded(ground, OFFICE_MOST + 1, day)
    assert at_bureau(cast, OFFICE_MOST) == (1, 1)
    assert at_bureau(cast, OFFICE_MOST + 1) == (1, 0)
    awarded(ground, OFFICE_MOST + 1, today() - 366 * DAY)
    assert at_bureau(cast, OFFICE_MOST) == (1, 1)


def test_awards_of_a_year_are_taken_together(cast: Cast, ground: Ground) -> None:
    """As cases.rules.relief.needs_bureau: on the sum with what was given within twelve months."""
    first = awarded(ground, OFFICE_MOST // 2, today() - 60 * DAY)
    awarded(ground, OFFICE_MOST // 2 + 1, today() - 30 * DAY, first.household)
    assert at_bureau(cast, OFFICE_MOST) == (1, 1)
    assert at_bureau(cast, OFFICE_MOST + 1) == (1, 0)
