"""The twin: with one check taken away, the matrix turns red where that check stood."""

from dataclasses import replace
from typing import Any

import pytest

from cases.models import Draft, Institution
from cases.models.case import CaseQuerySet
from cases.models.household import HouseholdQuerySet
from cases.models.kin import StaffRelativeQuerySet
from cases.models.lead import LeadQuerySet
from supervision.models.bulletin import BulletinQuerySet, MendingQuerySet
from supervision.models.complaint import ComplaintQuerySet
from supervision.models.finding import FindingQuerySet
from supervision.models.liability import LiabilityQuerySet
from supervision.models.partner import TaskQuerySet
from tests.access import matrix
from tests.access.world import World
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.roles import ROLES


def nothing(*args: Any, **kwargs: Any) -> None:
    """A check that lets everything through."""


def test_a_removed_capability_check_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert matrix.unexpected(matrix.run(world, "office_staff", ["desk", "desk_sign"])) == []
    monkeypatch.setattr("cases.views.desk.require", nothing)
    red = matrix.unexpected(matrix.run(world, "office_staff", ["desk", "desk_sign"]))
    assert len(red) >= 3
    assert any("200" in line for line in red)


def test_a_right_that_is_given_too_widely_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["case_step", "api_case_step"]
    assert matrix.unexpected(matrix.run(world, "deputy_leader", names)) == []
    leader = ROLES["deputy_leader"]
    wider = replace(leader, can=leader.can | {"cases.decide_large"})
    monkeypatch.setitem(ROLES, "deputy_leader", wider)
    red = matrix.unexpected(matrix.run(world, "deputy_leader", names))
    assert red
    assert all("_large/" in line for line in red)


def test_a_case_that_was_not_sent_to_the_verification_centre_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["case_step"]
    assert matrix.unexpected(matrix.run(world, "verification", names)) == []

    def all_of_the_district(self: CaseQuerySet, actor: Actor) -> CaseQuerySet:
        return self.filter(district_id=actor.unit_id)

    monkeypatch.setattr(CaseQuerySet, "visible_to", all_of_the_district)
    red = matrix.unexpected(matrix.run(world, "verification", names))
    assert red
    assert all("/YQ-LS-" in line for line in red)


def test_a_removed_scope_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["case", "case_family", "api_case"]
    assert matrix.unexpected(matrix.run(world, "clerk", names)) == []

    def all_of_them(self: CaseQuerySet, actor: Actor) -> CaseQuerySet:
        return self.all()

    monkeypatch.setattr(CaseQuerySet, "visible_to", all_of_them)
    red = matrix.unexpected(matrix.run(world, "clerk", names))
    assert (
        len(red) == 9
    )  # three addresses: the neighbour's, the other office's, the other district's


@pytest.mark.parametrize(
    ("view", "role", "name", "answers"),
    [
        ("households", "chief_leader", "household_change", 8),  # four kinds, opened and sent
        ("households", "chief_leader", "change_withdraw", 1),
        ("households", "accounting", "household", 1),
        ("care", "deputy_leader", "institution", 1),
        ("apply", "committee_head", "restore_draft", 1),
        ("checks", "supervisor", "checks_import", 1),
    ],
)
def test_a_removed_check_of_a_new_page_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch, view: str, role: str, name: str, answers: int
) -> None:
    assert matrix.unexpected(matrix.run(world, role, [name])) == []
    monkeypatch.setattr(f"cases.views.{view}.require", nothing)
    red = matrix.unexpected(matrix.run(world, role, [name]))
    assert len(red) >= answers, red


def test_keeping_institutions_given_too_widely_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert matrix.unexpected(matrix.run(world, "office_staff", ["institutions"])) == []
    staff = ROLES["office_staff"]
    wider = replace(staff, can=staff.can | {"cases.keep_institutions"})
    monkeypatch.setitem(ROLES, "office_staff", wider)
    red = matrix.unexpected(matrix.run(world, "office_staff", ["institutions"]))
    assert len(red) == 1
    assert "POST" in red[0]


