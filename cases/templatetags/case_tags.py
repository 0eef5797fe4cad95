"""Small look-ups for the pages of cases."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cases.reports.clock import DeadlineTag
from cases.reports.lists import Row

register = template.Library()


@register.simple_tag
def wrong_of(wrong: Mapping[str, str] | None, name: str) -> str:
    """The sentence for one field; "" when it is right."""
    return (wrong or {}).get(name, "")


@register.simple_tag
def answer(field: BoundField, sentence: str) -> SafeString:
    """The control of one answer, tied to its hint and to what must be mended."""
    parts = [f"{field.auto_id}_hint"] if field.help_text else []
    parts += [f"{field.auto_id}_error"] if sentence else []
    described: dict[str, Any] = {"aria-describedby": " ".join(parts)} if parts else {}
    return field.as_widget(attrs=described)


@register.filter
def at(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value at a key that is itself a variable."""
    return mapping.get(key, "")


@lru_cache(maxsize=512)
def _tag(tone: str, mark: str, text: str) -> SafeString:
    """components/badge.html, in Python."""
    if not mark:
        return format_html('<span class="tag tag-{}">{}</span>', tone, text)
    return format_html(
        '<span class="tag tag-{}"><span aria-hidden="true">{} </span>{}</span>', tone, mark, text
    )


@lru_cache(maxsize=1024)  # fifty rows share a few dates
def _due(due: DeadlineTag | None) -> SafeString | str:
    """components/deadline.html, in Python."""
    if due is None:
        return ""
    note = format_html('<span class="small">{}</span>', "估算：该年节假日未录入")
    return format_html(
        '<span class="due">{}<b>{}</b>{}</span>',
        _tag(due.tone, due.mark, due.text),
        due.date_text,
        note if due.provisional else "",
    )


@register.simple_tag
def case_row(row: Row) -> SafeString:
    """One line of the list of cases. In Python, since fifty of them were half the page's time."""
    return format_html(
        '<tr><th scope="row"><a href="{}">{}</a><span class="small num">…{}　{}</span></th>'
        '<td>{}</td><td>{}</td><td class="num" data-label="提交">{}</td>'
        "<td>{}</td><td>{}</td></tr>",
        row.url,
        row.name,
        row.id_tail,
        row.no,
        row.programme,
        row.village,
        row.submitted_on or "",
        _due(row.deadline),
        _tag(row.tone, row.mark, row.state),
    )
