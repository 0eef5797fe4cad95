"""Anybody draws again and gets the same: rules, the tool alone, the guards of the database."""

import csv
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from supervision.invariants import broken
from supervision.models import FrameLine, Sample, SampleItem
from supervision.operations import sampling as operations
from supervision.rules.sampling import FrameRow, draw, frame_digest, quota
from tests.cast import Cast, make_cast
from tests.databases import as_owner
from tests.races.arena import CERTAIN, drop_uniques, meeting_at, together, without_row_locks
from tests.supervision.ground import Ground
from tests.supervision.test_loop import post
from tests.supervision.test_samples import FIRST, LAST, drawn, new, order_of, planned, step
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused

TOOL = Path(__file__).resolve().parents[2] / "tools/redraw_sample.py"
TABLES = ("supervision_sample", "supervision_sampleitem", "supervision_frameline")


# ------------------------------------------------------------------ the rules

rows = st.lists(
    st.builds(
        FrameRow,
        number=st.text("DBTK-0123456789", min_size=1, max_size=8),
        stratum=st.sampled_from(["甲街道低保", "甲街道特困", "乙街道低保"]),
        must=st.sampled_from(["", "", "", "近亲属"]),
    ),
    unique_by=lambda row: row.number,
    max_size=40,
)
seeds = st.binary(min_size=32, max_size=32).map(bytes.hex)
percents = st.integers(30, 100)


def numbers(frame: list[FrameRow], seed: str, percent: int) -> set[str]:
    """Who is looked at."""
    return {one.row.number for one in draw(frame, seed, percent)}


@given(rows, seeds, percents, st.randoms())
def test_the_order_of_the_frame_does_not_matter(
    frame: list[FrameRow], seed: str, percent: int, chance: Any
) -> None:
    mixed = list(frame)
    chance.shuffle(mixed)
    assert draw(mixed, seed, percent) == draw(frame, seed, percent)
    assert frame_digest(mixed) == frame_digest(frame)


@given(rows, seeds)
def test_a_hundred_of_a_hundred_are_all(frame: list[FrameRow], seed: str) -> None:
    assert numbers(frame, seed, 100) == {row.number for row in frame}


@given(rows, seeds, percents, percents)
def test_a_higher_share_keeps_those_that_were_drawn(
    frame: list[FrameRow], seed: str, one: int, other: int
) -> None:
    assert numbers(frame, seed, min(one, other)) <= numbers(frame, seed, max(one, other))


@given(rows, seeds, percents)
def test_each_stratum_gives_its_share_and_the_forced_are_beside(
    frame: list[FrameRow], seed: str, percent: int
) -> None:
    found = draw(frame, seed, percent)
    assert {d.row for d in found if d.why == "FORCED"} == {row for row in frame if row.must}
    whole = Counter(row.stratum for row in frame if not row.must)
    got = Counter(d.row.stratum for d in found if d.why == "DRAWN")
    assert got == {name: quota(count, percent) for name, count in whole.items()}
    for name, count in whole.items():
        assert got[name] * 100 >= count * percent > (got[name] - 1) * 100


@pytest.mark.parametrize(("count", "least"), [(0, 0), (1, 1), (3, 1), (4, 2), (10, 3), (11, 4)])
def test_a_share_is_rounded_up(count: int, least: int) -> None:
    assert quota(count, 30) == least


# ------------------------------------------------------------------ the tool


def exported(cast: Cast, sample: Sample, what: str, folder: Path) -> Path:
    """What the page gives to take home."""
    answer = cast.client("auditor").get(f"/samples/{sample.no}/?as={what}")
    assert answer.status_code == 200
    path = folder / f"{what}.csv"
    path.write_bytes(answer.content)
    return path


def redrawn(
    frame: Path, sample: Sample, listed: Path, **other: str
) -> "subprocess.CompletedProcess[str]":
    """The tool in a Python of its own, that knows nothing of the system."""
    said = {"seed": sample.seed, "percent": str(sample.percent), "compare": str(listed)} | other
    words = [word for name, value in said.items() for word in (f"--{name}", value)]
    return subprocess.run(
        [sys.executable, "-I", "-S", "-X", "utf8", str(TOOL), str(frame), *words],
        capture_output=True, text=True, encoding="utf-8", cwd=frame.parent, check=False, timeout=60,
    )  # fmt: skip


