#!/usr/bin/env python3
"""Second verifier of the chain of events: reads an export, needs nothing but Python 3.11.

    python3 verify_audit.py EXPORT.jsonl [--checkpoint SLIP.txt]…

Written apart from the product's own verifier and sharing nothing with it. A slip is what the
system printed on an earlier day (its number and its hash); only a slip kept elsewhere can show
that the chain was rewritten to its end, cut short, or taken back to a backup.
Status 0: nothing found. 1: something is wrong. 2: the file cannot be read.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

FORMAT = "yuquan-audit/1"
COLUMN_NAMES = (
    "seq at alg on_day person_id account_id actor_name actor_post actor_unit address request_id "
    "subject_kind subject_key unit_id action before after due_on note body"
)
COLUMNS = frozenset(COLUMN_NAMES.split())
CHAIN_TRIGGERS = ("kernel_event_no_change", "kernel_event_no_truncate")
SLIP = re.compile(r"(?<!\d)(\d{1,18})\D{1,12}?(?<![0-9a-f])([0-9a-f]{64})(?![0-9a-f])")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


class Unreadable(Exception):
    """The file is not an export; it proves nothing."""


def parse(text: str) -> dict[str, Any]:
    """A JSON object, with every number and every key exactly as it is written."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) != len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    def refuse(word: str) -> None:
        raise ValueError(word)

    value = json.loads(
        text,
        object_pairs_hook=once,
        parse_float=lambda digits: {"number": digits},
        parse_constant=refuse,
    )
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def exact(value: Any) -> str:
    """A text that is equal only for equal values (in Python itself True equals 1)."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True)


class Chain:
    """Walks along the events one by one and remembers only the last."""

    def __init__(self, header: dict[str, Any], anchors: Iterable[tuple[int, str, str]]) -> None:
        self.first = int(header["first"])
        self.expected = self.first
        self.hash = str(header["genesis"]) if self.first == 1 else ""
        self.at = ""
        self.anchors: dict[int, list[tuple[str, str]]] = {}
        for seq, digest, whose in anchors:
            if seq >= self.first:
                self.anchors.setdefault(seq, []).append((digest, whose))

    def step(self, row: dict[str, Any]) -> Iterator[str]:
        """What is wrong with the next event, with the number at which it begins."""
        place = f"第 {min(row['seq'], self.expected)} 条："
        yield from (place + what for what in self.faults(row))
        self.expected, self.hash, self.at = row["seq"] + 1, str(row["hash"]), str(row["at"])

    def faults(self, row: dict[str, Any]) -> Iterator[str]:
        """Its number, its link to the one before, its hash, its columns, its time, its anchors."""
        seq, digest = row["seq"], str(row["hash"])
        if seq != self.expected:
            yield f"应为第 {self.expected} 条，却是第 {seq} 条：有缺失、重复、插入或换位"
        if self.hash and row["prev"] != self.hash:
            yield "与前一条的摘要接不上"
        canon = str(row["canon"])
        if hashlib.sha256(bytes.fromhex(row["prev"]) + canon.encode()).hexdigest() != digest:
            yield "原文与摘要不符"
        yield from self.compare(row, canon)
        if not INSTANT.fullmatch(str(row["at"])) or row["at"] < self.at:
            yield "时间早于前一条，或无法读出"
        for kept, whose in self.anchors.pop(seq, []):
            if kept != digest:
                yield f"与{whose}不符，此前有改写"

    def compare(self, row: dict[str, Any], canon: str) -> Iterator[str]:
        """Columns that do not say what the hashed text says."""
        try:
            told = parse(canon)
        except ValueError:
            yield "原文无法读出"
            return
        shown = {
            name: value for name, value in row.items() if name not in ("canon", "prev", "hash")
        }
        names = {*told, *shown, *COLUMNS}
        wrong = sorted(
            name
            for name in names
            if name not in told or name not in shown or exact(told[name]) != exact(shown[name])
        )
        if wrong:
            yield f"列与原文不符（{'、'.join(wrong)}）"

    def end(self, header: dict[str, Any]) -> Iterator[str]:
        """What is wrong with the file as a whole, after its last event."""
        count, head = self.expected - self.first, header["head"] or {}
        if header["count"] != count:
            yield f"文件自称有 {header['count']} 条，实有 {count} 条"
        if head.get("seq") != self.expected - 1:
            yield f"链头指向第 {head.get('seq')} 条，最后一条却是第 {self.expected - 1} 条"
        elif self.hash and head.get("hash") != self.hash:
            yield "最后一条的摘要与链头不符"
        for seq, kept in sorted(self.anchors.items()):
            yield f"第 {seq} 条有{kept[0][1]}为证，链上却没有：末尾被删或被退回"
        triggers = header["triggers"]
        for name in sorted({*CHAIN_TRIGGERS, *triggers}):
            if triggers.get(name) not in (("A",) if name in CHAIN_TRIGGERS else ("A", "O")):
                yield f"导出时，保护触发器 {name} 不在、被停用，或没有始终启用"


def verify(lines: Iterator[str], slips: Iterable[tuple[int, str]] = ()) -> Iterator[str]:
    """Everything that is wrong with an export, in order; raises Unreadable when it is none."""
    try:
        header = parse(next(lines, ""))
        if header["format"] != FORMAT:
            raise Unreadable(f"不认识的格式 {header['format']}")
        anchors = [(c["seq"], c["hash"], "系统内的检查点") for c in header["checkpoints"]]
        anchors += [(seq, digest, "外部留存的检查点") for seq, digest in slips]
        chain = Chain(header, anchors)
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"首行不是操作记录导出的说明：{error}") from error
    for number, line in enumerate(lines, start=2):
        try:
            yield from chain.step(parse(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unreadable(f"第 {number} 行无法读出：{error!r}") from error
    yield from chain.end(header)


def read_slip(path: str) -> list[tuple[int, str]]:
    """The numbers and hashes on a slip."""
    with open(path, encoding="utf-8") as file:
        found = [(int(seq), digest) for seq, digest in SLIP.findall(file.read().lower())]
    if not found:
        raise Unreadable(f"{path} 里没有检查点，应有记录总数和 64 位摘要")
    return found


def main() -> int:
    """Read the arguments, say what is found."""
    parser = argparse.ArgumentParser(description="核验导出的操作记录（独立核验程序）")
    parser.add_argument("export", help="manage.py verify_audit --export 生成的文件")
    parser.add_argument("--checkpoint", action="append", default=[], help="外部留存的检查点文件")
    options = parser.parse_args()
    try:
        slips = [slip for path in options.checkpoint for slip in read_slip(path)]
        with open(options.export, encoding="utf-8", newline="\n") as lines:
            count = 0
            for count, what in enumerate(verify(lines, slips), start=1):  # noqa: B007
                print(what)
    except (Unreadable, OSError, UnicodeDecodeError) as error:
        print(f"无法核验：{error}", file=sys.stderr)
        return 2
    print(f"发现 {count} 处问题。" if count else "没有发现问题。")
    if not slips:
        print("没有提供外部留存的检查点：整段改写、删去末尾、退回备份无法由本文件自身看出。")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
