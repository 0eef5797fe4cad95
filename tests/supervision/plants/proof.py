"""Photos, relatives, signatures, letters: R45-R49."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from cases.models import Case, Household, Letter, Member, Review, StaffRelative
from tests.supervision.ground import ACCEPTED, DECIDED, ON, SUBMITTED, SURVEYED, Ground, moment
from tests.supervision.plants.notices import north
from tests.supervision.plants.roads import DAY, REFUSED, in_round, owner
from tests.supervision.plants.shape import Plant
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import Person, Unit

NOTHING = "survey means account appraisal notices"


def _shared(ground: Ground, slot: str, first: Case, second: Case, **changes: Any) -> Any:
    """Both cases have the same picture."""
    sha = ground.photo(first, slot, SURVEYED, taken_at=None).sha256
    ground.photo(second, slot, SURVEYED, sha256=sha, taken_at=None, **changes)
    return str(first.no), str(second.no)


def _twice_applied(ground: Ground, *, apart: bool = False) -> tuple[Case, Case]:
    """A household that was refused a year ago after a visit, and approved now; `apart`: each
    application is a household of its own, as it comes in."""
    home = ground.home()
    refused = ground.case(
        home, without=NOTHING, submitted_on=date(2025, 8, 4), accepted_on=date(2025, 8, 5),
        decided_on=date(2025, 9, 10), **REFUSED,
    )  # fmt: skip
    ground.survey(refused, visited_on=date(2025, 8, 7))
    ground.means(refused, requested_on=date(2025, 8, 5), returned_on=date(2025, 8, 8))
    head = ground.head(home)
    again = ground.home(head={"name": head.name, "id_no": head.id_no}) if apart else home
    return refused, ground.case(again)


def _pictured(ground: Ground, *taken: tuple[date, int]) -> str:
    case = ground.case()
    for day, hour in taken:
        ground.photo(case, "survey_photo", day, taken_at=moment(day, hour).replace(minute=30))
    return str(case.no)


def _two_visits(ground: Ground, *days: date) -> str:
    """Visited on the 4th, and in round 2 on the 7th again."""
    case = ground.case(round=2, without="survey")
    ground.survey(in_round(case, 1), visited_on=ACCEPTED)
    ground.survey(in_round(case, 2), visited_on=SURVEYED + DAY)
    for day in days:
        ground.photo(case, "survey_photo", day)
    return str(case.no)


def _apart(ground: Ground, metres: int) -> str:
    case = ground.case()
    for place in (north(0), north(metres)):
        ground.photo(case, "survey_photo", SURVEYED, place=place)
    return str(case.no)


def _official(
    ground: Ground,
    unit: Unit | None = None,
    *,
    name: str = "赵经办",
    since: date = date(2020, 1, 1),
    until: date | None = None,
) -> Person:
    """Somebody in a post for some time who is not of the cast."""
    n = next(ground.serial)
    person = Person.objects.create(name=name, id_digest=digest(f"o{n}"), phone=f"1880000{n}")
    person.posts.create(
        unit=unit or ground.cast.village, role="clerk", title="经办", starts_on=since, ends_on=until
    )
    return person


def _relative(ground: Ground, member: Member, staff_id: int, **changes: Any) -> StaffRelative:
    """The member stands in the register as a relative of somebody in office."""
    values = {
        "district": ground.cast.district, "staff_id": staff_id, "name": member.name,
        "relation": "SIBLING", "id_no": member.id_no, "id_digest": member.id_digest,
        "id_tail": member.id_tail, "declared_on": date(2020, 1, 6),
        "recorded_by_id": ground.person("staff"),
    }  # fmt: skip
    return StaffRelative.objects.create(**values | changes)


def _sister(ground: Ground, home: Household, staff_id: int) -> StaffRelative:
    return _relative(ground, ground.member(home), staff_id)


def _withdraw(ground: Ground, kin: StaffRelative) -> None:
    values = {"withdraws": kin, "reason": "录错"}
    _relative(ground, Member.objects.get(id_digest=kin.id_digest), kin.staff_id, **values)


def _of_kin(ground: Ground, *, withdrawn: bool = False, post: Any = None, **changes: Any) -> str:
    """Somebody of the household is a relative of somebody in a post for that time."""
    home = ground.home()
    kin = _sister(ground, home, _official(ground, **post or {}).pk)
    if withdrawn:
        _withdraw(ground, kin)
    return str(ground.case(home, **changes).no)


def _kin_case(ground: Ground, visited: date | None) -> str:
    return str(ground.case(kin_declared=True, bureau_visited_on=visited).no)


def _hinted(
    ground: Ground, *, head: str = "赵大", digits: int = 4, until: date | None = None,
    unit: Unit | None = None,
) -> str:  # fmt: skip
    """An open case whose phone ends as that of somebody in the village's office does."""
    staff = _official(ground, unit, until=until)
    tail = staff.phone[-4:]
    if digits < 4:
        tail = str((int(tail[0]) + 1) % 10) + tail[1:]
    home = ground.home(head={"name": head}, phone=f"1990000{tail}", phone_tail=tail)
    return str(ground.case(home, state="TO_PROPOSE").no)


