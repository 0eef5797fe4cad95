"""The matrix: addresses from the URLconf, what each role may from matrix.toml, what is answered."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.access.world import PEOPLE, PLACES, World
from yuquan_relief.kernel.roles import ROLES, Reach

TABLE = tomllib.loads(Path(__file__).with_name("matrix.toml").read_text(encoding="utf-8"))
NOBODY = "nobody"
METHODS = ("get", "post")
DONE = frozenset({200, 201, 204, 302, 400, 409, 415, 422})
SEEN = {
    "unit": {
        Reach.VILLAGE: {"own"},
        Reach.OFFICE: {"own", "neighbour"},
        Reach.DISTRICT: {"own", "neighbour", "foreign"},
        Reach.NONE: set[str](),
    },
    "village": {Reach.VILLAGE: {"own"}},
    "office": {
        Reach.OFFICE: {"own", "neighbour"},
        Reach.DISTRICT: {"own", "neighbour", "foreign"},
    },
    "district": {reach: {"own"} for reach in (Reach.OFFICE, Reach.DISTRICT)},
    "bureau": {Reach.DISTRICT: {"own", "neighbour", "foreign"}},
    "whole": {reach: {"own"} for reach in (Reach.VILLAGE, Reach.OFFICE, Reach.DISTRICT)},
    "errand": {Reach.NONE: {"own"}, Reach.DISTRICT: {"own", "neighbour", "foreign"}},
    "uploader": {Reach.OFFICE: {"own", "neighbour"}},
    "all": {reach: {"own"} for reach in Reach},
}


@dataclass(frozen=True)
class Address:
    """One named pattern of the URLconf with its route in words."""

    name: str
    route: str

    @property
    def parameters(self) -> list[str]:
        """The names in angle brackets."""
        return re.findall(r"<(?:\w+:)?(\w+)>", self.route)

    def filled(self, values: dict[str, Any]) -> str:
        """The path with values in place of the parameters."""
        return "/" + re.sub(
            r"<(?:\w+:)?(\w+)>", lambda m: quote(str(values[m[1]]), safe="·:"), self.route
        )


def addresses(patterns: Any = None, before: str = "") -> Iterator[Address]:
    """Every address of the product, included ones too."""
    for pattern in patterns or get_resolver().url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield Address(pattern.name or route, route)


@dataclass(frozen=True, kw_only=True)
class Row:
    """What matrix.toml says of one address, for one step code when it has several."""

    name: str
    is_open: bool
    may: dict[str, frozenset[str]]  # method → roles
    named: dict[str, str]  # parameter → kind of object
    values: dict[str, Any]
    data: dict[str, Any]
    reach: str
    rights_first: bool
    may_be_absent: bool


def roles_of(text: str) -> frozenset[str]:
    """The roles of a list of roles and groups."""
    found: set[str] = set()
    for word in text.split():
        found |= roles_of(TABLE["groups"][word]) if word in TABLE["groups"] else {word}
    return frozenset(found)


def rows(name: str) -> Iterator[Row]:
    """The rows of one address."""
    entry = TABLE["address"][name]
    codes: dict[str, str] = entry.get("codes", {"": ""})
    for code, allowed in codes.items():
        texts = {m: entry[m] for m in METHODS if m in entry}
        values = dict(entry.get("with", {}))
        if code:
            values[entry.get("parameter", "code")] = code
        yield Row(
            name=name,
            is_open=entry.get("open", False),
            may={m: roles_of(allowed if t == "codes" else t) for m, t in texts.items()},
            named=_named(entry, code),
            values=values,
            data=entry.get("with_post", {}),
            reach=entry.get("reach", "unit"),
            rights_first=entry.get("rights_first", False),
            may_be_absent=entry.get("may_be_absent", False),
        )


def _named(entry: dict[str, Any], code: str) -> dict[str, str]:
    """Parameter → kind of object; a step may need an object of another kind than its address."""
    kinds: dict[str, str] = entry.get("object", {})
    if code not in entry.get("of", {}):
        return kinds
    return dict.fromkeys(kinds, entry["of"][code])


def sees(role: str, row: Row, place: str) -> bool:
    """Whether the role's reach takes in the row's object at the place."""
    if any(role in roles_of(TABLE["unseen"].get(kind, "")) for kind in row.named.values()):
        return False
    return place in SEEN[row.reach].get(ROLES[role].reach, set())


def expected(row: Row, method: str, role: str, place: str) -> frozenset[int]:
    """The answers that the table allows."""
    may = role in row.may[method]
    done = DONE | ({404} if row.may_be_absent else set())
    if not row.named or sees(role, row, place):
        return done if may else frozenset({403})
    return frozenset({403 if row.rights_first and not may else 404})


@dataclass(frozen=True)
class Cell:
    """One request and what came back."""

    name: str
    path: str
    method: str
    role: str
    place: str
    wanted: frozenset[int]
    status: int
    is_outside: bool  # the role's reach does not take in the object
    body: bytes = field(repr=False)

    @property
    def is_unexpected(self) -> bool:
        """Whether the answer is not one that the table allows."""
        return self.status not in self.wanted

    def __str__(self) -> str:
        return (
            f"{self.role} {self.method.upper()} {self.path} ({self.place}): "
            f"{self.status}, allowed {sorted(self.wanted)}"
        )


def run(
    world: World, role: str, names: list[str] | None = None, *, few: bool = False
) -> list[Cell]:
    """Every cell of one role. Each request is undone, so that none changes another's answer.

    `few`: not everywhere, but at the places that `in_turn` says.
    """
    client = world.cast.client(PEOPLE[role])
    client.raise_request_exception = False
    cells = []
    for address in addresses():
        if names and address.name not in names:
            continue
        tried: list[dict[str, str]] = []
        for row in rows(address.name):
            everywhere = row.named not in tried
            tried.append(row.named)
            there = places(world, row, everywhere=everywhere)
            for place in in_turn(there, row, role) if few else there:
                cells += [
                    _cell(client, world, address, row, role, place, method) for method in row.may
                ]
    return cells


def places(world: World, row: Row, *, everywhere: bool = True) -> list[str]:
    """Where to look for the row's object; of many steps on it the first is tried everywhere."""
    if not row.named:
        return [""]
    there = [p for p in PLACES if all(p in world.objects[kind] for kind in row.named.values())]
    return there if everywhere else [p for p in there if p in ("own", "foreign", "abroad")]


