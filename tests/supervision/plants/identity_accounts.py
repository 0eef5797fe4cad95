"""Accounts, papers, households that may not exist: R14-R16."""

from datetime import date, timedelta
from typing import Any

from cases.models import Benefit, Household, HouseholdChange, PayeeAccount, StaffRelative
from tests.supervision.ground import MONTH, ON, Ground
from tests.supervision.plants.identity_death import couple, died, open_list
from tests.supervision.plants.shape import Plant
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.models import Person, Post

DAY = timedelta(days=1)
HALF_A_YEAR_AGO = date(2026, 5, 27)
OLD_STAFF, WITHDRAWN, OLD_KIN = "离任人员甲", "撤销的亲属乙", "离任人员的亲属丙"
KEPT: dict[str, str] = {}  # what a hit has made for the near miss of another


# ---------------------------------------------------------------------- R14


def _shared(ground: Ground, **other: Any) -> tuple[str, str]:
    one = ground.home()
    account = one.accounts.get()
    two = ground.home(village=ground.cast.foreign_village, account=False)
    ground.account(two, number=account.number)
    return str(ground.benefit(one, **other).key), str(ground.benefit(two).key)


def _continued(ground: Ground) -> str:
    """Under a new head from next month on, with the account of before."""
    old, spouse = couple(ground, "spouse")
    home = old.household
    change = HouseholdChange.objects.create(
        kind="HEAD", household=home, happened_on=ON - DAY, reason="DIVORCED", note="离婚",
        recorded_on=ON - DAY, recorded_by_id=ground.person("staff"),
    )  # fmt: skip
    Benefit.objects.filter(pk=old.pk).update(end_month=MONTH)
    Household.objects.filter(pk=home.pk).update(closed_on=ON)
    home.members.update(left_on=ON, left_reason="CHANGED")
    again = {"name": spouse.name, "id_no": spouse.id_no, "is_male": False, "joined_on": ON}
    new = ground.home(head=again, change=change, account=False)
    ground.account(new, number=home.accounts.get().number)
    later = date(2026, 12, 1)
    ground.benefit(new, start_month=later, paid_with=later, continues=old)
    return str(old.key)


def _held_by(ground: Ground, holder: str, **member: Any) -> str:
    home = ground.home(account=False)
    if member:
        ground.member(home, name=holder, **member)
    ground.account(home, holder=holder)
    return str(ground.benefit(home).key)


def _strangers(ground: Ground) -> tuple[str, ...]:
    """Nobody of the household, or nobody any more; some were staff or kin of staff once."""
    for name in (OLD_STAFF, WITHDRAWN, OLD_KIN):
        KEPT[name] = _held_by(ground, name)
    left = {"left_on": date(2024, 5, 1), "left_reason": "DIVORCED", "relation": "SPOUSE"}
    return (_held_by(ground, "外人丁"), _held_by(ground, "前妻戊", **left), *KEPT.values())


def _change(ground: Ground, home: Household, day: date, **account: Any) -> PayeeAccount:
    home.accounts.update(is_current=False)
    return ground.account(home, valid_from=day, **account)


def _changed(ground: Ground, day: date, *, month: date = MONTH, **line: Any) -> str:
    """Paid on the tenth, or to be paid, to an account of that day."""
    home = ground.home()
    benefit = ground.benefit(home)
    _change(ground, home, day)
    batch = open_list(ground, month)
    ground.line(batch, benefit, kind="BACK_PAY", **{"paid_on": date(2026, 11, 10)} | line)
    return str(batch.no)


def _waiting(ground: Ground, day: date) -> str:
    return _changed(ground, day, month=date(2026, 12, 1), state="PENDING", paid_on=None)


def _there_and_back(ground: Ground) -> str:
    """Paid on the eighth to an account of the first; the old one is back on the twelfth."""
    home = ground.home()
    benefit, number = ground.benefit(home), home.accounts.get().number
    _change(ground, home, MONTH)
    batch = open_list(ground)
    ground.line(batch, benefit, kind="BACK_PAY")
    _change(ground, home, date(2026, 11, 12), number=number)
    return str(batch.no)