def _decided_by(ground: Ground, who: str, **changes: Any) -> Case:
    owner("ALTER TABLE kernel_signature DROP CONSTRAINT IF EXISTS signature_one_stage_a_person")
    case = ground.case(without="signatures " + changes.pop("without", ""), **changes)
    ground.signature(case, "propose", "staff")
    ground.signature(case, "decide", who)
    return case


def _surveyed_before(ground: Ground, who: str) -> str:
    """The visit of round 1 counts in round 2, where the case is decided."""
    case = _decided_by(ground, who, round=2, without="survey")
    ground.survey(in_round(case, 1))
    return str(case.no)


def _both_rounds(ground: Ground) -> str:
    case = ground.case(round=2, without="survey")
    ground.survey(in_round(case, 1))
    ground.survey(in_round(case, 2))
    return str(case.no)


def _own_kin(ground: Ground, *, withdrawn: bool = False) -> str:
    """A registered relative of the leader, who decides."""
    home = ground.home()
    kin = _sister(ground, home, ground.person("leader"))
    if withdrawn:
        _withdraw(ground, kin)
    case = ground.case(home, kin_declared=True, bureau_visited_on=DECIDED)
    return str(case.no)


def _by_proxy(ground: Ground, *, until: date | None = None, paper: str = "", **changes: Any) -> str:
    name = f"钱代办{next(ground.serial)}"
    _official(ground, name=name, until=until)
    case = ground.case(is_by_proxy=True, proxy_name=name, **changes)
    if paper:
        ground.photo(case, paper, SUBMITTED)
    return str(case.no)


def _refused(ground: Ground, decided: date, served: date | None) -> str:
    case = ground.case(without="letter", decided_on=decided, **REFUSED)
    if served:
        Letter.objects.create(case=case, served_on=served, method="DIRECT", receiver="本人")
    return str(case.no)


def _review(ground: Ground, outcome: str, /, **changes: Any) -> str:
    """A review that has ended; by it the family is given less, more or nothing."""
    benefit = ground.benefit()
    stops = outcome == "STOP"
    values = {
        "no": f"FH-{next(ground.serial)}", "trigger": "HAND", "state": "ENDED",
        "opened_on": date(2026, 10, 12), "due_on": date(2026, 12, 31), "outcome": outcome,
        "ground": "OWN" if stops else "", "reason": "理由", "before_persons": 1,
        "before_monthly_fen": 400_00, "exit_months": 3 if outcome == "EXIT" else 0,
        "persons": 0 if stops else 1, "monthly_fen": 0 if stops else 300_00,
        "proposed_on": date(2026, 10, 19), "decided_on": date(2026, 10, 20),
        "told_on": date(2026, 10, 22), "told_method": "DIRECT", "told_to": "本人",
        "ended_on": date(2026, 10, 22), "from_month": date(2026, 12, 1),
    }  # fmt: skip
    owner("ALTER TABLE cases_review DROP CONSTRAINT IF EXISTS review_told_before_it_counts")
    values |= ground.place(benefit.village) | changes
    return Review.objects.create(benefit=benefit, **values).no


