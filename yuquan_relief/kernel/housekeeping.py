"""Duties of the ground floor: nothing of a session is kept longer than the session."""

from datetime import date

from django.contrib.sessions.models import Session

from .clock import now
from .duties import duty


@duty("end_sessions", label="清除过期登录", clause="")
def end_sessions(on: date) -> int:
    """Sessions that have ended are gone, with what was searched in them."""
    return Session.objects.filter(expire_date__lt=now()).delete()[0]
