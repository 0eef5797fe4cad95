"""Applying: choose, task list, one topic a page, autosave, check, submit."""

import json
import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from cases.models import Case, Draft
from cases.models.facts import by_mandate, required_documents
from cases.operations import applications
from cases.rules.application import (
    MOST_MEMBERS,
    ApplicationErrors,
    FieldError,
    nest,
    read_application,
)
from cases.rules.programmes import PROPERTY_KINDS, SUPPORT_MODES, Programme
from cases.rules.reading import is_true
from cases.rules.relief import CAUSES
from cases.topic_forms import MAY_BE_EMPTY, TOPICS, topic_of
from cases.views.common import require
from cases.views.topics import topic_form
from yuquan_relief.kernel.clock import now, today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Attachment
from yuquan_relief.kernel.queries import key_of
from yuquan_relief.kernel.rulebook_values import Rules, rules


def start(request: PersonRequest) -> HttpResponse:
    """Choose what to apply for; drafts on top."""
    require(request, "cases.submit")
    if request.method == "POST":
        try:
            draft = applications.start_draft(request.POST.get("programme", ""), actor=request.actor)
        except Refused as refused:
            return _start_page(request, refused.reason)
        return redirect(f"/apply/{draft.key}/")
    return _start_page(request)


def _start_page(request: PersonRequest, error: str = "") -> HttpResponse:
    rulebook = rules(today())
    page = {
        "page_title": "代办申请",
        "programmes": [start_card(p, rulebook) for p in Programme],
        "drafts": applications.drafts_of(request.actor).order_by("-saved_at")[:20],
        "binned": applications.binned(request.actor)
        .select_related("owner")
        .order_by("-discarded_at")[:20],
        "errors": [("", error)] if error else [],
    }
    return render(request, "cases/apply_start.html", page, status=409 if error else 200)


def start_card(programme: Programme, rulebook: Rules) -> dict[str, Any]:
    """What one programme asks for and promises, before anybody begins."""
    limit = rulebook[programme.kind.limit]
    unit = "个工作日" if limit["unit"] == "workday" else "日"
    return {
        "code": programme.value,
        "label": programme.label,
        "is_urgent": programme.is_urgent,
        "documents": [title for _, title in required_documents(rulebook, programme)],
        "limit": f"{limit['days']} {unit}",
    }


def topics(draft: Draft) -> dict[str, str]:
    """Topic → title of the draft's programme, in order."""
    return TOPICS[Programme(draft.programme).family]


def draft_or_404(request: PersonRequest, key: str) -> Draft:
    """The draft of the clerk's village; a submitted one is found too."""
    require(request, "cases.submit")
    draft = Draft.objects.filter(village_id=request.actor.unit_id, key=key).first()
    if draft is None or draft.discarded_at:
        raise Http404
    return draft


def errors_of(draft: Draft) -> list[FieldError]:
    """What would have to be mended before submission."""
    answers = {**draft.answers, "programme": draft.programme}
    try:
        read_application(nest(answers), today=today())
    except ApplicationErrors as errors:
        return errors.errors
    return []


@dataclass(frozen=True)
class TopicStatus:
    """One line of the task list."""

    label: str
    url: str
    status: str
    tone: str
    hint: str = ""
    current: bool = False


def topics_of(draft: Draft, current: str = "") -> list[TopicStatus]:
    """The five statuses of the topics (ux 2.1)."""
    errors = errors_of(draft)
    found = []
    for number, (topic, label) in enumerate(topics(draft).items(), 1):
        wrong = [e for e in errors if topic_of(e.field) == topic]
        touched = any(topic_of(name) == topic and v for name, v in draft.answers.items())
        named = bool(draft.answers.get("members-0-name"))
        is_done = touched or (topic in MAY_BE_EMPTY and named)
        status, tone = ("已完成", "ok") if is_done else ("未开始", "mute")
        if topic == "documents":
            status, tone = document_status(draft)
        elif wrong:
            missing = all(e.code in ("required", "choice") for e in wrong)
            status, tone = ("填写中", "brand") if missing else ("有问题", "bad")
            if not touched:
                status, tone = "未开始", "mute"
        url = f"/apply/{draft.key}/{topic}/"
        found.append(TopicStatus(f"{number} {label}", url, status, tone, current=topic == current))
    url = f"/apply/{draft.key}/check/"
    return [
        *found,
        TopicStatus(f"{len(found) + 1} 检查并提交", url, "", "", current=current == "check"),
    ]


