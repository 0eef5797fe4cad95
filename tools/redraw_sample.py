#!/usr/bin/env python3
"""Draw a sample again, without the system: Python's standard library and the exported frame.

    python3 redraw_sample.py frame.csv --seed 3f2a… --percent 30

frame.csv has the columns number, stratum, must (as exported from the sample's page). Prints the
frame's SHA-256 and every drawn number; with --compare FILE (one number a line, or a CSV whose first
column is the number) it says whether the list is the same, and exits with 1 when it is not.
"""

import argparse
import csv
import hashlib
import sys
from collections import defaultdict

Row = tuple[str, str, str]  # number, stratum, why it must be in


def read(path: str) -> list[Row]:
    """The frame: (number, stratum, must), in order of the numbers."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = [(r["number"], r["stratum"], r.get("must") or "") for r in csv.DictReader(file)]
    return sorted(rows)


def digest(rows: list[Row]) -> str:
    """The SHA-256 of the frame as the sample's page shows it."""
    text = "".join(f"{number}\t{stratum}\t{must}\n" for number, stratum, must in rows)
    return hashlib.sha256(text.encode()).hexdigest()


def draw(rows: list[Row], seed: str, percent: int) -> list[str]:
    """Those who must be in, and of each stratum the share with the lowest ranks."""
    chosen = [number for number, _, must in rows if must]
    strata: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for number, stratum, must in rows:
        if not must:
            ranked = hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()
            strata[stratum].append((ranked, number))
    for inside in strata.values():
        most = (len(inside) * percent + 99) // 100
        chosen += [number for _, number in sorted(inside)[:most]]
    return sorted(chosen)


def main() -> int:
    """Draw, print, compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("frame")
    parser.add_argument("--seed", required=True)
    parser.add_argument("--percent", type=int, required=True)
    parser.add_argument("--compare")
    given = parser.parse_args()
    rows = read(given.frame)
    drawn = draw(rows, given.seed, given.percent)
    print(f"抽取范围 {len(rows)} 户，摘要 {digest(rows)}")
    print(f"抽出 {len(drawn)} 户")
    for number in drawn:
        print(number)
    if given.compare:
        with open(given.compare, encoding="utf-8-sig", newline="") as file:
            listed = sorted(row[0] for row in csv.reader(file) if row and row[0] != "number")
        if listed != drawn:
            print(
                f"与名单不一致：多 {sorted(set(listed) - set(drawn))}，"
                f"少 {sorted(set(drawn) - set(listed))}",
                file=sys.stderr,
            )
            return 1
        print("与名单一致")
    return 0


if __name__ == "__main__":
    sys.exit(main())
