"""Logs without people: what a database says of a row never reaches them (PIPL 28, security.md)."""

import logging
import re

# PostgreSQL repeats the row that it refuses: after DETAIL over as many lines as it has, until the
# traceback goes on; the other remarks are one line each.
_GOES_ON = r'^(?:CONTEXT:|HINT:|Traceback |The above exception|During handling|\s+File ")'
_DETAIL = re.compile(rf"^DETAIL:.*?(?={_GOES_ON}|\Z)", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^(CONTEXT|HINT):.*$", re.MULTILINE)
_KEY = re.compile(r"Key \([^)]*\)=\([^)]*\)")


def without_rows(text: str) -> str:
    """`text` with the database's remarks about the values of a row taken out."""
    return _KEY.sub("Key (…)", _LINE.sub(r"\1: …", _DETAIL.sub("DETAIL: …\n", text)))


class DiscreetFormatter(logging.Formatter):
    """Messages and tracebacks as ever, but for the values of rows."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with its traceback."""
        return without_rows(super().format(record))
