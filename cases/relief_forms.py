"""Forms of 临时救助, and of extending a limit."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from cases.forms import SignForm, StepForm
from cases.models import Case
from cases.models.facts import granted_fen, handed_fen, missing_slots
from cases.models.record import CaseRecord, rules_of
from cases.operations.relief import Agreed, Handed, ProposedSum, approvers, most_first
from cases.rules.programmes import Programme
from cases.rules.relief import METHODS
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.forms import day_field, money_field, text_field
from yuquan_relief.kernel.inputs.money import show


class ReliefForm(StepForm):
    """The sum that the office proposes."""

    amount = money_field("提出救助金额（元）")
    special = text_field(
        "一事一议记录",
        400,
        lines=True,
        required=False,
        help_text="金额在规定倍数以外的才填：何时、哪些人参加、怎样议定",
    )
    new_reason = text_field(
        "新的理由",
        300,
        lines=True,
        required=False,
        help_text="十二个月内因同一事由救助过的，写明为什么还要救助",
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        record = CaseRecord(case, today())
        rule, standard = (
            record.rulebook["relief.amount"],
            record.rulebook["standard.URBAN_ALLOWANCE"],
        )
        persons = sum(m.counts_for_income for m in record.members) if rule["per_person"] else 1
        least, most = (standard * persons * rule[name] for name in ("min_times", "max_times"))
        self.fields["amount"].help_text = f"一般在 {show(least)} 到 {show(most)} 元之间"

    def proposed(self) -> ProposedSum:
        """The clean values."""
        data = self.cleaned_data
        return ProposedSum(
            amount_fen=data["amount"],
            special=data["special"] or "",
            new_reason=data["new_reason"] or "",
        )


class FirstReliefForm(SignForm):
    """先行救助: to what sum, who agreed, how and when."""

    amount = money_field("先行救助金额（元）")
    approver = forms.ChoiceField(label="批准人")
    how = forms.ChoiceField(
        label="批准方式", choices=[("FACE", "当面"), ("PHONE", "电话")], widget=forms.RadioSelect
    )
    approved_on = day_field("批准日期")
    approved_at = forms.TimeField(
        label="批准时间",
        input_formats=["%H:%M", "%H：%M"],
        widget=forms.TextInput(attrs={"placeholder": "21:30"}),
        error_messages={"invalid": "请按“时:分”填写，例如 21:30"},
    )
    reason = text_field("紧急情形", 300, lines=True)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        known = [(str(pk), name) for pk, name in approvers(case, today()).items()]
        self.fields["approver"].choices = [("", "请选择"), *known]  # type: ignore[attr-defined]
        self.fields["approved_on"].initial = str(today())
        most = most_first(CaseRecord(case, today()))
        self.fields["amount"].help_text = f"不超过 {show(most)} 元"

    def agreed(self) -> Agreed:
        """The clean values."""
        data = self.cleaned_data
        at: time = data["approved_at"]
        return Agreed(
            amount_fen=data["amount"],
            approver_id=int(data["approver"]),
            how=data["how"],
            approved_at=timezone.make_aware(datetime.combine(data["approved_on"], at)),
            reason=data["reason"],
        )


class HandOverForm(StepForm):
    """What reached the household."""

    handed_on = day_field("发放日期")
    method = forms.ChoiceField(label="发放方式")
    amount = money_field("金额或折价（元）", required=False)
    what = text_field("物品或转介到哪里", 200, required=False)
    outcome = text_field("转介结果", 200, required=False)
    receiver = text_field("签收人", 100)
    cash_reason = text_field("现金发放理由", 200, required=False)
    receipt = forms.FileField(
        label="签收单照片", required=False, help_text="JPEG 或 PNG；发放现金的必须有"
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        urgent = Programme(case.programme).is_urgent
        methods = [(c, label) for c, label in METHODS.items() if urgent or c != "CASH"]
        self.fields["method"].choices = methods  # type: ignore[attr-defined]
        self.fields["handed_on"].initial = str(today())
        record = CaseRecord(case, today())
        left = granted_fen(record) - handed_fen(record)
        self.fields["amount"].help_text = f"还可发放 {show(left)} 元；转介服务不填"
        if not urgent:
            del self.fields["cash_reason"]

    def handed(self) -> Handed:
        """The clean values."""
        data = self.cleaned_data
        receipt = data.get("receipt")
        return Handed(
            handed_on=data["handed_on"],
            method=data["method"],
            amount_fen=data["amount"] or 0,
            receiver=data["receiver"],
            what=data["what"] or "",
            outcome=data["outcome"] or "",
            cash_reason=data.get("cash_reason") or "",
            receipt=read_upload(receipt) if receipt else None,
        )


class DeferForm(StepForm):
    """容缺: which document, until when, why."""

    slot = forms.ChoiceField(label="缺少的材料")
    promised_on = day_field("补交日期")
    note = text_field("容缺理由", 200, lines=True)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        missing = missing_slots(CaseRecord(case, today()))
        self.fields["slot"].choices = [("", "请选择"), *missing]  # type: ignore[attr-defined]


class ExtendForm(StepForm):
    """Extending the limit: the legal reason, what makes it so, how the family was told."""

    reason = forms.ChoiceField(label="法定情形")
    note = text_field("具体情况", 400, lines=True)
    told_how = text_field("怎样告知申请人", 100, help_text="例：当面告知并签收")

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        reasons = rules_of(case, today())["extension.reasons"]
        choices = [(r["code"], f"{r['label']}（{r['days']} 个工作日）") for r in reasons]
        self.fields["reason"].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]