def document_status(draft: Draft) -> tuple[str, str]:
    """How many of the required documents are there."""
    mandate = by_mandate(
        is_by_proxy=is_true(draft.answers.get("is_by_proxy")),
        for_incapable=is_true(draft.answers.get("for_incapable")),
    )
    required = required_documents(rules(today()), draft.programme)
    wanted = [slot for slot, _ in [*required, *mandate]]
    there = set(_files(draft).values_list("slot", flat=True))
    done = sum(slot in there for slot in wanted)
    if done == len(wanted):
        return "已完成", "ok"
    return (f"已传 {done}/{len(wanted)}", "brand") if done else ("未开始", "mute")


def _files(draft: Draft) -> Any:
    return Attachment.objects.filter(
        subject_kind="draft", subject_key=draft.key, withdrawn_at__isnull=True
    )


@require_safe
def draft_page(request: PersonRequest, key: str) -> HttpResponse:
    """The task list of one draft."""
    draft = draft_or_404(request, key)
    if draft.case_no:
        return redirect(f"/apply/{key}/done/")
    page = {"page_title": "申请清单", "draft": draft, "tasks": topics_of(draft)}
    return render(request, "cases/apply_draft.html", page)


def topic(request: PersonRequest, key: str, name: str) -> HttpResponse:
    """One topic. Saving keeps everything that was typed, and then says what to mend."""
    draft = draft_or_404(request, key)
    if draft.case_no:
        return redirect(f"/apply/{key}/done/")
    if name not in topics(draft) or name == "documents":
        raise Http404
    rows = key_of(request.GET.get("rows")) or 0
    if request.method == "POST":
        return _save_topic(request, draft, name)
    return _topic_page(request, draft, name, topic_form(draft, name, rows), 200)


def _save_topic(request: PersonRequest, draft: Draft, name: str) -> HttpResponse:
    fields = _posted_fields(request, list(topic_form(draft, name, _posted_rows(request)).fields))
    base = key_of(request.POST.get("base_version")) or 0
    patches = [
        {"field": field, "value": request.POST.get(field, ""), "base_version": base}
        for field in fields
    ]
    try:
        saved = applications.save_answers(draft.key, patches, actor=request.actor)
    except Refused as refused:  # nothing was stored, and nothing that was typed is lost
        form = topic_form(draft, name)
        form.initial = {**form.initial, **{f: request.POST.get(f, "") for f in fields}}
        wrong = [FieldError(_longest(patches), "refused", refused.reason)]
        return _topic_page(request, draft, name, form, 422, wrong)
    draft.refresh_from_db()
    if saved.conflicts:
        return _conflicts_page(request, draft, name, saved.conflicts)
    if more := key_of(request.POST.get("more")):  # what was typed is kept, right or wrong
        return redirect(f"/apply/{draft.key}/{name}/?rows={min(more, MOST_MEMBERS)}")
    wrong = [e for e in errors_of(draft) if topic_of(e.field) == name]
    if wrong:
        form = topic_form(draft, name)
        return _topic_page(request, draft, name, form, 422, wrong)
    order = list(topics(draft))
    following = order[order.index(name) + 1] if name != order[-1] else "check"
    return redirect(f"/apply/{draft.key}/{following}/")


def _longest(patches: list[dict[str, Any]]) -> str:
    return str(max(patches, key=lambda p: len(p["value"]))["field"])


def _posted_fields(request: PersonRequest, fields: list[str]) -> list[str]:
    """Fields that were on the page that was sent: a box that is not ticked sends nothing itself,
    but its row does. What somebody else added meanwhile is left alone.
    """

    def was_there(field: str) -> bool:
        row = re.match(r"(?:members|obligors|property)-\d+-", field)
        sent = row and any(f"{row[0]}{name}" in request.POST for name in ("name", "note"))
        return field in request.POST or row is None or bool(sent)

    return [field for field in fields if was_there(field)]


