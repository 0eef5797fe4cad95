"""Content under its hash: written once, never changed, readable for ten years."""

import errno
import hashlib
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from .errors import Refused

logger = logging.getLogger(__name__)
YOUNG_SECONDS = 60.0  # longer than any act takes from keeping its bytes to naming them
# No space, quota used up, larger than the process may write.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def place(sha256: str) -> Path:
    """Where the bytes with this digest stand."""
    return Path(settings.ATTACHMENT_STORE) / sha256[:2] / sha256[2:4] / sha256


def keep(content: bytes) -> str:
    """The bytes are on the disk under their SHA-256, which is returned. Repeatable.

    Written first and referred to afterwards, so that a committed row always has its file. Raises
    Refused when the disk has no room; nothing half written stays.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = place(sha256)
    if _is_kept(path):
        return sha256
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, content)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        logger.critical("no room in the file store: %s", error)
        raise Refused(
            "存放文件的磁盘满了，这一步没有办成，也没有改动任何数据；请联系系统管理员",
            code="disk_full",
        ) from error
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return sha256


def _is_kept(path: Path) -> bool:
    """Whether it is there; if so it is young again, so that remove() leaves it."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def remove(sha256: str) -> bool:
    """The bytes are gone; whether they were there (6.4). Only archives.operations.disposal calls.

    The caller has made sure that nothing refers to them. What somebody kept again in the last
    moments stays: it is set aside first and looked at then, so that keep() either finds no file and
    writes it, or has made it young.
    """
    path = place(sha256)
    aside = path.with_name(f".gone-{sha256}")
    try:
        os.replace(path, aside)
    except FileNotFoundError:
        return False
    if time.time() - aside.stat().st_mtime < YOUNG_SECONDS:
        os.replace(aside, path)
        return False
    os.unlink(aside)
    return True


def _write(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def read(sha256: str) -> bytes:
    """The bytes; raises FileNotFoundError when they are gone (a fixity alarm, never silent)."""
    return place(sha256).read_bytes()


def is_sound(sha256: str) -> bool:
    """Whether the file is there and still has its digest."""
    try:
        with place(sha256).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False


def chunks(sha256: str, size: int = 1 << 16) -> Iterator[bytes]:
    """The bytes, piece by piece, for streaming."""
    with place(sha256).open("rb") as file:
        while piece := file.read(size):
            yield piece