def _changed_since(ground: Ground) -> str:
    """Paid on the eighth; another account since the ninth."""
    home = ground.home()
    batch = open_list(ground)
    ground.line(batch, ground.benefit(home), kind="BACK_PAY")
    _change(ground, home, date(2026, 11, 9))
    return str(batch.no)


def _first_account(ground: Ground) -> str:
    home = ground.home(account=False)
    ground.account(home, valid_from=MONTH)
    batch = open_list(ground)
    ground.line(batch, ground.benefit(home), kind="BACK_PAY")
    return str(batch.no)


def _dead_spouse(ground: Ground, holder: str, *, told: bool = True, **spouse: Any) -> str:
    benefit, other = couple(ground, holder, **spouse)
    if told:
        died(ground, other, date(2026, 11, 2))
    return str(benefit.key)


def _staff(ground: Ground, name: str, ends_on: date | None = None) -> Person:
    person = Person.objects.create(name=name, id_digest=digest(name))
    Post.objects.create(
        person=person, unit=ground.cast.office, role="office_staff", title="干事",
        starts_on=date(2020, 1, 1), ends_on=ends_on,
    )  # fmt: skip
    return person


def _leaving_today(ground: Ground) -> str:
    _staff(ground, "在岗人员己", ON)
    return _held_by(ground, "在岗人员己")


def _left_yesterday(ground: Ground) -> tuple[str, str]:
    _staff(ground, OLD_STAFF, ON - DAY)
    _staff(ground, "同名人员庚")
    return KEPT[OLD_STAFF], _held_by(ground, "同名人员庚", relation="SPOUSE")


def _relative(ground: Ground, of: Person, name: str, **changes: Any) -> StaffRelative:
    number = identity_numbers.synthetic(
        next(ground.serial), birth_on=date(1970, 1, 2), is_male=True
    )
    return StaffRelative.objects.create(
        staff=of, district=ground.cast.district, name=name, relation="SIBLING", id_no=number,
        id_digest=digest(number), id_tail=number[-4:], declared_on=MONTH,
        recorded_by_id=ground.person("staff"), **changes,
    )  # fmt: skip


def _kin(ground: Ground) -> str:
    _relative(ground, _staff(ground, "在岗人员辛"), "辛的兄弟")
    return _held_by(ground, "辛的兄弟")


def _no_kin(ground: Ground) -> tuple[str, str]:
    """Registered by mistake; of somebody who has left office."""
    wrong = _relative(ground, _staff(ground, "在岗人员壬"), WITHDRAWN)
    _relative(ground, wrong.staff, WITHDRAWN, withdraws=wrong, reason="登记错误")
    _relative(ground, _staff(ground, "离任人员癸", ON - DAY), OLD_KIN)
    return KEPT[WITHDRAWN], KEPT[OLD_KIN]


# ---------------------------------------------------------------------- R15, R16


def _papers(ground: Ground, until: date) -> str:
    return str(ground.benefit(ground.home(head={"papers_until": until})).key)


def _papers_of_holder(ground: Ground, until: date) -> str:
    benefit, _ = couple(ground, "spouse", papers_until=until)
    return str(benefit.key)


def _never_seen(ground: Ground, month: date) -> str:
    made = ground.benefit(visited=None, start_month=month, paid_with=month)
    ground.contact(made, ON, kind="REPORT")
    return str(made.key)


def _alike(ground: Ground, count: int = 2, **values: Any) -> list[Household]:
    return [ground.home(**values) for _ in range(count)]


def _keys(ground: Ground, homes: list[Household]) -> tuple[str, ...]:
    return tuple(str(ground.benefit(home).key) for home in homes)


def _two_signs(ground: Ground) -> tuple[str, ...]:
    homes = [
        ground.home(phone="19811110001", address=text)
        for text in ("演练西路 88 号", "演练西路88号。")
    ]
    return _keys(ground, homes)


def _one_sign(ground: Ground) -> tuple[str, ...]:
    phone = _alike(ground, phone="19811110002")
    return _keys(ground, [*phone, *_alike(ground, address="演练西路 90 号")])


def _phone_and_account(ground: Ground) -> tuple[str, ...]:
    one, two = _alike(ground, phone="19811110003")
    _change(ground, two, date(2025, 1, 1), number=one.accounts.get().number)
    return _keys(ground, [one, two])


