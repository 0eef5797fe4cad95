"""The form of the bureau's visit and of its re-check."""

from django import forms

from cases.forms import StepForm
from cases.operations.bureau import BureauFinding
from yuquan_relief.kernel.forms import day_field, text_field


class BureauForm(StepForm):
    """When, who, whether it is as it should be, and what was found."""

    checked_on = day_field("核查日期")
    checkers = text_field("核查人", 100, help_text="两人以上，用顿号隔开")
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
