"""Where the tree of files names a clause: code, rule values, templates, tests."""

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from supervision.rules.clauses import Citation, ClauseList

APPS = ("yuquan_relief/kernel", "cases", "funds", "archives", "supervision")
SAMPLES = {"gallery_samples.py"}  # what the component gallery shows is made up
TABLES = {"cites", "clause"}  # keywords under which a table names clauses


class FalseCitation(Exception):
    """Somewhere a clause is named that there is not."""


@dataclass(frozen=True)
class Place:
    """One clause and the name of what carries it: a step, a duty, a file with its function."""

    key: str
    name: str


@dataclass(frozen=True)
class Tree:
    """The files under `root`, read for the clauses in `known`."""

    root: Path
    known: ClauseList

    def in_code(self) -> list[Place]:
        """Public names of the apps, and rule values, that carry a clause."""
        found: list[Place] = []
        for app in APPS:
            for path in self._files(app, "*.py"):
                found += self._in_module(path)
            for path in self._files(app, "*.toml"):
                found += self._in_lines(path)
        return found

    def in_templates(self) -> list[Place]:
        """Templates that name a clause to people."""
        return [p for path in self._files("templates", "*.html") for p in self._in_lines(path)]

    def in_views(self) -> list[Place]:
        """Views whose sentences for people name a clause."""
        found: list[Place] = []
        for app in APPS:
            for path in self._files(f"{app}/views", "*.py"):
                module = Module(path)
                for line, text in module.sentences():
                    places = self._keys(self.known.in_words(text), path, line, text)
                    found += [Place(key, self._name(path, module.owner(at))) for at, key in places]
        return found

    def in_marks(self) -> list[Place]:
        """Tests that carry the mark of a clause."""
        found: list[Place] = []
        for path in self._files("tests", "test_*.py"):
            for test, mark in _marks(path):
                for written in mark.args:
                    text = str(ast.literal_eval(written))
                    places = self._keys(self.known.marked(text), path, written.lineno, text)
                    name = f"{path.relative_to(self.root)}::{test}"
                    found += [Place(key, name) for _, key in places]
        return found

    def _files(self, folder: str, pattern: str) -> list[Path]:
        return [
            path
            for path in sorted((self.root / folder).rglob(pattern))
            if "migrations" not in path.parts and path.name not in SAMPLES
        ]

    def _in_module(self, path: Path) -> Iterator[Place]:
        module = Module(path)
        cited = [(line, text, self.known.in_notes(text)) for line, text in module.notes()]
        cited += [(line, text, self.known.in_words(text)) for line, text in module.sentences()]
        for line, text, citations in cited:
            for at, key in self._keys(citations, path, line, text):
                yield Place(key, self._name(path, module.owner(at)))
        for line, text in module.tables():  # only checked: a table says itself what carries what
            list(self._keys(self.known.marked(text), path, line, text))

    def _in_lines(self, path: Path) -> Iterator[Place]:
        text = path.read_text(encoding="utf-8")
        for _, key in self._keys(self.known.in_words(text), path, 1, text):
            yield Place(key, self._name(path, ""))

    def _keys(
        self, citations: Iterable[Citation], path: Path, line: int, text: str
    ) -> Iterator[tuple[int, str]]:
        for citation in citations:
            at = line + text[: citation.offset].count("\n")
            if not citation.key:
                place = f"{path.relative_to(self.root)} 第 {at} 行"
                raise FalseCitation(f"{place}引用“{citation.written}”，制度里没有这一条")
            yield at, citation.key

    def _name(self, path: Path, owner: str) -> str:
        name = str(path.relative_to(self.root)).removeprefix("templates/")
        return f"{name}:{owner}" if owner else name


class Module:
    """One Python file: what is written in it for people, each with its first line."""

    def __init__(self, path: Path) -> None:
        self.source = path.read_text(encoding="utf-8")
        self.tree = ast.parse(self.source)
        self._owners = sorted(_owners(self.tree, ""))
        self._docs = {id(node) for node in _docstrings(self.tree)}

    def notes(self) -> Iterator[tuple[int, str]]:
        """Docstrings and comments."""
        for node in _docstrings(self.tree):
            yield node.lineno, str(node.value)
        for token in tokenize.generate_tokens(io.StringIO(self.source).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string

    def sentences(self) -> Iterator[tuple[int, str]]:
        """Every other text."""
        for node in ast.walk(self.tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if isinstance(node, ast.Constant) and is_text and id(node) not in self._docs:
                yield node.lineno, str(node.value)

    def tables(self) -> Iterator[tuple[int, str]]:
        """What stands under `cites=` and `clause=`."""
        for node in ast.walk(self.tree):
            for word in node.keywords if isinstance(node, ast.Call) else ():
                if word.arg in TABLES and isinstance(word.value, ast.Constant):
                    yield word.value.lineno, str(word.value.value)

    def owner(self, line: int) -> str:
        """The innermost public name around a line; "" for the module."""
        names = [name for first, last, name in self._owners if first <= line <= last]
        return names[-1] if names else ""


Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _owners(node: ast.AST, prefix: str) -> Iterator[tuple[int, int, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Named) and not child.name.startswith("_"):
            yield child.lineno, child.end_lineno or child.lineno, prefix + child.name
            if isinstance(child, ast.ClassDef):
                yield from _owners(child, f"{prefix}{child.name}.")


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | Named) and ast.get_docstring(node) is not None:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.value


def _marks(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith("mark.clause"):
                    yield node.name, mark