def _one_account(ground: Ground) -> str:
    """The account is shared with a household that is in benefit no more."""
    one, two = _alike(ground, phone="19811110004")
    _change(ground, two, date(2025, 1, 1), number=one.accounts.get().number)
    ground.benefit(one, end_month=date(2026, 10, 1))
    return str(ground.benefit(two).key)


def _big_house(ground: Ground, count: int) -> tuple[str, ...]:
    """So many households at one address, two of them with one phone; the two."""
    house: dict[str, Any] = {"address": f"演练东路 {count} 号"}
    two = _keys(ground, _alike(ground, phone=f"1981111100{count}", **house))
    _keys(ground, _alike(ground, count - 2, **house))
    return two


def _surveyed_alike(ground: Ground, count: int) -> tuple[str, ...]:
    """So many at one address, surveyed by the same two, who survey hardly anybody else."""
    homes = _alike(ground, count, address=f"演练北路 {count} 号")
    for home in homes:
        case = ground.case(
            home, programme="EXPENSE_RELIEF", state="INVESTIGATING", without="survey"
        )
        ground.signature(case, "survey", "neighbour_clerk")
        ground.signature(case, "survey", "staff")
    return _keys(ground, homes)


PLANTS = [
    Plant(
        "R14",
        "同时是另一户的",
        hit=_shared,
        near=lambda g: (
            _shared(g, end_month=date(2026, 10, 1))[1],
            _continued(g),
        ),
    ),
    Plant(
        "R14",
        "不是本户人员",
        hit=_strangers,
        near=lambda g: _held_by(g, "配偶子", relation="SPOUSE"),
    ),
    Plant(
        "R14",
        "刚刚变更",
        hit=lambda g: (
            _changed(g, date(2026, 10, 11)),
            _waiting(g, date(2026, 11, 10)),
            _there_and_back(g),
        ),
        near=lambda g: (
            _changed(g, date(2026, 10, 10)),
            _waiting(g, date(2026, 11, 9)),
            _first_account(g),
            _changed_since(g),
        ),
    ),
    Plant(
        "R14",
        "已死亡",
        hit=lambda g: _dead_spouse(g, "spouse"),
        near=lambda g: (_dead_spouse(g, "head"), _dead_spouse(g, "spouse", told=False)),
    ),
    Plant(
        "R14",
        "已死亡",
        hit=lambda g: (
            _dead_spouse(g, "spouse", left_on=MONTH, left_reason="DIED"),
            _dead_spouse(g, "spouse", told=False, left_on=MONTH, left_reason="DIED"),
        ),
        near=lambda g: _dead_spouse(g, "head", left_on=MONTH, left_reason="DIED"),
    ),
    Plant("R14", "与在岗工作人员相同", hit=_leaving_today, near=_left_yesterday),
    Plant("R14", "备案近亲属相同", hit=_kin, near=_no_kin),
    Plant(
        "R15",
        "到期",
        hit=lambda g: (_papers(g, ON - DAY), _papers_of_holder(g, ON - DAY)),
        near=lambda g: (_papers(g, ON), _papers_of_holder(g, ON)),
    ),
    Plant(
        "R15",
        "起没有签到、认证，超过 6 个月",
        hit=lambda g: str(g.benefit(visited=HALF_A_YEAR_AGO - DAY).key),
        near=lambda g: str(g.benefit(visited=HALF_A_YEAR_AGO).key),
    ),
    Plant(
        "R15",
        "起没有签到、认证",
        hit=lambda g: _never_seen(g, date(2026, 5, 1)),
        near=lambda g: _never_seen(g, date(2026, 6, 1)),
    ),
    Plant("R16", "同一电话（2 户）", hit=_two_signs, near=_one_sign),
    Plant("R16", "同一电话", hit=lambda g: _big_house(g, 8), near=lambda g: _big_house(g, 9)),
    Plant(
        "R16",
        "同一收款账户（2 户）",
        hit=_phone_and_account,
        near=_one_account,
        also=("R14",),
    ),
    Plant(
        "R16",
        "都由同两人调查",
        hit=lambda g: _surveyed_alike(g, 3),
        near=lambda g: _surveyed_alike(g, 2),
    ),
]
