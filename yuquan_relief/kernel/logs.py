"""Logs without people: what a database says of a row never reaches them (PIPL 28, security.md)."""

import logging
import re

# PostgreSQL repeats the row that it refuses: names and numbers of people, after these words.
_DETAIL = re.compile(r"^(DETAIL|CONTEXT|HINT):.*$", re.MULTILINE)
_VALUES = re.compile(r"(Key|Failing row contains) ?\(.*\)", re.DOTALL)


def without_rows(text: str) -> str:
    """`text` with the database's remarks about the values of a row taken out."""
    return _VALUES.sub(r"\1 (…)", _DETAIL.sub(r"\1: …", text))


class DiscreetFormatter(logging.Formatter):
    """Messages and tracebacks as ever, but for the values of rows."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with its traceback."""
        return without_rows(super().format(record))
