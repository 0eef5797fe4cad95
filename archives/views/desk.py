"""The steps of a row on its page: offered with their reasons, taken with what was typed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from archives.operations.road import Road, require
from archives.step_forms import StepForm
from cases.rules.steps import Step
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import ContentChanged, Refused
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Signature
from yuquan_relief.kernel.signing import content_digest, prove

Show = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Desk:
    """Where a procedure's steps are taken by hand. `root`: its pages' address; `own`: operations of
    steps that do more than move the state; `is_mine`: whether a step is offered to who looks.
    """

    road: Road
    root: str
    forms: Mapping[str, type[StepForm]]
    own: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    is_mine: Callable[[Step[Any], Any], bool] = lambda step, facts: True
    stages: Mapping[str, str] = field(default_factory=dict)

    def acts(
        self, row: Any, actor: Actor, form: StepForm | None, code: str
    ) -> list[dict[str, Any]]:
        """The steps that the actor may take in this state, each with its form or its reasons; the
        only one is open."""
        acts = list(self._acts(row, actor, form, code))
        return [act | {"is_open": True} for act in acts] if len(acts) == 1 else acts

    def _acts(
        self, row: Any, actor: Actor, form: StepForm | None, code: str
    ) -> Iterator[dict[str, Any]]:
        facts = self.road.facts_of(row, actor, today())
        for step in self.road.steps.values():
            if step.code not in self.forms or row.state not in step.sources:
                continue
            if actor.can(step.capability) and self.is_mine(step, facts):
                yield self._act(row, step, facts, form if step.code == code else None)

    def _act(self, row: Any, step: Step[Any], facts: Any, form: StepForm | None) -> dict[str, Any]:
        initial = {"version": row.version, "content_sha256": ""}
        if step.stage:
            initial["content_sha256"] = content_digest(self.road.content_of(row))
        blank = self.forms[step.code](row=row, initial=initial, auto_id=f"{step.code}_%s")
        return {
            "code": step.code,
            "label": step.label,
            "reasons": step.reasons(row.state, facts),
            "form": form or blank,
            "is_main": bool(step.stage),
            "is_open": bool(step.stage) or form is not None or not blank.visible_fields(),
            "url": f"{self.root}{row.no}/{step.code}/",
        }

    def signatures(self, row: Any) -> list[dict[str, Any]]:
        """The signatures of this round, as the page and the paper show them."""
        mine = Signature.objects.filter(subject_kind=self.road.subject, subject_key=row.no)
        return [
            {
                "stage": self.stages[s.stage],
                "who": f"{s.unit}{s.post} {s.name}",
                "at": s.signed_at,
                "text": s.opinion,
                "verdict": "已签字",
                "tone": "ok",
            }
            for s in mine.filter(round=row.round).order_by("id")
        ]

    def take(self, request: PersonRequest, row: Any, code: str, show: Show) -> HttpResponse:
        """One step by hand; the reason is shown when it is refused (409), nothing typed is lost."""
        if code not in self.forms:
            raise Http404
        step = self.road.step(code)
        require(step, request.actor)
        form = self.forms[code](request.POST, request.FILES, row=row, auto_id=f"{code}_%s")
        if not form.is_valid():
            return show(request, row, form=form, code=code, status=422)
        try:
            self._carry_out(row, step, form, request.actor)
        except (Refused, ContentChanged) as refused:
            form.add_error(None, refused.reason)
            row.refresh_from_db()
            return show(request, row, form=form, code=code, status=409)
        messages.success(request, f"已办理：{step.label}")
        return redirect(f"{self.root}{row.no}/")

    def _carry_out(self, row: Any, step: Step[Any], form: StepForm, actor: Actor) -> None:
        """Outside a transaction: a wrong code must count."""
        data = form.cleaned_data
        taken: dict[str, Any] = {"actor": actor, "on": today(), "version": data.get("version")}
        if "sign_code" in data:
            taken["proof"] = prove(
                actor, data["sign_code"], opinion=data.get("opinion") or "",
                content_sha256=data.get("content_sha256") or "",
            )  # fmt: skip
        taken |= form.values()
        if step.code in self.own:
            self.own[step.code](row.no, **taken)
        else:
            self.road.perform(row.no, step.code, **taken)
