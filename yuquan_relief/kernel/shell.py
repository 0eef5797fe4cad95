"""What the shell around every page shows: who, where, menu."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from .roles import ROLES


@dataclass(frozen=True)
class NavEntry:
    """One entry of the left menu."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class PostEntry:
    """Another post that the person may switch to."""

    id: int
    label: str


@dataclass(frozen=True)
class Shell:
    """The frame of a page."""

    is_demo: bool
    large: bool = False
    person: str = ""
    unit: str = ""
    post: str = ""
    posts: tuple[PostEntry, ...] = ()
    nav: tuple[NavEntry, ...] = ()


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` for base.html. No query of its own."""
    is_demo = settings.MODE == "demo"
    actor = getattr(request, "actor", None)
    if actor is None or actor.is_robot:
        return {"shell": Shell(is_demo=is_demo)}
    posts = tuple(
        PostEntry(p.pk, f"{p.unit.short_name} {p.title}")
        for p in request.META.get("relief.posts", [])
        if p.pk != actor.post_id
    )
    return {
        "shell": Shell(
            is_demo=is_demo,
            large=bool(getattr(request.user, "large_type", False)),
            person=actor.name,
            unit=actor.unit_name,
            post=actor.title,
            posts=posts,
            nav=_menu(request.path, ROLES[actor.role_code].nav),
        )
    }


def _menu(path: str, entries: tuple[tuple[str, str], ...]) -> tuple[NavEntry, ...]:
    """The entries; current is the one whose address says the most of the path."""
    fits = [url for _, url in entries if (path == url if url == "/" else path.startswith(url))]
    current = max(fits, key=len, default="")
    return tuple(NavEntry(label, url, url == current) for label, url in entries)
