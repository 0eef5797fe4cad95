"""Every input of the corpus has exactly the outcome written beside it, and says so kindly."""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from yuquan_relief.kernel.inputs import (
    InputError,
    bank_accounts,
    dates,
    identity_numbers,
    money,
    names,
    phones,
)

ROOT = Path(__file__).resolve().parents[3]
CORPUS = tomllib.loads(Path(__file__).with_name("corpus.toml").read_text(encoding="utf-8"))
TODAY: date = CORPUS["today"]

CLEAN: dict[str, Callable[[str], Any]] = {
    "identity": lambda text: identity_numbers.clean(text, today=TODAY).number,
    "legacy": lambda text: identity_numbers.clean_legacy(text, today=TODAY).number,
    "name": names.clean,
    "line": lambda text: names.clean_text(text, most=200, lines=False),
    "remark": lambda text: names.clean_text(text, most=2000, lines=True),
    "money": money.parse,
    "money_form": money.parse_lenient,
    "card": bank_accounts.clean,
    "passbook": lambda text: bank_accounts.clean(text, kind="passbook"),
    "phone": phones.clean,
    "day": lambda text: dates.parse_day(text, today=TODAY).isoformat(),
    "month": lambda text: dates.parse_month(text).isoformat(),
}
IDS = (
    "I1 I2 I3 I4 I5 I6 I8 I9 I10 I11 I13 I14 I16 I18 I19 D1 D2 D4 D5 D8 D9 D10 D11 D12 D14 D15 "
    "M1 M2 M3 M4 M5 M7 M9 M10 M12 M13 N1 N2 N3 N5 N6 N7 N8 N10 N12 N13 N14 N16 N17 N18 N19 N21 "
    "N22 B1 B2 B3 B4 B5 B7 B8 B10 B11 B12"
)


def rows(*, refused: bool) -> Iterator[Any]:
    for case in CORPUS["case"]:
        if refused != bool({"code", "code_any"} & case.keys()):
            continue
        for number, text in enumerate(case["texts"]):
            yield pytest.param(case, text, id=f"{case['id']}-{case['field']}-{number}")


@pytest.mark.parametrize(("case", "text"), [*rows(refused=False)])
def test_accepted_input_gets_its_normal_form(case: dict[str, Any], text: str) -> None:
    assert CLEAN[case["field"]](text) == (text if case.get("same") else case["value"])


@pytest.mark.parametrize(("case", "text"), [*rows(refused=False)])
def test_cleaning_what_was_cleaned_changes_nothing(case: dict[str, Any], text: str) -> None:
    clean = CLEAN[case["field"]]
    shown = clean(text) if not case["field"].startswith("money") else money.show(clean(text))
    again = {"money": "money_form", "month": "day"}.get(case["field"], case["field"])
    assert CLEAN[again](shown) == clean(text)


@pytest.mark.parametrize(("case", "text"), [*rows(refused=True)])
def test_refused_input_names_its_code(case: dict[str, Any], text: str) -> None:
    with pytest.raises(InputError) as refusal:
        CLEAN[case["field"]](text)
    assert refusal.value.code in case.get("code_any", [case.get("code")])


@pytest.mark.parametrize(("case", "text"), [*rows(refused=True)])
def test_refusal_is_a_kind_chinese_sentence_without_the_value(
    case: dict[str, Any], text: str
) -> None:
    with pytest.raises(InputError) as refusal:
        CLEAN[case["field"]](text)
    message = refusal.value.message
    assert message.endswith("。")
    assert not re.search("不能为空|非法|无效|错误|您|[,;:?!]", message)
    assert len(text.strip()) < 4 or text.strip() not in f"{message}{refusal.value!r}"


def warned() -> Iterator[Any]:
    for case in CORPUS["case"]:
        for number, text in enumerate(case["texts"] if "warnings" in case else ()):
            yield pytest.param(case["warnings"], text, id=f"{case['id']}-{number}")


@pytest.mark.parametrize(("warnings", "text"), [*warned()])
def test_warnings_are_those_written(warnings: list[str], text: str) -> None:
    expected = tuple(getattr(identity_numbers, name) for name in warnings)
    assert identity_numbers.clean(text, today=TODAY).warnings == expected


def test_corpus_holds_every_id_of_the_contract() -> None:
    assert {row["id"] for row in (*CORPUS["case"], *CORPUS["elsewhere"])} == set(IDS.split())


def wrong_rows(found: list[dict[str, str]]) -> list[str]:
    """Ids of rows that name neither a test that is there nor, in a sentence, why there is none."""
    return [row["id"] for row in found if not _is_answered(row)]


def _is_answered(row: dict[str, str]) -> bool:
    if ("test" in row) == ("open" in row):
        return False
    if "open" in row:
        return bool(re.fullmatch(r"[A-Z].{20,}\.", row["open"]))
    place, _, name = row["test"].partition("::")
    path = ROOT / place
    if not (place.startswith("tests/") and path.name.startswith("test_") and path.is_file()):
        return False
    body = ast.parse(path.read_text(encoding="utf-8")).body  # tests of the file itself, not inside
    return name.startswith("test_") and name in {
        node.name for node in body if isinstance(node, ast.FunctionDef)
    }


def test_every_row_elsewhere_names_its_test_or_says_why_there_is_none() -> None:
    assert wrong_rows(CORPUS["elsewhere"]) == []


HERE = "tests/kernel/inputs/test_input_corpus.py"
NOT_YET = "The product does not do this yet."


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"test": f"{HERE}::test_that_nobody_wrote"},
        {"test": f"{HERE}::wrong_rows"},
        {"test": HERE},
        {"test": "tests/kernel/inputs/test_nowhere.py::test_corpus_holds_every_id_of_the_contract"},
        {"test": "cases/acts.py::test_x"},
        {"test": f"{HERE}::test_corpus_holds_every_id_of_the_contract", "open": NOT_YET},
        {"open": ""},
        {"open": "later"},
    ],
)
def test_twin_a_wrong_name_and_a_missing_reason_are_found(answer: dict[str, str]) -> None:
    good = {"id": "X1", "test": f"{HERE}::test_corpus_holds_every_id_of_the_contract"}
    assert wrong_rows([good, {"id": "X2", "open": NOT_YET}, {"id": "X3"} | answer]) == ["X3"]


def test_every_way_in_refuses_something() -> None:
    refusing = {case["field"] for case in CORPUS["case"] if {"code", "code_any"} & case.keys()}
    assert refusing == set(CLEAN)


@pytest.mark.parametrize("field", [*CLEAN])
@pytest.mark.parametrize("text", ["\ud800", "9" * 100_000, "张" * 100_000, "e" * 5_000])
def test_hostile_length_and_lone_surrogates_are_refused_not_raised(field: str, text: str) -> None:
    with pytest.raises(InputError):
        CLEAN[field](text)
