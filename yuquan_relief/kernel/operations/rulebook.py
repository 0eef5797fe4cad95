"""The rulebook's delivered values, and two-person entry of the district's own."""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from simple_history.utils import bulk_create_with_history

from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.clock import now, today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import RuleValue
from yuquan_relief.kernel.rulebook_values import EVERY_SET, RULE_SET, in_force

FOLDER = Path(__file__).resolve().parent.parent / "rulebook"


def delivered() -> Iterator[dict[str, Any]]:
    """The values of the data files, one dict for each, with the parameter's label."""
    for path in sorted(FOLDER.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for value in content["values"]:
            yield {"parameter": content["parameter"], "label": content["label"], **value}


def labels() -> dict[str, str]:
    """Parameter → its name in the interface."""
    return {value["parameter"]: value["label"] for value in delivered()}


def reaching_back() -> frozenset[str]:
    """Parameters that may be entered for a day of this year that is past: standards are published
    in spring and hold from 1 January. What was decided meanwhile stands as it was frozen, and is
    made good by its own act (cases.operations.standards)."""
    contents = (tomllib.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.toml"))
    return frozenset(c["parameter"] for c in contents if c.get("reaches_back"))


def why_not_from(parameter: str, valid_from: date) -> str:
    """Why a value of the parameter may not hold from that day; "" if it may."""
    if valid_from > today():
        return ""
    if parameter not in reaching_back():
        return "生效日期应在今天之后；已经决定的案件不受影响，也不能倒推"
    if valid_from < date(today().year, 1, 1):
        return f"标准最早从今年 1 月 1 日（{today().year}-01-01）起执行，请核对生效日期"
    return ""


@transaction.atomic
def load_delivered() -> int:
    """The delivered values stand in the rulebook; the number that were new. Repeatable.

    What the district entered for the same day stays.
    """
    there = {
        (row.parameter, row.rule_set, row.valid_from)
        for row in RuleValue.objects.filter(in_force())
    }
    new = [
        RuleValue(**{k: v for k, v in value.items() if k != "label"})
        for value in delivered()
        if (value["parameter"], value["rule_set"], value["valid_from"]) not in there
    ]
    bulk_create_with_history(new, RuleValue)
    if new:
        record(
            "rulebook",
            "delivered",
            "load_rulebook",
            actor=ROBOT,
            body={"parameters": sorted({value.parameter for value in new})},
        )
    return len(new)


def sample(parameter: str) -> Any:
    """A delivered value of the parameter, whose shape every other value has."""
    return next(v["value"] for v in delivered() if v["parameter"] == parameter)


def why_not_like(value: Any, like: Any) -> str:
    """How `value` differs in shape from `like`; "" if the rules can read it in the same way."""
    if isinstance(like, bool) or not isinstance(like, int | float | dict | list):
        return "" if type(value) is type(like) else f"应为{SHAPES.get(type(like), '文字')}"
    if isinstance(like, int | float):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if is_number and value >= 0 else "应为不小于 0 的数"
    if isinstance(like, dict):
        return _why_not_object(value, like)
    if not isinstance(value, list) or not value:
        return "应为至少一项的清单"
    return next((text for item in value if (text := why_not_like(item, like[0]))), "")


def rule_sets() -> list[str]:
    """The rule sets that values are delivered for."""
    return sorted({value["rule_set"] for value in delivered()} - {EVERY_SET})


def _why_no_set(parameter: str, value: Any) -> str:
    known = rule_sets()
    return f"应为 {'、'.join(known)} 之一" if parameter == RULE_SET and value not in known else ""


SHAPES = {bool: "是或否（true、false）", str: "文字"}


def _why_not_object(value: Any, like: dict[str, Any]) -> str:
    if not isinstance(value, dict) or set(value) != set(like):
        return f"应有 {'、'.join(like)} 各项"
    wrong = {key: text for key in like if (text := why_not_like(value[key], like[key]))}
    return next((f"{key} {text}" for key, text in wrong.items()), "")


@transaction.atomic
def enter_value(  # noqa: PLR0913 - a value is exactly these
    parameter: str,
    *,
    rule_set: str,
    valid_from: date,
    value: Any,
    unit: str,
    source: str,
    note: str,
    actor: Actor,
) -> RuleValue:
    """The value waits for a second person. Refused for a day that is past: decided cases stand;
    only standards may reach back to 1 January of the year (reaching_back)."""
    if not actor.can("rulebook.enter"):
        raise PermissionDenied("rulebook.enter")
    if reason := why_not_from(parameter, valid_from):
        raise Refused(reason)
    if not source.strip():
        raise Refused("请写明依据文件的名称和文号")
    if reason := why_not_like(value, sample(parameter)) or _why_no_set(parameter, value):
        raise Refused(f"数值的写法与现有的不同：{reason}", code="shape")
    entered = RuleValue.objects.create(
        parameter=parameter,
        rule_set=rule_set,
        valid_from=valid_from,
        value=value,
        unit=unit,
        source=source.strip(),
        note=note.strip(),
        entered_by_id=actor.person_id,
    )
    record(
        "rulebook",
        parameter,
        "enter_rule",
        actor=actor,
        note=source,
        body={"id": entered.pk, "value": value, "valid_from": str(valid_from)},
    )
    return entered


@transaction.atomic
def confirm_value(value_id: int, *, actor: Actor) -> RuleValue:
    """The value counts from its day on; the person who confirms is not the one who entered."""
    if not actor.can("rulebook.confirm"):
        raise PermissionDenied("rulebook.confirm")
    value = RuleValue.objects.select_for_update().get(pk=value_id)
    if value.entered_by_id is None or value.confirmed_by_id is not None:
        raise Refused("这一条不需要复核")
    if value.entered_by_id == actor.person_id:
        raise Refused("录入人不能复核自己录入的规则，请由另一人复核")
    if why_not_from(value.parameter, value.valid_from):
        raise Refused("已过生效日期，复核后会倒推到已办的案件；请按今后的日期重新录入")
    value.confirmed_by_id, value.confirmed_at = actor.person_id, now()
    try:
        with transaction.atomic():
            value.save()
    except IntegrityError as error:
        raise Refused("同一参数、同一规则集、同一生效日期已有数值，请改生效日期") from error
    record(
        "rulebook",
        value.parameter,
        "confirm_rule",
        actor=actor,
        body={"id": value.pk, "value": value.value, "valid_from": str(value.valid_from)},
    )
    return value