def many(ground: Ground) -> None:
    """Three strata, one forced."""
    for _ in range(11):
        new(ground)
    for _ in range(3):
        new(ground, village=ground.cast.foreign_village)
    new(ground, programme="URBAN_DESTITUTE")
    new(ground, kin_declared=True)


def test_the_tool_draws_the_same_list(cast: Cast, tmp_path: Path) -> None:
    many(Ground(cast))
    sample = drawn(cast)
    step(cast, sample, "replace", number=order_of(sample)[0], reason="外出")
    frame = exported(cast, sample, "frame", tmp_path)
    listed = exported(cast, sample, "list", tmp_path)
    again = redrawn(frame, sample, listed)
    assert (again.returncode, again.stderr) == (0, "")
    assert f"抽取范围 16 户，摘要 {sample.frame_sha256}" in again.stdout
    assert "抽出 7 户" in again.stdout
    assert "与名单一致" in again.stdout


def test_the_tool_tells_when_one_number_was_exchanged(cast: Cast, tmp_path: Path) -> None:
    many(Ground(cast))
    sample = drawn(cast)
    order = order_of(sample)
    frame = exported(cast, sample, "frame", tmp_path)
    listed = exported(cast, sample, "list", tmp_path)
    text = listed.read_text("utf-8-sig")
    listed.write_text(text.replace(order[0], order[-1]), "utf-8")
    again = redrawn(frame, sample, listed)
    assert again.returncode == 1
    assert order[0] in again.stderr
    assert order[-1] in again.stderr


@pytest.mark.parametrize("change", ["seed", "frame", "percent"])
def test_the_tool_tells_when_seed_frame_or_share_is_another(
    cast: Cast, tmp_path: Path, change: str
) -> None:
    many(Ground(cast))
    sample = drawn(cast)
    frame = exported(cast, sample, "frame", tmp_path)
    listed = exported(cast, sample, "list", tmp_path)
    assert redrawn(frame, sample, listed).returncode == 0
    other = {"seed": {"seed": "0" * 64}, "percent": {"percent": "60"}}.get(change, {})
    if change == "frame":
        first = order_of(sample)[0]
        with frame.open(encoding="utf-8-sig", newline="") as file:
            kept = [line for line in csv.reader(file) if line[0] != first]
        with frame.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(kept)
    assert redrawn(frame, sample, listed, **other).returncode == 1


# ------------------------------------------------------------------ the database's guards


def changes(sample: Sample) -> list[Callable[[], Any]]:
    """What somebody might like to change of a sample that is drawn."""
    mine, items = Sample.objects.filter(pk=sample.pk), SampleItem.objects.filter(sample=sample)
    first = items.order_by("id")[0].pk
    return [
        lambda: mine.update(seed="0" * 64),
        lambda: mine.update(seed_event=1),
        lambda: mine.update(percent=31),
        lambda: mine.update(period_to=LAST.replace(day=29)),
        lambda: mine.update(kind="PHONE"),
        lambda: mine.update(frame_sha256="0" * 64),
        lambda: mine.update(frame_count=1, target_count=1),
        mine.delete,
        lambda: items.filter(pk=first).update(number="DB-0"),
        lambda: items.filter(pk=first).update(why="FORCED"),
        lambda: items.filter(pk=first).update(place=9),
        lambda: items.filter(pk=first).delete(),
        lambda: FrameLine.objects.filter(sample=sample).update(must="近亲属"),
        lambda: FrameLine.objects.filter(sample=sample).delete(),
    ]


def refusals(sample: Sample) -> list[bool]:
    """Of each change, whether the database refused it; nothing stays changed."""
    found = []
    for change in changes(sample):
        try:
            with transaction.atomic():
                change()
                transaction.set_rollback(True)
            found.append(False)
        except DatabaseError:
            found.append(True)
    return found


def test_nothing_of_a_drawn_sample_can_be_changed(cast: Cast) -> None:
    many(Ground(cast))
    assert refusals(drawn(cast)) == [True] * 14


def test_the_seed_cannot_be_changed_before_the_draw_either(cast: Cast) -> None:
    sample = planned(cast)
    for change in ({"seed": "0" * 64}, {"seed": ""}, {"seed_event": 1}, {"percent": 31}):
        with pytest.raises(DatabaseError, match="不能修改"), transaction.atomic():
            Sample.objects.filter(pk=sample.pk).update(**change)


