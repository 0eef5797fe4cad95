"""The corpus of bad inputs, by the kind of the field that they are typed into."""

import tomllib
from pathlib import Path
from typing import Any

PLACE = Path(__file__).with_name("kernel") / "inputs/corpus.toml"
CORPUS = tomllib.loads(PLACE.read_text(encoding="utf-8"))

# A line and a remark are refused for the same signs; only line breaks part them.
ROWS = {"line": ("line", "remark"), "money": ("money_form",)}
# What no input module judges: choices, hours, and counts of persons or square metres.
ELSEWHERE: dict[str, tuple[list[str], list[str]]] = {
    "choice": (["NOT_THERE", "'; DROP TABLE", "长" * 900, "a\u0000b", "\u202e", "1,1"], []),
    "count": (
        ["-1", "－1", "0x10", "1.5", "1e3", "1,000", "很多", "三", "²", "99999", "9" * 5000],
        ["1", "１", " 2 ", "30"],
    ),
    "time": (
        ["25:00", "21:60", "-1:00", "9点半", "昨晚", "21.30", "2130", "21:30:00Z", "9" * 5000,
         "21:30\u0000", "\u202e21:30", "²1:30"],
        ["21:30", "21：30", " 9:05 "],
    ),
}  # fmt: skip
TOO_LONG = {"line": 501, "remark": 2001, "name": 101}
SEPARATORS = "\x1c\x1d\x1e\x1f"  # at the end of a text, forms cut them like spaces


def refused(kind: str) -> list[str]:
    """Texts that a field of the kind refuses, but none that is blank: that is for each field."""
    if kind in ELSEWHERE:
        return ELSEWHERE[kind][0]
    found = [text for case in _cases(kind) if _is_refusal(case) for text in case["texts"]]
    kept = [text for text in found if text.strip() and text[-1] not in SEPARATORS]
    return [*kept, "长" * TOO_LONG.get(kind, 900)]


def accepted(kind: str) -> list[str]:
    """Texts that a field of the kind takes, none of them longer than the shortest field."""
    if kind in ELSEWHERE:
        return ELSEWHERE[kind][1]
    found = [text for case in _cases(kind) if not _is_refusal(case) for text in case["texts"]]
    own = [text for text in found if text.strip() and len(text) <= 60]
    return own if kind != "line" else [t for t in own if len(t.strip().splitlines()) == 1]


def _cases(kind: str) -> list[dict[str, Any]]:
    return [case for case in CORPUS["case"] if case["field"] in ROWS.get(kind, (kind,))]


def _is_refusal(case: dict[str, Any]) -> bool:
    return bool({"code", "code_any"} & case.keys())


def is_sentence(words: list[str]) -> bool:
    """Whether somebody is told something, in Chinese."""
    return bool(words) and all(any("\u4e00" <= c <= "\u9fff" for c in text) for text in words)


# Two names at least; each of them as a line is.
ELSEWHERE["people"] = ([*refused("line"), "甲", "甲、"], ["甲、乙", "甲 乙", "甲，乙；丙"])
