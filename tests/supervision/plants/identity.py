"""Identity and duplication: R01-R07; the modules beside it have R10-R16."""

from datetime import date, timedelta
from typing import Any

from cases.models import Benefit, Case, Household, MeansCheck, MeansFinding, Member
from tests.supervision.ground import MONTH, ON, Ground
from tests.supervision.plants import identity_accounts, identity_death
from tests.supervision.plants.roads import correct
from tests.supervision.plants.shape import Plant
from yuquan_relief.kernel.inputs import identity_numbers

LAST_MONTH, NEXT_MONTH = date(2026, 10, 1), date(2026, 12, 1)
BORN = date(1960, 5, 6)
JOINED = date(2024, 5, 1)
DAY = timedelta(days=1)


def _number(ground: Ground, born: date = BORN) -> str:
    return identity_numbers.synthetic(next(ground.serial), birth_on=born, is_male=True)


def _same(person: Member) -> dict[str, Any]:
    return {"name": person.name, "id_no": person.id_no}


def _open(ground: Ground, home: Household | None = None, **changes: Any) -> Case:
    return ground.case(home, state="INVESTIGATING", **changes)


# ---------------------------------------------------------------------- R01


def _broken(ground: Ground) -> str:
    number = _number(ground)
    return number[:-1] + ("1" if number[-1] == "0" else "0")


def _with_x(ground: Ground) -> str:
    while not (number := _number(ground)).endswith("X"):
        pass
    return number


def _heads(ground: Ground) -> list[dict[str, Any]]:
    """Check character, birth date, sex: each wrong once."""
    return [
        {"id_no": _broken(ground)},
        {"id_no": _number(ground), "birth_on": BORN + DAY},
        {"id_no": _number(ground), "is_male": False},
    ]


def _applicants(ground: Ground) -> tuple[str, ...]:
    return tuple(str(_open(ground, ground.home(head=h)).no) for h in _heads(ground))


def _in_roster(ground: Ground) -> tuple[str, ...]:
    return tuple(str(ground.benefit(ground.home(head=h)).key) for h in _heads(ground))


def _sound(ground: Ground) -> Household:
    """The number ends in X, and somebody whose number was wrong has left."""
    home = ground.home(head={"id_no": _with_x(ground)})
    ground.member(home, id_no=_broken(ground), left_on=ON, left_reason="CORRECTED")
    return home


# ---------------------------------------------------------------------- R02-R04


def _in_two(
    ground: Ground, *, first: dict[str, Any] | None = None, second: dict[str, Any] | None = None
) -> str:
    """Head of two households in benefit, in two streets; the later benefit's key."""
    one = ground.home()
    ground.benefit(one, **first or {})
    home = ground.home(village=ground.cast.foreign_village, head=_same(ground.head(one)))
    return str(ground.benefit(home, **second or {}).key)


def _of_one_home(ground: Ground, end_month: date | None, start_month: date) -> str:
    """Two programmes in one household."""
    home = ground.home()
    ground.benefit(home, end_month=end_month)
    later = {"programme": "RURAL_ALLOWANCE", "start_month": start_month, "paid_with": start_month}
    return str(ground.benefit(home, **later).key)


def _listed_too(ground: Ground, benefit: dict[str, Any] | None = None, **there: Any) -> str:
    """Head of one household in benefit, and listed in another without being insured there."""
    one = ground.home()
    ground.benefit(one, **benefit or {})
    values = {"is_insured": False, "relation": "CHILD"}
    person = ground.member(one, **values | there)
    return str(ground.benefit(ground.home(head=_same(person))).key)


def _not_counted() -> dict[str, Any]:
    return {"counts_for_income": False, "not_counted": "APART"}


def reported(case: Case, kind: str, member: Member, check: MeansCheck | None = None) -> str:
    """The platform's report says it of the member; the case's number."""
    check = check or case.means_checks.get()
    MeansFinding.objects.create(check_of=check, member=member, kind=kind)
    return str(case.no)


