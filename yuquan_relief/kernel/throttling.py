"""How often somebody may ask or tell, counted where every web process sees it."""

import logging
import time
from typing import TYPE_CHECKING, Any

import redis
from django.core.cache import BaseCache, caches
from rest_framework.throttling import SimpleRateThrottle

if TYPE_CHECKING:  # DRF imports this module while its views are being made
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)


class SharedThrottle(SimpleRateThrottle):
    """So many in a period that begins with the first of them; no more until it is over.

    Counted at the broker, so that two processes at once count two. While the broker is away each
    process counts by itself: who has something to tell is not turned away for that.
    """

    num_requests: int  # of the rate, read by the parent
    duration: int  # seconds
    left: float | None = None

    def allow_request(self, request: Any, view: "APIView | None") -> bool:
        """Whether this one is still within the number; it is counted either way."""
        key = self.get_cache_key(request, view)  # type: ignore[arg-type] # an open page has no view
        if self.rate is None or key is None:
            return True
        try:
            return self._is_within(caches["shared"], key)
        except redis.RedisError as error:
            logger.warning("broker away, this process counts by itself: %s", error)
            return self._is_within(caches["default"], key)

    def _is_within(self, counts: BaseCache, key: str) -> bool:
        if counts.add(key, 0, self.duration):
            counts.set(f"{key}-since", time.time(), self.duration)
        try:
            number: int = counts.incr(key)
        except ValueError:  # the period ended just now
            return True
        if number > self.num_requests:
            since: float = counts.get(f"{key}-since", time.time())
            self.left = max(since + self.duration - time.time(), 0)
        return number <= self.num_requests

    def wait(self) -> float | None:
        """Seconds until the period is over; None for one that was within the number."""
        return self.left
