"""What the shell around every page shows: who, where, menu."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from .roles import ROLES, Menu

# Pages that belong to an entry of the menu under which their address does not stand.
BESIDE = {"/findings/": "/supervise/", "/figures/": "/board/", "/tasks/": "/thirdparty/"}


@dataclass(frozen=True)
class NavEntry:
    """One entry of the left menu."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class NavGroup:
    """Entries under one heading, or under none; open where one of them is the page."""

    label: str
    entries: tuple[NavEntry, ...]

    @property
    def is_open(self) -> bool:
        """Whether the page that is shown is one of them."""
        return any(entry.current for entry in self.entries)


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
    menu: tuple[NavGroup, ...] = ()

    @property
    def nav(self) -> tuple[NavEntry, ...]:
        """Every entry of the menu."""
        return tuple(entry for group in self.menu for entry in group.entries)


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
            menu=_menu(request.path, ROLES[actor.role_code].menu),
        )
    }


def _menu(path: str, groups: Menu) -> tuple[NavGroup, ...]:
    """The menu; current is the entry whose address says the most of the path."""
    urls = [url for _, entries in groups for _, url in entries]
    fits = [url for url in urls if (path == url if url == "/" else path.startswith(url))]
    beside = [url for start, url in BESIDE.items() if path.startswith(start)]
    current = max(fits, key=len, default="") or "".join(beside)
    return tuple(
        NavGroup(heading, tuple(NavEntry(label, url, url == current) for label, url in entries))
        for heading, entries in groups
    )
