"""How values are written on a page: money, dates, masks, marks; and what components share.

Reading only: nothing here decides anything, and nothing here reads the database.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from yuquan_relief.kernel.models import RuleValue

register = template.Library()

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS = "一二三四五六日"
MARKS = {"ok": "✓", "warn": "▲", "bad": "✗", "pause": "‖", "todo": "○"}
TONES = {"success": "ok", "warning": "warn", "error": "bad", "debug": "mute", "info": "brand"}
SPRITE = Path(__file__).resolve().parents[2] / "static" / "icons.svg"
SYMBOL = re.compile(r'<symbol id="([a-z]+)" viewBox="([\d ]+)">(.+?)</symbol>')
ICONS = {name: (box, body) for name, box, body in SYMBOL.findall(SPRITE.read_text("utf-8"))}


# Money and time


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as yuan: 182668 → 1,826.68; nothing stays nothing."""
    if fen is None:
        return ""
    whole, rest = divmod(abs(int(fen)), 100)
    return f"{'−' if int(fen) < 0 else ''}{whole:,}.{rest:02d}"


@register.filter
def rule_text(rule: RuleValue) -> str:
    """A rule's value in a few words, whatever its shape: money in yuan, lists by their labels."""
    return _rule_text(rule.value, is_money=rule.unit == "分")


def _rule_text(value: Any, *, is_money: bool) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return f"{yuan(value)} 元" if is_money else str(value)
    if isinstance(value, list):
        names = [_name_of(item) for item in value]
        return f"{len(value)} 项：{'、'.join(n for n in names if n)}"
    if isinstance(value, dict):
        if set(value) == {"days", "unit"}:
            return str(value["days"])
        parts = (f"{k} {_rule_text(v, is_money=is_money)}" for k, v in value.items())
        return "，".join(parts)
    return str(value)


def _name_of(item: Any) -> str:
    """A part of a list in a word: its label, or itself when it is a plain word."""
    if isinstance(item, dict):
        return str(item.get("label") or item.get("title") or "")
    return str(item)


@register.filter
def day(value: date | datetime | None) -> str:
    """2026-12-21（周一）; an instant is read as Shanghai's day."""
    if not value:
        return ""
    if isinstance(value, datetime):
        value = _local(value).date()
    return f"{value.isoformat()}（周{WEEKDAYS[value.weekday()]}）"


@register.filter
def minute(value: date | datetime | None) -> str:
    """11-20 16:20 in Shanghai, the year if it is another; a bare date gets no invented hour."""
    if not value:
        return ""
    local = _local(value) if isinstance(value, datetime) else value
    text = f"{local:%m-%d %H:%M}" if isinstance(value, datetime) else f"{local:%m-%d}"
    return (
        text if local.year == timezone.now().astimezone(SHANGHAI).year else f"{local.year}-{text}"
    )


@register.filter
def machine(value: date | datetime | None) -> str:
    """What <time datetime> wants."""
    return value.isoformat() if value else ""


def _local(value: datetime) -> datetime:
    return value.astimezone(SHANGHAI) if timezone.is_aware(value) else value


# Masks


@register.filter
def mask_id(number: str | None) -> str:
    """1501…4021."""
    return _mask(number, 4, 4)


@register.filter
def mask_phone(number: str | None) -> str:
    """138…0021."""
    return _mask(number, 3, 4)


@register.filter
def mask_account(number: str | None) -> str:
    """6217…0129."""
    return _mask(number, 4, 4)


def _mask(number: str | None, head: int, tail: int) -> str:
    """Too short a number would show itself whole, so it shows only its end."""
    text = "".join((number or "").split())
    if len(text) > head + tail:
        return f"{text[:head]}…{text[-tail:]}"
    return f"…{text[-2:]}" if text else ""


# Tones, marks, icons


@register.filter
def mark(tone: str | None) -> str:
    """The sign that stands beside the colour, since colour never speaks alone."""
    return MARKS.get(tone or "", "")


@register.filter
def tone(level_tag: str | None) -> str:
    """Tone of a Django message."""
    return TONES.get(level_tag or "", "brand")


@register.simple_tag
def icon(name: str) -> SafeString:
    """One drawing of static/icons.svg, written into the page: no further request."""
    box, body = ICONS[name]
    return mark_safe(
        f'<svg class="ico" viewBox="{box}" aria-hidden="true" focusable="false">{body}</svg>'
    )


# Charts: all arithmetic that a drawing needs


@register.filter
def share(value: float | None, whole: float | None) -> str:
    """A part of a whole as 0–100, kept inside the frame."""
    if not value or not whole:
        return "0"
    return f"{min(max(100 * value / whole, 0), 100):.1f}"


@register.filter
def peak(rows: Iterable[Any]) -> float:
    """The largest `value` among the rows, at least 1."""
    values: list[float] = [row["value"] if isinstance(row, Mapping) else row.value for row in rows]
    return max([1, *values])


# Forms


@register.simple_tag
def widget(field: BoundField, *, optional_attrs: str = "") -> SafeString:
    """The control, pointing at its hint and error; `optional_attrs`: 'inputmode=numeric'."""
    attrs: dict[str, Any] = dict(
        pair.split("=", 1) for pair in optional_attrs.split() if "=" in pair
    )
    described = " ".join(
        f"{field.auto_id}_{part}"
        for part, there in (("hint", field.help_text), ("error", field.errors))
        if there
    )
    if described and not field.use_fieldset:
        attrs["aria-describedby"] = described
    return field.as_widget(attrs=attrs)


@register.simple_tag
def form_errors(form: BaseForm | None = None, errors: Any = None) -> list[tuple[str, str]]:
    """(id of the control, sentence) for every error: the form's own, then as on the page."""
    found: list[tuple[str, str]] = [tuple(pair) for pair in errors or ()]
    if form and form.is_bound:
        found += [("", str(text)) for text in form.non_field_errors()]
        for field in form:
            target = f"{field.auto_id}_0" if field.use_fieldset else field.id_for_label
            found += [(target, str(text)) for text in field.errors]
    return found


# Addresses


@register.simple_tag(takes_context=True)
def qs(context: template.Context, **changes: Any) -> str:
    """This page's query string with some parameters replaced; None takes one away."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else QueryDict(mutable=True)
    if "page" not in changes:
        query.pop("page", None)
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = value
    return f"?{query.urlencode()}" if query else "?"
