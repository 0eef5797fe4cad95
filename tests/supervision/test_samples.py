"""Samples: who may be drawn, how many, by what seed, in whose place, by whom (4(1).2, 13)."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied

from cases.models import Benefit, Case, Claim, Household, MeansFinding
from supervision.models import Complaint, Sample, SampleItem
from supervision.operations import sampling as operations
from supervision.reports.figures import Filter, figure
from supervision.rules.sampling import FrameRow, ordered
from tests.cast import SINCE, Cast
from tests.supervision.ground import Ground
from tests.supervision.test_loop import get, post
from tests.supervision.test_sheets import LEAN, begun, finished
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.models import Event, Post

FIRST, LAST = date(2026, 7, 1), date(2026, 9, 30)
DAY = timedelta(days=1)
YEAR = Filter(first=date(2026, 1, 1), last=date(2026, 12, 31))


def new(ground: Ground, day: date = LAST, home: Household | None = None, **changes: Any) -> Case:
    """A case that was decided on the day."""
    return ground.case(home, without=LEAN, decided_on=day, **changes)


def relief(
    ground: Ground, day: date = LAST, home: Household | None = None, group: str = "ORDINARY"
) -> Case:
    """支出型 that was granted on the day to a family of this class."""
    case = new(ground, day, home, programme="EXPENSE_RELIEF")
    Claim.objects.create(
        case=case, cause="ILLNESS", happened_on=case.submitted_on, place="家中",
        household_class=group, total_fen=9000_00, covered_fen=0, asked_fen=4000_00,
    )  # fmt: skip
    return case


def planned(cast: Cast, kind: str = "NEW", percent: int = 30, **more: Any) -> Sample:
    """A sample of the quarter stands, by the page."""
    data = {"kind": kind, "period_from": FIRST, "period_to": LAST, "percent": percent} | more
    url = post(cast, "supervisor", "/samples/", **data).url
    return Sample.objects.get(no=url.strip("/").split("/")[-1])


def drawn(cast: Cast, kind: str = "NEW", percent: int = 30) -> Sample:
    """Who is looked at stands, by the page."""
    sample = planned(cast, kind, percent)
    post(cast, "supervisor", f"/samples/{sample.no}/draw/")
    sample.refresh_from_db()
    return sample


def framed(sample: Sample) -> dict[str, str]:
    """Numbers of the frame with their strata."""
    return dict(sample.frame.values_list("number", "stratum"))


def order_of(sample: Sample, stratum: str = "甲街道低保") -> list[str]:
    """The numbers of a stratum in the order that seed and frame give."""
    frame = [FrameRow(*v) for v in sample.frame.values_list("number", "stratum", "must")]
    return [one.row.number for one in ordered(frame, sample.seed)[stratum]]


def step(cast: Cast, sample: Sample, code: str, status: int = 302, **data: Any) -> str:
    """A step on the sample's page; what the page says."""
    answer = post(cast, "supervisor", f"/samples/{sample.no}/{code}/", status, **data)
    return str(answer.content.decode())


# ------------------------------------------------------------------ the frame


def test_the_frame_is_who_was_granted_from_the_first_day_to_the_last(
    cast: Cast, ground: Ground
) -> None:
    first, last = new(ground, FIRST), new(ground, LAST)
    rural = new(ground, programme="RURAL_ALLOWANCE", village=cast.other_village)
    alone = new(ground, programme="RURAL_DESTITUTE", village=cast.other_village)
    far = new(ground, village=cast.foreign_village)
    new(ground, FIRST - DAY)
    new(ground, LAST + DAY)
    new(ground, state="REFUSED")
    relief(ground)
    assert framed(drawn(cast)) == {
        first.no: "甲街道低保", last.no: "甲街道低保", rural.no: "甲街道低保",
        alone.no: "甲街道特困", far.no: "乙街道低保",
    }  # fmt: skip


def test_the_frame_of_relief_is_who_is_in_no_benefit(cast: Cast, ground: Ground) -> None:
    inside = [relief(ground, FIRST), relief(ground, LAST, group="EDGE")]
    relief(ground, FIRST - DAY)
    relief(ground, LAST + DAY)
    new(ground)
    for group in ("ALLOWANCE", "DESTITUTE"):
        relief(ground, group=group)

    def beside(**period: Any) -> Household:
        benefit: Benefit = ground.benefit(**period)
        return benefit.household

    relief(ground, home=beside())
    relief(ground, home=beside(end_month=date(2026, 9, 1)))
    inside.append(relief(ground, home=beside(end_month=date(2026, 8, 1))))
    later = {"start_month": date(2026, 10, 1), "paid_with": date(2026, 10, 1)}
    inside.append(relief(ground, home=beside(**later)))
    elsewhere = relief(ground)  # a person of it is in benefit with another family
    ground.member(beside(), id_no=ground.head(elsewhere.household).id_no, relation="PARENT")
    orphan = relief(ground)
    MeansFinding.objects.create(
        check_of=ground.means(orphan), member=ground.head(orphan.household), kind="ORPHAN"
    )
    assert set(framed(drawn(cast, "RELIEF"))) == {case.no for case in inside}


