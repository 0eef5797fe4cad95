"""Recording events: the one way into the chain, as the last statements of a transaction."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection

from . import outbox
from .actor import Actor
from .clock import today
from .models import Event


def record(  # noqa: PLR0913 - an event is exactly these
    subject_kind: str,
    subject_key: str,
    action: str,
    *,
    actor: Actor,
    on: date | None = None,
    unit_id: int | None = None,
    before: str = "",
    after: str = "",
    due_on: date | None = None,
    note: str = "",
    body: Mapping[str, Any] | None = None,
) -> Event:
    """The event stands in the chain, and a job for each listener waits, in this transaction.

    Call it last: it locks the head of the chain until the transaction ends. `body` holds ids,
    figures and field names, never personal data. Costs one statement, and one for the jobs.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event is recorded in the transaction of the change it tells of")
    payload = _whose(actor) | {
        "on_day": (on or today()).isoformat(),
        "subject_kind": subject_kind,
        "subject_key": subject_key,
        "unit_id": unit_id,
        "action": action,
        "before": before,
        "after": after,
        "due_on": due_on.isoformat() if due_on else None,
        "note": note,
        "body": dict(body or {}),
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, at FROM event_append(%s)", [json.dumps(payload)])
        seq, at = cursor.fetchone()
    event = Event(seq=seq, at=at, **payload)
    outbox.announce(event)
    return event


def _whose(actor: Actor) -> dict[str, Any]:
    return {
        "person_id": actor.person_id,
        "account_id": actor.account_id,
        "actor_name": actor.name,
        "actor_post": actor.title,
        "actor_unit": actor.unit_name,
        "address": actor.address,
        "request_id": actor.request_id,
    }
