"""Forms of papers of money and of lists beside the month's: they judge and never save."""

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from cases.rules.months import months_before
from cases.rules.programmes import CHOICES, Programme
from cases.rules.reviews import METHODS
from funds.operations.building import Order
from funds.operations.paying_back import Agreement, Receipt, Told
from funds.operations.planning import RELIEF, Adjusted, Asked, Granted
from funds.operations.supplements import Measure
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.forms import InputField, PlainForm, day_field, money_field, text_field
from yuquan_relief.kernel.inputs import dates

from .models import ProofFile, Supplement
from .models.supplement import BASES
from .rules.budget import PlanAssumptions
from .rules.lists import LIST_KINDS, MOST_MONTHS, NORMAL
from .rules.spreading import SOURCES

CODE_WIDGET = {"autocomplete": "off"}


def month_field(label: str, **kwargs: Any) -> InputField:
    """A month as people type it; the clean value is its first day."""
    return InputField(
        label=label,
        read=dates.parse_month,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "2027-01"}),
        **kwargs,
    )


def count_field(label: str, most: int, least: int = 0, **kwargs: Any) -> forms.IntegerField:
    """A whole number within bounds."""
    said = f"{label}请填 {least} 至 {most} 的整数"
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": said, "min_value": said, "max_value": said},
        **kwargs,
    )


def percent_field(label: str, least: int, **kwargs: Any) -> forms.DecimalField:
    """Per cent with one decimal, at most fifty."""
    name = label.partition("（")[0]
    said = f"{name}请填 {least} 至 50 的百分数，最多一位小数"  # no sign: messages are formatted
    kinds = ("invalid", "min_value", "max_value", "max_digits", "max_decimal_places")
    return forms.DecimalField(
        label=label,
        max_digits=4,
        decimal_places=1,
        min_value=least,
        max_value=50,
        initial=0,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages=dict.fromkeys(kinds, said),
        **kwargs,
    )


class PaperForm(PlainForm):
    """What every step of a paper brings: the version that the person saw."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    content_sha256 = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class SignedForm(PaperForm):
    """A step that is signed, over what was read."""

    opinion = text_field("意见", 500, required=False)
    sign_code = forms.CharField(
        label="签批码", strip=False, max_length=64, widget=forms.PasswordInput(attrs=CODE_WIDGET)
    )


class NoteForm(PaperForm):
    """A step with its reason."""

    note = text_field("理由", 300, lines=True)


class SignedNoteForm(SignedForm):
    """A step that is signed, with its reason."""

    note = text_field("理由", 300, lines=True)
    field_order = ("version", "content_sha256", "note", "opinion", "sign_code")


class TellForm(PaperForm):
    """How the family was told what it has to pay back."""

    told_on = day_field("告知日期")
    method = forms.ChoiceField(label="告知方式", choices=list(METHODS.items()))
    receiver = text_field("签收人", 100)

    def told(self) -> Told:
        """The clean values."""
        data = self.cleaned_data
        return Told(told_on=data["told_on"], method=data["method"], receiver=data["receiver"])


class AgreeForm(PaperForm):
    """Instalments that the family agreed to."""

    count = count_field("期数", 60, 1, help_text="每月一期，不能整除的算在第一期")
    first_due = day_field("首次应还日期")
    agreed_by = text_field("同意人", 100)

    def agreement(self) -> Agreement:
        """The clean values."""
        data = self.cleaned_data
        return Agreement(
            count=data["count"], first_due=data["first_due"], agreed_by=data["agreed_by"]
        )


class ReceiveForm(PaperForm):
    """What the family paid back."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=lambda: uuid4().hex)
    paid_on = day_field("缴款日期")
    amount = money_field("缴款金额（元）")
    voucher_no = text_field("缴款凭证号", 60)
    payer = text_field("缴款人", 100)

    def receipt(self) -> Receipt:
        """The clean values."""
        data = self.cleaned_data
        return Receipt(
            paid_on=data["paid_on"],
            fen=data["amount"],
            voucher_no=data["voucher_no"],
            payer=data["payer"],
        )


