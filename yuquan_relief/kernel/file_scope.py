"""Files whose kind has a rule of its own about who may see them; filled by the apps above."""

from collections.abc import Callable

from django.db.models import Q

from .actor import Actor

# Kind of the subject → which of its files the actor sees, whatever village and office they name.
APART: dict[str, Callable[[Actor], Q]] = {}