def _untold(ground: Ground, outcome: str) -> str:
    return _review(ground, outcome, told_on=None, told_method="", told_to="")


def _told(ground: Ground, outcome: str, day: date, /, **changes: Any) -> str:
    """The family was told on the day of what counts from 2026-11."""
    return _review(ground, outcome, told_on=day, **{"from_month": date(2026, 11, 1)} | changes)


def _after_death(ground: Ground, outcome: str, /, **changes: Any) -> str:
    """Somebody died on 2026-09-09, and the family was told two months later."""
    october = {"from_month": date(2026, 10, 1), "changed_on": date(2026, 9, 9)}
    return _told(ground, outcome, date(2026, 11, 3), **october | changes)


def _asked(ground: Ground, times: int, **changes: Any) -> str:
    case = ground.case(**changes)
    for _ in range(times):
        with transaction.atomic():
            ground.event(case, "request_corrections", SUBMITTED, "staff")
    return str(case.no)


def _declined(ground: Ground, times: int = 0, **changes: Any) -> str:
    values = {"state": "DECLINED", "accepted_on": None, "without": NOTHING}
    return _asked(ground, times, **values | changes)


PLANTS = [
    Plant(
        "R45",
        "照片在另一家庭的案件里用过",
        hit=lambda g: _shared(g, "survey_photo", g.case(), g.case()),
        near=lambda g: _shared(g, "survey_photo", g.case(), g.case(), withdrawn_at=now()),
    ),
    Plant(  # the receipt that somebody signed
        "R45",
        "照片在另一家庭的案件里用过",
        hit=lambda g: _shared(g, "letter_proof", g.case(), g.case()),
        near=lambda g: _pictured(g, (SURVEYED, 10), (SURVEYED, 11)),
    ),
    Plant(  # a paper of the family is the same next year, the visit is another
        "R45",
        "案件里用过",
        hit=lambda g: _shared(g, "survey_photo", *_twice_applied(g)),
        near=lambda g: _shared(g, "household_book", *_twice_applied(g)),
    ),
    Plant(  # people are known by their numbers
        "R45",
        "在本户的另一案件里用过",
        hit=lambda g: _shared(g, "survey_photo", *_twice_applied(g, apart=True)),
        near=lambda g: _shared(g, "household_book", *_twice_applied(g, apart=True)),
    ),
    Plant(
        "R45",
        "在另一家庭的案件里用过",
        hit=lambda g: _shared(g, "household_book", g.case(), g.case()),
        near=lambda g: _shared(g, "household_book", *_twice_applied(g, apart=True)),
    ),
    Plant(
        "R45",
        "入户日期是 2026-08-06",
        hit=lambda g: (
            _pictured(g, (SURVEYED + 2 * DAY, 0)),
            _pictured(g, (SURVEYED - 2 * DAY, 23)),
        ),
        near=lambda g: _pictured(g, (SURVEYED + DAY, 23), (SURVEYED - DAY, 0)),
    ),
    Plant(  # each picture belongs to the visit of its round
        "R45",
        "入户照片拍摄于",
        hit=lambda g: _two_visits(g, SURVEYED + 3 * DAY),
        near=lambda g: _two_visits(g, ACCEPTED, SURVEYED + DAY),
    ),
    Plant(
        "R45",
        "相距",
        hit=lambda g: _apart(g, 2_001),
        near=lambda g: _apart(g, 2_000),
    ),
    Plant(
        "R46",
        "备案近亲属，申请时没有申报",
        hit=_of_kin,
        near=lambda g: (
            _of_kin(g, kin_declared=True, bureau_visited_on=DECIDED),
            _of_kin(g, withdrawn=True),
        ),
    ),
    Plant(  # in office while the case went on, whoever is there today
        "R46",
        "备案近亲属，申请时没有申报",
        hit=lambda g: _of_kin(g, post={"until": ON - DAY}),
        near=lambda g: (
            _of_kin(g, post={"since": DECIDED + DAY}),
            _of_kin(g, post={"until": SUBMITTED - DAY}),
        ),
    ),
    Plant(
        "R46",
        "区局没有入户核查",
        hit=lambda g: (
            _kin_case(g, None),
            g.case(kin_found=True).no,
        ),
        near=lambda g: _kin_case(g, DECIDED),
    ),
    Plant(
        "R46",
        "区局没有入户核查",
        hit=lambda g: _kin_case(g, DECIDED + DAY),
        near=lambda g: g.case(kin_declared=True, state="TO_DECIDE").no,
    ),
    Plant(
        "R46",
        "请核对是否近亲属",
        hit=lambda g: (_hinted(g), _hinted(g, unit=g.cast.office)),
        near=lambda g: (
            _hinted(g, head="孙大"),
            _hinted(g, digits=3),
            _hinted(g, unit=g.cast.other_office),
        ),
    ),
    Plant(
        "R46",
        "请核对是否近亲属",
        hit=lambda g: _hinted(g, until=ON),
        near=lambda g: _hinted(g, until=ON - DAY),
    ),
    Plant(
        "R47",
        "在本件签了两个环节",
        hit=lambda g: _decided_by(g, "surveyor").no,
        near=_both_rounds,
    ),
    Plant(
        "R47",
        "在本件签了两个环节",
        hit=lambda g: _surveyed_before(g, "surveyor"),
        near=lambda g: _surveyed_before(g, "leader"),
    ),
    Plant(
        "R47",
        "在近亲属的案件上签字",
        hit=_own_kin,
        near=lambda g: _own_kin(g, withdrawn=True),
    ),
    Plant(
        "R47",
        "代办申请没有委托书",
        hit=lambda g: (_by_proxy(g), _by_proxy(g, paper="id_card")),
        near=lambda g: _by_proxy(g, paper="mandate"),
    ),
    Plant(
        "R47",
        "代办申请没有委托书",
        hit=lambda g: _by_proxy(g, until=SUBMITTED),
        near=lambda g: _by_proxy(g, until=SUBMITTED - DAY),
    ),
    Plant(  # 3(3): the committee applies for somebody without capacity, who can give no mandate
        "R47",
        "代办申请没有委托书",
        hit=_by_proxy,
        near=lambda g: _by_proxy(g, for_incapable=True),
    ),
    Plant(  # the 25th to the 27th and the 1st to the 7th are days off
        "R48",
        "三个工作日内没有送达文书",
        hit=lambda g: _refused(g, date(2026, 9, 24), date(2026, 10, 8)),
        near=lambda g: _refused(g, date(2026, 9, 24), date(2026, 9, 30)),
    ),
    Plant(
        "R48",
        "三个工作日内没有送达文书",
        hit=lambda g: _refused(g, date(2026, 11, 23), None),
        near=lambda g: _refused(g, date(2026, 11, 24), None),
    ),
    Plant(
        "R48",
        "没有告知家庭",
        hit=lambda g: tuple(_untold(g, o) for o in ("RAISE", "REDUCE", "STOP", "EXIT")),
        near=lambda g: (_untold(g, "KEEP"), _review(g, "REDUCE")),
    ),
    Plant(
        "R48",
        "2026-11-02 告知，减停从 2026-11-01 就执行了",
        hit=lambda g: tuple(_told(g, o, date(2026, 11, 2)) for o in ("REDUCE", "STOP", "EXIT")),
        near=lambda g: (
            *(_told(g, o, date(2026, 11, 1)) for o in ("REDUCE", "STOP", "EXIT")),
            _told(g, "RAISE", date(2026, 11, 2)),
        ),
    ),
    Plant(  # after a death what is less counts from the month after it, whoever is left
        "R48",
        "就执行了",
        hit=lambda g: _after_death(g, "REDUCE"),
        near=lambda g: (
            _after_death(g, "REDUCE", trigger="DEATH"),
            _after_death(g, "STOP", ground="DIED"),
        ),
    ),
    Plant(
        "R49",
        "补正告知了 2 次",
        hit=lambda g: _asked(g, 2),
        near=lambda g: _asked(g, 1),
    ),
    Plant(  # in an emergency nothing is asked for by the step
        "R49",
        "没有一次性告知补正",
        hit=_declined,
        near=lambda g: (
            _declined(g, corrections="户口簿"),
            _declined(g, 1),
            _declined(g, programme="URGENT_RELIEF"),
        ),
    ),
]
