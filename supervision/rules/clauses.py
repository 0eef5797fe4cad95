"""Recognising a clause of the regulation in what people write, and calling it by one name."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

TITLE = "玉泉区社会救助工作责任监督管理制度"
_NUMERAL = "[一二三四五六七八九十]+"
_DIGITS = "〇一二三四五六七八九"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨"

_MARKED = re.compile(
    rf"(\d{{1,2}})(?:\((\d{{1,2}})\))?(?:\.?(\d{{1,2}})|([{_CIRCLED}]))?"
)  # `4(1).1`, `6.1`, `6(1)`, `5(5)①`
_PARAGRAPH = re.compile(rf"(?<![\w.])(\d{{1,2}})\((\d{{1,2}})\)(?:\.?(\d)(?!\d)|([{_CIRCLED}]))?")
_NAMED = re.compile(r"\bclauses? (\d{1,2})(?:\.(\d))?(?![\d(])")
_BRACKET = re.compile(r"\(((?:[^()]|\(\d{1,2}\))+)\)(?=([.;:,]|\s*\Z)?)")
_POINT = re.compile(r"(\d{1,2})\.(\d)")
_EXAMPLE = re.compile(r"`[^`]*`")
_IN_WORDS = re.compile(
    rf"第({_NUMERAL})条(?:（({_NUMERAL})）|第({_NUMERAL})[款项])?(\d|[{_CIRCLED}])?"
)
_MORE = re.compile(rf"、（({_NUMERAL})）")
_OTHER_ACT = re.compile(r"(?:《([^》]+)》(?:（[^）]*）)?|〔\d{4}〕\d+号|\bN\d+ )\s*$")


@dataclass(frozen=True)
class Citation:
    """A place that names a clause: what is written, and its `key`; "" if there is no such one."""

    offset: int
    written: str
    key: str


class ClauseList:
    """The clauses that there are; every spelling of one leads to its id in the list."""

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids = tuple(ids)
        self._by_numbers = {tuple(map(int, re.findall(r"\d+", i))): i for i in self.ids}
        self._pointed = {i.partition(".")[0] for i in self.ids if re.fullmatch(r"\d+\.\d+", i)}

    def is_heading(self, key: str) -> bool:
        """Whether the clause is divided further."""
        return any(other.startswith((f"{key}(", f"{key}.")) for other in self.ids)

    def marked(self, text: str) -> Iterator[Citation]:
        """What a mark or a table names, where nothing but clauses may stand: `3(4) 6(1)`."""
        for part in re.finditer(r"[^\s,，、;；]+", text):
            found = _MARKED.fullmatch(part[0])
            key = self._key(*found.groups()) if found else ""
            yield Citation(part.start(), part[0], key)

    def in_notes(self, text: str) -> list[Citation]:
        """What a docstring or a comment names; what stands in backticks is an example.

        A paragraph, as `4(1).1`, anywhere; a point, as `6.1`, and a whole article, as `8`, only as
        `clause 8` or as a part of its own in brackets that end a phrase.
        """
        text = _EXAMPLE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
        found = [_at(m, self._key(*m.groups())) for m in _PARAGRAPH.finditer(text)]
        found += [_at(m, self._key(m[1], m[2])) for m in _NAMED.finditer(text)]
        for bracket in _BRACKET.finditer(text):
            found += self._in_brackets(bracket)
        return sorted([*found, *self.in_words(text)], key=lambda c: c.offset)

    def in_words(self, text: str) -> list[Citation]:
        """What a sentence for people names, as `第六条（一）、（三）`; other acts are left out."""
        found: list[Citation] = []
        end, is_ours = -1, True
        for match in _IN_WORDS.finditer(text):
            if text[end : match.start()] != "、":
                act = _OTHER_ACT.search(text[: match.start()])
                is_ours = act is None or act[1] == TITLE
            article, bracketed, named, item = match.groups()
            places = [(match, bracketed or named, item)]
            end = match.end()
            while more := _MORE.match(text, end):
                places.append((more, more[1], None))
                end = more.end()
            if is_ours:
                found += [_at(m, self._key(article, p, i)) for m, p, i in places]
        return found

    def _in_brackets(self, bracket: re.Match[str]) -> Iterator[Citation]:
        parts = list(re.finditer(r"[^,，、;；]+", bracket[1]))
        is_sure = bracket[2] is not None or any(_PARAGRAPH.search(p[0]) for p in parts)
        for part in parts:
            written = part[0].strip()
            point = _POINT.fullmatch(written)
            if point and point[1] in self._pointed:
                key = self._key(point[1], None, point[2])
            elif is_sure and re.fullmatch(r"\d{1,2}", written):
                key = self._key(written)
            else:
                continue
            yield Citation(bracket.start(1) + part.start(), written, key)

    def _key(self, article: str, *parts: str | None) -> str:
        numbers = (_number(article), *(_number(part) for part in parts if part))
        whole = self._by_numbers.get(numbers, "")
        if whole or len(numbers) < 3:
            return whole
        paragraph = self._by_numbers.get(numbers[:2], "")
        return "" if self.is_heading(paragraph) else paragraph


def _at(match: re.Match[str], key: str) -> Citation:
    return Citation(match.start(), match[0].lstrip("、"), key)


def _number(written: str) -> int:
    if written.isascii():
        return int(written)
    if written in _CIRCLED:
        return _CIRCLED.index(written) + 1
    tens, ten, ones = written.rpartition("十")
    return (_DIGITS.index(tens or "一") * 10 if ten else 0) + (_DIGITS.index(ones) if ones else 0)
