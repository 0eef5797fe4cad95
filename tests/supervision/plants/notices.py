"""Public notices: R41. Its plants are among those of procedure."""

from datetime import date
from math import degrees

from cases.models import Case, Review
from tests.cast import unit
from tests.supervision.ground import DECIDED, ON, POSTED, Ground, moment
from tests.supervision.plants.roads import DAY, SECOND, posted
from tests.supervision.plants.shape import Plant
from yuquan_relief.kernel.inputs.places import EARTH_METRES
from yuquan_relief.kernel.models import Attachment

ENDING = date(2026, 11, 9)


def _unpictured(ground: Ground, day: date) -> str:
    case = ground.case(state="APPROVAL_NOTICE", without="notices")
    ground.notice(case, "REVIEW")
    ground.notice(case, "APPROVAL", posted_on=day, closed_on=None, photo=None)
    return str(case.no)


def _one_picture(ground: Ground) -> str:
    """One picture, of no known day, proves both notices."""
    case = ground.case(without="notices")
    picture = ground.photo(case, "notice_photo", POSTED, taken_at=None)
    ground.notice(case, "REVIEW", photo=picture)
    ground.notice(case, "APPROVAL", posted_on=SECOND, photo=picture)
    return str(case.no)


def _two_cases(ground: Ground) -> tuple[str, ...]:
    """The first notice of the one is proved by the picture of the other."""
    first, second = ground.case(), ground.case(without="notices")
    (picture,) = Attachment.objects.filter(subject_key=first.no, taken_at=moment(POSTED))
    copied = ground.photo(second, "notice_photo", POSTED, sha256=picture.sha256)
    ground.notice(second, "REVIEW", photo=copied)
    ground.notice(second, "APPROVAL", posted_on=SECOND)
    return str(first.no), str(second.no)


def _taken(ground: Ground, day: date, hour: int) -> str:
    case = ground.case(without="notices")
    taken = moment(day, hour).replace(minute=30)
    picture = ground.photo(case, "notice_photo", POSTED, taken_at=taken)
    ground.notice(case, "REVIEW", photo=picture)
    ground.notice(case, "APPROVAL", posted_on=SECOND)
    return str(case.no)


def north(metres: int, error: int = 0) -> str:
    """A place so far north of the board."""
    return f"{40.8 + degrees(metres / EARTH_METRES):.10f},111.6500000000,{error}"


def _hung(ground: Ground, metres: int) -> str:
    """A case in a village of its own, where two more cases hang on the board.

    The second notice seems 200 metres further away, which its error of 200 metres takes back.
    """
    n = next(ground.serial)
    village = unit(f"远{n}村", "VILLAGE", f"15990{n}", ground.cast.office)
    cases = [ground.case(village=village, without="notices") for _ in range(3)]
    for case in cases[:2]:
        _placed(ground, case, north(0), north(0))
    _placed(ground, cases[2], north(metres), north(metres + 200, 200))
    return str(cases[2].no)


def _placed(ground: Ground, case: Case, first: str, second: str) -> None:
    for kind, day, place in (("REVIEW", POSTED, first), ("APPROVAL", SECOND, second)):
        picture = ground.photo(case, "notice_photo", day, place=place)
        ground.notice(case, kind, posted_on=day, photo=picture)


def _ending(ground: Ground, days: int) -> str:
    case = ground.case(programme="URBAN_DESTITUTE")
    ground.notice(case, "ENDING", posted_on=ENDING, last_day=ENDING + days * DAY)
    return str(case.no)


def _review_ending(ground: Ground, days: int) -> str:
    """The notice of ending hangs on the review of somebody from the roster."""
    benefit, n = ground.benefit(programme="URBAN_DESTITUTE"), next(ground.serial)
    review = Review.objects.create(
        no=f"FH-{n}", benefit=benefit, trigger="HAND", state="TO_NOTICE", opened_on=ENDING,
        due_on=date(2026, 12, 31), outcome="STOP", ground="OWN", reason="本人申请",
        **ground.place(benefit.village),
    )  # fmt: skip
    review.notices.create(
        no=f"GS-{n}", kind="ENDING", round=1, place="村委会公示栏", posted_on=ENDING,
        first_day=ENDING + DAY, last_day=ENDING + days * DAY, snapshot={},
        photo=ground.photo(ground.case(), "notice_photo", ENDING),
        posted_by_id=ground.person("clerk"),
    )  # fmt: skip
    return review.no


NOTICES = [
    Plant(
        "R41",
        "2026-08-26 至 2026-08-31，不足七天",
        hit=lambda g: posted(g, last_day=SECOND + 6 * DAY),
        near=lambda g: posted(g, last_day=SECOND + 7 * DAY),
    ),
    Plant(  # taken down on the last day
        "R41",
        "不足七天",
        hit=lambda g: posted(g, closed_on=SECOND + 7 * DAY),
        near=lambda g: posted(g, closed_on=SECOND + 8 * DAY),
    ),
    Plant(  # 特困 is told for seven days too before it ends (7.1)
        "R41",
        "不足七天",
        hit=lambda g: _ending(g, 6),
        near=lambda g: _ending(g, 7),
    ),
    Plant(
        "R41",
        "不足七天",
        hit=lambda g: _review_ending(g, 6),
        near=lambda g: _review_ending(g, 7),
    ),
    Plant(  # R40: it has not ended
        "R41",
        "已经作出决定",
        hit=lambda g: posted(g, DECIDED - 7 * DAY),
        near=lambda g: posted(g, DECIDED - 8 * DAY),
        also=("R40",),
    ),
    Plant(
        "R41",
        "没有写明张贴地点",
        hit=lambda g: posted(g, place=" "),
        near=lambda g: posted(g, place="栏"),
    ),
    Plant(
        "R41",
        "没有张贴照片",
        hit=lambda g: (posted(g, photo=None), _unpictured(g, ON - 2 * DAY)),
        near=lambda g: _unpictured(g, ON - DAY),
    ),
    Plant(
        "R41",
        "公示照片在别的案件里用过",
        hit=_two_cases,
        near=posted,
    ),
    Plant(
        "R41",
        "同一张",
        hit=_one_picture,
        near=posted,
    ),
    Plant(  # the day is the day here
        "R41",
        "公示照片拍摄于 2026-08-10",
        hit=lambda g: (_taken(g, POSTED - DAY, 0), _taken(g, POSTED - DAY, 23)),
        near=lambda g: _taken(g, POSTED, 0),
    ),
    Plant(
        "R41",
        "公示照片拍摄于 2026-08-19",
        hit=lambda g: (_taken(g, POSTED + 8 * DAY, 0), _taken(g, POSTED + 8 * DAY, 23)),
        near=lambda g: _taken(g, POSTED + 7 * DAY, 23),
    ),
    Plant(
        "R41",
        "约 501 米",
        hit=lambda g: _hung(g, 501),
        near=lambda g: _hung(g, 500),
    ),
]