def _conflicts_page(
    request: PersonRequest, draft: Draft, name: str, conflicts: list[applications.Conflict]
) -> HttpResponse:
    """Both values are shown; what was typed stays in its field, to be kept by saving again."""
    form = topic_form(draft, name)
    wrong = []
    for conflict in conflicts:
        form.initial[conflict.field] = conflict.mine
        text = (
            f"这一项刚被别人改为“{conflict.theirs}”，您填的是“{conflict.mine}”；"
            "要用自己填的，请再保存一次"
        )
        wrong.append(FieldError(conflict.field, "conflict", text))
    return _topic_page(request, draft, name, form, 409, wrong)


def _posted_rows(request: PersonRequest) -> int:
    tables = ("members-", "obligors-", "property-")
    parts = [field.split("-") for field in request.POST if field.startswith(tables)]
    indexes = [index for part in parts if (index := key_of(part[1])) is not None]
    return min(max(indexes, default=-1) + 1, MOST_MEMBERS)


ROW_TITLES = {
    "members": "位成员",
    "incomes": "位成员的收入",
    "obligors": "位义务人",
    "property": "项财产",
}


def _topic_page(
    request: PersonRequest,
    draft: Draft,
    name: str,
    form: forms.Form,
    status: int,
    wrong: list[FieldError] | None = None,
) -> HttpResponse:
    page = {
        "page_title": topics(draft)[name],
        "draft": draft,
        "topic": name,
        "form": form,
        "rows": [_parted(row, wrong) for row in _grouped(form)] if name in ROW_TITLES else None,
        "parted": _parted(list(form), wrong),
        "row_title": ROW_TITLES.get(name, ""),
        "may_add": name in ROW_TITLES and name != "incomes",
        "next_rows": len(_grouped(form)) + 1,
        "tasks": topics_of(draft, name),
        "errors": [(f"id_{e.field}", e.message) for e in wrong or []],
        "wrong": {e.field: e.message for e in wrong or []},
    }
    return render(request, "cases/apply_topic.html", page, status=status)


# What most families leave as it is stands folded away, in the row that it belongs to (G1).
FOLDED = {
    "registered": ("", "HERE"),
    "registered_address": ("",),
    "registered_kind": ("", "RESIDENT"),
    "months": ("",),
    "evidence": ("",),
}


@dataclass(frozen=True)
class Parted:
    """The fields of one row: those that are asked, and those folded away."""

    asked: list[Any]
    folded: list[Any]
    is_open: bool


def _parted(row: list[Any], wrong: list[FieldError] | None) -> Parted:
    """Open where something was answered in the folded part, or must be mended there."""
    folded = [f for f in row if _last(f.name) in FOLDED]
    to_mend = {e.field for e in wrong or []}
    is_open = any(
        f.name in to_mend or str(f.value() or "") not in FOLDED[_last(f.name)] for f in folded
    )
    return Parted([f for f in row if f not in folded], folded, is_open)


def _last(name: str) -> str:
    return name.rpartition("-")[2]


def _grouped(form: forms.Form) -> list[list[Any]]:
    groups: dict[str, list[Any]] = {}
    for field in form:
        index = field.name.split("-")[1] if "-" in field.name else ""
        groups.setdefault(index, []).append(field)
    return list(groups.values())


@require_POST
def autosave(request: PersonRequest, key: str) -> HttpResponse:
    """Keep what was typed, one field at a time, without judging it (IR-6, IR-7)."""
    draft = draft_or_404(request, key)
    try:
        patch = read_patch(request.body)
        saved = applications.save_answers(draft.key, [patch], actor=request.actor)
    except (ValueError, RecursionError):
        return JsonResponse({"detail": "保存的内容无法识别，请刷新页面"}, status=400)
    except Draft.DoesNotExist as gone:
        raise Http404 from gone
    except Refused as refused:
        return JsonResponse({"detail": refused.reason}, status=409)
    if saved.conflicts:
        conflict = saved.conflicts[0]
        told = {"field": conflict.field, "theirs": conflict.theirs, "mine": conflict.mine}
        return JsonResponse({"conflict": told, "version": conflict.version}, status=409)
    return JsonResponse({"version": max(saved.versions.values(), default=0)})


