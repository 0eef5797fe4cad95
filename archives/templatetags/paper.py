"""How values are written on official paper."""

from datetime import date, datetime

import segno
from django import template
from django.utils.safestring import SafeString, mark_safe

from yuquan_relief.kernel.inputs import money
from yuquan_relief.kernel.templatetags.look import SHANGHAI

register = template.Library()


@register.filter
def cn_day(value: date | datetime | str | None) -> str:
    """2026年9月21日; an instant is read as Shanghai's day, nothing stays nothing."""
    if not value:
        return ""
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI)
    return f"{value.year}年{value.month}月{value.day}日"


@register.filter
def cn_minute(value: datetime | None) -> str:
    """2026年9月21日 16:20, in Shanghai."""
    if not value:
        return ""
    return f"{cn_day(value)} {value.astimezone(SHANGHAI):%H:%M}"


@register.filter
def cn_month(value: date | None) -> str:
    """2026年11月."""
    return f"{value.year}年{value.month}月" if value else ""


@register.filter
def capital(fen: int | None) -> str:
    """The amount in the characters of vouchers: 陆佰捌拾贰元整."""
    return "" if fen is None else money.capital(fen)


@register.filter
def yes_no(value: bool | None) -> str:
    """是 or 否; an empty box for what is not known."""
    return "" if value is None else "是" if value else "否"


@register.filter
def grouped(digits: str | None) -> str:
    """A long digest in groups of eight, so that it can be read aloud and wraps."""
    text = digits or ""
    return " ".join(text[i : i + 8] for i in range(0, len(text), 8))


@register.simple_tag
def qr(text: str, scale: int = 3) -> SafeString:
    """The text as a QR picture, for labels; never a Micro QR, which many scanners do not know. It
    holds numbers, never names."""
    return mark_safe(segno.make_qr(text, error="m").svg_inline(scale=scale, border=2))
