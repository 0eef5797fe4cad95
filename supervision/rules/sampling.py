"""Samples that anybody can draw again (4(1).2, 13): pure arithmetic on a frame and a seed.

The frame is a list of (number, stratum, reason of forced inclusion or ""). The seed stands before
the frame is drawn from: it is the hash of the event that opened the sample in the audit chain,
which nobody chooses and which comes once. Each row has a rank, sha256(seed:number); of every
stratum the rows of lowest rank are drawn. Who must be in is in, beside those that are drawn.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

LEAST_PERCENT = 30
# 临时救助 (case c, decision d) of those who are in no 低保, 特困 or orphan's benefit (4(1).2).
OUTSIDE_BENEFIT = """NOT EXISTS (SELECT FROM cases_claim q WHERE q.case_id = c.id
                      AND q.household_class IN ('ALLOWANCE', 'DESTITUTE'))
   AND NOT EXISTS (
       SELECT FROM cases_member m JOIN cases_member n ON n.id_digest = m.id_digest
         JOIN cases_benefit b ON b.household_id = n.household_id
          AND b.start_month <= d.decided_on
          AND (b.end_month IS NULL OR b.end_month >= date_trunc('month', d.decided_on))
        WHERE m.household_id = c.household_id AND m.left_on IS NULL AND n.left_on IS NULL)
   AND NOT EXISTS (
       SELECT FROM cases_meanscheck k JOIN cases_meansfinding g ON g.check_of_id = k.id
        WHERE k.case_id = c.id AND g.kind = 'ORPHAN')"""
KINDS = {
    "NEW": "新增低保、特困入户抽查",
    "RELIEF": "临时救助入户抽查（非低保、特困、孤儿）",
    "PHONE": "在享对象电话抽查",
}
STATES = {"OPEN": "待抽取", "DRAWN": "检查中", "CLOSED": "已结束"}
TONES = {"OPEN": "warn", "DRAWN": "brand", "CLOSED": "ok"}
WHY = {"DRAWN": "抽中", "FORCED": "必查", "REPLACEMENT": "换入"}


@dataclass(frozen=True, order=True)
class FrameRow:
    """One household that may be drawn. `must`: why it is in without being drawn, or ""."""

    number: str
    stratum: str
    must: str = ""


@dataclass(frozen=True)
class Drawn:
    """One drawn row with its place in the order of its stratum, from 0 on."""

    row: FrameRow
    rank: str
    place: int
    why: str


def rank(seed: str, number: str) -> str:
    """Where a number stands in the order that the seed gives."""
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()


def frame_digest(frame: Iterable[FrameRow]) -> str:
    """The frame's SHA-256: rows sorted, tab between columns, one a line."""
    text = "".join(f"{r.number}\t{r.stratum}\t{r.must}\n" for r in sorted(frame))
    return hashlib.sha256(text.encode()).hexdigest()


def quota(count: int, percent: int) -> int:
    """How many of so many must be drawn, rounded up: of 10 by 30 % three, of 11 four."""
    return -(-count * percent // 100)


def ordered(frame: Iterable[FrameRow], seed: str) -> dict[str, list[Drawn]]:
    """Each stratum's rows that may be drawn, in the order of their ranks."""
    strata: dict[str, list[tuple[str, FrameRow]]] = defaultdict(list)
    for row in frame:
        if not row.must:
            strata[row.stratum].append((rank(seed, row.number), row))
    return {
        name: [Drawn(row, key, place, "DRAWN") for place, (key, row) in enumerate(sorted(rows))]
        for name, rows in sorted(strata.items())
    }


def draw(frame: Iterable[FrameRow], seed: str, percent: int) -> list[Drawn]:
    """Who is looked at: everybody who must be, and of each stratum at least the percentage.

    Those who must be in count towards nothing: the percentage is of the others. The same frame,
    seed and percentage give the same list, in the same order.
    """
    rows = sorted(set(frame))
    forced = [Drawn(r, rank(seed, r.number), 0, "FORCED") for r in rows if r.must]
    found = list(forced)
    for inside in ordered(rows, seed).values():
        found += inside[: quota(len(inside), percent)]
    return sorted(found, key=lambda d: (d.row.stratum, d.why, d.place, d.row.number))
