"""Every rule of the catalogue in one district: each finds its hit, and none its near miss."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from supervision.models import Complaint, Finding, Sample
from supervision.operations import checking
from supervision.operations.checking import run_checks
from supervision.rules.checks import CHECKS
from tests import databases
from tests.cast import Cast, make_cast, unit
from tests.supervision.ground import ON, Ground, moment
from tests.supervision.plants.shape import Plant
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.models import Account, Unit

GROUPS = ("identity", "means", "procedure", "proof", "life", "money", "conduct")
PLANTS: list[Plant] = [
    plant for name in GROUPS for plant in import_module(f"tests.supervision.plants.{name}").PLANTS
]
IDS = [f"{plant.rule}-{n}" for n, plant in enumerate(PLANTS)]


NEXT_MONTH = date(2026, 12, 28)


def _keys(made: str | tuple[str, ...]) -> set[str]:
    return {made} if isinstance(made, str) else set(made)


@pytest.fixture(scope="module")
def found(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_name: str
) -> Iterator[dict[str, Any]]:
    """The district with everything planted, looked at once: texts by rule and key."""
    import os

    name = databases.clone(f"relief_{worker_name}_{os.getpid()}_rules")
    with django_db_blocker.unblock(), databases.connected_to(name):
        ground = Ground(make_cast())
        hits = [_keys(plant.hit(ground)) for plant in PLANTS]
        nears = [_keys(plant.near(ground)) for plant in PLANTS]
        for district in Unit.objects.filter(kind="DISTRICT"):  # a plant may need one of its own
            run_checks(district, actor=ROBOT, on=ON)
        texts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for rule, key, what in Finding.objects.values_list("rule", "subject_key", "what"):
            texts[rule][key].append(what)
        run_checks(ground.cast.district, actor=ROBOT, on=NEXT_MONTH, rules=["R64"])
        purses = Finding.objects.filter(rule="R64", what__contains="三个月用量")
        seen = list(purses.values_list("subject_key", "last_seen_on"))
        yield {"hits": hits, "nears": nears, "texts": texts, "purses": seen}
    databases.drop(name)


@pytest.mark.parametrize("at", range(len(PLANTS)), ids=IDS)
def test_a_rule_finds_its_hit_and_not_its_near_miss(found: dict[str, Any], at: int) -> None:
    plant, texts = PLANTS[at], found["texts"][PLANTS[at].rule]
    for key in found["hits"][at]:
        assert any(plant.what in text for text in texts.get(key, [])), (plant.rule, key, texts)
    for key in found["nears"][at]:
        assert not any(plant.what in text for text in texts.get(key, [])), (plant.rule, key)


def test_nothing_is_found_that_was_not_planted(found: dict[str, Any]) -> None:
    """Each rule finds its own plants, and those where a plant says that it does so too."""
    may: dict[str, set[str]] = defaultdict(set)
    for plant, hits in zip(PLANTS, found["hits"], strict=True):
        for rule in (plant.rule, *plant.also):
            may[rule] |= hits
    beside = {
        f"{rule} {key}: {texts}"
        for rule, keys in found["texts"].items()
        for key, texts in keys.items()
        if key not in may[rule]
    }
    assert not beside


def test_every_rule_has_its_plant() -> None:
    assert {plant.rule for plant in PLANTS} == set(CHECKS)


def test_a_purse_that_stays_too_full_is_told_once(found: dict[str, Any]) -> None:
    """A month later it is seen again, and not found again."""
    first = next(n for n, plant in enumerate(PLANTS) if plant.what == "三个月用量")
    (key,) = found["hits"][first]
    assert [day for office, day in found["purses"] if office == key] == [NEXT_MONTH]


# ---------------------------------------------------------------- two districts

IN_TWO = ("R43", "R71", "R72", "R73")


def _wrong_in(ground: Ground, district: Unit, village: Unit) -> set[tuple[str, str]]:
    """What is wrong in a district: a late case, and what has no office: a sample, a complaint that
    nobody handles yet, an account that sleeps."""
    n = district.code
    home = ground.home(village=village, key=f"H{n}")
    case = ground.case(home, no=f"DB-{n}", state="TO_PROPOSE", due_on=date(2026, 11, 2))
    sample = Sample.objects.create(
        no=f"CC-{n}", district=district, kind="NEW", state="OPEN", percent=30, seed="0" * 64,
        seed_event=1, frame_count=10, frame_sha256="0" * 64, target_count=3, drawn_count=0,
        period_from=date(2026, 10, 1), period_to=date(2026, 10, 31), opened_on=ON,
        opened_by_id=ground.person("supervisor"),
    )  # fmt: skip
    complaint = Complaint.objects.create(
        no=f"XF-{n}", district=district, state="RECEIVED", opened_on=date(2026, 11, 2),
        received_on=date(2026, 11, 2), due_on=date(2026, 11, 9), kind="REPORT", channel="BOX",
        key=f"K{n}", content="内容",
    )  # fmt: skip
    sleeper = ground.cast.add(f"auditor{n}", "auditor", village, "久未登录")
    Account.objects.filter(person_id=sleeper.person_id).update(last_login=moment(date(2026, 2, 2)))
    keys = (case.no, sample.no, complaint.no, str(sleeper.person_id))
    return set(zip(IN_TWO, keys, strict=True))


def _in_two(cast: Cast) -> tuple[Unit, set[tuple[str, str]], set[tuple[str, str]]]:
    """Another district, what is wrong there, and what is wrong here."""
    other = unit("演练区", "DISTRICT", "159800", None)
    office = unit("丙街道", "OFFICE", "159800001", other)
    village = unit("丙一社区", "COMMUNITY", "159800001001", office)
    ground = Ground(cast)
    here = _wrong_in(ground, cast.district, cast.village)
    return other, _wrong_in(ground, other, village), here


def _found_in(district: Unit) -> set[tuple[str, str]]:
    run_checks(district, actor=ROBOT, on=ON, rules=IN_TWO)
    return set(Finding.objects.filter(district=district).values_list("rule", "subject_key"))


def test_each_district_finds_its_own_whichever_comes_first(cast: Cast) -> None:
    other, theirs, ours = _in_two(cast)
    there, here = _found_in(other), _found_in(cast.district)
    assert theirs <= there
    assert ours <= here
    assert not ours & there
    assert not theirs & here


def test_control_without_its_place_the_first_district_takes_the_others_case(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "HERE", "true")
    other, _, ours = _in_two(cast)
    assert {pair for pair in ours if pair[0] == "R43"} <= _found_in(other)
    assert not {pair for pair in ours if pair[0] == "R43"} & _found_in(cast.district)
