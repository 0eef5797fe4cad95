"""Fourteen ways to tamper, at many positions, against two verifiers that share nothing."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from tests.audit import operators
from tests.audit.chains import Chain, make_chain, owner
from tests.audit.operators import FOUND_AT, NEEDS_ANCHOR, Operator

LENGTH = 120
POSITIONS = (2, 60, LENGTH - 1)
EVERYWHERE = [pytest.param(at, marks=pytest.mark.deep) for at in range(3, 101) if at != 60]
AT = pytest.mark.parametrize("at", [*POSITIONS, *EVERYWHERE])


def title(operator: Operator) -> str:
    return operator.__name__


@pytest.fixture(scope="module")
def made(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    worker_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Chain]:
    folder: Path = tmp_path_factory.mktemp("exports")
    with django_db_blocker.unblock():
        yield from make_chain(f"relief_tamper_{worker_name}_{os.getpid()}", LENGTH, folder)


@pytest.fixture
def chain(made: Chain) -> Iterator[Chain]:
    yield made
    made.put_back()


def test_an_untouched_chain_is_sound_to_both(chain: Chain) -> None:
    assert chain.first_verifier(chain.witness) == ()
    assert chain.second_verifier(chain.witness) == []


@AT
@pytest.mark.parametrize("operator", FOUND_AT, ids=title)
def test_both_verifiers_find_it_at_the_same_event(
    chain: Chain, operator: Operator, at: int
) -> None:
    chain.attack(operator, at)
    expected = FOUND_AT[operator](at)
    assert chain.first_verifier()[-1].seq == expected
    assert chain.second_verifier()[0].startswith(f"第 {expected} 条")


@AT
@pytest.mark.parametrize("operator", NEEDS_ANCHOR, ids=title)
def test_only_an_anchor_finds_what_agrees_with_itself(
    chain: Chain, operator: Operator, at: int
) -> None:
    chain.attack(operator, at)
    assert chain.first_verifier() == ()
    assert chain.second_verifier() == []
    assert [p.seq for p in chain.first_verifier(chain.witness)] == [LENGTH]
    found = chain.second_verifier(chain.witness)
    assert len(found) == 1
    assert found[0].startswith(f"第 {LENGTH} 条")


@AT
def test_triggers_that_came_back_as_plain_ones_are_found(chain: Chain, at: int) -> None:
    chain.as_owner(
        "ALTER TABLE kernel_event DISABLE TRIGGER USER",
        "ALTER TABLE kernel_event ENABLE TRIGGER USER",
    )
    found = [str(problem) for problem in chain.first_verifier()]
    assert len(found) == 2
    assert all("始终启用" in what for what in found)
    assert len(chain.second_verifier()) == 2


def test_triggers_switched_off_and_left_off_are_found(chain: Chain) -> None:
    chain.as_owner("ALTER TABLE kernel_event DISABLE TRIGGER kernel_event_no_truncate")
    assert [p.what for p in chain.first_verifier()] == [
        "保护触发器 kernel_event_no_truncate 被停用，或没有始终启用"
    ]
    assert "kernel_event_no_truncate" in chain.second_verifier()[0]


# What each check is good for: without it the attack would pass


def test_the_hashes_alone_do_not_show_a_changed_column(chain: Chain) -> None:
    chain.attack(operators.change_column, 50)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM kernel_event"
            " WHERE hash <> sha256(prev || convert_to(canon, 'UTF8'))"
        )
        assert cursor.fetchone() == (0,)
    assert "列与原文不符（actor_name）" in str(chain.first_verifier()[0])


def test_a_checkpoint_in_the_database_shows_a_rewrite_until_it_is_rewritten_too(
    chain: Chain,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_checkpoint (seq, hash, at)"
            " SELECT seq, hash, now() FROM kernel_event WHERE seq = 100"
        )
    chain.attack(operators.rehash_to_the_end, 40)
    assert [p.seq for p in chain.first_verifier()] == [100]
    assert chain.second_verifier()[0].startswith("第 100 条")
    with owner(chain.name) as cursor:
        cursor.execute("ALTER TABLE kernel_checkpoint DISABLE TRIGGER ALL")
        cursor.execute("DELETE FROM kernel_checkpoint")
        for trigger in ("no_change", "no_truncate"):
            cursor.execute(
                f"ALTER TABLE kernel_checkpoint ENABLE ALWAYS TRIGGER kernel_checkpoint_{trigger}"
            )
    assert chain.first_verifier() == ()
    assert chain.second_verifier() == []
    assert chain.first_verifier(chain.witness) != ()


def test_a_tail_cut_without_the_head_is_found_without_an_anchor(chain: Chain) -> None:
    with owner(chain.name) as cursor:
        cursor.execute("ALTER TABLE kernel_event DISABLE TRIGGER ALL")
        cursor.execute("DELETE FROM kernel_event WHERE seq > 100")
        for trigger in ("no_change", "no_truncate"):
            cursor.execute(f"ALTER TABLE kernel_event ENABLE ALWAYS TRIGGER kernel_event_{trigger}")
    assert [p.seq for p in chain.first_verifier()] == [101]
    assert "链头指向第 120 条" in chain.second_verifier()[0]