def test_control_without_triggers_and_rights_everything_is_changed(own_database: str) -> None:
    cast = make_cast()
    ground = Ground(cast)
    many(ground)
    sample = drawn(cast)
    for table in TABLES:
        as_owner(f"GRANT UPDATE, DELETE ON {table} TO relief_app", database=own_database)
    assert refusals(sample) == [True] * 14  # by the triggers alone
    with ground.past(*TABLES):
        allowed = refusals(sample)
        assert [at for at, refused in enumerate(allowed) if refused] == [7]  # others point to it
        assert list(broken()) == []
        Sample.objects.filter(pk=sample.pk).update(seed="0" * 64)
        assert list(broken()) == [f"抽查 {sample.no} 的名单与种子抽出的不一致"]


# ------------------------------------------------------------------ at the same moment


PLANNED = "supervision.operations.sampling._refuse_overlap"  # after the look for another


def opening(cast: Cast, first: date) -> Callable[[], Sample]:
    """The quarter is planned, from that day on."""
    plan = operations.Plan(kind="NEW", period_from=first, period_to=LAST)
    return lambda: operations.open_sample(plan, actor=cast.supervisor, on=today())


def test_of_two_plans_at_once_one_stands(own_database: str) -> None:
    cast = make_cast()
    with meeting_at(PLANNED):
        made = together(opening(cast, FIRST), opening(cast, FIRST + timedelta(days=1)))
    assert [type(one) for one in made if not isinstance(one, Sample)] == [Refused]
    assert Sample.objects.count() == 1


def test_control_without_the_lock_two_plans_stand(own_database: str) -> None:
    cast = make_cast()
    with meeting_at(PLANNED, patience=CERTAIN), without_row_locks():
        together(opening(cast, FIRST), opening(cast, FIRST + timedelta(days=1)))
    assert len(set(Sample.objects.values_list("seed", flat=True))) == 2


def drawing(cast: Cast, sample: Sample) -> Callable[[], Sample]:
    """The sample is drawn."""
    return lambda: operations.draw_sample(sample.no, actor=cast.supervisor, on=today())


def test_of_two_draws_at_once_one_counts(own_database: str) -> None:
    cast = make_cast()
    many(Ground(cast))
    sample = planned(cast)
    with meeting_at("supervision.operations.sampling.frame_of"):
        made = together(drawing(cast, sample), drawing(cast, sample))
    assert [type(one) for one in made if not isinstance(one, Sample)] == [Refused]
    assert sample.items.count() == 7
    assert (
        "已经抽取过"
        in post(cast, "supervisor", f"/samples/{sample.no}/draw/", 409).content.decode()
    )


def test_control_without_lock_and_constraints_both_count(own_database: str) -> None:
    cast = make_cast()
    many(Ground(cast))
    sample = planned(cast)
    drop_uniques(own_database, "supervision_frameline", "supervision_sampleitem")
    with (
        meeting_at("supervision.operations.sampling.frame_of", patience=CERTAIN),
        without_row_locks(),
    ):
        made = together(drawing(cast, sample), drawing(cast, sample))
    assert [one for one in made if isinstance(one, Exception)] == []
    assert sample.items.count() == 14


def replacing(cast: Cast, sample: Sample, number: str) -> Callable[[], SampleItem]:
    """One that cannot be looked at goes out."""
    act: dict[str, Any] = {"actor": cast.supervisor, "on": today(), "reason": "外出"}
    return lambda: operations.replace_item(sample.no, number, **act)


def both_replaced(own_database: str, *, is_held: bool) -> list[Any]:
    """Two of one stratum go out at once: what came in for each, or what was raised."""
    cast = make_cast()
    many(Ground(cast))
    sample = drawn(cast)
    biggest = Counter(sample.items.values_list("stratum", flat=True)).most_common(1)[0][0]
    out = sample.items.filter(stratum=biggest, why="DRAWN").values_list("number", flat=True)[:2]
    acts = [replacing(cast, sample, number) for number in out]
    meeting = "supervision.operations.sampling._following"
    if is_held:
        with meeting_at(meeting):
            return together(*acts)
    drop_uniques(own_database, "supervision_sampleitem")
    with meeting_at(meeting, patience=CERTAIN), without_row_locks():
        return together(*acts)


def test_two_that_go_out_at_once_bring_in_two(own_database: str) -> None:
    made = both_replaced(own_database, is_held=True)
    assert len({one.number for one in made}) == 2


def test_control_without_lock_and_constraint_the_same_comes_in_twice(own_database: str) -> None:
    made = both_replaced(own_database, is_held=False)
    assert len({one.number for one in made}) == 1
