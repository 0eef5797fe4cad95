"""Personal data at rest: sealed with AES-GCM, found again by a keyed digest."""

import hmac
import json
import os
from base64 import b64decode, b64encode
from binascii import a2b_base64
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

KEY_ID = "k1"


@lru_cache(maxsize=4)
def _keys(master_hex: str) -> tuple[AESGCM, bytes]:
    master = bytes.fromhex(master_hex)
    seal = hmac.digest(master, b"relief field seal", "sha256")
    look_up = hmac.digest(master, b"relief field look-up", "sha256")
    return AESGCM(seal), look_up


def seal(text: str) -> str:
    """`text` as `k1:<base64 of nonce and ciphertext>`; the key id allows later rotation."""
    box, _ = _keys(settings.FIELD_KEY)
    nonce = os.urandom(12)
    return f"{KEY_ID}:{b64encode(nonce + box.encrypt(nonce, text.encode(), None)).decode()}"


def unseal(sealed: str) -> str:
    """The text that was sealed; raises ValueError for an unknown key id."""
    key_id, _, body = sealed.partition(":")
    if key_id != KEY_ID:
        raise ValueError(f"没有编号为 {key_id} 的字段密钥")
    raw = b64decode(body)
    box, _ = _keys(settings.FIELD_KEY)
    return box.decrypt(raw[:12], raw[12:], None).decode()


def unseal_all(sealed: Iterable[str]) -> list[str]:
    """Many sealed texts opened, in order; "" stays "". Raises ValueError as unseal does."""
    opened, start, mark = _keys(settings.FIELD_KEY)[0].decrypt, len(KEY_ID) + 1, f"{KEY_ID}:"
    texts = list(sealed)
    if not all(text.startswith(mark) for text in texts):  # an empty one, or another key
        return [unseal(text) if text else text for text in texts]
    raws = [a2b_base64(text[start:]) for text in texts]
    return [opened(raw[:12], raw[12:], None).decode() for raw in raws]


def digest(text: str) -> str:
    """Keyed SHA-256 of `text` in hex: equal texts have equal digests, and only here."""
    _, look_up = _keys(settings.FIELD_KEY)
    return hmac.digest(look_up, text.encode(), "sha256").hex()


if TYPE_CHECKING:
    BaseTextField = models.TextField[str, str]
else:
    BaseTextField = models.TextField


class SealedJSONField(models.TextField):  # type: ignore[type-arg] # holds any JSON
    """JSON that stands sealed in the database and clear in Python. Cannot be searched."""

    def get_prep_value(self, value: Any) -> Any:
        return seal(json.dumps(value, ensure_ascii=False, sort_keys=True))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else json.loads(unseal(value))  # no row of an outer join


class SealedTextField(BaseTextField):
    """A text that stands sealed in the database and clear in Python. Cannot be searched."""

    def get_prep_value(self, value: Any) -> Any:
        if value is None or value == "":
            return value
        return seal(str(value))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return unseal(value) if value else value
