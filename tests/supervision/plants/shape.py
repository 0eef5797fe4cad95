"""The one shape of a plant: what must be found, beside what must not."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.supervision.ground import Ground

Made = str | tuple[str, ...]


@dataclass(frozen=True)
class Plant:
    """`hit` makes something the rule must find and returns the subject's key (or keys); `near`
    makes something as close to it as possible that must not be found, and returns its key.

    `what`: words that the finding must say, so that the right part of the rule has found it.
    `also`: other rules that rightly find the hit as well.
    """

    rule: str
    what: str
    hit: Callable[[Ground], Made]
    near: Callable[[Ground], Made]
    also: tuple[str, ...] = ()
