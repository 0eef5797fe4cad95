"""The cast: synthetic people in every role, in two offices. Everybody's code is SIGN_CODE."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import Model
from django.test import Client, RequestFactory

from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.middleware import actor_for
from yuquan_relief.kernel.models import Account, Person, Post, Unit
from yuquan_relief.kernel.signing import Proof, set_sign_code

PASSWORD = "临河观星-2026-绿灯"
SIGN_CODE = "390172"
SINCE = date(2020, 1, 1)
BACKEND = "yuquan_relief.kernel.sign_in.PersonBackend"


@dataclass
class Cast:
    """Units and actors by name; `accounts` by the same names."""

    district: Unit
    office: Unit
    village: Unit
    other_village: Unit
    other_office: Unit
    foreign_village: Unit
    actors: dict[str, Actor] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Actor:
        actors: dict[str, Actor] = self.__dict__.get("actors", {})
        if name in actors:
            return actors[name]
        raise AttributeError(name)

    def proof(self, name: str, opinion: str = "") -> Proof:
        """That the named person has just re-entered the code (the code itself: prove())."""
        person_id = self.actors[name].person_id
        assert person_id is not None
        return Proof(person_id, now(), opinion)

    def client(self, name: str) -> Client:
        """A browser in which the named person is signed in."""
        client = Client()
        client.force_login(self.accounts[name], backend=BACKEND)
        return client

    def add(self, name: str, role: str, unit: Unit, title: str) -> Actor:
        """One more person with one post and one account."""
        person = Person.objects.create(name=f"演练{title}", id_digest=digest(name))
        post = Post.objects.create(
            person=person, unit=unit, role=role, title=title, starts_on=SINCE
        )
        account = Account.objects.create_user(name, PASSWORD, person=person)
        set_sign_code(account, SIGN_CODE)
        account.refresh_from_db()
        post = Post.objects.select_related("unit__parent").get(pk=post.pk)
        self.accounts[name] = account
        self.actors[name] = actor_for(account, post, RequestFactory().get("/"))
        return self.actors[name]


def unit(name: str, kind: str, code: str, parent: Unit | None) -> Unit:
    """A synthetic unit."""
    return Unit.objects.create(
        name=name,
        short_name=name,
        kind=kind,
        code=code,
        code_source="测试",
        parent=parent,
        valid_from=SINCE,
        is_synthetic=True,
    )


def make_cast() -> Cast:
    """Create the units and the people."""
    district = unit("测试区", "DISTRICT", "159900", None)
    office = unit("甲街道", "OFFICE", "159900001", district)
    other_office = unit("乙街道", "OFFICE", "159900002", district)
    cast = Cast(
        district=district,
        office=office,
        village=unit("甲一社区", "COMMUNITY", "159900001001", office),
        other_village=unit("甲二村", "VILLAGE", "159900001201", office),
        other_office=other_office,
        foreign_village=unit("乙一社区", "COMMUNITY", "159900002001", other_office),
    )
    for name, role, place, title in (
        ("clerk", "clerk", cast.village, "社区经办"),
        ("head", "committee_head", cast.village, "社区主任"),
        ("neighbour_clerk", "clerk", cast.other_village, "村经办"),
        ("surveyor", "office_staff", office, "社救办干事"),
        ("staff", "office_staff", office, "社救办负责人"),
        ("leader", "deputy_leader", office, "分管副主任"),
        ("chief", "chief_leader", office, "街道主任"),
        ("foreign_clerk", "clerk", cast.foreign_village, "乙社区经办"),
        ("foreign_staff", "office_staff", other_office, "乙社救办干事"),
        ("foreign_leader", "deputy_leader", other_office, "乙分管副主任"),
        ("bureau", "bureau_leader", district, "分管副局长"),
        ("verifier", "verification", district, "核对员"),
        ("supervisor", "supervisor", district, "救助中心科员"),
        ("supervisor2", "supervisor", district, "救助中心负责人"),
        ("accountant", "accounting", district, "核算会计"),
        ("auditor", "auditor", district, "审计员"),
        ("worker", "third_party", district, "服务人员"),
        ("sysadmin", "system_admin", district, "系统管理员"),
        ("secadmin", "security_admin", district, "安全管理员"),
        ("auditadmin", "audit_admin", district, "审计管理员"),
    ):
        cast.add(name, role, place, title)
    return cast


@dataclass(frozen=True)
class Mould:
    """One cast as it was made in one database, with its rows, parents first."""

    cast: Cast
    units: Sequence[Unit]
    beginnings: Sequence[Model]  # of the units: the rows of their history
    people: Sequence[Person]
    posts: Sequence[Post]
    accounts: Sequence[Account]

    def pour(self) -> Cast:
        """The rows are there once more, set down at this moment; the cast is nobody else's."""
        for account in self.accounts:
            account.password_set_at = now()
        for beginning in self.beginnings:
            beginning.history_date = now()  # type: ignore[attr-defined] # made by simple_history
        for rows in (self.units, self.beginnings, self.people, self.posts, self.accounts):
            type(rows[0])._default_manager.bulk_create(rows)
        return copy.deepcopy(self.cast)


MOULDS: dict[str, Mould] = {}


def cast_again() -> Cast:
    """As make_cast, for the many tests that roll it back: made once, then its rows put back.

    The numbers of the rows came from the sequences of this database, which never go back: they
    are nobody else's there, and in no other database are they used.
    """
    database = str(connection.settings_dict["NAME"])
    if database in MOULDS:
        return MOULDS[database].pour()
    cast = make_cast()
    MOULDS[database] = mould_of(cast)
    return cast


def mould_of(cast: Cast) -> Mould:
    """The rows of a cast that was made a moment ago."""
    people = [account.person_id for account in cast.accounts.values()]
    units = [value for value in vars(cast).values() if isinstance(value, Unit)]
    return Mould(
        copy.deepcopy(cast),
        sorted(Unit.objects.filter(pk__in=[one.pk for one in units]), key=lambda one: one.code),
        list(Unit.history.filter(id__in=[one.pk for one in units])),
        list(Person.objects.filter(pk__in=people)),
        list(Post.objects.filter(person__in=people)),
        list(Account.objects.filter(person__in=people)),
    )
