"""Forms about income, asked in a table: the verification report and the income account."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.forms import FormRow, StepForm
from cases.models import Case
from cases.operations.investigation import Adopted, CheckedIncome, MeansReport
from cases.rules.programmes import INCOME_KINDS
from yuquan_relief.kernel.forms import day_field, money_field, text_field
from yuquan_relief.kernel.inputs.money import show


class MeansReportForm(StepForm):
    """The verification centre's report with one amount for each line."""

    report_no = text_field("报告编号", 40)
    data_upto = day_field("数据截止日")
    valid_until = day_field("有效期至")
    conclusion = forms.ChoiceField(
        label="结论", choices=[("WITHIN", "未超标"), ("SUSPECT", "疑似超标"), ("OVER", "超标")]
    )
    note = text_field("说明", 500, lines=True, required=False)
    columns = ("成员", *INCOME_KINDS.values())
    table_title = "核对到的收入（元/年），没有查到的不填"
    table_comes_last = True

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.keys: dict[str, tuple[int, str]] = {}
        declared = {(line.member_id, line.kind) for line in case.income_lines.all()}
        self.members = list(case.household.members.filter(left_on__isnull=True).order_by("id"))
        for member in self.members:
            for kind, label in INCOME_KINDS.items():
                name = f"line-{member.pk}-{kind}"
                self.keys[name] = (member.pk, kind)
                self.fields[name] = money_field(
                    f"{member.name}　{label}（元/年）",
                    required=False,
                    help_text="申报过" if (member.pk, kind) in declared else "",
                )

    def rows(self) -> list[FormRow]:
        """One row for each member, one column for each kind of income."""
        return [
            FormRow(
                member.name,
                member.get_relation_display(),
                [],
                [(label, self[f"line-{member.pk}-{kind}"]) for kind, label in INCOME_KINDS.items()],
            )
            for member in self.members
        ]

    def report(self) -> MeansReport:
        """The clean values; lines left blank were not found."""
        data = self.cleaned_data
        return MeansReport(
            report_no=data["report_no"],
            data_upto=data["data_upto"],
            valid_until=data["valid_until"],
            conclusion=data["conclusion"],
            note=data["note"] or "",
            lines=[
                CheckedIncome(member_id=member, kind=kind, annual_fen=data[name])
                for name, (member, kind) in self.keys.items()
                if data.get(name) is not None
            ],
        )


class IncomeForm(StepForm):
    """收入核算: adopted value, counted or not, reason, for each line."""

    columns = ("收入", "申报", "核对", "采用", "计入", "理由")
    table_title = "逐项采用（元/年）；采用数与核对数不同、不计入的，写明理由"

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.lines = list(case.income_lines.select_related("member").order_by("member_id", "id"))
        for line in self.lines:
            checked = line.checked_fen or 0
            start = checked if line.adopted_fen is None else line.adopted_fen
            who = f"{line.member.name}　{line.get_kind_display()}"
            self.fields[f"adopted-{line.pk}"] = money_field(
                f"{who}　采用（元/年）",
                initial=show(start),
            )
            self.fields[f"counted-{line.pk}"] = forms.BooleanField(
                label=f"{who}　计入收入", required=False, initial=line.is_counted
            )
            self.fields[f"reason-{line.pk}"] = text_field(f"{who}　理由", 300, required=False)
        self.fields["deductions"] = money_field(
            "扣减（元/年）", initial="0.00", help_text="就业成本、重病重残刚性支出；没有请填 0"
        )

    def rows(self) -> list[FormRow]:
        """One row for each income."""
        return [
            FormRow(
                line.member.name,
                line.get_kind_display(),
                [("申报", show(line.declared_fen)), ("核对", show(line.checked_fen or 0))],
                [
                    ("采用", self[f"adopted-{line.pk}"]),
                    ("计入", self[f"counted-{line.pk}"]),
                    ("理由", self[f"reason-{line.pk}"]),
                ],
            )
            for line in self.lines
        ]

    def clean(self) -> dict[str, Any]:
        """A difference needs its reason, at its own field."""
        data = super().clean() or {}
        for line in self.lines:
            adopted = data.get(f"adopted-{line.pk}")
            differs = adopted is not None and adopted != (line.checked_fen or 0)
            if (differs or not data.get(f"counted-{line.pk}")) and not data.get(
                f"reason-{line.pk}"
            ):
                self.add_error(
                    f"reason-{line.pk}",
                    ValidationError("采用数与核对数不同或不计入的，请写明理由"),
                )
        return data

    def adopted(self) -> list[Adopted]:
        """The clean values."""
        data = self.cleaned_data
        return [
            Adopted(
                line_id=line.pk,
                adopted_fen=data[f"adopted-{line.pk}"],
                is_counted=data[f"counted-{line.pk}"],
                reason=data[f"reason-{line.pk}"] or "",
            )
            for line in self.lines
        ]
