"""A draw that anybody can repeat: the seed follows from what is drawn from."""

import hashlib
from collections.abc import Sequence


def frame_digest(frame: Sequence[int]) -> str:
    """SHA-256 over the ids in order, one a line."""
    return hashlib.sha256("\n".join(map(str, frame)).encode()).hexdigest()


def seed_of(office_code: str, month: str, family: str, frame_sha256: str) -> str:
    """`159900001|2026-12|ALLOWANCE|<first 32 of the frame's digest>`."""
    return f"{office_code[:12]}|{month}|{family}|{frame_sha256[:32]}"


def drawn(seed: str, count: int) -> int:
    """The place of the one that is drawn, from 0; raises ValueError for an empty frame."""
    if count < 1:
        raise ValueError("nothing to draw from")
    return int(hashlib.sha256(seed.encode()).hexdigest(), 16) % count
