"""docs/regulation.md: each clause with its steps, code, pages, clocks and tests."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from cases.rules.procedures import PROCEDURES
from funds.rules.batches import STEPS
from supervision.reports.citations import FalseCitation, Place, Tree
from supervision.rules.clauses import ClauseList
from yuquan_relief.kernel.duties import DUTIES
from yuquan_relief.kernel.views.pages import Clause, anchor, clauses

HEAD = """# 制度条文与系统

本页由 `manage.py trace_regulation` 生成，请勿手改。各列的来处：

- 办理环节：案件和发放的程序表；
- 代码：在说明或文字中引用该条的公开函数、类、模块和规则值；
- 页面：列出案件环节及其依据的页面，以及写明该条的模板和视图；
- 时钟：按日历执行的职责；
- 检验：`tests/` 中标注 `@pytest.mark.clause` 的测试。

引用了制度里没有的条文，本页不能生成。没有检验的条文列在最后，不作掩饰。
"""
COLUMNS = ("办理环节", "代码", "页面", "时钟", "检验")
STEP_PAGES = ("cases/case_overview.html", "cases/step.html")  # a step stands here with its clause

Names = dict[str, list[str]]


def page(root: Path) -> str:
    """The whole page for the files under `root`; FalseCitation if one names no clause."""
    known = ClauseList(clause.id for clause in clauses())
    columns = _columns(root, known)
    rows = [f"| 条文 | 内容 | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 2) + "|"]
    rows += [_row(clause, columns) for clause in clauses()]
    tested = columns["检验"]
    is_open = [c for c in clauses() if c.id not in tested and not known.is_heading(c.id)]
    listed = [f"- {c.id}：{_short(c.text, 40)}" for c in is_open]
    return "\n".join([HEAD, *rows, "", f"## 尚无检验的条文（{len(listed)} 条）", "", *listed, ""])


def _columns(root: Path, known: ClauseList) -> dict[str, Names]:
    tree = Tree(root, known)
    return {
        "办理环节": _by_clause(_steps(known)),
        "代码": _by_clause(tree.in_code(), is_code=True),
        "页面": _by_clause(
            [*_step_pages(known), *tree.in_templates(), *tree.in_views()], is_code=True
        ),
        "时钟": _by_clause(_clocks(known)),
        "检验": _by_clause(tree.in_marks(), is_code=True),
    }


def _steps(known: ClauseList) -> Iterator[Place]:
    steps = [step for procedure in PROCEDURES.values() for step in procedure.values()]
    cited = [(step.cites, step.label) for step in steps]
    cited += [(step.cites, step.label) for step in STEPS.values()]
    for cites, label in cited:
        for key in _keys(known, cites, label):
            yield Place(key, label)


def _step_pages(known: ClauseList) -> Iterator[Place]:
    for procedure in PROCEDURES.values():
        for step in procedure.values():
            for key in () if step.by_robot else _keys(known, step.cites, step.label):
                yield from (Place(key, template) for template in STEP_PAGES)


def _clocks(known: ClauseList) -> Iterator[Place]:
    for duty in DUTIES.values():
        for key in _keys(known, duty.clause, duty.label):
            yield Place(key, duty.label)


def _keys(known: ClauseList, cites: str, label: str) -> Iterator[str]:
    for citation in known.marked(cites):
        if not citation.key:
            raise FalseCitation(f"“{label}”引用“{citation.written}”，制度里没有这一条")
        yield citation.key


def _by_clause(places: Iterable[Place], *, is_code: bool = False) -> Names:
    found: Names = defaultdict(list)
    for place in places:
        found[place.key].append(f"`{place.name}`" if is_code else place.name)
    return {
        key: sorted(set(names)) if is_code else list(dict.fromkeys(names))
        for key, names in found.items()
    }


def _row(clause: Clause, columns: dict[str, Names]) -> str:
    cells = [f'<a id="{anchor(clause.id)}"></a>{clause.id}', _short(clause.text, 36)]
    for title in COLUMNS:
        between = "<br>" if title in ("代码", "页面", "检验") else "、"
        cells.append(between.join(columns[title].get(clause.id, [])) or "—")
    return f"| {' | '.join(cells)} |"


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + "…"
