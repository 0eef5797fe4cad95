"""The one shape of a system check (8, 12): what is looked at, what is found, who answers by when.

A check is a SELECT with its words. It finds; it never decides: nobody's benefit changes by it. Ids
are those of the rule catalogue (domain 15.3). Amounts are fen; `days` are working days.
"""

from dataclasses import dataclass

# B would also be stopped at the step itself; found here it has come in another way.
SEVERITIES = {"B": "阻断", "H": "重点", "M": "提醒", "L": "参考"}
SEVERITY_ORDER = "BHML"
DAYS = {"B": 3, "H": 5, "M": 10, "L": 20}  # to answer, unless the check says otherwise


@dataclass(frozen=True, kw_only=True)
class Population:
    """Which rows a check looks at: FROM and WHERE, and how a row is named as a subject."""

    kind: str
    label: str
    key: str
    office: str
    tables: str
    where: str = "true"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One way in which a check finds. `mark` tells two findings on one subject apart; `evidence`:
    pairs of jsonb_build_object, what was so on the day; `rest`: GROUP BY and HAVING.
    """

    of: Population
    when: str
    what: str
    mark: str = "''"
    evidence: str
    joins: str = ""
    rest: str = ""
    severity: str = ""  # of this way, where it is another than the rule's

    @property
    def select(self) -> str:
        """Rows (kind, key, office_id, mark, severity, what, evidence); severity "" is the rule's."""
        return (
            f"SELECT '{self.of.kind}' AS kind, ({self.of.key})::text AS key,"
            f" {self.of.office} AS office_id, ({self.mark})::text AS mark, '{self.severity}' AS severity,"
            f" {self.what} AS what, jsonb_build_object({self.evidence}) AS evidence"
            f" FROM {self.of.tables} {self.joins}"
            f" WHERE {self.of.where} AND ({self.when}) {self.rest}"
        )


@dataclass(frozen=True, kw_only=True)
class Check:
    """One rule of the catalogue. `owner`: the role that answers; `advice`: what to do about it."""

    id: str
    severity: str
    cites: str
    label: str
    owner: str
    advice: str
    parts: tuple[Part, ...]
    days: int = 0

    @property
    def answer_days(self) -> int:
        """Working days until the answer is due."""
        return self.days or DAYS[self.severity]

    @property
    def select(self) -> str:
        """Everything it finds, in one statement; a subject once for each mark."""
        found = " UNION ALL ".join(part.select for part in self.parts)
        return f"SELECT DISTINCT ON (kind, key, mark) * FROM ({found}) f ORDER BY kind, key, mark"


def yuan(expression: str) -> str:
    """Fen as yuan with two digits, in SQL."""
    return f"to_char({expression} / 100.0, 'FM999999990.00')"


def day(expression: str) -> str:
    """A day in words, in SQL."""
    return f"to_char({expression}, 'YYYY-MM-DD')"


def month(expression: str) -> str:
    """A month in words, in SQL."""
    return f"to_char({expression}, 'YYYY-MM')"
