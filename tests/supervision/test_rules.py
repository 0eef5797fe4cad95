"""Every rule of the catalogue in one district: each finds its hit, and none its near miss."""

from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from supervision.models import Finding
from supervision.operations.checking import run_checks
from supervision.rules.checks import CHECKS
from tests import databases
from tests.cast import make_cast
from tests.supervision.ground import ON, Ground
from tests.supervision.plants.shape import Plant
from yuquan_relief.kernel.actor import ROBOT

GROUPS = ("identity", "means", "procedure", "proof", "life", "money", "conduct")
PLANTS: list[Plant] = [
    plant for name in GROUPS for plant in import_module(f"tests.supervision.plants.{name}").PLANTS
]
IDS = [f"{plant.rule}-{n}" for n, plant in enumerate(PLANTS)]


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
        run_checks(ground.cast.district, actor=ROBOT, on=ON)
        texts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for rule, key, what in Finding.objects.values_list("rule", "subject_key", "what"):
            texts[rule][key].append(what)
        yield {"hits": hits, "nears": nears, "texts": texts}
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
