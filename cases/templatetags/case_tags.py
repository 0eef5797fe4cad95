"""Small look-ups for the pages of cases."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.simple_tag
def wrong_of(wrong: Mapping[str, str] | None, name: str) -> str:
    """The sentence for one field; "" when it is right."""
    return (wrong or {}).get(name, "")


@register.filter
def at(mapping: Mapping[Any, Any], key: Any) -> Any:
    """The value at a key that is itself a variable."""
    return mapping.get(key, "")
