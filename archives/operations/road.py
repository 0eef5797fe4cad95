"""The one road of what has a procedure here: locked, judged, signed, moved, told.

A handover, a disposal and an old file are tables of steps (archives.rules); only this moves them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.rules.steps import Step
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.signing import Proof, sign

Write = Callable[[Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Road:
    """A procedure with its rows, which have `no`, `state`, `version` and `round`.

    `content_of` is what a signature covers, `unit_of` the unit of the row's events.
    """

    name: str
    subject: str
    model: Any
    steps: Mapping[str, Step[Any]]
    facts_of: Callable[[Any, Actor, date], Any]
    content_of: Callable[[Any], Mapping[str, Any]]
    unit_of: Callable[[Any], int | None]

    def step(self, code: str) -> Step[Any]:
        """The step; raises Refused for a code that the procedure does not have."""
        if code not in self.steps:
            raise Refused(f"{self.name}没有这个环节", code="unknown_step")
        return self.steps[code]

    @transaction.atomic
    def perform(  # noqa: PLR0913 - the one road, with what each kind of act brings
        self,
        no: str,
        code: str,
        *,
        actor: Actor,
        on: date,
        note: str = "",
        proof: Proof | None = None,
        version: int | None = None,
        write: Write | None = None,
    ) -> Event:
        """One step has been taken on the row `no`. As cases.operations.steps.perform.

        Raises the model's DoesNotExist outside the scope, PermissionDenied, or Refused with the
        reason; `version` is that of the page the person saw.
        """
        row = self.model.objects.visible_to(actor).select_for_update(of=("self",)).get(no=no)
        step = self.step(code)
        require(step, actor)
        if version is not None and version != row.version:
            raise Refused(
                f"您打开后，这份{self.name}已有新的办理，请刷新页面看清后再办", code="stale"
            )
        if reason := step.why_not(row.state, self.facts_of(row, actor, on)):
            raise Refused(reason)
        if step.needs_note and not note.strip():
            raise Refused(f"{step.label}须写明理由，请填写后再办", code="note_needed")
        body = dict(write(row)) if write else {}
        if step.stage:
            body |= self._signed(row, step, actor, proof)
        before = row.state
        row.state, row.version = step.target or row.state, row.version + 1
        row.save()
        return self.tell(row, code, actor, on, before=before, body=body, note=note.strip())

    def _signed(
        self, row: Any, step: Step[Any], actor: Actor, proof: Proof | None
    ) -> dict[str, Any]:
        if proof is None:
            raise Refused(f"{step.label}须签字，请输入签批码", code="signature_needed")
        content = self.content_of(row)
        made = sign(
            self.subject, row.no, step.stage, content, actor=actor, proof=proof, round=row.round
        )
        return {"signature": made.pk, "content_sha256": made.content_sha256}

    def tell(self, row: Any, code: str, actor: Actor, on: date, **more: Any) -> Event:
        """The act stands in the chain of events."""
        body = {"version": row.version, "round": row.round, **more.pop("body")}
        return record(
            self.subject, row.no, code, actor=actor, on=on, unit_id=self.unit_of(row),
            after=row.state, body=body, **more,
        )  # fmt: skip


def require(step: Step[Any], actor: Actor) -> None:
    """Raise PermissionDenied unless the post carries the step."""
    if not actor.can(step.capability):
        raise PermissionDenied(step.label)
