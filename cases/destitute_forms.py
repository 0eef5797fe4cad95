"""Forms of 特困: the six items of self-care, and the three tests."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.forms import FormRow, FormTable, StepForm
from cases.income_forms import LinesForm
from cases.models import Case, Obligor
from cases.operations.destitution import Assessed, JudgedObligor, Standing
from cases.rules.destitution import LABOUR_GROUNDS, OBLIGOR_GROUNDS, SELF_CARE
from cases.rules.programmes import SUPPORT_MODES
from yuquan_relief.kernel.forms import day_field, text_field
from yuquan_relief.kernel.inputs.money import show


class SelfCareForm(StepForm):
    """自理能力评估 (F24): each item is answered, none is taken for granted."""

    assessed_on = day_field("评估日期")
    assessor = text_field("评估人或机构", 100)
    note = text_field("备注", 300, lines=True, required=False)
    field_order = ("assessed_on", "assessor", *SELF_CARE, "note")

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        for name, label in SELF_CARE.items():
            self.fields[name] = forms.ChoiceField(
                label=label,
                choices=[("1", "能够自主完成"), ("0", "不能自主完成")],
                widget=forms.RadioSelect,
                error_messages={"required": f"请选择能不能{label}"},
            )
        self.order_fields(self.field_order)

    def assessed(self) -> Assessed:
        """The clean values."""
        data = self.cleaned_data
        return Assessed(
            assessed_on=data["assessed_on"],
            assessor=data["assessor"],
            able=frozenset(name for name in SELF_CARE if data[name] == "1"),
            note=data["note"] or "",
        )


class StandingForm(LinesForm):
    """The three tests, one answer each, obligor by obligor."""

    labour_ground = forms.ChoiceField(
        label="无劳动能力的情形",
        choices=[("", "不属于无劳动能力"), *LABOUR_GROUNDS.items()],
        required=False,
    )
    property_ok = forms.ChoiceField(
        label="财产状况",
        choices=[("1", "符合特困人员财产状况规定"), ("0", "不符合规定")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择财产状况是否符合规定"},
    )
    support = forms.ChoiceField(
        label="供养方式", choices=list(SUPPORT_MODES.items()), widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.fields["support"].initial = case.support
        self.obligors: list[Obligor] = self.record.obligors
        for obligor in self.obligors:
            self.fields[f"ground-{obligor.pk}"] = forms.ChoiceField(
                label=f"{obligor.name}　认定",
                choices=list(OBLIGOR_GROUNDS.items()),
                initial=obligor.ground_in_force,
            )
            self.fields[f"ground-{obligor.pk}-reason"] = text_field(
                f"{obligor.name}　理由", 300, required=False, initial=obligor.reason
            )

    def tables(self) -> list[FormTable]:
        """Incomes and obligors, where there are any."""
        found = [self.lines_table()] if self.lines else []
        rows = [
            FormRow(
                o.name,
                o.get_relation_display(),
                [("申报", o.get_ground_display()), ("月收入", show(o.month_fen))],
                [("认定", self[f"ground-{o.pk}"]), ("理由", self[f"ground-{o.pk}-reason"])],
            )
            for o in self.obligors
        ]
        if rows:
            columns = ("义务人", "申报的情况", "家庭月收入", "认定", "理由")
            found.append(FormTable("法定义务人逐一认定；与申报不同的写明理由", columns, rows))
        return found

    def clean(self) -> dict[str, Any]:
        """A judgement that differs has its reason, at its own field."""
        data = super().clean()
        for o in self.obligors:
            ground = data.get(f"ground-{o.pk}")
            if ground and ground != o.ground and not data.get(f"ground-{o.pk}-reason"):
                self.add_error(
                    f"ground-{o.pk}-reason", ValidationError("认定与申报不同的，请写明理由")
                )
        return data

    def standing(self) -> Standing:
        """The clean values."""
        data = self.cleaned_data
        return Standing(
            labour_ground=data["labour_ground"],
            property_ok=data["property_ok"] == "1",
            support=data["support"],
            lines=self.adopted(),
            obligors=[
                JudgedObligor(
                    obligor_id=o.pk,
                    ground=data[f"ground-{o.pk}"],
                    reason=data[f"ground-{o.pk}-reason"] or "",
                )
                for o in self.obligors
            ],
        )