def test_the_share_of_relief_on_the_board_is_of_the_same_families(
    cast: Cast, ground: Ground
) -> None:
    """30 % of 临时救助 outside 低保, 特困, orphans: frame and figure mean the same ones."""
    relief(ground)
    relief(ground, group="ALLOWANCE")
    relief(ground, home=ground.benefit().household)
    orphan = relief(ground)
    MeansFinding.objects.create(
        check_of=ground.means(orphan), member=ground.head(orphan.household), kind="ORPHAN"
    )
    sample = drawn(cast, "RELIEF")
    value = figure("sampled_relief", cast.supervisor, YEAR)
    assert (sample.frame_count, value.denominator) == (1, 1)


def test_each_stratum_gives_its_share_rounded_up(cast: Cast, ground: Ground) -> None:
    for _ in range(10):
        new(ground)
    for _ in range(11):
        new(ground, village=cast.foreign_village)
    new(ground, programme="URBAN_DESTITUTE")
    sample = drawn(cast)
    counts = Counter(sample.items.values_list("stratum", flat=True))
    for item in sample.items.all():
        assert item.quota == {"甲街道低保": 3, "乙街道低保": 4, "甲街道特困": 1}[item.stratum]
    assert counts == {"甲街道低保": 3, "乙街道低保": 4, "甲街道特困": 1}
    assert (sample.frame_count, sample.target_count, sample.drawn_count) == (22, 8, 8)
    mine = set(sample.items.filter(stratum="甲街道低保").values_list("number", flat=True))
    assert mine == set(order_of(sample)[:3])


def told(case: Case, kind: str) -> None:
    """Somebody told something about the case."""
    Complaint.objects.create(
        no=f"XF-{case.no}", district=case.district, office=case.office, state="RECEIVED",
        opened_on=LAST, kind=kind, channel="HOTLINE", key=f"K{case.no}"[:16], content="不该享受",
        case=case, received_on=LAST,
    )  # fmt: skip


def test_relatives_and_complaints_are_in_beside_those_that_are_drawn(
    cast: Cast, ground: Ground
) -> None:
    for _ in range(10):
        new(ground)
    kin = [new(ground, kin_declared=True), new(ground, kin_found=True)]
    about, asked = new(ground), new(ground)
    told(about, "REPORT")
    told(asked, "ENQUIRY")  # only a question
    sample = drawn(cast)
    forced = dict(sample.items.filter(why="FORCED").values_list("number", "must"))
    assert forced == {kin[0].no: "近亲属", kin[1].no: "近亲属", about.no: "被举报"}
    assert sample.items.filter(why="DRAWN").count() == 4  # of eleven
    assert (sample.target_count, sample.drawn_count) == (7, 7)
    page = get(cast, "supervisor", f"/samples/{sample.no}/")
    assert "必查：近亲属" in page
    assert "必查：被举报" in page


# ------------------------------------------------------------------ the seed, once


def test_the_seed_is_there_before_the_draw_and_nobody_chose_it(cast: Cast, ground: Ground) -> None:
    new(ground)
    sample = planned(cast, seed="0" * 64, seed_event=1)
    event = Event.objects.get(seq=sample.seed_event)
    assert (event.subject_key, event.action) == (sample.no, "open")
    assert sample.seed == bytes(event.hash).hex()
    assert (sample.state, sample.items.count(), sample.frame.count()) == ("OPEN", 0, 0)
    before = sample.seed
    step(cast, sample, "draw", seed="0" * 64)
    sample.refresh_from_db()
    assert (sample.seed, sample.state) == (before, "DRAWN")
    assert planned(cast, "RELIEF").seed != before


