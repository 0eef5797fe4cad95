"""Forms about income and property, asked in tables: the verification report and the account."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.forms import FormRow, FormTable, StepForm
from cases.models import Case, IncomeLine, Obligor, PlatformFailure, PropertyItem
from cases.models.record import CaseRecord
from cases.operations.investigation import (
    CheckedIncome,
    CheckedProperty,
    Failure,
    Finding,
    MeansReport,
)
from cases.operations.settlement import (
    Adopted,
    AdoptedSupport,
    Adoption,
    Deduction,
    Exempted,
    not_counted_kinds,
)
from cases.rules.programmes import ALL_INCOMES, DEDUCTIONS, FINDINGS, INCOME_KINDS, PROPERTY_KINDS
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.forms import day_field, money_field, text_field
from yuquan_relief.kernel.inputs import InputError, counts
from yuquan_relief.kernel.inputs.money import show

FOUND_ROWS = 4
PEOPLE_ROWS = 3


class MeansReportForm(StepForm):
    """The verification centre's report: one amount for each income, and what the family owns."""

    report_no = text_field("报告编号", 40)
    data_upto = day_field("数据截止日")
    valid_until = day_field("有效期至")
    conclusion = forms.ChoiceField(
        label="结论", choices=[("WITHIN", "未超标"), ("SUSPECT", "疑似超标"), ("OVER", "超标")]
    )
    note = text_field("说明", 500, lines=True, required=False)
    table_comes_last = True

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.keys: dict[str, tuple[int, str]] = {}
        declared = {(line.member_id, line.kind) for line in case.income_lines.all()}
        special = {kind for _, kind in declared} - set(INCOME_KINDS)
        self.kinds = INCOME_KINDS | {k: v for k, v in ALL_INCOMES.items() if k in special}
        self.members = list(case.household.members.filter(left_on__isnull=True).order_by("id"))
        for member in self.members:
            for kind, label in self.kinds.items():
                name = f"line-{member.pk}-{kind}"
                self.keys[name] = (member.pk, kind)
                self.fields[name] = money_field(
                    f"{member.name}　{label}（元/年）",
                    required=False,
                    help_text="申报过" if (member.pk, kind) in declared else "",
                )
        for i in range(FOUND_ROWS):
            self._add_found(i)
        for i in range(PEOPLE_ROWS):
            self._add_finding(i)

    def _add_finding(self, i: int) -> None:
        where = f"第 {i + 1} 项人员情况"
        people = [("", "没有不选"), *((str(m.pk), m.name) for m in self.members)]
        self.fields[f"person-{i}-member"] = forms.ChoiceField(
            label=f"{where}　人员", choices=people, required=False
        )
        self.fields[f"person-{i}-kind"] = forms.ChoiceField(
            label=f"{where}　情况", choices=[("", "请选择"), *FINDINGS.items()], required=False
        )
        self.fields[f"person-{i}-note"] = text_field(f"{where}　说明", 200, required=False)

    def _add_found(self, i: int) -> None:
        where = f"第 {i + 1} 项财产"
        people = [("", "全家"), *((str(m.pk), m.name) for m in self.members)]
        self.fields[f"found-{i}-kind"] = forms.ChoiceField(
            label=f"{where}　类别",
            choices=[("", "没有不选"), *PROPERTY_KINDS.items()],
            required=False,
        )
        self.fields[f"found-{i}-member"] = forms.ChoiceField(
            label=f"{where}　权利人", choices=people, required=False
        )
        self.fields[f"found-{i}-note"] = text_field(f"{where}　说明", 100, required=False)
        self.fields[f"found-{i}-value"] = money_field(f"{where}　价值（元）", required=False)
        self.fields[f"found-{i}-area"] = text_field(f"{where}　面积（平方米）", 6, required=False)

    def tables(self) -> list[FormTable]:
        """Incomes: one row for each member, one column for each kind. Property: row by row."""
        incomes = [
            FormRow(
                member.name,
                member.get_relation_display(),
                [],
                [(label, self[f"line-{member.pk}-{kind}"]) for kind, label in self.kinds.items()],
            )
            for member in self.members
        ]
        parts = (
            ("kind", "类别"),
            ("member", "权利人"),
            ("note", "说明"),
            ("value", "价值"),
            ("area", "面积"),
        )
        found = [
            FormRow(f"第 {i + 1} 项", "", [], [(lab, self[f"found-{i}-{p}"]) for p, lab in parts])
            for i in range(FOUND_ROWS)
        ]
        asked = (("member", "人员"), ("kind", "情况"), ("note", "说明"))
        people = [
            FormRow(f"第 {i + 1} 项", "", [], [(lab, self[f"person-{i}-{p}"]) for p, lab in asked])
            for i in range(PEOPLE_ROWS)
        ]
        columns = ("成员", *self.kinds.values())
        return [
            FormTable("核对到的收入（元/年），没有查到的不填", columns, incomes),
            FormTable("核对到的财产，没有查到的不填", ("", *(label for _, label in parts)), found),
            FormTable("核对到的人员情况，没有的不填", ("", *(label for _, label in asked)), people),
        ]

    def clean(self) -> dict[str, Any]:
        """A find says what it is, and its area is a number."""
        data = super().clean() or {}
        for i in range(FOUND_ROWS):
            at = f"found-{i}-"
            if data.get(at + "kind") and not data.get(at + "note"):
                self.add_error(at + "note", ValidationError("请写明是什么"))
            if not data.get(at + "kind") and (data.get(at + "note") or data.get(at + "value")):
                self.add_error(at + "kind", ValidationError("请选择财产类别"))
            try:
                data[at + "area"] = counts.clean(data.get(at + "area") or "0", least=0, most=9999)
            except InputError as error:
                self.add_error(at + "area", ValidationError(error.message))
        for i in range(PEOPLE_ROWS):
            self._ask_for_the_other(data, f"person-{i}-")
        return data

    def _ask_for_the_other(self, data: dict[str, Any], at: str) -> None:
        """Who and what belong together."""
        member, kind = data.get(at + "member"), data.get(at + "kind")
        if kind and not member:
            self.add_error(at + "member", ValidationError("请选择是谁"))
        if (member or data.get(at + "note")) and not kind:
            self.add_error(at + "kind", ValidationError("请选择是什么情况"))

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
            property=[
                self._found(f"found-{i}-") for i in range(FOUND_ROWS) if data[f"found-{i}-kind"]
            ],
            findings=[
                Finding(
                    member_id=int(data[f"person-{i}-member"]),
                    kind=data[f"person-{i}-kind"],
                    note=data[f"person-{i}-note"] or "",
                )
                for i in range(PEOPLE_ROWS)
                if data[f"person-{i}-kind"]
            ],
        )

    def _found(self, at: str) -> CheckedProperty:
        data = self.cleaned_data
        return CheckedProperty(
            member_id=int(data[at + "member"]) if data[at + "member"] else None,
            kind=data[at + "kind"],
            note=data[at + "note"],
            value_fen=data[at + "value"] or 0,
            area=data[at + "area"],
        )


