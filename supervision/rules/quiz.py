"""A quiz as it is typed, and how it is marked (5(6))."""

import re
from collections.abc import Sequence
from typing import Any

from yuquan_relief.kernel.errors import Refused

Question = dict[str, Any]  # {text, options, right}


def read_questions(text: str) -> list[Question]:
    """Questions: blocks with a blank line between, the first line the question, the others options,
    the right one with * before it. Raises Refused with the question that is not so.
    """
    parts = re.split(r"\n\s*\n", text.replace("\r", ""))  # a line of blanks looks empty, too
    blocks = [block.strip().splitlines() for block in parts]
    found = []
    for number, lines in enumerate((b for b in blocks if b and b[0].strip()), 1):
        question, options = lines[0].strip(), [line.strip() for line in lines[1:] if line.strip()]
        right = [at for at, option in enumerate(options) if option.startswith("*")]
        if len(options) < 2 or len(right) != 1:
            raise Refused(f"第 {number} 题须有两个以上选项，并在一个正确选项前加 *")
        found.append(
            {"text": question, "options": [o.lstrip("* ") for o in options], "right": right[0]}
        )
    return found


def mark(questions: Sequence[Question], answers: Sequence[int | None]) -> int:
    """Right answers of all questions, in whole per cent; unanswered ones are wrong."""
    if not questions:
        return 0
    right = sum(
        answer is not None and answer == question["right"]
        for question, answer in zip(questions, answers, strict=True)
    )
    return int(100 * right // len(questions))