def test_a_kind_and_period_are_sampled_once_and_drawn_once(cast: Cast, ground: Ground) -> None:
    for _ in range(4):
        new(ground)
    sample = drawn(cast)
    data = {"kind": "NEW", "period_from": FIRST, "period_to": LAST, "percent": 50}
    again = post(cast, "supervisor2", "/samples/", 409, **data)
    assert f"{sample.no} 已抽查" in again.content.decode()
    listed = sorted(sample.items.values_list("number", flat=True))
    assert "已经抽取过" in step(cast, sample, "draw", 409)
    assert sorted(sample.items.values_list("number", flat=True)) == listed
    assert Sample.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"percent": 29}, 409),
        ({"percent": 101}, 422),
        ({"period_to": "2099-12-31"}, 409),
        ({"period_to": FIRST - DAY}, 409),
        ({"kind": "ALL"}, 422),
        ({"kind": "PHONE", "percent": 1}, 302),
        ({"percent": 100}, 302),
    ],
)
def test_at_least_thirty_of_a_hundred_of_what_is_over(
    cast: Cast, change: dict[str, Any], status: int
) -> None:
    data = {"kind": "NEW", "period_from": FIRST, "period_to": LAST, "percent": 30} | change
    post(cast, "supervisor", "/samples/", status, **data)
    assert Sample.objects.count() == (status == 302)


def test_a_fair_sample_takes_four_clicks_at_most(cast: Cast, ground: Ground) -> None:
    """G11: opened, planned, drawn, and why it is fair stands on the same page."""
    for _ in range(10):
        new(ground)
    client = cast.client("supervisor")
    clicks: list[Callable[[], Any]] = [
        lambda: client.get("/samples/"),
        lambda: client.post(
            "/samples/",
            {"kind": "NEW", "period_from": FIRST, "period_to": LAST, "percent": 30},
            follow=True,
        ),
        lambda: client.post(f"/samples/{Sample.objects.get().no}/draw/", follow=True),
    ]
    page = [click() for click in clicks][-1].content.decode()
    assert len(clicks) <= 4
    sample = Sample.objects.get()
    for words in ("为什么公平", sample.seed, sample.frame_sha256, "✓ 与名单一致"):
        assert words in page
    assert SampleItem.objects.count() == 3


@pytest.mark.parametrize(
    ("first", "last", "is_refused"),
    [
        (FIRST + DAY, LAST, True),
        (FIRST, LAST - DAY, True),
        (FIRST - 30 * DAY, FIRST, True),
        (LAST, LAST, True),
        (FIRST - 30 * DAY, FIRST - DAY, False),
    ],
)
def test_no_day_is_sampled_again_by_a_period_that_differs_a_little(
    cast: Cast, first: date, last: date, is_refused: bool
) -> None:
    sample = planned(cast)
    data = {"kind": "NEW", "period_from": first, "period_to": last, "percent": 30}
    answer = post(cast, "supervisor2", "/samples/", 409 if is_refused else 302, **data)
    if is_refused:
        assert f"{sample.no} 已抽查 {FIRST} 至 {LAST}，时间段不能重叠" in answer.content.decode()
    assert Sample.objects.count() == 2 - is_refused
    post(cast, "supervisor2", "/samples/", 302, **data | {"kind": "PHONE"})  # another kind may


# ------------------------------------------------------------------ in whose place


def test_the_next_of_the_order_comes_in_with_the_reason(cast: Cast, ground: Ground) -> None:
    for _ in range(5):
        new(ground)
    sample = drawn(cast)
    order = order_of(sample)
    assert "换样须写明理由" in step(cast, sample, "replace", 409, number=order[0], reason=" ")
    step(cast, sample, "replace", number=order[0], reason="全家外出务工")
    came = sample.items.get(number=order[2])
    assert (came.why, came.place, came.replace_reason) == ("REPLACEMENT", 2, "全家外出务工")
    assert came.replaces
    assert (came.replaces.number, came.replaces.state) == (order[0], "REPLACED")
    assert "已经检查或者换出" in step(cast, sample, "replace", 409, number=order[0], reason="再换")
    step(cast, sample, "replace", number=order[2], reason="住院")
    assert sample.items.get(number=order[3]).replaces == came
    event = Event.objects.of("sample", sample.no).filter(action="replace").order_by("seq").first()
    assert event
    assert (event.note, event.body["in"]) == ("全家外出务工", order[2])
    page = get(cast, "supervisor", f"/samples/{sample.no}/")
    assert "全家外出务工" in page
    assert "✓ 与名单一致" in page
    step(cast, sample, "replace", 404, number="DB-0", reason="没有这一户")


def test_who_left_the_frame_is_passed_over_and_the_record_says_who(
    cast: Cast, ground: Ground
) -> None:
    """A benefit turned out to have ended before: there is nobody to be called."""
    for _ in range(5):
        ground.benefit()
    sample = drawn(cast, "PHONE")
    order = order_of(sample, "甲街道")
    Benefit.objects.filter(key=order[2]).update(end_month=date(2026, 3, 1))
    step(cast, sample, "replace", number=order[0], reason="空号")
    assert sample.items.get(why="REPLACEMENT").number == order[3]
    event = Event.objects.of("sample", sample.no).filter(action="replace").get()
    assert event.body["passed"] == [order[2]]