def in_turn(there: list[str], row: Row, role: str) -> list[str]:
    """Of the places here, nowhere, and one of those between; a role without the right mostly here.

    The roles take turns, and rows begin elsewhere: every row is met at every place by some role,
    and everything that a role may do is met here, nowhere and outside.
    """
    outside = [place for place in there if place not in ("", "own", "missing")]
    turn = sorted(ROLES).index(role) + sum(map(ord, row.name))
    if turn % 3 and not any(role in may for may in row.may.values()):
        return [place for place in there if place in ("", "own")]
    left_out = set(outside) - {outside[turn // 3 % len(outside)]} if outside else set()
    return [place for place in there if place not in left_out]


def _cell(
    client: Client,
    world: World,
    address: Address,
    row: Row,
    role: str,
    place: str,
    method: str,
) -> Cell:
    values = row.values | {p: world.objects[kind][place] for p, kind in row.named.items()}
    path = address.filled(values)
    signed_in = dict(client.cookies)
    with transaction.atomic():
        response = getattr(client, method)(path, row.data if method == "post" else {})
        body = plain(response, path, values)
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.update(signed_in)
    wanted = expected(row, method, role, place)
    outside = bool(row.named) and not sees(role, row, place)
    return Cell(
        address.name, path, method, role, place, wanted, response.status_code, outside, body
    )


def plain(response: HttpResponseBase, path: str, values: dict[str, Any]) -> bytes:
    """The answer without tokens and without the very words of the address."""
    body = response.getvalue() if response.status_code in (403, 404) else b""
    body = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", body)
    body = re.sub(rb'("X-CSRFToken": "|nonce=")[^"]+"', b"", body)
    body = body.replace(path.encode(), b"PATH").replace(quote(path, safe="").encode(), b"PATH")
    for value in values.values():
        if len(str(value)) > 8:
            body = body.replace(quote(str(value)).encode(), b"ID")
    return body


def unexpected(cells: list[Cell]) -> list[str]:
    """What the table does not allow."""
    return [str(cell) for cell in cells if cell.is_unexpected]


def tell_apart(cells: list[Cell]) -> list[str]:
    """Places outside the scope whose answer differs from that for a number that does not exist."""
    none = {(c.name, c.method, _code(c)): c for c in cells if c.place == "missing"}
    return [
        str(cell)
        for cell in cells
        if cell.is_outside
        and cell.status in (403, 404)
        and (like := none.get((cell.name, cell.method, _code(cell))))
        and (cell.status, cell.body) != (like.status, like.body)
    ]


def _code(cell: Cell) -> str:
    return cell.path.rstrip("/").rsplit("/", 1)[-1] if "step" in cell.name else ""
