"""Forms of funds: they judge what was typed and never save."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from cases.rules.programmes import CHOICES
from funds.operations.ledger import Grant
from funds.operations.results import Verdict
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.forms import PlainForm, day_field, money_field, text_field
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.spreadsheets import MOST_BYTES

from .models import PayoutBatch
from .operations.results import OUTCOMES
from .rules.spreading import SOURCES


class StepForm(PlainForm):
    """What every step brings: the version that the person saw."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, batch: PayoutBatch, **kwargs: Any) -> None:
        self.batch = batch
        super().__init__(*args, **kwargs)


class SignForm(StepForm):
    """A step that is signed."""

    sign_code = forms.CharField(
        label="签批码",
        strip=False,
        max_length=64,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class LockForm(SignForm):
    """The number of households is typed, so that nobody locks without having looked (ux 2.4)."""

    households = forms.IntegerField(
        label="核对户数",
        help_text="锁定后不能再改，请填写名单的户数",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": "请填写名单的户数，只填数字"},
    )
    field_order = ("version", "households", "sign_code")

    def clean_households(self) -> int:
        """The number must be the list's."""
        typed = int(self.cleaned_data["households"])
        if typed != self.batch.household_count:
            raise ValidationError("与名单的户数不一致，请看清名单后再填")
        return typed


class ApproveForm(SignForm):
    """The leader's signature, over the digest shown with the page."""

    content_sha256 = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    opinion = text_field("签批意见", 500, required=False, initial="同意发放。")
    field_order = ("version", "content_sha256", "opinion", "sign_code")


class RecogniseForm(SignForm):
    """That the very bytes had gone to the bank before a backup was restored."""

    content_sha256 = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    field_order = ("version", "content_sha256", "sign_code")


class SendBackForm(StepForm):
    """Back to the office, with what must be mended."""

    note = text_field("退回理由", 300, lines=True)


class TakeFileForm(SignForm):
    """The taker's signature; a reason from the second time on."""

    reason = text_field("再次领取的原因", 200, required=False)
    field_order = ("version", "reason", "sign_code")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.batch.state == "SENT":
            self.fields["reason"].required = True
        else:
            del self.fields["reason"]


class ResultForm(StepForm):
    """The bank's file."""

    file = forms.FileField(
        label="银行结果文件",
        help_text="CSV 或 XLSX，首行是列名",
        allow_empty_file=True,
        error_messages={"required": "请选择银行结果文件"},
    )

    def clean_file(self) -> bytes:
        """The bytes, if they are not too many."""
        upload = self.cleaned_data["file"]
        if upload.size > MOST_BYTES:
            raise ValidationError(f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请分成几个文件导入")
        self.cleaned_data["name"] = upload.name
        return bytes(read_upload(upload))


class ResolveForm(PlainForm):
    """What a person found about one difference."""

    outcome = forms.ChoiceField(label="核实结果", choices=list(OUTCOMES.items()))
    note = text_field("核实情况", 200)
    paid_on = day_field("银行到账日期", required=False, help_text="核实已到账的才填写")
    serial = text_field("交易流水号", 40, required=False, help_text="核实已到账的才填写")

    def verdict(self) -> Verdict:
        """The clean values."""
        values = self.cleaned_data
        return Verdict(
            outcome=values["outcome"],
            note=values["note"],
            paid_on=values["paid_on"],
            serial=values["serial"] or "",
        )


class AllocationForm(PlainForm):
    """Money from the district for one office and one programme."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=lambda: uuid4().hex)
    office = forms.ModelChoiceField(
        label="镇、街道",
        queryset=Unit.objects.none(),
        to_field_name="code",
        empty_label="请选择",
    )
    programme = forms.ChoiceField(label="类别", choices=CHOICES)
    source = forms.ChoiceField(label="资金来源", choices=list(SOURCES.items()))
    year = forms.TypedChoiceField(label="年度", coerce=int)
    amount = money_field("金额（元）")
    document = text_field("拨付文号", 60)
    reason = text_field(
        "超出预算的理由", 200, required=False, help_text="超出已确认的季度预算的才填"
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        office, year = self.fields["office"], self.fields["year"]
        assert isinstance(office, forms.ModelChoiceField)
        assert isinstance(year, forms.TypedChoiceField)
        offices = Unit.objects.offices().valid_on(today()).filter(parent_id=actor.district_id)
        office.queryset = offices.order_by("code")
        years = [today().year + step for step in (0, 1, -1)]
        year.choices = [(value, str(value)) for value in years]

    def grant(self) -> Grant:
        """The clean values."""
        values = self.cleaned_data
        return Grant(
            office_id=values["office"].pk,
            programme=values["programme"],
            source=values["source"],
            year=values["year"],
            amount_fen=values["amount"],
            document=values["document"],
            reason=values["reason"] or "",
        )


FORMS: dict[str, type[StepForm]] = {
    "rebuild": StepForm,
    "lock": LockForm,
    "send_back": SendBackForm,
    "approve": ApproveForm,
    "take_file": TakeFileForm,
    "recognise": RecogniseForm,
    "import_result": ResultForm,
}
