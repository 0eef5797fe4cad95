"""Keeping who looked at whom: the pages that show a person say so here, the middleware keeps it."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import HttpRequest

from .actor import Actor


@dataclass(frozen=True)
class Shown:
    """Whose data an address shows: the kind of thing, the address's parameter, and in words."""

    kind: str
    parameter: str
    words: str


# Name of an address → what it shows; each room adds its own. Thumbnails belong to their page.
SHOWN: dict[str, Shown] = {name: Shown("file", "pk", "材料") for name in ("file", "file_view")}

KEEP = """
INSERT INTO kernel_look (at, person_id, account_id, name, post, unit, address, request_id, kind,
                         key, what)
SELECT now(), %(person)s, %(account)s, %(name)s, %(post)s, %(unit)s, %(address)s, %(request)s,
       %(kind)s, %(key)s, %(what)s
 WHERE NOT EXISTS (
       SELECT FROM kernel_look
        WHERE kind = %(kind)s AND key = %(key)s AND person_id IS NOT DISTINCT FROM %(person)s
          AND account_id IS NOT DISTINCT FROM %(account)s AND what = %(what)s
          AND at > now() - interval '30 minutes')
"""


def shows(kind: str, parameter: str, words: str, *names: str) -> None:
    """The pages with these names show a `kind` that their `parameter` names."""
    SHOWN.update({name: Shown(kind, parameter, words) for name in names})


def keep(actor: Actor, shown: Shown, key: str) -> None:
    """The look is on record; one statement. It fails as the page would: nobody looks unseen."""
    values = {
        "person": actor.person_id,
        "account": actor.account_id,
        "name": actor.name,
        "post": actor.title,
        "unit": actor.unit_name,
        "address": actor.address,
        "request": actor.request_id,
        "kind": shown.kind,
        "key": key[:80],
        "what": shown.words,
    }
    with connection.cursor() as cursor:
        cursor.execute(KEEP, values)


def looker(request: HttpRequest, response: Any) -> Actor | None:
    """Who looked: the person of the page, or the caller of the interface."""
    actor = getattr(request, "actor", None)
    if actor is None:
        context = getattr(response, "renderer_context", None) or {}
        actor = getattr(context.get("request"), "auth", None)
    return actor if isinstance(actor, Actor) else None
