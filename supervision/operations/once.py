"""A form that is sent twice acts once: a double click, a reload, an answer that got lost."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction

from supervision.models import Once


def digest_of(kind: str, said: Mapping[str, Any]) -> str:
    """The same for the same form with the same words; `form_key` is of the form as it was shown.

    Words that were changed before the form was sent again are another matter: somebody else at
    the same screen may have gone back to it.
    """
    text = json.dumps([kind, dict(said)], default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def made_by(key: str) -> str:
    """What the form made already; "" for nothing."""
    return Once.objects.filter(key=key).values_list("made", flat=True).first() or ""


def once(key: str, make: Callable[[], str]) -> str:
    """What the form made, now or before. Of two at once the second is undone and told the first's.

    Raises whatever `make` raises; nothing is kept then.
    """
    if there := made_by(key):
        return there
    try:
        with transaction.atomic():
            made = make()
            Once.objects.create(key=key, made=made)
            return made
    except IntegrityError:
        if there := made_by(key):
            return there
        raise
