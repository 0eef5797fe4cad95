"""Households that may not exist: what they share with others, counted (security 2, no. 1).

Families of one house share an address, and sisters a phone: one thing in common says nothing. Two
do, and so does one where the same two people surveyed all who share it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

SHARED_PAIR = 3  # households that share something and were surveyed by the same two people
BY_CHANCE = 0.02  # how often it may be so among honest households
HOME_OF_MANY = 8  # an address of so many households is an institution or a block, not a sign


@dataclass(frozen=True)
class Seen:
    """What is on record of one household; texts "" when nothing is."""

    household: int
    phone: str
    address: str
    account: str
    pair: str
    village: int


@dataclass(frozen=True)
class Suspect:
    """A household with the number of signs and the words for them."""

    household: int
    signs: int
    what: str


def plain(address: str) -> str:
    """The address without blanks and marks, or "" when it names no house."""
    text = re.sub(r"[\s,，。.、·\-—]+", "", address)
    return text if re.search(r"\d", text) else ""


def suspects(homes: Iterable[Seen]) -> list[Suspect]:
    """Those with at least one sign; two and more are for a visit by others."""
    known = list(homes)
    shared = {
        "同一电话": _groups(known, lambda h: h.phone),
        "同一住址": {
            key: group
            for key, group in _groups(known, lambda h: plain(h.address)).items()
            if len(group) <= HOME_OF_MANY
        },
        "同一收款账户": _groups(known, lambda h: h.account),
    }
    signs: dict[int, list[str]] = defaultdict(list)
    for words, groups in shared.items():
        for group in groups.values():
            for home in group:
                signs[home.household].append(f"{words}（{len(group)} 户）")
    all_groups = [group for found in shared.values() for group in found.values()]
    for household, count in _same_surveyors(known, all_groups).items():
        signs[household].append(f"都由同两人调查（{count} 户）")
    return [
        Suspect(home, len(words), "与其他家庭" + "、".join(words))
        for home, words in sorted(signs.items())
    ]


def _groups(homes: list[Seen], key: Callable[[Seen], str]) -> dict[str, list[Seen]]:
    """Households with the same value, where there is more than one."""
    found: dict[str, list[Seen]] = defaultdict(list)
    for home in homes:
        if value := key(home):
            found[value].append(home)
    return {value: group for value, group in found.items() if len(group) > 1}


def _same_surveyors(homes: list[Seen], groups: Iterable[list[Seen]]) -> dict[int, int]:
    """Whom the same two surveyed among those that share one thing: how many they are.

    Two who survey half a village do so also with its honest families of one house: it is a sign
    only where their share of the other households makes it unlikely.
    """
    surveyed = [home for home in homes if "+" in home.pair]
    here = Counter(home.village for home in surveyed)
    theirs = Counter((home.village, home.pair) for home in surveyed)
    found: dict[int, int] = {}
    for group in groups:
        for same in _groups(group, lambda h: h.pair if "+" in h.pair else "").values():
            count, home = len(same), same[0]
            rest = max(here[home.village] - count, 1)
            share = max(theirs[home.village, home.pair] - count, 0) / rest
            if count >= SHARED_PAIR and share ** (count - 1) <= BY_CHANCE:
                for one in same:
                    found[one.household] = max(found.get(one.household, 0), count)
    return found