class RecheckForm(StepForm):
    """What the applicant says against the report, and with which evidence."""

    note = text_field("申请人的异议和证据", 300, lines=True)


class FailureForm(StepForm):
    """What kept the platform from answering."""

    kind = forms.ChoiceField(label="情形", choices=PlatformFailure.KINDS)
    first_day = day_field("开始日期")
    last_day = day_field("结束日期")
    note = text_field("说明", 300, lines=True, help_text="例：核对中心告知的原因、电话记录")

    def failure(self) -> Failure:
        """The clean values."""
        return Failure(**self.cleaned_data)


class LinesForm(StepForm):
    """Incomes line by line: adopted value, counted or not, reason. 特困 asks it too."""

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.record = CaseRecord(case, today())
        self.left_out = not_counted_kinds(self.record)
        self.lines: list[IncomeLine] = self.record.lines
        for line in self.lines:
            self._add_line(line)

    def _add_line(self, line: IncomeLine) -> None:
        checked = line.checked_fen or 0
        start = checked if line.adopted_fen is None else line.adopted_fen
        who = f"{line.member.name}　{line.get_kind_display()}"
        self.fields[f"adopted-{line.pk}"] = money_field(
            f"{who}　采用（元/年）", initial=show(start)
        )
        self.fields[f"counted-{line.pk}"] = forms.BooleanField(
            label=f"{who}　计入收入", required=False, initial=line.is_counted
        )
        self.fields[f"reason-{line.pk}"] = text_field(f"{who}　理由", 300, required=False)

    def lines_table(self) -> FormTable:
        """One row for each income."""
        rows = [
            FormRow(
                line.member.name,
                "　".join(filter(None, (line.get_kind_display(), line.basis_text))),
                [("申报", show(line.declared_fen)), ("核对", show(line.checked_fen or 0))],
                [
                    ("采用", self[f"adopted-{line.pk}"]),
                    ("计入", self[f"counted-{line.pk}"]),
                    ("理由", self[f"reason-{line.pk}"]),
                ],
            )
            for line in self.lines
        ]
        title = "逐项采用（元/年）；采用数与核对数不同、计入与规定不同的，写明理由"
        return FormTable(title, ("收入", "申报", "核对", "采用", "计入", "理由"), rows)

    def clean(self) -> dict[str, Any]:
        """A difference needs its reason, at its own field."""
        data = super().clean() or {}
        for line in self.lines:
            adopted = data.get(f"adopted-{line.pk}")
            differs = adopted is not None and adopted != (line.checked_fen or 0)
            otherwise = bool(data.get(f"counted-{line.pk}")) != (line.kind not in self.left_out)
            if (differs or otherwise) and not data.get(f"reason-{line.pk}"):
                self.add_error(
                    f"reason-{line.pk}",
                    ValidationError("采用数与核对数不同，或计入与规定不同的，请写明理由"),
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


class IncomeForm(LinesForm):
    """收入核算: incomes, obligors' support, property, deductions, and how the amount is found."""

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.obligors: list[Obligor] = self.record.obligors
        self.items: list[PropertyItem] = self.record.property_items
        means = self.record.means
        self.needs_words = means is not None and means.conclusion in ("SUSPECT", "OVER")
        self.by_tiers = self.record.rulebook["allowance.method"] == "tiers"
        for obligor in self.obligors:
            self._add_obligor(obligor)
        for item in self.items:
            self._add_item(item)
        for code, label in DEDUCTIONS.items():
            self.fields[f"deduct-{code}"] = money_field(f"{label}（元/年）", required=False)
            self.fields[f"deduct-{code}-note"] = text_field(f"{label}　依据", 200, required=False)
        self.fields["method"] = forms.ChoiceField(
            label="计算方式",
            choices=[
                ("tiers", "按户分档") if self.by_tiers else ("difference", "按户补差"),
                ("single", "单人保"),
            ],
            widget=forms.RadioSelect,
            initial="tiers" if self.by_tiers else "difference",
            required=False,
        )
        if self.needs_words:
            self.fields["explained"] = text_field(
                "核对结论为超标或疑似超标，请写明核实情况和依据", 400, lines=True
            )
        self.insured = [m for m in self.record.members if m.is_insured] if self.by_tiers else []
        for member in self.insured:
            tiers = [(t["code"], t["label"]) for t in self.record.rulebook["allowance.tiers"]]
            self.fields[f"tier-{member.pk}"] = forms.ChoiceField(
                label=f"{member.name}　档次", choices=[("", "请选择"), *tiers], required=False
            )

    def _add_obligor(self, obligor: Obligor) -> None:
        fen = obligor.support_fen if obligor.adopted_fen is None else obligor.adopted_fen
        self.fields[f"support-{obligor.pk}"] = money_field(
            f"{obligor.name}　应付（元/年）", initial=show(fen)
        )
        self.fields[f"support-{obligor.pk}-reason"] = text_field(
            f"{obligor.name}　理由", 300, required=False
        )

    def _add_item(self, item: PropertyItem) -> None:
        what = f"{item.get_kind_display()}　{item.note}"
        self.fields[f"exempt-{item.pk}"] = forms.BooleanField(
            label=f"{what}　不计入", required=False, initial=item.is_exempt
        )
        self.fields[f"exempt-{item.pk}-reason"] = text_field(
            f"{what}　理由", 300, required=False, initial=item.reason
        )

    def tables(self) -> list[FormTable]:
        """Incomes, then support, property and deductions where there are any."""
        found = [self.lines_table()] if self.lines else []
        if self.obligors:
            found.append(self._obligors_table())
        if self.items:
            found.append(self._property_table())
        rows = [
            FormRow(
                label, "", [], [("金额", self[f"deduct-{c}"]), ("依据", self[f"deduct-{c}-note"])]
            )
            for c, label in DEDUCTIONS.items()
        ]
        found.append(FormTable("扣减（元/年），没有的不填", ("项目", "金额", "依据"), rows))
        return found

    def _obligors_table(self) -> FormTable:
        rows = [
            FormRow(
                o.name,
                o.get_relation_display(),
                [("人口", str(o.persons)), ("月收入", show(o.month_fen)),
                 ("申报", show(o.support_fen))],
                [("应付", self[f"support-{o.pk}"]), ("理由", self[f"support-{o.pk}-reason"])],
            )
            for o in self.obligors
        ]  # fmt: skip
        columns = ("义务人", "家庭人口", "家庭月收入", "申报年付", "应付", "理由")
        return FormTable("赡养、抚养、扶养费（元/年）；少于申报的写明理由", columns, rows)

    def _property_table(self) -> FormTable:
        rows = [
            FormRow(
                item.get_kind_display(),
                f"{item.source_label}　{item.note}",
                [("价值", show(item.value_fen)), ("面积", str(item.area or "—"))],
                [("不计入", self[f"exempt-{item.pk}"]),
                 ("理由", self[f"exempt-{item.pk}-reason"])],
            )
            for item in self.items
        ]  # fmt: skip
        columns = ("财产", "价值（元）", "面积", "不计入", "理由")
        return FormTable("家庭财产；生活必需、可以不计的写明理由", columns, rows)

    def clean(self) -> dict[str, Any]:
        """Every departure has its reason, at its own field."""
        data = super().clean()
        for o in self.obligors:
            fen = data.get(f"support-{o.pk}")
            if fen is not None and fen < o.support_fen and not data.get(f"support-{o.pk}-reason"):
                self.add_error(f"support-{o.pk}-reason", ValidationError("少于申报的，请写明理由"))
        for item in self.items:
            if data.get(f"exempt-{item.pk}") and not data.get(f"exempt-{item.pk}-reason"):
                self.add_error(f"exempt-{item.pk}-reason", ValidationError("请写明不计入的理由"))
        for code in DEDUCTIONS:
            if data.get(f"deduct-{code}") and not data.get(f"deduct-{code}-note"):
                self.add_error(f"deduct-{code}-note", ValidationError("请写明扣减的依据"))
        return data

    def adoption(self) -> Adoption:
        """The clean values."""
        data = self.cleaned_data
        return Adoption(
            lines=self.adopted(),
            deductions=[
                Deduction(kind=code, fen=data[f"deduct-{code}"], note=data[f"deduct-{code}-note"])
                for code in DEDUCTIONS
                if data.get(f"deduct-{code}")
            ],
            obligors=[
                AdoptedSupport(
                    obligor_id=o.pk,
                    support_fen=data[f"support-{o.pk}"],
                    reason=data[f"support-{o.pk}-reason"] or "",
                )
                for o in self.obligors
            ],
            exempted=[
                Exempted(item_id=item.pk, reason=data[f"exempt-{item.pk}-reason"])
                for item in self.items
                if data[f"exempt-{item.pk}"]
            ],
            explained=data.get("explained") or "",
            method=data["method"] or self.fields["method"].initial,
            tiers={str(m.pk): data[f"tier-{m.pk}"] for m in self.insured},
        )
