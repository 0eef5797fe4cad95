"""The form of the bureau's visit and of its re-check."""

import re

from django import forms

from cases.forms import StepForm
from cases.operations.bureau import BureauFinding
from yuquan_relief.kernel.forms import InputField, day_field, text_field
from yuquan_relief.kernel.inputs import InputError, names


def _two_or_more(text: str) -> str:
    """Names of at least two people, as they are written (9)."""
    clean = names.clean_text(text, most=100, lines=False)
    people = {name for name in re.split(r"[、，,；;\s]+", clean) if name}
    if len(people) < 2:
        raise InputError("two_people", "核查须两人以上，请填写两个以上姓名，用顿号隔开。")
    return clean


class BureauForm(StepForm):
    """When, who, whether it is as it should be, and what was found."""

    checked_on = day_field("核查日期")
    checkers = InputField(label="核查人", read=_two_or_more, help_text="两人以上，用顿号隔开")
    is_sound = forms.ChoiceField(
        label="核查结论",
        choices=[("1", "没有发现问题"), ("0", "发现问题")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择核查结论"},
    )
    finding = text_field("核查情况", 500, lines=True)

    def found(self) -> BureauFinding:
        """The clean values."""
        data = self.cleaned_data
        return BureauFinding(
            checked_on=data["checked_on"],
            checkers=data["checkers"],
            is_sound=data["is_sound"] == "1",
            finding=data["finding"],
        )
