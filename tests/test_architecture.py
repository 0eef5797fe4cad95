"""What the linter cannot see: one mover of states, no save(), sizes, words, asserting tests."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("yuquan_relief", "cases", "funds", "archives", "supervision", "tools")
OWN_SAVE = "save"
HARD_FUNCTION, HARD_FILE = 40, 400
BANNED_WORDS = re.compile(r"(?:^|_)(?:service|manager|handler|utils?)(?:s|$|_)")
UNKIND = ("不能为空", "非法", "操作成功", "操作失败")


def sources(*folders: str) -> list[Path]:
    """Our Python files, without migrations."""
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts and "__pycache__" not in path.parts
    )


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def state_assignments(text: str) -> list[str]:
    """Targets like `case.state = …` or `.update(state=…)` in a source."""
    found = []
    for node in ast.walk(ast.parse(text)):
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            parts = target.elts if isinstance(target, ast.Tuple) else [target]
            found += [ast.unparse(p) for p in parts if isinstance(p, ast.Attribute)]
    return [target for target in found if re.fullmatch(r"case\.state", target)]


def test_one_function_moves_a_case() -> None:
    places = {
        str(path.relative_to(ROOT)): state_assignments(path.read_text(encoding="utf-8"))
        for path in sources(*APPS)
    }
    assert {place for place, found in places.items() if found} == {"cases/operations/steps.py"}


def test_the_check_sees_a_second_mover() -> None:
    assert state_assignments("def f(case):\n    case.state, x = 'APPROVED', 1\n") == ["case.state"]


# Places that set a column named `state` past the movers, and why they may.
OTHER_STATES = {
    "yuquan_relief/kernel/outbox.py:claim": "a job is given up; jobs have no procedure",
    "yuquan_relief/kernel/outbox.py:_mark_done": "a job is done, if the fence is the worker's",
    "yuquan_relief/kernel/outbox.py:_put_back": "a job waits again, if the fence is the worker's",
    "archives/operations/printing_many.py:expire": "runs of a week ago; they have no procedure",
    "archives/operations/old_files.py:assign": "thousands of files are given out in one statement",
    "supervision/operations/sheets.py:finish": "a drawn household was looked at; no procedure",
}
WRITERS = ("update", "update_or_create", "get_or_create", "bulk_update", "aupdate")
FRESH = ("get_or_create", "update_or_create")


def _is_text(node: ast.expr | None, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text


def _names_state(node: ast.AST) -> bool:
    """Whether `state` is named as a keyword, a key of a dictionary, or an item of a list."""
    if isinstance(node, ast.Call):
        return any(k.arg == "state" for k in node.keywords)
    if isinstance(node, ast.Dict):
        return any(_is_text(key, "state") for key in node.keys)
    return isinstance(node, ast.List | ast.Tuple | ast.Set) and any(
        _is_text(item, "state") for item in node.elts
    )


def _writes_state(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name in ("setattr", "__setattr__"):
        return any(_is_text(argument, "state") for argument in call.args)
    if name not in WRITERS:
        return False
    given = [*call.args, *(k.value for k in call.keywords)]
    looked_up = name in FRESH  # there a keyword of the call itself is what is looked for
    return (_names_state(call) and not looked_up) or any(
        _names_state(node) for argument in given for node in ast.walk(argument)
    )


def state_writes(text: str) -> list[str]:
    """Functions with `.update(state=…)`, `setattr(x, "state", …)` or their like, once a place."""
    tree = ast.parse(text)
    owner: dict[ast.AST, str] = {}
    for function in ast.walk(tree):  # from outside in: the innermost name stays
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            owner |= dict.fromkeys(ast.walk(function), function.name)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [owner.get(call, "") for call in calls if _writes_state(call)]


def test_nothing_moves_a_state_past_the_movers() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{name}"
        for path in sources(*APPS)
        for name in state_writes(path.read_text(encoding="utf-8"))
    }
    assert found == set(OTHER_STATES)


@pytest.mark.parametrize(
    "line",
    [
        "Case.objects.filter(no=no).update(state='APPROVED')",
        "Case.objects.filter(no=no).update(version=2, **{'state': 'APPROVED'})",
        "Case.objects.update_or_create(no=no, defaults={'state': 'APPROVED'})",
        "Case.objects.bulk_update(cases, ['version', 'state'])",
        "setattr(case, 'state', 'APPROVED')",
        "object.__setattr__(case, 'state', 'APPROVED')",
        "case.__dict__.update(state='APPROVED')",
    ],
)
def test_the_check_sees_every_way_around_the_movers(line: str) -> None:
    assert state_writes(f"def outer():\n    def f(case):\n        {line}\n") == ["f"]
    assert state_writes(f"{line}\n") == [""]


@pytest.mark.parametrize(
    "line",
    [
        "Case.objects.filter(state='APPROVED').update(version=2)",
        "Case.objects.get_or_create(state='OPEN', defaults={'version': 2})",
        "setattr(case, 'version', 2)",
        "note(case, state='APPROVED')",
    ],
)
def test_the_check_leaves_reading_alone(line: str) -> None:
    assert state_writes(f"{line}\n") == []


def test_no_save_override() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources(*APPS)
        for node in functions(path)
        if node.name == OWN_SAVE and "self" in [a.arg for a in node.args.args]
    ]
    assert found == []


@pytest.mark.parametrize("path", sources(*APPS), ids=lambda p: str(p.relative_to(ROOT)))
def test_sizes_and_names(path: Path) -> None:
    lines = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.strip().startswith("#")
    ]
    assert len(lines) <= HARD_FILE
    assert not BANNED_WORDS.search(path.stem)
    long = [n.name for n in functions(path) if (n.end_lineno or 0) - n.lineno + 1 > HARD_FUNCTION]
    assert long == []


def test_public_functions_say_what_is_true_afterwards() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sources(
            "cases/operations", "cases/rules", "funds/operations", "archives/operations"
        )
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_interface_words_are_kind() -> None:
    texts = [*sources(*APPS), *(ROOT / "templates").rglob("*.html")]
    rude = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in texts
        for word in UNKIND
        if word in path.read_text(encoding="utf-8") and "inputs/__init__" not in str(path)
    ]
    assert rude == []


def proves(function: ast.AST) -> bool:
    """Whether something in it fails by itself: assert, raises, fail, expect(…), check=True."""
    for node in ast.walk(function):
        match node:
            case ast.Assert() | ast.keyword(arg="check", value=ast.Constant(value=True)):
                return True
            case ast.Call(func=ast.Attribute(attr="raises" | "fail") | ast.Name(id="expect")):
                return True
    return False


DJANGOS_OWN = {"get", "post", "save", "filter"}  # helpers of ours have such names too


def called(function: ast.AST) -> set[str]:
    """Names of what it calls, but for those that say nothing."""
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    names = {f.id for f in calls if isinstance(f, ast.Name)}
    return (names | {f.attr for f in calls if isinstance(f, ast.Attribute)}) - DJANGOS_OWN


def proving_nothing(trees: Iterable[ast.AST]) -> list[str]:
    """Tests that neither prove anything themselves nor call a helper that does."""
    found = [n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    telling = {n.name for n in found if proves(n)}
    while more := {n.name for n in found if called(n) & telling} - telling:
        telling |= more
    return [n.name for n in found if n.name.startswith("test_") and n.name not in telling]


def test_every_test_asserts_something() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sources("tests")]
    assert proving_nothing(trees) == []


@pytest.mark.parametrize(
    ("body", "is_silent"),
    [
        ("means_check(case, expected=9)", True),
        ("run(words, check=False)", True),
        ("client.get(url)", True),
        ("assertive = checked(case)", True),
        ("assert case", False),
        ("run(words, check=True)", False),
        ("with pytest.raises(Refused): act()", False),
        ("expect(page).to_be_visible()", False),
        ("through(case)", False),
    ],
)
def test_the_check_sees_a_test_that_proves_nothing(body: str, is_silent: bool) -> None:
    helpers = "def get(): assert 1\ndef same(a): assert a\ndef through(a): same(a)\n"
    tree = ast.parse(f"{helpers}def test_it():\n    {body}\n")
    assert proving_nothing([tree]) == ["test_it"] * is_silent


CONNECTIONS_DAY = re.compile(r"\bcurrent_date\b|\blocaltimestamp\b", re.IGNORECASE)


def test_no_statement_asks_for_the_day_of_its_connection() -> None:
    """The day is given, or of here; a connection's day is another one for eight hours of each."""
    asking = [str(p) for p in sources(*APPS) if CONNECTIONS_DAY.search(p.read_text("utf-8"))]
    assert asking == []


def test_the_check_sees_a_connections_day() -> None:
    assert CONNECTIONS_DAY.search("WHERE until >= CURRENT_DATE THEN")
