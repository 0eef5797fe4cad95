"""Every address × method × role × place: nothing is answered that the reviewed table forbids."""

import pytest
from django.test import Client

from cases.models import Case
from cases.rules.procedures import PROCEDURES
from tests.access import matrix
from tests.access.world import PEOPLE, PLACES, World
from tests.deep import is_small
from yuquan_relief.kernel.roles import ROLES


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert {a.name for a in matrix.addresses()} == set(matrix.TABLE["address"])


def test_every_role_has_somebody() -> None:
    assert set(PEOPLE) == set(ROLES) == matrix.roles_of("everybody")


def test_every_parameter_of_every_address_is_filled() -> None:
    for address in matrix.addresses():
        for row in matrix.rows(address.name):
            assert set(address.parameters) == {*row.named, *row.values}, address


BY_OTHER_ADDRESSES = {"submit"}  # a case begins as a draft, or as a whole by the interface


@pytest.mark.parametrize("name", ["case_step", "api_case_step"])
def test_every_step_that_somebody_takes_has_a_row_on_a_case_that_has_it(
    world: World, name: str
) -> None:
    taken = {
        step.code for steps in PROCEDURES.values() for step in steps.values() if not step.by_robot
    }
    rows = {
        row.values.get("code") or row.values["step"]: row.named["no"] for row in matrix.rows(name)
    }
    assert set(rows) == taken - BY_OTHER_ADDRESSES
    for code, kind in rows.items():
        case = Case.objects.get(no=world.objects[kind]["own"])
        assert code in PROCEDURES[case.programme], code


@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_each_role_gets_what_the_table_says_and_nothing_else(world: World, role: str) -> None:
    cells = matrix.run(world, role, few=is_small())
    assert len(cells) > 250
    assert "\n".join(matrix.unexpected(cells)) == ""
    assert "\n".join(matrix.tell_apart(cells)) == ""


def test_in_small_bounds_every_row_is_met_at_every_place() -> None:
    for address in matrix.addresses():
        for row in matrix.rows(address.name):
            met = {role: matrix.in_turn([*PLACES], row, role) for role in PEOPLE}
            assert all("own" in there and len(there) in (1, 3) for there in met.values())
            assert {place for there in met.values() for place in there} == set(PLACES)
            for role in set(PEOPLE) & set().union(*row.may.values()):
                assert "missing" in met[role]
                assert len(met[role]) == 3


def test_nobody_gets_in_without_signing_in(world: World) -> None:
    client = Client(raise_request_exception=False)
    wrong = []
    for address in matrix.addresses():
        for row in matrix.rows(address.name):
            values = row.values | {p: world.objects[k]["own"] for p, k in row.named.items()}
            path = address.filled(values)
            for method in matrix.METHODS:
                response = getattr(client, method)(path)
                if row.is_open:
                    gone = {404} if row.may_be_absent else set()
                    fine = response.status_code in matrix.DONE | {405} | gone
                elif path.startswith("/api/"):
                    fine = response.status_code in (401, 403)
                else:
                    fine = response.status_code == 302 and response["Location"].startswith(
                        "/login/?next="
                    )
                if not fine:
                    wrong.append((method, path, response.status_code))
    assert wrong == []


def test_a_method_that_no_row_names_is_refused(world: World) -> None:
    client = world.cast.client("sysadmin")
    wrong = []
    for address in matrix.addresses():
        row = next(matrix.rows(address.name))
        values = row.values | {p: world.objects[k]["own"] for p, k in row.named.items()}
        for method in set(matrix.METHODS) - set(row.may):
            status = getattr(client, method)(address.filled(values)).status_code
            of_clients = row.may == {"get": {matrix.NOBODY}} and status == 403
            if status != 405 and not of_clients:
                wrong.append((method, address.name, status))
    assert wrong == []


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_other_methods_change_nothing_and_are_refused(world: World, method: str) -> None:
    wrong = []
    for who in ("staff", "supervisor", "sysadmin"):
        client = world.cast.client(who)
        for address in matrix.addresses():
            row = next(matrix.rows(address.name))
            values = row.values | {p: world.objects[k]["own"] for p, k in row.named.items()}
            status = getattr(client, method)(address.filled(values)).status_code
            if status != 405 and not (address.route.startswith("api/") and status == 403):
                wrong.append((who, address.name, status))
    assert wrong == []


@pytest.mark.parametrize(
    ("person", "place"),
    [("staff", "foreign"), ("neighbour_clerk", "own"), ("neighbour_clerk", "foreign")],
)
def test_a_file_of_a_draft_elsewhere_is_withdrawn_like_one_that_does_not_exist(
    world: World, person: str, place: str
) -> None:
    client = world.cast.client(person)
    pk, none = (world.objects["draft_file"][p] for p in (place, "missing"))
    answers = [client.post(f"/files/{n}/withdraw/") for n in (pk, none)]
    bodies = [
        matrix.plain(a, f"/files/{n}/withdraw/", {})
        for a, n in zip(answers, (pk, none), strict=True)
    ]
    assert [a.status_code for a in answers] == [404, 404]
    assert bodies[0] == bodies[1]
