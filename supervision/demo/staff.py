"""Who works in the demo district, and how they sign in."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from django.conf import settings
from django.http import HttpRequest

from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.middleware import actor_for
from yuquan_relief.kernel.models import Account, Post, Unit
from yuquan_relief.kernel.operations.people import add_staff
from yuquan_relief.kernel.signing import Proof, set_sign_code

PASSWORD = "Yuquan-demo-2026"
SIGN_CODE = "260803"
SINCE = date(2026, 1, 1)
COMMAND_LINE = replace(ROBOT, title="命令行")
SEAT = "150104"
TOWN, STREET = "150104100", "150104001"


@dataclass(frozen=True)
class Staff:
    """One login of the demo district."""

    username: str
    name: str
    role: str
    unit_code: str
    title: str


ADMINISTRATORS = (
    Staff("guanli_anquan", "白静", "security_admin", SEAT, "安全管理员"),
    Staff("guanli_xitong", "丁一凡", "system_admin", SEAT, "系统管理员"),
    Staff("guanli_shenji", "文清", "audit_admin", SEAT, "审计管理员"),
)
DISTRICT = (
    Staff("qu_jiuzhu1", "苏日娜", "supervisor", SEAT, "区社救中心科员"),
    Staff("qu_jiuzhu2", "郭建平", "supervisor", SEAT, "区社救中心主任"),
    Staff("qu_fenguan", "巴雅尔", "bureau_leader", SEAT, "区民政局分管局长"),
    Staff("qu_hedui", "韩雪梅", "verification", SEAT, "区核对中心核对员"),
    Staff("qu_hesuan", "贾志强", "accounting", SEAT, "区财政局核算中心会计"),
    Staff("qu_shenji", "任国栋", "auditor", SEAT, "区审计局审计员"),
)
# Added last: everybody's number comes from the place in the list.
PARTNERS = (Staff("fuwu_1", "宋雨", "third_party", SEAT, "第三方服务人员"),)
_TOWN_NAMES = "李晓琴 王德厚 云海燕 杨树林 赵敏 孙立军 特木尔 高远"
_STREET_NAMES = "刘春燕 张永明 乌日娜 陈喜全 吴芳 马俊杰 段丽 钱学文"
_POSTS = (
    ("jingban1", "clerk", 0, "经办"),
    ("zhuren1", "committee_head", 0, "主任"),
    ("jingban2", "clerk", 1, "经办"),
    ("zhuren2", "committee_head", 1, "主任"),
    ("banshi1", "office_staff", None, "社救办干事"),
    ("banshi2", "office_staff", None, "社救办负责人"),
    ("lingdao", "deputy_leader", None, "分管领导"),
    ("yibashou", "chief_leader", None, "行政一把手"),
)


@dataclass(frozen=True)
class Desk:
    """An office with its two villages: the prefix of its logins and the units' codes."""

    prefix: str
    office_code: str
    village_codes: tuple[str, str]
    names: str

    def staff(self) -> Iterator[Staff]:
        """Everybody of the office, in a fixed order."""
        for (suffix, role, village, title), name in zip(_POSTS, self.names.split(), strict=True):
            code = self.office_code if village is None else self.village_codes[village]
            yield Staff(f"{self.prefix}_{suffix}", name, role, code, title)


DESKS = (
    Desk("xhh", TOWN, ("150104100200", "150104100001"), _TOWN_NAMES),
    Desk("dnj", STREET, ("150104001001", "150104001002"), _STREET_NAMES),
)


def everybody() -> list[Staff]:
    """All logins; the administrators first, who let the others in."""
    offices = [staff for desk in DESKS for staff in desk.staff()]
    return [*ADMINISTRATORS, *DISTRICT, *offices, *PARTNERS]


def units_by_code() -> dict[str, Unit]:
    """The units of the 2026 lists that are in force, by code."""
    return {u.code: u for u in Unit.objects.valid_on(SINCE).select_related("parent")}


def hire(units: dict[str, Unit]) -> int:
    """Everybody has a person, an account, a post and a signing code; the number that were new.

    The command line lets the security administrator in, who lets in everybody else.
    """
    there = set(Account.objects.values_list("username", flat=True))
    new = [staff for staff in enumerate(everybody()) if staff[1].username not in there]
    for serial, staff in new:
        first = staff.username == ADMINISTRATORS[0].username
        admin = COMMAND_LINE if first else actor_of(ADMINISTRATORS[0].username)
        _hire_one(staff, serial, units, admin)
    _set_codes([staff.username for _, staff in new])
    return len(new)


def _set_codes(usernames: list[str]) -> None:
    """One signing code for all, hashed once: hashing is slow by design."""
    for username in usernames[:1]:
        account = Account.objects.get(username=username)
        set_sign_code(account, SIGN_CODE)
        account.refresh_from_db()
        Account.objects.filter(username__in=usernames).update(sign_code=account.sign_code)


def _hire_one(staff: Staff, serial: int, units: dict[str, Unit], admin: Actor) -> None:
    add_staff(
        name=staff.name,
        id_no=identity_numbers.synthetic(
            serial, birth_on=date(1980 + serial % 15, 1 + serial % 12, 7), is_male=serial % 2 == 0
        ),
        phone=f"199{47100000 + serial:08d}",
        username=staff.username,
        password=PASSWORD,
        role=staff.role,
        unit=units[staff.unit_code],
        title=staff.title,
        starts_on=SINCE,
        actor=admin,
        must_change=False,
    )


def actor_of(username: str) -> Actor:
    """The person of the login in their post, as at the keyboard."""
    account = Account.objects.select_related("person").get(username=username)
    post = Post.objects.select_related("unit__parent").get(person=account.person, delegation=None)
    return actor_for(account, post, HttpRequest())


class Cast:
    """Actors by login, each looked up once."""

    def __init__(self) -> None:
        self._actors: dict[str, Actor] = {}

    def __getitem__(self, username: str) -> Actor:
        if username not in self._actors:
            self._actors[username] = actor_of(username)
        return self._actors[username]

    def proof(self, username: str, opinion: str = "") -> Proof:
        """What entering the signing code would give; the seed has set the code itself."""
        person_id = self[username].person_id
        assert person_id is not None
        return Proof(person_id, now(), opinion)


def refuse_production() -> None:
    """Raise Refused outside a demonstration."""
    if settings.MODE != "demo":
        raise Refused("演练数据只能在演练环境（RELIEF_MODE=demo）生成，本环境没有任何改动")
