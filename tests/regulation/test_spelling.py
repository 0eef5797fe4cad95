"""One name for a clause, however it is written; nothing else is taken for one."""

import pytest

from supervision.rules.clauses import TITLE, ClauseList
from yuquan_relief.kernel.views.pages import clauses

KNOWN = ClauseList(clause.id for clause in clauses())


@pytest.mark.parametrize("key", KNOWN.ids)
def test_every_clause_is_found_under_its_own_name(key: str) -> None:
    assert [c.key for c in KNOWN.marked(key)] == [key]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("5(5)①", ["5(5)"]),
        ("5(5).2", ["5(5)"]),
        ("5(5), 6(1)", ["5(5)", "6.1"]),
        ("4(1).3 11", ["4(1).3", "11"]),
        ("4(1)③", ["4(1).3"]),
        ("6(4)", ["6.4"]),
        ("4(1).4", [""]),  # the list says what the points of 4(1) are
        ("5(10)", [""]),
        ("8(1)", [""]),
        ("23", [""]),
        ("第十条", [""]),
        ("N1", [""]),
    ],
)
def test_a_mark_is_read_to_article_paragraph_and_item(text: str, keys: list[str]) -> None:
    assert [c.key for c in KNOWN.marked(text)] == keys


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Signed by two (3(1): two).", ["3(1)"]),
        ("The days (notices: 4(1).1 “不含公示期”) are skipped.", ["4(1).1"]),
        ("Settled and frozen (3(1), 8).", ["3(1)", "8"]),
        ("Kept ten years (6.4, K9).", ["6.4"]),
        ("It is on record (9).", ["9"]),
        ("Checked (clause 8) by the system.", ["8"]),
        ("Refused on a ground (18(2), N1 第二十四条).", ["18(2)"]),
        ("签字（第四条“谁签字，谁负责”）", ["4"]),
        ("The answer is wrong (23).", [""]),
        ("Nobody wrote that (5(12)).", [""]),
    ],
)
def test_what_a_note_cites(text: str, keys: list[str]) -> None:
    assert [c.key for c in KNOWN.in_notes(text)] == keys


@pytest.mark.parametrize(
    "text",
    [
        "Takes (1 or more) files.",
        "A code (6 to 20 characters) is set.",
        "Since version 3.11, 8 workers; see security.md (5.2).",
        "As in (3.4) there.",
        "First (1) the photo, then (2) the survey.",
        "`4(1).1` becomes `a4-1-1`, and `第二十三条` an error.",
        "The key is digest(8) of the row.",
        "Rounds 2 of 3, at most 2(a).",
        "In the year (2020).",
    ],
)
def test_a_number_is_no_citation(text: str) -> None:
    assert [c.key for c in KNOWN.in_notes(text)] == []


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("第六条（一）、（三）", ["6.1", "6.3"]),
        ("（第四条（一）3、第十一条）", ["4(1).3", "11"]),
        ("第二十条（四）", ["20(4)"]),
        ("第六条4", ["6.4"]),
        (f"《{TITLE}》（2020-08-03）第四条（一）3、第十五条", ["4(1).3", "15"]),
        ("民发〔2021〕57号第十九条、第二十四条", []),
        ("《社会救助暂行办法》第九条；第八条", ["8"]),
        ("N1 第十六条", []),
        ("第五条（十）", [""]),
        ("第三十条", [""]),
    ],
)
def test_what_a_sentence_for_people_cites(text: str, keys: list[str]) -> None:
    assert [c.key for c in KNOWN.in_words(text)] == keys
