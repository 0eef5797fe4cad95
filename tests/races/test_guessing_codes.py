"""Guessing codes and passwords in twenty windows at once: five guesses, then it is locked."""

import re
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.db.models import QuerySet
from django.test import Client

from tests.cast import SIGN_CODE, Cast, make_cast
from tests.races.arena import CERTAIN, meeting_at, together
from yuquan_relief.kernel import signing
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.lockout import OF_PAIR
from yuquan_relief.kernel.models import Account

GUESSERS = 20
LOOK = "yuquan_relief.kernel.signing.check_password"  # where a guess is compared with the code


@pytest.fixture
def house(own_database: str) -> Cast:
    """People in a database of their own, to which threads commit."""
    return make_cast()


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The guesses that were compared with the code."""
    guesses: list[str] = []
    compare = check_password

    def counting(code: str, encoded: str) -> bool:
        guesses.append(code)
        return compare(code, encoded)

    monkeypatch.setattr(signing, "check_password", counting)
    return guesses


def guessing(cast: Cast) -> list[Callable[[], Any]]:
    """Twenty different wrong codes for the leader's account."""
    return [lambda n=n: signing.prove(cast.leader, f"{n:06d}") for n in range(GUESSERS)]  # type: ignore[misc]


def answers(outcomes: list[Any]) -> Counter[str]:
    """How often each sentence was said, the number of tries left out."""
    assert all(isinstance(o, Refused) for o in outcomes), outcomes
    return Counter(re.sub(r"还可以试 \d 次", "还可以试", o.reason) for o in outcomes)


def misses(cast: Cast) -> int:
    """The misses that stand on the leader's account."""
    return Account.objects.get(pk=cast.accounts["leader"].pk).sign_code_misses


def test_of_twenty_guesses_at_once_five_are_looked_at(house: Cast, looked_at: list[str]) -> None:
    with meeting_at(LOOK, GUESSERS):
        said = answers(together(*guessing(house)))
    assert len(looked_at) == len(set(looked_at)) == signing.MAX_MISSES
    assert sum(n for text, n in said.items() if text.startswith("签批码不对")) == 5
    assert said["签批码连续输错 5 次，已锁定；请到“我的”里用登录密码重新设置"] == 15
    assert misses(house) == signing.MAX_MISSES
    with pytest.raises(Refused, match="已锁定"):
        signing.prove(house.leader, SIGN_CODE)
    assert SIGN_CODE not in looked_at
    assert signing.prove(house.staff, SIGN_CODE).person_id == house.staff.person_id


def looking_before_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard taken away: the misses are read first, and counted when everybody has read."""
    everybody = threading.Barrier(GUESSERS)
    real = QuerySet.filter

    def filter(self: QuerySet[Any], *args: Any, **kwargs: Any) -> QuerySet[Any]:
        most = kwargs.pop("sign_code_misses__lt", None)
        if most is None:
            return real(self, *args, **kwargs)
        seen = self.values_list("sign_code_misses", flat=True).get()
        everybody.wait(CERTAIN)
        return self if seen < most else self.none()

    monkeypatch.setattr(QuerySet, "filter", filter)


def test_control_looking_before_counting_lets_twenty_through(
    house: Cast, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    looking_before_counting(monkeypatch)
    with meeting_at(LOOK, GUESSERS, CERTAIN):
        said = answers(together(*guessing(house)))
    assert len(looked_at) == GUESSERS
    assert not any("重新设置" in text for text in said)


def test_control_counting_from_a_stale_number_never_locks(
    house: Cast, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "F", lambda name: 0)  # everybody has read nought, and writes one
    with meeting_at(LOOK, GUESSERS, CERTAIN):
        together(*guessing(house))
    assert (len(looked_at), misses(house)) == (GUESSERS, 1)
    assert signing.prove(house.leader, SIGN_CODE)


# Signing in

FORM = {"username": "leader"}


def signing_in(n: int) -> int:
    """The status of one wrong password from one address."""
    return Client().post("/login/", FORM | {"password": f"错误的密码-{n}"}).status_code


class Comparing:
    """Stands in for the comparison; with a `barrier` the first comers wait for each other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, barrier: threading.Barrier | None) -> None:
        self.passwords: list[str] = []
        real = Account.check_password

        def comparing(account: Account, raw: str) -> bool:
            self.passwords.append(raw)
            if barrier:
                with suppress(threading.BrokenBarrierError):
                    barrier.wait(CERTAIN)
            return bool(real(account, raw))

        monkeypatch.setattr(Account, "check_password", comparing)


def test_of_twenty_passwords_at_once_five_are_compared(
    house: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparing = Comparing(monkeypatch, None)
    said = Counter(together(*[lambda n=n: signing_in(n) for n in range(GUESSERS)]))  # type: ignore[misc]
    assert len(comparing.passwords) == OF_PAIR, said
    assert sum(said.values()) == said[422] + said[429] == GUESSERS, said


def test_without_waiting_a_sixth_would_be_compared(
    house: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "yuquan_relief.kernel.views.sign_in.one_guess_at_a_time", lambda username: nullcontext()
    )
    comparing = Comparing(monkeypatch, threading.Barrier(OF_PAIR + 1))
    together(*[lambda n=n: signing_in(n) for n in range(OF_PAIR + 1)])  # type: ignore[misc]
    assert len(comparing.passwords) == OF_PAIR + 1
