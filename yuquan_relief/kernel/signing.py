"""谁签字，谁负责: binding a person to exact content (4(1).1)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import F

from .actor import Actor
from .clock import now
from .errors import ContentChanged, Refused
from .models import Account, Signature

STATEMENT = "我已看完全部内容，对本签字负责"
MAX_MISSES = 5


@dataclass(frozen=True)
class Proof:
    """That the signer re-entered the signing code (签批码) just now, and what they had read.

    `content_sha256` is the digest shown with the page that was read; "" when the act and the
    content are made together (a survey's first investigator).
    """

    person_id: int
    proved_at: datetime
    opinion: str = ""
    content_sha256: str = ""
    signed_at: datetime | None = None  # of an answer that takes effect later; now otherwise


def canonical(content: Mapping[str, Any]) -> str:
    """`content` as the one text that is signed: JSON, keys in order, no spaces."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical text, in hex; shown with the page that is read before signing."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def set_sign_code(account: Account, code: str) -> None:
    """`code` (6 to 20 characters) is the account's signing code from now on."""
    if not 6 <= len(code) <= 20:
        raise Refused("签批码为 6 到 20 位，请重新设置")
    if len(set(code)) < 3:
        raise Refused("签批码太简单，请至少用三种不同的数字或字母")
    Account.objects.filter(pk=account.pk).update(sign_code=make_password(code), sign_code_misses=0)


def prove(
    actor: Actor, code: str, *, opinion: str = "", content_sha256: str | None = None
) -> Proof:
    """Check the signing code of the actor's account; raises Refused when it is wrong.

    `content_sha256`: the digest that came with the page that was read; None for an act that
    makes its content itself. Call it outside the act's transaction: a miss must count even when
    the act is rolled back. After five misses in a row the code is locked until a new one is set.
    """
    if content_sha256 == "":
        raise Refused("请先打开页面看清要签的内容，再签字", code="content_unread")
    if not code.strip():
        raise Refused("请输入签批码")
    mine = Account.objects.filter(pk=actor.account_id or 0)
    account = mine.only("sign_code").get()
    if not account.sign_code:
        raise Refused("您还没有签批码，请先到“我的”里设置")
    # The try is counted before the code is looked at: many at once are still five in all.
    if not mine.filter(sign_code_misses__lt=MAX_MISSES).update(
        sign_code_misses=F("sign_code_misses") + 1
    ):
        raise Refused("签批码连续输错 5 次，已锁定；请到“我的”里用登录密码重新设置")
    if not check_password(code, account.sign_code):
        left = MAX_MISSES - mine.values_list("sign_code_misses", flat=True).get()
        raise Refused(f"签批码不对，还可以试 {left} 次" if left > 0 else "签批码不对，已锁定")
    mine.update(sign_code_misses=0)
    return Proof(actor.human_id, now(), opinion.strip(), content_sha256 or "")


def sign(  # noqa: PLR0913 - what a signature binds
    subject_kind: str,
    subject_key: str,
    stage: str,
    content: Mapping[str, Any],
    *,
    actor: Actor,
    proof: Proof,
    round: int = 1,
    statement: str = STATEMENT,
) -> Signature:
    """The actor has signed `content`. Raises ContentChanged when it is not what they had read.

    The database refuses a second stage of the same subject by the same person.
    """
    if proof.person_id != actor.person_id:
        raise Refused("签批码与签字人不符，请重新签字")
    text = canonical(content)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if proof.content_sha256 and proof.content_sha256 != digest:
        raise ContentChanged
    _refuse_second(subject_kind, subject_key, stage, round, actor)
    signature = Signature(
        subject_kind=subject_kind,
        subject_key=subject_key,
        stage=stage,
        round=round,
        statement=statement,
        content=text,
        content_sha256=digest,
        prev=_last_hash(subject_kind, subject_key),
    )
    _fill_signer(signature, actor, proof)
    signature.hash = signature_hash(signature)
    signature.save(force_insert=True)
    return signature


def _fill_signer(signature: Signature, actor: Actor, proof: Proof) -> None:
    signature.person_id, signature.name = proof.person_id, actor.name
    signature.post, signature.unit = actor.title, actor.unit_name
    signature.opinion, signature.proved_at = proof.opinion, proof.proved_at
    signature.signed_at = proof.signed_at or now()


def _last_hash(kind: str, key: str) -> str:
    mine = Signature.objects.filter(subject_kind=kind, subject_key=key)
    return mine.order_by("-id").values_list("hash", flat=True).first() or ""


def _refuse_second(kind: str, key: str, stage: str, round: int, actor: Actor) -> None:
    mine = Signature.objects.filter(
        subject_kind=kind, subject_key=key, person_id=actor.human_id
    ).values_list("stage", "round")
    for other_stage, other_round in mine:
        if other_stage != stage:
            raise Refused(
                "您已在这一件的前面环节签过字，同一人不能签两个环节（第四条“谁签字，谁负责”）"
            )
        if other_round == round:
            raise Refused("您已在这一环节签过字，请由另一人签字（第四条“谁签字，谁负责”）")


HEAD_FIELDS = (
    "subject_kind",
    "subject_key",
    "stage",
    "round",
    "person_id",
    "name",
    "post",
    "unit",
    "statement",
    "opinion",
    "content_sha256",
    "proved_at",
    "signed_at",
    "prev",
)


def head(signature: Signature) -> dict[str, Any]:
    """What is hashed beside the content: the columns, times as ISO text in UTC."""
    values = {name: getattr(signature, name) for name in HEAD_FIELDS}
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in values.items()}


def signature_hash(signature: Signature) -> str:
    """SHA-256 of the canonical head followed by the content."""
    return hashlib.sha256((canonical(head(signature)) + signature.content).encode()).hexdigest()


def covers(signature: Signature, content: Mapping[str, Any]) -> bool:
    """Whether the signature stands unaltered and covers `content` as it is now."""
    return (
        signature.hash == signature_hash(signature)
        and signature.content == canonical(content)
        and signature.content_sha256 == hashlib.sha256(signature.content.encode()).hexdigest()
    )