def _draws(ground: Ground, kind: str, programme: str, **care: Any) -> str:
    case = _open(ground, programme=programme, without="self_care")
    if programme.endswith("DESTITUTE"):
        ground.self_care(case, **care)
    return reported(case, kind, ground.head(case.household))


def _cared_for(ground: Ground) -> str:
    care = {"eats": False, "failed": 1, "tier": "PARTIAL"}
    return _draws(ground, "NURSING", "RURAL_DESTITUTE", **care)


def _orphan_apart(ground: Ground) -> str:
    """The orphan of the family is not insured with it."""
    home = ground.home()
    child = ground.member(home, is_insured=False, relation="GRANDCHILD")
    return reported(_open(ground, home), "ORPHAN", child)


def _orphan_corrected(ground: Ground, **role: Any) -> str:
    """The report names the row of before; the role was corrected since."""
    home = ground.home()
    child = ground.member(home, relation="GRANDCHILD")
    no = reported(_open(ground, home), "ORPHAN", child)
    correct(ground, child, **{"relation": "OTHER"} | role)
    return no


def _not_any_more(ground: Ground) -> str:
    """The second report does not say it again."""
    case = _open(ground)
    reported(case, "ORPHAN", ground.head(case.household))
    ground.means(case, attempt=2)
    return str(case.no)


def _destitute_too(ground: Ground, **first: Any) -> str:
    return _in_two(ground, first=first, second={"programme": "URBAN_DESTITUTE"})


# ---------------------------------------------------------------------- R05-R07


def _refused_before(
    ground: Ground,
    refused_on: date,
    *,
    programme: str = "EXPENSE_RELIEF",
    abroad: bool = False,
) -> str:
    """Refused a relief for spending; on 3 August the same person asks for something."""
    cast = ground.cast
    home = ground.home(village=cast.foreign_village if abroad else cast.village)
    day = refused_on - timedelta(days=14)
    case = ground.case(
        home, programme="EXPENSE_RELIEF", state="REFUSED", without="survey account",
        submitted_on=day, accepted_on=day, decided_on=refused_on, state_since=refused_on,
        decision={"persons": 0},
    )  # fmt: skip
    ground.survey(case, visited_on=day)
    again = ground.home(head=_same(ground.head(home)))
    return str(_open(ground, again, programme=programme).no)


def _namesakes(ground: Ground, born: date, **other: Any) -> tuple[str, str]:
    """Two in benefit with one name and two numbers; one born on `born`, one on BORN."""
    one = ground.home(head={"id_no": _number(ground)})
    head = {"name": one.head_name, "id_no": _number(ground, born)}
    two = ground.benefit(ground.home(village=ground.cast.foreign_village, head=head | other))
    return str(ground.benefit(one).key), str(two.key)


def _in_another_record(ground: Ground, here: dict[str, Any], there: dict[str, Any]) -> str:
    """A child of a household in benefit stands in another record, which is in none."""
    benefit: Benefit = ground.benefit(persons=2)
    child = ground.member(benefit.household, **{"relation": "CHILD", "joined_on": JOINED} | here)
    ground.member(ground.home(), **_same(child) | there)
    return str(benefit.key)


def _left(ground: Ground, reason: str, day: date) -> str:
    return _in_another_record(ground, {}, {"left_on": day, "left_reason": reason})


def _family_of_own(ground: Ground, day: date, relation: str = "SPOUSE", **here: Any) -> str:
    return _in_another_record(ground, here, {"relation": relation, "joined_on": day})


