"""One page for every paper of supervision: what it says, who signed, what can be done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render

from archives.step_forms import StepForm
from archives.views.desk import Desk
from funds.tables import Table
from supervision.models import Words
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.event_words import action_label
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Attachment, Event

WIDE = 8  # heads, beyond which a table does not fit beside what can be done


@dataclass(frozen=True)
class Said:
    """What a paper says: facts, tables, files, and a few words on top."""

    facts: list[dict[str, Any]]
    tables: list[Table] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    words: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    picture: Mapping[str, Any] | None = None

    @property
    def is_wide(self) -> bool:
        """Whether a table needs the whole width of the page."""
        return any(len(table.heads) > WIDE for table in self.tables)


def require(request: PersonRequest, *capabilities: str) -> None:
    """Raise PermissionDenied unless the post carries one of them."""
    if not any(request.actor.can(capability) for capability in capabilities):
        raise PermissionDenied(capabilities[0])


@dataclass(frozen=True)
class Pages:
    """The pages of one kind of paper. `looks`: capabilities of which one opens them."""

    model: Any  # a Paper with its own reads
    desk: Desk
    looks: tuple[str, ...]
    said: Callable[[Any, Any], Said]
    title: Callable[[Any], str]
    back: tuple[str, str]
    tells_story: bool = True
    template: str = "supervision/paper.html"

    def row(self, request: PersonRequest, no: str) -> Any:
        """The paper, or 404 as for one that does not exist; 403 without a capability to look."""
        found = self.model.objects.visible_to(request.actor)
        row = found.select_related("office", "district").filter(no=no).first()
        if row is None:
            raise Http404
        require(request, *self.looks)
        return row

    def page(self, request: PersonRequest, no: str) -> HttpResponse:
        """One paper."""
        return self.show(request, self.row(request, no))

    def step(self, request: PersonRequest, no: str, code: str) -> HttpResponse:
        """One step by hand."""
        return self.desk.take(request, self.row(request, no), code, self.show)

    def show(
        self,
        request: PersonRequest,
        row: Any,
        *,
        form: StepForm | None = None,
        code: str = "",
        status: int = 200,
        **more: Any,
    ) -> HttpResponse:
        """The page, perhaps with what was refused."""
        page = {
            "page_title": self.title(row),
            "row": row,
            "said": self.said(row, request.actor),
            "acts": self.desk.acts(row, request.actor, form, code),
            "signatures": self.desk.signatures(row),
            "entries": self._story(row),
            "form": form,
            "is_late": bool(row.due_on and not row.is_over and row.due_on < today()),
            "crumbs": [{"label": self.back[0], "url": self.back[1]}, {"label": row.no}],
        }
        return render(request, self.template, page | more, status=status)

    def _story(self, row: Any) -> list[dict[str, Any]]:
        if not self.tells_story:
            return []
        subject = row.PROCEDURE.subject
        events = list(Event.objects.of(subject, row.no)[:40])
        kept = Words.objects.filter(event_seq__in=[event.seq for event in events])
        words = {one.event_seq: one.words for one in kept}
        return [
            {
                "at": event.at,
                "title": action_label(subject, event.action),
                "who": f"{event.actor_unit} {event.actor_name}",
                "note": words.get(event.seq, event.note),
                "is_system": event.person_id is None,
            }
            for event in events
        ]