def test_an_institution_of_another_district_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert matrix.unexpected(matrix.run(world, "supervisor", ["institution"])) == []
    everywhere = Institution.objects.all()
    monkeypatch.setattr(Institution.objects, "filter", lambda pk, **_: everywhere.filter(pk=pk))
    red = matrix.unexpected(matrix.run(world, "supervisor", ["institution"]))
    assert len(red) == 1
    assert "abroad" in red[0]


def test_a_bin_of_every_village_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert matrix.unexpected(matrix.run(world, "clerk", ["restore_draft"])) == []
    everywhere = Draft.objects.filter(discarded_at__isnull=False)
    monkeypatch.setattr("cases.operations.applications.binned", lambda actor: everywhere.all())
    red = matrix.unexpected(matrix.run(world, "clerk", ["restore_draft"]))
    assert len(red) == 3  # the neighbour's, the other office's, the other district's


@pytest.mark.parametrize(
    ("queryset", "name"),
    [
        (StaffRelativeQuerySet, "kin_withdraw"),
        (LeadQuerySet, "lead"),
        (HouseholdQuerySet, "household"),
        (HouseholdQuerySet, "change_withdraw"),
    ],
)
def test_a_removed_scope_of_a_register_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch, queryset: type[Any], name: str
) -> None:
    assert matrix.unexpected(matrix.run(world, "clerk", [name])) == []

    def all_of_them(self: Any, actor: Actor) -> Any:
        return self.all()

    monkeypatch.setattr(queryset, "visible_to", all_of_them)
    red = matrix.unexpected(matrix.run(world, "clerk", [name]))
    assert len(red) == 3  # the neighbour's, the other office's, the other district's


@pytest.mark.parametrize(
    ("view", "role", "name", "answers"),
    [
        ("pages", "chief_leader", "complaint", 2),  # of the own office, handled in two villages
        ("partners", "auditor", "contracts", 1),
        ("policy", "accounting", "simulation", 3),
        ("findings", "bureau_leader", "check_case", 3),
        ("board", "office_staff", "figure", 1),
        ("samples", "verification", "sample", 3),
    ],
)
def test_a_removed_check_of_supervision_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch, view: str, role: str, name: str, answers: int
) -> None:
    assert matrix.unexpected(matrix.run(world, role, [name])) == []
    monkeypatch.setattr(f"supervision.views.{view}.require", nothing)
    red = matrix.unexpected(matrix.run(world, role, [name]))
    assert len(red) >= answers, red


@pytest.mark.parametrize(
    ("queryset", "role", "name", "answers"),
    [
        (FindingQuerySet, "office_staff", "finding", 2),
        (FindingQuerySet, "accounting", "finding", 4),  # what others owe, wherever it is
        (ComplaintQuerySet, "office_staff", "complaint", 2),
        (ComplaintQuerySet, "deputy_leader", "complaint_step", 2),  # also the one about himself
        (MendingQuerySet, "accounting", "mending", 4),
        (BulletinQuerySet, "clerk", "bulletin_step", 1),
        (LiabilityQuerySet, "auditor", "liability", 4),
        (LiabilityQuerySet, "supervisor", "liability_step", 2),  # also the one about himself
        (TaskQuerySet, "third_party", "task", 3),  # what others were sent to do
    ],
)
def test_a_removed_scope_of_supervision_is_seen(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    queryset: type[Any],
    role: str,
    name: str,
    answers: int,
) -> None:
    assert matrix.unexpected(matrix.run(world, role, [name])) == []
    monkeypatch.setattr(queryset, "visible_to", lambda self, actor: self.all())
    red = matrix.unexpected(matrix.run(world, role, [name]))
    assert len(red) >= answers, red


def test_an_answer_that_gives_existence_away_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = matrix.run(world, "clerk", ["case"])
    assert "\n".join(matrix.tell_apart(cells)) == ""
    louder = [
        matrix.Cell(**{**cell.__dict__, "body": cell.body + cell.place.encode()})
        if cell.place == "foreign"
        else cell
        for cell in cells
    ]
    assert len(matrix.tell_apart(louder)) == 1


def test_a_new_address_without_a_row_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(matrix.TABLE["address"], "desk")
    assert {a.name for a in matrix.addresses()} != set(matrix.TABLE["address"])
