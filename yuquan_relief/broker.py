"""The broker as Celery reaches it: Redis or Valkey through kombu, one defect of it mended."""

from typing import Any

import redis
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import redis as kombu_redis

PLACE = "yuquan_relief.broker:Transport"


class Channel(kombu_redis.Channel):
    """A channel that tells of a lost connection by an error that Celery takes for one.

    When the broker goes away while a task is under way, Celery lets the connection go and then
    gives back or acknowledges through it what was not acknowledged. kombu (5.7) answers with an
    AttributeError, at which the whole worker ends, and what it was doing with it.
    """

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self.connection.client is None:
            raise redis.ConnectionError("the connection to the broker was let go")
        params = super()._connparams(asynchronous=asynchronous)  # type: ignore[misc] # kombu has it
        return dict(params)


class Transport(kombu_redis.Transport):
    """kombu's way to Redis, with such channels."""

    Channel = Channel


def mend() -> None:
    """Addresses `redis://` and `redis+socket://` are reached through these channels."""
    TRANSPORT_ALIASES["redis"] = PLACE
