"""Forms of 特困: the six items of self-care, and the three tests."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Q

from cases.forms import FormRow, FormTable, StepForm
from cases.income_forms import LinesForm
from cases.models import Case, Institution, Obligor
from cases.operations.care import Arranged, InstitutionFacts
from cases.operations.destitution import Assessed, JudgedObligor, Standing
from cases.rules.destitution import ENDINGS, LABOUR_GROUNDS, OBLIGOR_GROUNDS, SELF_CARE
from cases.rules.programmes import SUPPORT_MODES
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.forms import InputField, PlainForm, day_field, money_field, text_field
from yuquan_relief.kernel.inputs import phones
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


class ArrangeCareForm(StepForm):
    """Who cares for the person: an institution, or somebody by agreement (F25)."""

    support = forms.ChoiceField(
        label="供养方式", choices=list(SUPPORT_MODES.items()), widget=forms.RadioSelect
    )
    began_on = day_field("开始日期")
    institution = forms.ChoiceField(label="供养机构", required=False)
    bed = text_field("床位号", 20, required=False)
    carer_name = text_field("照料人姓名", 100, required=False)
    carer_relation = text_field(
        "照料人与本人关系", 50, required=False, help_text="亲属、邻居、村（居）委会、服务机构等"
    )
    carer_phone = InputField(label="照料人电话", read=phones.clean, required=False)
    month_pay = money_field("每月照料报酬（元）", required=False)
    agreed_on = day_field("照料协议签订日期", required=False)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.fields["support"].initial = case.support or "SCATTERED"
        self.fields["began_on"].initial = str(today())
        rows = Institution.objects.filter(district_id=case.district_id, is_open=True)
        choices = [
            (str(i.pk), f"{i.name}（{i.beds} 张床位，在住 {i.living} 人）")
            for i in rows.annotate(living=LIVING).order_by("name")
        ]
        self.fields["institution"].choices = [  # type: ignore[attr-defined]
            ("", "分散供养不选"),
            *choices,
        ]

    def clean(self) -> dict[str, Any]:
        """What each way of support needs is asked at its own field."""
        data: dict[str, Any] = super().clean() or {}
        needed = {"CENTRAL": ("institution", "bed"), "SCATTERED": ("carer_name", "agreed_on")}
        for name in needed.get(data.get("support", ""), ()):
            if not data.get(name) and name not in self.errors:
                verb = "选择" if name == "institution" else "填写"
                self.add_error(name, ValidationError(f"请{verb}{self.fields[name].label}"))
        return data

    def arranged(self) -> Arranged:
        """The clean values; what belongs to the other way of support is left out."""
        data = self.cleaned_data
        if data["support"] == "CENTRAL":
            return Arranged(
                support="CENTRAL",
                began_on=data["began_on"],
                institution_id=int(data["institution"]),
                bed=data["bed"],
            )
        return Arranged(
            support="SCATTERED",
            began_on=data["began_on"],
            carer_name=data["carer_name"],
            carer_relation=data["carer_relation"] or "",
            carer_phone=data["carer_phone"] or "",
            month_fen=data["month_pay"] or 0,
            agreed_on=data["agreed_on"],
        )


class EndingForm(StepForm):
    """拟终止: on which ground, and what shows it."""

    ground = forms.ChoiceField(label="拟终止的情形", choices=[("", "请选择"), *ENDINGS.items()])
    note = text_field("核实情况和依据", 400, lines=True)


class EndCareForm(StepForm):
    """From which day nobody cares for the person like that, and why."""

    ended_on = day_field("结束日期")
    note = text_field("结束原因", 300, lines=True)


class CareChangeForm(StepForm):
    """A reported change of self-care."""

    reported_on = day_field("报告日期")
    note = text_field("变化情况", 300, lines=True, help_text="谁报告的、哪些事不能自己做了")


class InstitutionForm(PlainForm):
    """One institution of the district."""

    name = text_field("机构名称", 100)
    address = text_field("地址", 200)
    phone = InputField(label="电话", read=phones.clean)
    beds = forms.IntegerField(
        label="床位",
        min_value=1,
        max_value=2000,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "床位请填数字", "min_value": "床位至少 1 张"},
    )
    is_open = forms.BooleanField(label="正在接收", required=False, initial=True)

    def facts(self) -> InstitutionFacts:
        """The clean values."""
        return InstitutionFacts(**self.cleaned_data)


LIVING = Count("stays", filter=Q(stays__ended_on__isnull=True))


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
