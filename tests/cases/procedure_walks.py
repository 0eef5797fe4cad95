"""Every path over a procedure's table with the facts that its steps make, and who signs on it."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from django.db import transaction

from cases.models import Case
from cases.operations.steps import perform
from cases.rules.facts import Facts, NoticeFacts
from cases.rules.procedures import (
    ALLOWANCE,
    DESTITUTE,
    EXPENSE,
    FINAL_STATES,
    URGENT,
    Step,
    step_of,
)
from cases.rules.procedures import TABLES as TABLE_OF
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.roles import ROLES, Reach
from yuquan_relief.kernel.signing import Proof

Table = tuple[Step, ...]
Node = tuple[str, Facts]
Graph = Mapping[Node, list[tuple[str, Node]]]

TABLES: dict[str, Table] = {
    "ALLOWANCE": ALLOWANCE,
    "DESTITUTE": DESTITUTE,
    "EXPENSE": EXPENSE,
    "URGENT": URGENT,
}
ON = date(2026, 10, 20)
OVER = NoticeFacts(posted_on=ON, last_day=date(2026, 10, 19), has_photo=True, open_objections=0)

# Files come at any time without a step, so that here they are always there: what cannot be
# skipped with them cannot be skipped without them. But one may be missing, and then promised.
BEGUN = Facts(on=ON, survey_photos=1)
SHORT = replace(BEGUN, missing_documents=("户口簿",))
STARTS: dict[str, tuple[Facts, ...]] = {
    "ALLOWANCE": (BEGUN, SHORT),
    "DESTITUTE": (BEGUN, SHORT),
    "EXPENSE": (BEGUN, SHORT, replace(BEGUN, is_known_class=True)),
    "URGENT": (BEGUN,),
}

# Everything is there, and nothing that must not be.
FULL = Facts(
    on=ON,
    survey_recorded=True,
    survey_this_round=True,
    survey_signers=2,
    survey_photos=1,
    means_requested=True,
    means_returned=True,
    self_care_assessed=True,
    income_settled=True,
    income_eligible=True,
    appraisal_recorded=True,
    appraisal_this_round=True,
    appraisal_signed=True,
    review_notice=OVER,
    approval_notice=OVER,
    to_hand_over_fen=1,
)

# What a step adds to the facts; where it may turn out in several ways, each of them.
Changes = dict[str, Any]
ANEW: Changes = {
    "is_first_round": False,
    "survey_this_round": False,
    "means_this_round": False,
    "income_this_round": False,
    "appraisal_this_round": False,
    "self_care_this_round": False,
    "is_opposed": False,
    "review_notice": None,
    "approval_notice": None,
}
SETTLED: Changes = {"income_settled": True, "income_this_round": True}
JUDGED = [SETTLED | {"income_eligible": is_eligible} for is_eligible in (True, False)]
SUMS = [how | {"needs_bureau": is_large} for how in JUDGED for is_large in (True, False)]
ADDS: dict[str, list[Changes]] = {
    "request_corrections": [{"corrections_asked": True}],
    "defer_document": [{"missing_documents": (), "deferred": ("户口簿",)}],
    "record_survey": [{"survey_recorded": True, "survey_this_round": True, "survey_signers": 1}],
    "cosign_survey": [{"survey_signers": 2}],
    "request_means_check": [
        {"means_requested": True, "means_this_round": True, "means_returned": False}
    ],
    "return_means_check": [{"means_returned": True}],
    "assess_self_care": [{"self_care_assessed": True, "self_care_this_round": True}],
    "report_care_change": [{"care_reported": True}],
    "reassess_self_care": [{"care_reported": False}],
    "restate_family": [{"income_settled": False}],  # to be settled anew
    "propose_ending": [{"ending_proposed": True}],
    "withdraw_ending": [{"ending_proposed": False, "ending_notice": None}],
    "post_ending_notice": [{"ending_notice": OVER}],
    "uphold_ending_objection": [{"ending_proposed": False, "ending_notice": None}],
    "close_ending_notice": [{"ending_notice": None, "is_ending_noticed": True}],
    "settle_income": JUDGED,
    "settle_standing": JUDGED,
    "settle_relief": SUMS,
    "record_appraisal": [
        {"appraisal_recorded": True, "appraisal_this_round": True, "appraisal_signed": False}
    ],
    "sign_appraisal": [{"appraisal_signed": True}],
    "post_review_notice": [{"review_notice": OVER}],
    "post_approval_notice": [{"approval_notice": OVER}],
    "uphold_objection": [ANEW],
    "send_back": [ANEW],
    "send_back_large": [ANEW],
    "recall": [{"is_held": False}],
    "recall_large": [{"is_held": False}],
    "propose": [{"is_opposed": False}],
    "propose_refusal": [{"is_opposed": True}],
    "reopen": [ANEW],
    "extend": [{"is_extended": True}],
    "relieve_first": [{"is_relieved": True, "to_hand_over_fen": 1}],
    "approve": [{"to_hand_over_fen": 1}],
    "approve_large": [{"to_hand_over_fen": 1}],
    "hand_over": [{"to_hand_over_fen": 0}],
    "serve_letter": [{"letter_served": True}],
}


@cache
def graph(table: Table, starts: tuple[Facts, ...]) -> Graph:
    """Everything that can be reached from a draft, and by which steps one leads to the next.

    Each node is one object wherever it stands: walks find it again without comparing all facts.
    """
    waiting: list[Node] = [("DRAFT", facts) for facts in starts]
    one: dict[Node, Node] = {node: node for node in waiting}
    found: dict[Node, list[tuple[str, Node]]] = {node: [] for node in waiting}
    while waiting:
        node = waiting.pop()
        for code, following in _onward(table, node):
            if following not in one:
                one[following] = following
                found[following] = []
                waiting.append(following)
            found[node].append((code, one[following]))
    return found


def _onward(table: Table, node: Node) -> Iterator[tuple[str, Node]]:
    state, facts = node
    if facts.deferred:
        yield "the promised file comes", (state, replace(facts, deferred=()))
    if facts.is_held:  # then it is carried out as if it were signed now, or falls
        yield "the time for recall is over", (state, replace(facts, is_held=False))
    allowed = [step for step in table if not step.reasons(state, facts)]
    if any(step.stage == "decide" for step in allowed):
        yield "an answer waits", (state, replace(facts, is_held=True))
    for step in allowed:
        for changes in ADDS.get(step.code, [{}]):
            yield step.code, (step.target or state, _with(facts, changes))


def _with(facts: Facts, changes: Changes) -> Facts:
    """The facts after the changes; the same object where nothing changes."""
    if all(getattr(facts, name) == value for name, value in changes.items()):
        return facts
    return replace(facts, **changes)


Came = dict[Node, tuple[Node | None, str]]


def _walk(name: str, left_out: tuple[str, ...], table: Table | None, came: Came) -> Iterator[Node]:
    """Each node that can be reached; `came`: from which node by which step.

    Over the named table by the shortest way; over another one only as far as it is asked for.
    """
    starts = STARTS[name]
    if table is None:
        ways = graph(TABLES[name], starts)
        return _walk_known(ways, list(ways)[: len(starts)], left_out, came)
    return _walk_new(table, starts, left_out, came)


def _walk_known(
    ways: Graph, begun: list[Node], left_out: tuple[str, ...], came: Came
) -> Iterator[Node]:
    """Over a graph, in which a node is one object: its number is enough to know it again."""
    seen = {id(node) for node in begun}
    waiting: deque[tuple[Node, Node | None, str]] = deque((node, None, "") for node in begun)
    while waiting:
        node, before, code = waiting.popleft()
        came[node] = (before, code)
        yield node
        for by, after in ways[node]:
            if by not in left_out and id(after) not in seen:
                seen.add(id(after))
                waiting.append((after, node, by))


def _walk_new(
    table: Table, starts: tuple[Facts, ...], left_out: tuple[str, ...], came: Came
) -> Iterator[Node]:
    waiting: list[tuple[Node, Node | None, str]] = [(("DRAFT", one), None, "") for one in starts]
    while waiting:
        node, before, code = waiting.pop()
        if node in came:
            continue
        came[node] = (before, code)
        yield node
        waiting += [(after, node, c) for c, after in _onward(table, node) if c not in left_out]


def reachable(name: str, *left_out: str, table: Table | None = None) -> set[Node]:
    """What can be reached over the named table, or over `table`, never taking some steps."""
    return set(_walk(name, left_out, table, {}))


def reachable_without(name: str, *left_out: str, table: Table | None = None) -> set[str]:
    """The states alone of what can be reached."""
    return {state for state, _ in reachable(name, *left_out, table=table)}


def approved_without(name: str, *left_out: str, table: Table | None = None) -> set[Facts]:
    """The facts of every case that was approved although some steps were never taken."""
    found = reachable(name, *left_out, table=table)
    return {facts for state, facts in found if state == "APPROVED"}


def way_around(name: str, code: str, table: Table | None = None) -> str:
    """The steps of one path to an approval that skips a step; "" if there is no such path."""
    came: Came = {}
    for node in _walk(name, (code,), table, came):
        if node[0] == "APPROVED":
            return " ".join(_path(node, came))
    return ""


def _path(node: Node, came: Came) -> list[str]:
    path: list[str] = []
    before, code = came[node]
    while before is not None:
        path.insert(0, code)
        before, code = came[before]
    return path


def stuck(name: str, table: Table | None = None) -> set[Node]:
    """What can be reached and from which no end can be reached any more."""
    ways = graph(table or TABLES[name], STARTS[name])
    back: dict[Node, set[Node]] = {node: set() for node in ways}
    for node, steps in ways.items():
        for _, following in steps:
            back[following].add(node)
    waiting = [node for node in ways if node[0] in FINAL_STATES]
    good = set(waiting)
    while waiting:
        new = back[waiting.pop()] - good
        good |= new
        waiting += new
    return set(ways) - good


def without_needs(table: Table, *needs: str) -> Table:
    """The table with some guards taken away from every step."""
    return tuple(
        replace(step, needs=tuple(need for need in step.needs if need not in needs))
        for step in table
    )


def changed(table: Table, code: str, **changes: Any) -> Table:
    """The table with one step otherwise."""
    return tuple(replace(step, **changes) if step.code == code else step for step in table)


SURVEYED = ["record_survey", "cosign_survey"]
CHECKED = ["request_means_check", "return_means_check"]
APPRAISED = ["record_appraisal", "sign_appraisal"]
PUBLISHED = ["post_review_notice", "close_review_notice"]
PUBLISHED_AGAIN = ["post_approval_notice", "close_approval_notice"]
MONTHLY = [
    *("submit", "accept", *SURVEYED, *CHECKED, *APPRAISED),
    *(*PUBLISHED, "propose", *PUBLISHED_AGAIN),
]
# No path to an approval skips one of these; the decision itself is tested beside.
MUST: dict[str, list[str]] = {
    "ALLOWANCE": [*MONTHLY, "settle_income"],
    "DESTITUTE": [*MONTHLY, "assess_self_care", "settle_standing"],
    "EXPENSE": ["submit", "accept", *SURVEYED, "settle_relief", *PUBLISHED, "propose"],
    "URGENT": ["submit", "record_survey", "settle_relief", "propose"],
}
DECIDING: dict[str, list[str]] = {
    "ALLOWANCE": ["approve"],
    "DESTITUTE": ["approve"],
    "EXPENSE": ["approve", "approve_large"],
    "URGENT": ["approve", "approve_large"],
}
# What stands in the way of skipping, where it is a need; the notices and the proposal are asked
# for by the decision, intake by the states.
GUARDS: dict[str, list[str]] = {
    "record_survey": ["survey_by_two", "survey"],
    "cosign_survey": ["survey_by_two"],
    "request_means_check": ["means_requested"],
    "return_means_check": ["means_returned"],
    "assess_self_care": ["self_care"],
    "settle_income": ["income"],
    "settle_standing": ["standing"],
    "settle_relief": ["settled"],
    "record_appraisal": ["appraisal_signed"],
    "sign_appraisal": ["appraisal_signed"],
}


def loosened(table: Table, code: str) -> Table:
    """The table with the guard of one step taken away."""
    if code in GUARDS:
        return without_needs(table, *GUARDS[code])
    if code == "submit":
        return changed(table, "decline", sources=frozenset({"DRAFT"}), target=table[0].target)
    if code == "accept":
        return changed(table, "resubmit", target="INVESTIGATING")
    return changed(table, "approve", needs=())


SURVEY = {"record_survey": "survey", "cosign_survey": "survey"}
OPINION = {"propose": "propose", "propose_refusal": "propose"}
DECISION = {"approve": "decide", "refuse": "decide"}
LARGE = {"approve_large": "decide", "refuse_large": "decide"}
SIGNED: dict[str, dict[str, str]] = {
    "ALLOWANCE": SURVEY | {"sign_appraisal": "witness"} | OPINION | DECISION,
    "DESTITUTE": SURVEY | {"sign_appraisal": "witness"} | OPINION | DECISION,
    "EXPENSE": SURVEY | OPINION | DECISION | LARGE,
    "URGENT": {"relieve_first": "relieve", "record_survey": "survey"} | OPINION | DECISION | LARGE,
}
PROGRAMMES = {n: next(p for p, t in TABLE_OF.items() if t is table) for n, table in TABLES.items()}


def opened(cast: Cast, name: str) -> Case:
    """A case that follows the named table."""
    case = road.accepted(cast)
    Case.objects.filter(pk=case.pk).update(programme=PROGRAMMES[name])
    return road.fresh(case)


def take(case: Case, code: str, cast: Cast, who: str) -> None:
    """The person takes the step in a post that carries it, with the code just entered."""
    step = step_of(case.programme, code)
    role = next(role for role in ROLES if step.capability in ROLES[role].can)
    seat = {Reach.VILLAGE: "clerk", Reach.OFFICE: "staff", Reach.DISTRICT: "supervisor"}
    post = cast.actors[seat[ROLES[role].reach]]
    person = cast.actors[who].human_id
    actor = replace(post, role_code=role, person_id=person)
    perform(case.no, code, actor=actor, on=road.START, note="理由", proof=Proof(person, now()))


def refusal(case: Case, code: str, cast: Cast, who: str, *, rounds_later: int = 0) -> str:
    """What the person is told; "" when the step is taken. Nothing of it is kept."""
    with transaction.atomic():
        Case.objects.filter(pk=case.pk).update(round=case.round + rounds_later)
        try:
            take(case, code, cast, who)
        except Refused as refused:
            return str(refused)
        finally:
            transaction.set_rollback(True)
    return ""


def told_on_a_second_signature(cast: Cast, name: str) -> dict[tuple[str, str, int], str]:
    """(signed, then, rounds later) → what the same person is told, for all signed steps of a table.

    Nobody objects to a first signature.
    """
    case, told = opened(cast, name), {}
    for first in SIGNED[name]:
        assert refusal(case, first, cast, "clerk") == ""
        with transaction.atomic():
            take(case, first, cast, "clerk")
            for second in SIGNED[name]:
                for later in (0, 1):
                    answer = refusal(case, second, cast, "clerk", rounds_later=later)
                    told[first, second, later] = answer
            transaction.set_rollback(True)
    return told