def test_who_must_be_looked_at_or_was_is_not_exchanged(cast: Cast, ground: Ground) -> None:
    for _ in range(5):
        new(ground)
    kin = new(ground, kin_declared=True)
    sample = drawn(cast)
    forced = step(cast, sample, "replace", 409, number=kin.no, reason="外出")
    assert "必查对象不能换样" in forced
    sheet = begun(cast, sample, 1)
    assert sheet.item
    looked = {"number": sheet.item.number, "reason": "外出"}
    assert "已经检查" in step(cast, sample, "replace", 409, **looked)
    finished(cast, sheet)
    assert "已经检查" in step(cast, sample, "replace", 409, **looked)
    assert not sample.items.filter(why="REPLACEMENT").exists()
    assert "户没有检查" in step(cast, sample, "close", 409)


def test_where_nobody_is_left_the_reason_stands_and_the_sample_ends(
    cast: Cast, ground: Ground
) -> None:
    """The only household of its stratum has moved away: nobody waits for it for ever."""
    case = new(ground)
    sample = drawn(cast)
    step(cast, sample, "replace", number=case.no, reason="户主去世")
    step(cast, sample, "close")


# ------------------------------------------------------------------ by whom


def worked(cast: Cast, who: str, unit: Any, ends_on: date | None) -> None:
    """Somebody had a post there until that day."""
    Post.objects.create(
        person_id=cast.actors[who].human_id, unit=unit, role="clerk", title="原经办",
        starts_on=SINCE, ends_on=ends_on,
    )  # fmt: skip


@pytest.mark.parametrize("place", ["village", "office"])
@pytest.mark.parametrize(("days", "status"), [(1, 409), (364, 409), (366, 302)])
def test_who_worked_there_within_a_year_does_not_check(
    cast: Cast, ground: Ground, place: str, days: int, status: int
) -> None:
    case = new(ground)
    worked(cast, "supervisor", getattr(cast, place), today() - timedelta(days=days))
    sample = drawn(cast)
    page = step(cast, sample, "open", status, number=case.no)
    assert ("须回避" in page) is (status == 409)


def test_who_worked_elsewhere_checks(cast: Cast, ground: Ground) -> None:
    case = new(ground)
    worked(cast, "supervisor", cast.foreign_village, None)
    worked(cast, "supervisor", cast.other_village, today() - DAY)
    step(cast, drawn(cast), "open", number=case.no)


def test_control_without_the_guard_who_works_there_checks(cast: Cast, ground: Ground) -> None:
    case = new(ground)
    worked(cast, "supervisor", cast.village, today() - DAY)
    sample = drawn(cast)
    with mock.patch("supervision.operations.sheets.refuse_own_unit"):
        step(cast, sample, "open", number=case.no)


@pytest.mark.parametrize("who", ["bureau", "auditor", "staff", "leader", "clerk", "worker"])
def test_only_the_centre_draws_and_no_office_looks(cast: Cast, ground: Ground, who: str) -> None:
    new(ground)
    sample = planned(cast)
    looks = who in ("bureau", "auditor")
    assert (cast.client(who).get(f"/samples/{sample.no}/").status_code == 200) is looks
    for url in ("/samples/", f"/samples/{sample.no}/draw/"):
        assert cast.client(who).post(url).status_code in (403, 404)
    with pytest.raises((PermissionDenied, Sample.DoesNotExist)):
        operations.draw_sample(sample.no, actor=cast.actors[who], on=today())


def test_control_without_the_capability_a_leader_draws(cast: Cast, ground: Ground) -> None:
    new(ground)
    sample = planned(cast)
    with mock.patch("supervision.operations.sampling._require"):
        assert operations.draw_sample(sample.no, actor=cast.bureau, on=today()).state == "DRAWN"


def test_the_board_follows_what_was_looked_at(cast: Cast, ground: Ground) -> None:
    for _ in range(4):
        new(ground)
    sample = drawn(cast)
    sheet = begun(cast, sample)

    def share() -> tuple[int, int | None]:
        value = figure("sampled_new", cast.supervisor, YEAR)
        return value.numerator, value.denominator

    assert share() == (0, 4)
    finished(cast, sheet)
    assert share() == (1, 4)
    finished(cast, begun(cast, sample))
    value = figure("sampled_new", cast.supervisor, YEAR)
    assert (share(), value.is_good) == ((2, 4), True)
    assert sheet.case
    assert sheet.case.no in get(cast, "supervisor", "/figures/sampled_new/?month=2026-11")
    step(cast, sample, "close")
    assert "已结束" in get(cast, "supervisor", "/samples/")
