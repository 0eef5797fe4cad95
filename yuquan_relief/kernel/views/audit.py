"""操作记录: who did what in which post and when, and whether the chain was found sound."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from yuquan_relief.kernel.checkpoints import latest_slip
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.event_words import ACTIONS, STATES
from yuquan_relief.kernel.forms import PlainForm
from yuquan_relief.kernel.inputs import InputError
from yuquan_relief.kernel.inputs.dates import parse_day
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Event

PAGE = 50


STATUS = """
SELECT h.seq, e.action, e.at, (e.body->>'last')::bigint, e.body->'problems'->>0, c.seq, c.at
  FROM (SELECT max(seq) AS seq FROM kernel_event_head) h
  LEFT JOIN LATERAL (SELECT * FROM kernel_event
       WHERE subject_kind = 'audit' AND subject_key = 'chain'
         AND action IN ('verify', 'verify_failed') ORDER BY seq DESC LIMIT 1) e ON true
  LEFT JOIN LATERAL (SELECT * FROM kernel_checkpoint ORDER BY id DESC LIMIT 1) c ON true
"""


class AuditFilter(PlainForm):
    """What the list is narrowed to."""

    action = forms.ChoiceField(label="动作", required=False)
    day = forms.CharField(label="业务日期", required=False, max_length=20)
    key = forms.CharField(label="对象编号", required=False, max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = sorted(ACTIONS.items(), key=lambda pair: pair[0])
        self.fields["action"] = forms.ChoiceField(
            label="动作", required=False, choices=[("", "全部"), *choices]
        )

    def clean_day(self) -> date | None:
        """The day, or a sentence that says how to write one."""
        text = self.cleaned_data["day"]
        try:
            return parse_day(text, today=today()) if text else None
        except InputError as error:
            raise forms.ValidationError(str(error)) from error


@dataclass(frozen=True)
class Row:
    """One event in words."""

    event: Event
    action: str
    change: str


@require_safe
def audit_page(request: PersonRequest) -> HttpResponse:
    """The chain, newest first, and what the last verification said. Two statements."""
    if not request.actor.can("audit.view"):
        raise PermissionDenied("audit.view")
    form = AuditFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else None
    rows, pager = _page(asked, request.GET) if asked is not None else ([], {})
    context = {
        "page_title": "操作记录",
        "form": form,
        "rows": rows,
        "pager": pager,
        "status": _status(),
        "slip": latest_slip(),
        "is_narrowed": bool(asked is None or any(asked.values())),
    }
    return render(request, "kernel/audit.html", context, status=200 if asked is not None else 422)


def _page(asked: dict[str, Any], query: Any) -> tuple[list[Row], dict[str, str]]:
    """At most PAGE events beside the one that the address names, and where to go from there."""
    found = _narrowed(asked)
    before, after = _seq(query.get("before")), _seq(query.get("after"))
    if after:
        newer = list(found.filter(seq__gt=after).order_by("seq")[: PAGE + 1])
        events, has_newer, has_older = newer[:PAGE][::-1], len(newer) > PAGE, True
    else:
        older = found.filter(seq__lt=before) if before else found
        several = list(older.order_by("-seq")[: PAGE + 1])
        events, has_newer, has_older = several[:PAGE], bool(before), len(several) > PAGE
    kept = {k: query[k] for k in ("action", "day", "key") if query.get(k)}
    pager = {}
    if events and has_newer:
        pager["previous_url"] = f"?{urlencode({**kept, 'after': events[0].seq})}"
    if events and has_older:
        pager["next_url"] = f"?{urlencode({**kept, 'before': events[-1].seq})}"
    return [_row(event) for event in events], pager


def _narrowed(asked: dict[str, Any]) -> Any:
    events = Event.objects.defer("canon", "prev", "hash", "body", "note")
    if asked["action"]:
        kind, _, action = asked["action"].partition(".")
        events = events.filter(subject_kind=kind, action=action)
    if asked["day"]:
        events = events.filter(on_day=asked["day"])
    if asked["key"]:
        events = events.filter(subject_key=asked["key"].strip())
    return events


def _seq(text: str | None) -> int:
    """A number of the chain from the address; 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


def _row(event: Event) -> Row:
    action = ACTIONS.get(f"{event.subject_kind}.{event.action}", event.action)
    kind = event.subject_kind
    states = [STATES.get(f"{kind}.{code}", code) for code in (event.before, event.after) if code]
    return Row(event, action, " → ".join(dict.fromkeys(states)))


def _status() -> list[dict[str, Any]]:
    """The head, the last verification and the last checkpoint, as facts for the page."""
    with connection.cursor() as cursor:
        cursor.execute(STATUS)
        seq, action, verified_at, upto, problem, kept_seq, kept_at = cursor.fetchone()
    if action == "verify":
        outcome, tone, note = f"没有发现问题，核验到第 {upto} 条", "ok", ""
    elif action:
        outcome, tone, note = "发现问题，请立即报告审计管理员", "bad", problem
    else:
        outcome, tone, note = "还没有核验过", "warn", ""
    return [
        {"label": "记录总数", "value": f"{seq or 0} 条"},
        {"label": "最近一次核验", "value": outcome, "tone": tone, "note": note, "at": verified_at},
        {
            "label": "最近的检查点",
            "value": f"第 {kept_seq} 条" if kept_seq else "还没有检查点",
            "at": kept_at,
        },
    ]