def read_patch(body: bytes) -> dict[str, Any]:
    """One field as the page sends it; raises ValueError for anything else."""
    patch = json.loads(body)
    if not isinstance(patch, dict):
        raise ValueError("an object is expected")
    field, value, base = patch.get("field"), patch.get("value"), str(patch.get("base_version", 0))
    if not isinstance(field, str) or not isinstance(value, str):
        raise ValueError("field and value are texts")
    (field + value).encode()  # half a surrogate pair is no text
    version = key_of(base)
    if version is None:
        raise ValueError("base_version is a number")
    return {"field": field, "value": value, "base_version": version}


def check(request: PersonRequest, key: str) -> HttpResponse:
    """Everything on one page, and submission."""
    draft = draft_or_404(request, key)
    if draft.case_no:
        return redirect(f"/apply/{key}/done/")
    if request.method == "POST":
        try:
            applications.submit_draft(key, actor=request.actor, on=today())
            return redirect(f"/apply/{key}/done/")
        except ApplicationErrors as errors:
            return _check_page(request, draft, errors.errors, 422)
        except Refused as refused:
            return _check_page(request, draft, [FieldError("", "refused", refused.reason)], 409)
    return _check_page(request, draft, errors_of(draft), 200)


def _check_page(
    request: PersonRequest, draft: Draft, wrong: list[FieldError], status: int
) -> HttpResponse:
    data = nest(draft.answers)
    page = {
        "page_title": "检查并提交",
        "draft": draft,
        "data": data,
        "tasks": topics_of(draft, "check"),
        "wrong": [(f"/apply/{draft.key}/{topic_of(e.field)}/#id_{e.field}", e) for e in wrong],
        "files": _files(draft).order_by("id"),
        "documents_missing": document_status(draft)[1] != "ok",
        "office": request.actor.unit_name,
        "declared": declared_facts(draft, data),
    }
    return render(request, "cases/apply_check.html", page, status=status)


def declared_facts(draft: Draft, data: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(topic, title, what was declared in a line) of the topics that only some programmes have."""
    kinds = {
        "property": lambda: "；".join(
            f"{PROPERTY_KINDS.get(p.get('kind', ''), '')} {p.get('note', '')}"
            for p in data["property"]
        ),
        "obligors": lambda: "、".join(o.get("name", "") for o in data["obligors"]),
        "support": lambda: SUPPORT_MODES.get(data.get("support", ""), ""),
        "claim": lambda: "　".join(
            filter(
                None,
                (
                    CAUSES.get(data.get("claim_cause", ""), ""),
                    data.get("claim_on", ""),
                    data.get("claim_place", ""),
                    f"申请 {data['claim_asked']} 元" if data.get("claim_asked") else "",
                ),
            )
        ),
    }
    return [
        (topic, title, kinds[topic]() or "没有")
        for topic, title in topics(draft).items()
        if topic in kinds
    ]


@require_safe
def done(request: PersonRequest, key: str) -> HttpResponse:
    """The receipt; safe to open again."""
    draft = draft_or_404(request, key)
    if not draft.case_no:
        return redirect(f"/apply/{key}/")
    case = Case.objects.visible_to(request.actor).select_related("household").get(no=draft.case_no)
    limit = start_card(Programme(case.programme), rules(today()))["limit"]
    page = {"page_title": "已提交", "case": case, "limit": limit}
    return render(request, "cases/apply_done.html", page)


@require_POST
def discard(request: PersonRequest, key: str) -> HttpResponse:
    """Put the draft into the bin."""
    draft = draft_or_404(request, key)
    applications.discard_draft(draft.key, actor=request.actor, at=now())
    messages.success(request, "已放入回收箱，30 天内可以找回")
    return redirect("/apply/")


@require_POST
def restore(request: PersonRequest, key: str) -> HttpResponse:
    """Take the draft out of the bin."""
    require(request, "cases.submit")
    try:
        draft = applications.restore_draft(key, actor=request.actor)
    except Draft.DoesNotExist as gone:
        raise Http404 from gone
    messages.success(request, "已找回草稿")
    return redirect(f"/apply/{draft.key}/")