def proof_file(label: str) -> forms.FileField:
    """A photo or PDF of a flow or voucher."""
    return forms.FileField(
        label=label, help_text="照片或者 PDF", required=False, allow_empty_file=True
    )


class ProofFileForm(PaperForm):
    """The bank's flow, a voucher, or both at once."""

    flow = proof_file("银行流水")
    voucher = proof_file("支付凭证")

    def clean(self) -> dict[str, Any]:
        """At least one of them; `given`: kind of file → its bytes, read once."""
        data = super().clean() or self.cleaned_data
        files = {kind: data.get(kind.lower()) for kind in ProofFile.KINDS}
        data["given"] = {kind: bytes(read_upload(file)) for kind, file in files.items() if file}
        if not data["given"]:
            self.add_error("flow", ValidationError("请选择银行流水或者支付凭证的照片、PDF"))
        return data


class AdjustForm(PaperForm):
    """One line of a budget asks for another sum."""

    programme = forms.ChoiceField(label="类别", choices=CHOICES)
    asked = money_field("申报数（元）")
    reason = text_field("调整理由", 200)

    def adjusted(self) -> Adjusted:
        """The clean values."""
        data = self.cleaned_data
        return Adjusted(data["programme"], data["asked"], data["reason"] or "")


class RestateForm(PaperForm):
    """A request asks for another sum."""

    amount = money_field("请款金额（元）")
    reason = text_field("请款理由", 300, lines=True)


class GrantForm(SignedForm):
    """Out of which source a request is met."""

    source = forms.ChoiceField(label="资金来源", choices=list(SOURCES.items()))
    amount = money_field("拨付金额（元）")
    document = text_field("拨付文号", 60)
    field_order = ("version", "content_sha256", "source", "amount", "document", "sign_code")

    def granted(self) -> Granted:
        """The clean values."""
        data = self.cleaned_data
        return Granted(source=data["source"], amount_fen=data["amount"], document=data["document"])


STEP_FORMS: dict[tuple[str, str], type[PaperForm]] = {
    ("recovery", "tell"): TellForm,
    ("recovery", "agree_plan"): AgreeForm,
    ("recovery", "receive"): ReceiveForm,
    ("recovery", "ask_write_off"): SignedNoteForm,
    ("recovery", "refuse_write_off"): NoteForm,
    ("recovery", "write_off"): SignedForm,
    ("proof", "add"): ProofFileForm,
    ("proof", "send"): PaperForm,
    ("proof", "send_back"): NoteForm,
    ("proof", "pass"): PaperForm,
    ("budget", "generate"): PaperForm,
    ("budget", "adjust"): AdjustForm,
    ("budget", "sign"): SignedForm,
    ("budget", "send_back"): NoteForm,
    ("budget", "confirm"): SignedForm,
    ("imprest", "restate"): RestateForm,
    ("imprest", "sign"): SignedForm,
    ("imprest", "send_back"): NoteForm,
    ("imprest", "grant"): GrantForm,
    ("imprest", "refuse"): NoteForm,
    ("plan", "sign"): SignedForm,
}


# ------------------------------------------------------------------ new papers and lists


