"""People, their accounts and posts. Three administrators, three people, no business rights."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from axes.utils import reset
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import now, today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import Account, PasswordRecord, Person, Post, Unit
from yuquan_relief.kernel.passwords import password_reason
from yuquan_relief.kernel.roles import ADMINISTRATORS, ROLES, Reach

PLACES = {
    Reach.VILLAGE: (Unit.Kind.VILLAGE, Unit.Kind.COMMUNITY),
    Reach.OFFICE: (Unit.Kind.OFFICE,),
    Reach.DISTRICT: (Unit.Kind.DISTRICT,),
    Reach.NONE: (Unit.Kind.DISTRICT,),
}

# Why a person may not leave a post yet, "" if they may; the apps above add what they know (6.4).
LEAVING: list[Callable[[Post], str]] = []


def _refuse_to_leave(post: Post) -> None:
    for check in LEAVING:
        if reason := check(post):
            raise Refused(reason, code="not_handed_over")


def _require(actor: Actor) -> None:
    if not (actor.is_robot or actor.can("people.edit")):
        raise PermissionDenied("people.edit")


@transaction.atomic
def add_person(*, name: str, id_no: str, phone: str = "", actor: Actor) -> Person:
    """The person is known, once, by the identity number, of which only a digest is kept.

    `name`, `id_no` and `phone` have been read by kernel.inputs. A person who is there already
    is given back when the name agrees, and Refused otherwise.
    """
    _require(actor)
    person, is_new = Person.objects.get_or_create(
        id_digest=digest(id_no), defaults={"name": name, "phone": phone}
    )
    if not is_new and person.name != name:
        raise Refused("这个身份证号已登记在另一姓名下，请核对姓名和证号")
    if is_new:
        record("person", str(person.pk), "add_person", actor=actor)
    return person


@transaction.atomic
def open_account(
    person: Person, *, username: str, password: str, actor: Actor, must_change: bool = True
) -> Account:
    """The person can sign in as `username`; by default with a password to be changed at once.

    Raises Refused for a name that is taken or a password that the rules in force refuse.
    """
    _require(actor)
    account = Account(username=username.strip(), person=person)
    refuse_weak(password, account)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("这个账号名已被使用，请换一个") from error
    keep_password(account, password, must_change=must_change)
    record("account", account.username, "open_account", actor=actor, body={"person": person.pk})
    return account


def refuse_weak(password: str, account: Account) -> None:
    """Raise Refused with every reason why the profile in force does not accept the password."""
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise Refused(password_reason(error), code="password") from error


@transaction.atomic
def keep_password(account: Account, password: str, *, must_change: bool) -> None:
    """The account signs in with `password`, which the profile has accepted, from now on."""
    if account.pk and account.has_usable_password():
        PasswordRecord.objects.get_or_create(account=account, password=account.password)
    account.set_password(password)
    account.must_change_password, account.password_set_at = must_change, now()
    account.save(update_fields=["password", "must_change_password", "password_set_at"])
    PasswordRecord.objects.create(account=account, password=account.password)


@transaction.atomic
def reset_password(account: Account, *, password: str, actor: Actor) -> None:
    """The account has a given password, to be changed at once, and is no longer locked out."""
    _require(actor)
    refuse_weak(password, account)
    keep_password(account, password, must_change=True)
    reset(username=account.username)
    record("account", account.username, "reset_password", actor=actor)


@transaction.atomic
def unlock(account: Account, *, actor: Actor) -> None:
    """Misses of the account are forgotten, wherever they came from."""
    _require(actor)
    reset(username=account.username)
    record("account", account.username, "unlock", actor=actor)


@transaction.atomic
def give_post(  # noqa: PLR0913 - a post is exactly these
    person: Person,
    *,
    unit: Unit,
    role: str,
    title: str,
    starts_on: date,
    actor: Actor,
    ends_on: date | None = None,
) -> Post:
    """The person holds the post from `starts_on`, to `ends_on` if given (both included).

    Raises Refused when the role does not belong at the unit, the unit does not exist then, or
    the separation of administrators would be broken.
    """
    _require(actor)
    if role not in ROLES:
        raise Refused("请选择岗位")
    if unit.kind not in PLACES[ROLES[role].reach]:
        raise Refused(f"“{ROLES[role].label}”不能任职于{unit.get_kind_display()}一级，请重新选择")
    if ends_on and ends_on < starts_on:
        raise Refused("离任日期不能早于任职日期，请核对")
    Person.objects.select_for_update().get(pk=person.pk)  # two posts at once wait for each other
    overlapping = _overlapping(person, starts_on, ends_on)
    _refuse_mixed(role, {post.role for post in overlapping})
    if any((post.unit_id, post.role) == (unit.pk, role) for post in overlapping):
        raise Refused("这个人在这段时间已有同样的任职")
    post = Post.objects.create(
        person=person, unit=unit, role=role, title=title, starts_on=starts_on, ends_on=ends_on
    )
    record(
        "person",
        str(person.pk),
        "give_post",
        actor=actor,
        unit_id=unit.pk,
        body={"post": post.pk, "role": role, "starts_on": str(starts_on)},
    )
    return post


def _overlapping(person: Person, starts_on: date, ends_on: date | None) -> list[Post]:
    held = Post.objects.filter(person=person).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)
    )
    return list(held.filter(starts_on__lte=ends_on) if ends_on else held)


def _refuse_mixed(role: str, held: set[str]) -> None:
    """Raise Refused when `role` and one of `held` must be two people."""
    if role in ADMINISTRATORS and held & (ADMINISTRATORS - {role}):
        raise Refused("系统、安全、审计三个管理员应由三个人担任，不能兼任")
    if role in ADMINISTRATORS and held - ADMINISTRATORS:
        raise Refused("管理员不能兼任业务岗位，请先办理原岗位离任，或另选一人")
    if role not in ADMINISTRATORS and held & ADMINISTRATORS:
        raise Refused("这个人是管理员，不能兼任业务岗位；请先办理管理员离任，或另选一人")


@transaction.atomic
def end_post(post: Post, *, ends_on: date, actor: Actor) -> Post:
    """`ends_on` is the last day of the post. Raises Refused while something was not handed over."""
    _require(actor)
    post = Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
    if ends_on < post.starts_on:
        raise Refused("离任日期不能早于任职日期，请核对")
    if post.ends_on and post.ends_on < ends_on:
        raise Refused(f"这一任职已于 {post.ends_on} 结束；继续任职的，请新增一条任职")
    _refuse_to_leave(post)
    post.ends_on = ends_on
    post.save(update_fields=["ends_on"])
    record(
        "person",
        str(post.person_id),
        "end_post",
        actor=actor,
        unit_id=post.unit_id,
        body={"post": post.pk, "ends_on": str(ends_on)},
    )
    return post


@transaction.atomic
def deactivate(account: Account, *, actor: Actor) -> None:
    """Nobody signs in with the account any more; what was done with it stays. Repeatable.

    Raises Refused while the person holds a post of which something was not handed over.
    """
    _require(actor)
    if account.pk == actor.account_id:
        raise Refused("不能停用自己正在使用的账号，请由另一位安全管理员办理")
    for post in Post.objects.held_on(today()).filter(person_id=account.person_id):
        _refuse_to_leave(post)
    if Account.objects.filter(pk=account.pk, is_active=True).update(is_active=False):
        record("account", account.username, "deactivate", actor=actor)


@dataclass(frozen=True, kw_only=True)
class Administrator:
    """One of the three who open the house."""

    role: str
    name: str
    id_no: str
    username: str
    password: str


@transaction.atomic
def open_house(
    administrators: Sequence[Administrator], *, district: Unit, on: date, actor: Actor
) -> list[Post]:
    """The first three accounts: system, security and audit, three people; each password must be
    changed at once. Raises Refused when the house is open already.
    """
    if Account.objects.exists():
        raise Refused("已经有账号，其余人员由安全管理员在“用户与岗位”里新增")
    if sorted(a.role for a in administrators) != sorted(ADMINISTRATORS):
        raise Refused("请写明系统、安全、审计三个管理员各一人")
    if len({a.id_no for a in administrators}) < len(ADMINISTRATORS):
        raise Refused("系统、安全、审计三个管理员应由三个人担任，不能兼任")
    return [
        add_staff(
            name=one.name,
            id_no=one.id_no,
            phone="",
            username=one.username,
            password=one.password,
            role=one.role,
            unit=district,
            title=ROLES[one.role].label,
            starts_on=on,
            actor=actor,
        )
        for one in administrators
    ]


@transaction.atomic
def add_staff(  # noqa: PLR0913 - one form, one act
    *,
    name: str,
    id_no: str,
    phone: str,
    username: str,
    password: str,
    role: str,
    unit: Unit,
    title: str,
    starts_on: date,
    actor: Actor,
    must_change: bool = True,
) -> Post:
    """A person with an account and a first post, or nothing of it."""
    person = add_person(name=name, id_no=id_no, phone=phone, actor=actor)
    open_account(person, username=username, password=password, actor=actor, must_change=must_change)
    return give_post(person, unit=unit, role=role, title=title, starts_on=starts_on, actor=actor)