PLANTS = [
    Plant("R01", "的证号与出生日期或性别不符", _applicants, lambda g: str(_open(g, _sound(g)).no)),
    Plant("R01", "的证号与出生日期或性别不符", _in_roster, lambda g: str(g.benefit(_sound(g)).key)),
    Plant(
        "R02",
        "同时在两份保障中",
        hit=lambda g: (_in_two(g), _in_two(g, first={"end_month": MONTH})),
        near=lambda g: (
            _in_two(g, first={"end_month": LAST_MONTH}),
            _in_two(g, first={"start_month": NEXT_MONTH, "paid_with": NEXT_MONTH}),
        ),
    ),
    Plant(
        "R02",
        "同时在两份保障中",
        hit=lambda g: _of_one_home(g, None, date(2026, 1, 1)),
        near=lambda g: _of_one_home(g, LAST_MONTH, MONTH),
    ),
    Plant(
        "R03",
        "同时是另一在享家庭的成员",
        hit=lambda g: (_listed_too(g), _listed_too(g, {"end_month": MONTH})),
        near=lambda g: (
            _listed_too(g, **_not_counted()),
            _listed_too(g, left_on=ON, left_reason="APART"),
            _listed_too(g, {"end_month": LAST_MONTH}),
        ),
    ),
    Plant(
        "R04",
        "还领取孤儿",
        hit=lambda g: (
            _draws(g, "ORPHAN", "URBAN_ALLOWANCE"),
            _draws(g, "ORPHAN", "URBAN_DESTITUTE"),
            _orphan_corrected(g),
        ),
        near=lambda g: (
            _orphan_apart(g),
            _not_any_more(g),
            _orphan_corrected(g, is_insured=False),
        ),
    ),
    Plant(
        "R04",
        "还领取重度残疾人护理补贴",
        hit=_cared_for,
        near=lambda g: (
            _draws(g, "NURSING", "RURAL_DESTITUTE"),
            _draws(g, "NURSING", "RURAL_ALLOWANCE"),
        ),
    ),
    Plant(
        "R04",
        "享受特困供养，同时享受低保",
        hit=lambda g: (_destitute_too(g), _destitute_too(g, end_month=MONTH)),
        near=lambda g: _destitute_too(g, end_month=LAST_MONTH),
        also=("R02",),
    ),
    Plant(
        "R05",
        "曾不予批准",
        hit=lambda g: (
            _refused_before(g, date(2026, 2, 4), abroad=True),
            _refused_before(g, date(2026, 2, 4), programme="URBAN_ALLOWANCE"),
        ),
        near=lambda g: (
            _refused_before(g, date(2026, 2, 3), abroad=True),
            _refused_before(g, date(2026, 2, 4)),
        ),
    ),
    Plant(
        "R05",
        "2026-08-04 曾不予批准",
        hit=lambda g: _refused_before(g, date(2026, 8, 4), abroad=True),
        near=lambda g: _refused_before(g, date(2026, 8, 4)),
    ),
    Plant(
        "R06",
        "与另一在享人员同名、同日出生，证号不同",
        hit=lambda g: _namesakes(g, BORN),
        near=lambda g: (*_namesakes(g, BORN + DAY), *_namesakes(g, BORN, name="另一人")),
    ),
    Plant(
        "R07",
        "在另一户登记为",
        hit=lambda g: tuple(
            _left(g, reason, JOINED + DAY) for reason in ("DIED", "MARRIED", "MOVED")
        ),
        near=lambda g: (_left(g, "MARRIED", JOINED), _left(g, "DIVORCED", JOINED + DAY)),
    ),
    Plant(
        "R07",
        "在另一户登记为",
        hit=lambda g: _left(g, "DIED", JOINED - DAY),
        near=lambda g: _left(g, "MOVED", JOINED - DAY),
    ),
    Plant(
        "R07",
        "起是另一户的户主或配偶",
        hit=lambda g: (
            _family_of_own(g, JOINED + DAY),
            _family_of_own(g, JOINED + DAY, "SELF"),
        ),
        near=lambda g: (
            _family_of_own(g, JOINED),
            _family_of_own(g, JOINED + DAY, "CHILD"),
            _family_of_own(g, JOINED + DAY, is_insured=False, **_not_counted()),
        ),
    ),
    *identity_death.PLANTS,
    *identity_accounts.PLANTS,
]
