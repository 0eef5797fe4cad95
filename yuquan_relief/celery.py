"""The Celery application: it carries doorbells, never intents (blueprint 5)."""

import logging
import os

import redis
from celery import Celery
from celery.exceptions import WorkerShutdown
from celery.signals import worker_init
from kombu.exceptions import OperationalError

from yuquan_relief import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuquan_relief.settings")
broker.mend()
app = Celery("yuquan_relief")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
logger = logging.getLogger(__name__)
POLICY = "maxmemory-policy"


@worker_init.connect
def refuse_a_broker_that_drops(**_: object) -> None:
    """A worker does not begin on a broker that may drop what waits when it is full.

    A broker that is away, or does not tell, stops nobody: the worker itself tries again, and the
    sweep takes up what was lost. Raises WorkerShutdown.
    """
    try:
        with app.connection_for_read() as connection:
            client = connection.default_channel.client  # type: ignore[attr-defined] # Redis has it
            policy = client.config_get(POLICY)[POLICY]
    except (OperationalError, redis.RedisError, KeyError) as error:
        logger.warning("消息服务没有说明 %s：%s", POLICY, error)
        return
    if policy != "noeviction":
        logger.critical("消息服务的 %s 是 %s，满了会丢消息；请改为 noeviction", POLICY, policy)
        raise WorkerShutdown(1)
