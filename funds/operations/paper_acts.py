"""The steps of papers for pages and interface: the signing code is proved, the act is done."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from funds import faults
from funds.models.paper import Paper
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.signing import Proof, content_digest, prove

from . import paying_back, planning, proofs
from .papers import content_of, known_step, perform, require

Values = Mapping[str, Any]
Taken = dict[str, Any]  # by whom, on which day, and the version that the person saw
Act = Callable[[str, Any, Taken], object]

# Steps that bring more than a note or a signature; `form` is the step's form, cleaned.
ACTS: dict[tuple[str, str], tuple[Act, str]] = {
    ("recovery", "tell"): (
        lambda no, form, act: paying_back.tell(no, form.told(), **act),
        "已登记告知，等待收回",
    ),
    ("recovery", "agree_plan"): (
        lambda no, form, act: paying_back.agree_plan(no, form.agreement(), **act),
        "已登记分期约定",
    ),
    ("recovery", "receive"): (
        lambda no, form, act: paying_back.receive(
            no, form.receipt(), key=form.cleaned_data["key"], actor=act["actor"], on=act["on"]
        ),
        "已登记收回，款项退回原资金来源和年度",
    ),
    ("proof", "add"): (
        lambda no, form, act: proofs.add_files(no, form.cleaned_data["given"], **act),
        "已上传",
    ),
    ("proof", "send"): (
        lambda no, form, act: proofs.send(no, **act),
        "已报送区社救中心",
    ),
    ("proof", "send_back"): (
        lambda no, form, act: proofs.send_back(no, note=form.cleaned_data["note"], **act),
        "已退回补传",
    ),
    ("budget", "generate"): (
        lambda no, form, act: planning.regenerate(no, **act),
        "已按现在的在享对象重新生成，原来的调整不再保留",
    ),
    ("budget", "adjust"): (
        lambda no, form, act: planning.adjust(no, form.adjusted(), **act),
        "已调整申报数",
    ),
    ("imprest", "restate"): (
        lambda no, form, act: planning.restate(
            no, form.cleaned_data["amount"], form.cleaned_data["reason"], **act
        ),
        "已修改请款",
    ),
}
SIGNED: dict[tuple[str, str], Callable[[str, Any, Taken, Proof], object]] = {
    ("imprest", "grant"): lambda no, form, act, proof: planning.grant(
        no, form.granted(), **act, proof=proof
    ),
    ("recovery", "write_off"): lambda no, form, act, proof: paying_back.write_off(
        no, **act, proof=proof
    ),
}


def carry_out(paper: Paper, code: str, form: Any, *, actor: Actor, on: date) -> str:
    """The step has been taken with what the form brings; a sentence says what is so now.

    Call it outside a transaction: a wrong signing code must count even when nothing else stands.
    """
    step = known_step(type(paper), code)
    require(step, actor)
    key, values = (paper.SUBJECT, code), form.cleaned_data
    taken: Taken = {"actor": actor, "on": on, "version": values.get("version")}
    if key in ACTS:
        act, said = ACTS[key]
        act(paper.no, form, taken)
        faults.point(f"funds.{paper.SUBJECT}.{code}.after_commit")
        return said
    proof = _proof(values, actor) if step.stage else None
    if key in SIGNED:
        assert proof is not None
        SIGNED[key](paper.no, form, taken, proof)
    else:
        note = values.get("note") or ""
        perform(type(paper), paper.no, code, note=note, proof=proof, **taken)
    faults.point(f"funds.{paper.SUBJECT}.{code}.after_commit")
    return f"已办理：{step.label}"


def _proof(values: Values, actor: Actor) -> Proof:
    return prove(
        actor,
        values["sign_code"],
        opinion=values.get("opinion") or "",
        content_sha256=values.get("content_sha256") or "",
    )


def content_sha256(paper: Paper) -> str:
    """The digest of what a signature of the paper covers, shown with the page."""
    return content_digest(content_of(paper))
