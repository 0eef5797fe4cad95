"""Programs that call the interface: registered with a post, scopes and an end."""

import secrets
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import Account, ApiClient, Post

SCOPES = {"read": "查询", "act": "办理", "stats": "统计"}


def _require(actor: Actor) -> None:
    if not actor.can("clients.edit"):
        raise PermissionDenied("clients.edit")


@transaction.atomic
def register_client(
    *,
    name: str,
    username: str,
    post_id: int,
    scopes: list[str],
    expires_on: date,
    actor: Actor,
) -> str:
    """A program may call with the token that is given back; only its digest is kept.

    It acts under one post of the account's person. Raises Refused for a post that is not theirs,
    an unknown scope, or a name that is taken.
    """
    _require(actor)
    account, post = _held(username.strip(), post_id)
    if not scopes or set(scopes) - set(SCOPES):
        raise Refused("请选择范围")
    token = secrets.token_urlsafe(32)
    client = ApiClient(
        name=name.strip(),
        token_digest=digest(token),
        account=account,
        post=post,
        scopes=" ".join(scopes),
        expires_on=expires_on,
    )
    try:
        with transaction.atomic():
            client.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("这个名称已被使用，请换一个") from error
    body = {
        "account": account.username,
        "post": post.pk,
        "scopes": scopes,
        "until": str(expires_on),
    }
    record("client", str(client.pk), "register_client", actor=actor, note=client.name, body=body)
    return token


def _held(username: str, post_id: int) -> tuple[Account, Post]:
    """The account and the post of its person; raises Refused when they do not belong together."""
    account = Account.objects.filter(username=username, is_active=True).first()
    post = Post.objects.filter(pk=post_id, person__accounts=account).first() if account else None
    if account is None or post is None:
        raise Refused("这个账号没有这一任职，请核对")
    return account, post


@transaction.atomic
def end_client(client: ApiClient, *, actor: Actor) -> None:
    """The token is no longer accepted. Repeatable."""
    _require(actor)
    if ApiClient.objects.filter(pk=client.pk, is_active=True).update(is_active=False):
        record("client", str(client.pk), "end_client", actor=actor, note=client.name)