class BudgetForm(PlainForm):
    """Of which quarter."""

    year = forms.TypedChoiceField(label="年度", coerce=int)
    quarter = forms.TypedChoiceField(
        label="季度",
        coerce=int,
        choices=[(n, f"第{name}季度") for n, name in enumerate("一二三四", 1)],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year = self.fields["year"]
        assert isinstance(year, forms.TypedChoiceField)
        year.choices = [(y, str(y)) for y in (today().year, today().year + 1)]


class ImprestForm(PlainForm):
    """Money for 临时救助, asked for a month ahead."""

    programme = forms.ChoiceField(label="类别", choices=[(p.value, p.label) for p in RELIEF])
    month = month_field("用款月", help_text="提前一个月请款，最早下月")
    amount = money_field("请款金额（元）")
    reason = text_field("请款理由", 300, lines=True)

    def asked(self) -> Asked:
        """The clean values."""
        data = self.cleaned_data
        return Asked(
            programme=data["programme"],
            month=data["month"],
            amount_fen=data["amount"],
            reason=data["reason"],
        )


class PlanForm(PlainForm):
    """The assumptions of an edition of the year's plan."""

    year = forms.TypedChoiceField(label="年度", coerce=int)
    name = text_field("方案名称", 60)
    growth = percent_field("对象增减（%）", -50, help_text="减少的填负数")
    rise = percent_field("标准提高（%）", 0)
    raise_from = count_field("从几月起提高", 12, 1, initial=1)
    reserve = money_field("全年临时救助（元）")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year = self.fields["year"]
        assert isinstance(year, forms.TypedChoiceField)
        year.choices = [(y, str(y)) for y in (today().year + 1, today().year)]

    def assumed(self) -> PlanAssumptions:
        """The clean values, in thousandths and fen."""
        data = self.cleaned_data
        return PlanAssumptions(
            growth_permille=int(data["growth"] * 10),
            raise_permille=int(data["rise"] * 10),
            raise_from=data["raise_from"],
            reserve_fen=data["reserve"],
        )


class SupplementForm(PlainForm):
    """A measure that is paid once."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput, initial=lambda: uuid4().hex)
    name = text_field("补贴名称", 60)
    document = text_field("依据文件", 100)
    month = month_field("按哪个月的在享对象")
    basis = forms.ChoiceField(label="计算方式", choices=list(BASES.items()))
    amount = money_field("补贴标准（元）")

    def measure(self) -> Measure:
        """The clean values."""
        data = self.cleaned_data
        return Measure(
            name=data["name"],
            document=data["document"],
            month=data["month"],
            basis=data["basis"],
            amount_fen=data["amount"],
        )


class OrderForm(PlainForm):
    """Which list beside the month's is wanted."""

    kind = forms.ChoiceField(
        label="名单种类",
        choices=[(code, kind.label) for code, kind in LIST_KINDS.items() if code != NORMAL],
        widget=forms.RadioSelect,
    )
    programme = forms.ChoiceField(label="类别", choices=CHOICES)
    months = count_field(
        "发放月数", MOST_MONTHS, 2, required=False, help_text="提前发放的才填，从下月起算"
    )
    supplement = forms.ModelChoiceField(
        label="一次性补贴", queryset=Supplement.objects.none(), required=False,
        empty_label="不发一次性补贴的不选",
        help_text="发放一次性补贴的才选",
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        measures = self.fields["supplement"]
        assert isinstance(measures, forms.ModelChoiceField)
        since = months_before(today().replace(day=1), 12)
        mine = Supplement.objects.filter(district_id=actor.district_id, month__gte=since)
        measures.queryset = mine.order_by("-id")

    def clean(self) -> dict[str, Any]:
        """What a kind needs is there."""
        data = super().clean() or self.cleaned_data
        if data.get("kind") == "ADVANCE" and not data.get("months"):
            self.add_error("months", ValidationError("请填写提前发放几个月"))
        if data.get("kind") == "ONE_OFF" and not data.get("supplement"):
            self.add_error("supplement", ValidationError("请选择要发放的一次性补贴"))
        return data

    def order(self, this_month: Any, following: Any) -> Order:
        """The clean values; an advance begins with the following month."""
        data = self.cleaned_data
        kind = data["kind"]
        return Order(
            kind=kind,
            programme=Programme(data["programme"]),
            month=following if kind == "ADVANCE" else this_month,
            months=data["months"] if kind == "ADVANCE" else 1,
            supplement=data["supplement"] if kind == "ONE_OFF" else None,
        )


class GiveUpForm(PlainForm):
    """Why what came back is not sent again."""

    line = forms.IntegerField(widget=forms.HiddenInput)
    note = text_field("理由", 300, lines=True)


class SettleHandOverForm(PlainForm):
    """What was found of a bank file that the bank has and no list here accounts for."""

    file_sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    note = text_field("核对结果", 300, lines=True, help_text="银行是否已经支付，怎样处理")


class ReverseForm(PlainForm):
    """Why an allocation is taken back."""

    group = forms.IntegerField(widget=forms.HiddenInput)
    note = text_field("冲正理由", 200)
