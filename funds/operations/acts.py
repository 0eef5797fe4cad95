"""The same acts for page and interface: the signing code is proved, then the step is taken."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from funds.models import PayoutBatch
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.signing import Proof, prove

from .batches import approve, known_step, lock, require, send_back, take_file
from .building import rebuild
from .hand_overs import recognise
from .results import import_result

Values = Mapping[str, Any]
Act = Callable[[PayoutBatch, Values, Actor, date], str]


def carry_out(code: str, batch: PayoutBatch, values: Values, *, actor: Actor, on: date) -> str:
    """The step has been taken; a sentence says what is so now.

    Call it outside a transaction: a wrong signing code must count even when nothing else stands.
    """
    require(known_step(code), actor)
    if code not in ACTS:
        raise Refused("这一步由系统自动办理", code="by_robot")
    return ACTS[code](batch, values, actor, on)


def _proof(values: Values, actor: Actor, *, read: str | None = None) -> Proof:
    """`read`: digest of the content that was read; None where the act makes it."""
    opinion = values.get("opinion") or ""
    return prove(actor, values.get("sign_code") or "", opinion=opinion, content_sha256=read)


def _rebuild(batch: PayoutBatch, values: Values, actor: Actor, on: date) -> str:
    rebuild(batch.no, actor=actor, on=on, version=values.get("version"))
    return "名单已重新生成"


def _lock(batch: PayoutBatch, values: Values, actor: Actor, on: date) -> str:
    proof = _proof(values, actor)
    lock(batch.no, actor=actor, on=on, proof=proof, version=values.get("version"))
    return "名单已锁定，转分管领导签批"


def _send_back(batch: PayoutBatch, values: Values, actor: Actor, on: date) -> str:
    note = values.get("note") or ""
    send_back(batch.no, note=note, actor=actor, on=on, version=values.get("version"))
    return "名单已退回社救办"


def _approve(batch: PayoutBatch, values: Values, actor: Actor, on: date) -> str:
    proof = _proof(values, actor, read=values.get("content_sha256") or "")
    approve(batch.no, actor=actor, on=on, proof=proof, version=values.get("version"))
    return "名单已签批，核算中心可以领取银行文件"


def _take_file(batch: PayoutBatch, values: Values, actor: Actor, on: date) -> str:
    reason = values.get("reason") or ""
    take_file(batch.no, actor=actor, on=on, proof=_proof(values, actor), reason=reason)
    return "已登记领取，请在 15 分钟内下载银行文件"


def _recognise(batch: PayoutBatch, values: Values, actor: Actor, on: date) -> str:
    proof = _proof(values, actor, read=values.get("content_sha256") or "")
    recognise(batch.no, actor=actor, on=on, proof=proof, version=values.get("version"))
    return "已登记报送，没有再次报送银行；请导入银行结果"


def _import_result(batch: PayoutBatch, values: Values, actor: Actor, on: date) -> str:
    result = import_result(
        batch.no, values["content"], name=values.get("name") or "", actor=actor, on=on
    )
    parts = [f"到账 {result.paid_count} 笔", f"退回 {result.returned_count} 笔"]
    if result.exception_count:
        parts.append(f"有 {result.exception_count} 条差异要处理")
    return f"银行结果已导入：{'，'.join(parts)}"


ACTS: dict[str, Act] = {
    "rebuild": _rebuild,
    "lock": _lock,
    "send_back": _send_back,
    "approve": _approve,
    "take_file": _take_file,
    "recognise": _recognise,
    "import_result": _import_result,
}
