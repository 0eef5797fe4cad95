"""Forms of the paper file: they judge what was typed and never save."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from archives.models import Box
from archives.operations.shelf import Borrower, OnPaper
from archives.rules.comparing import FACETS, RIGHT
from yuquan_relief.kernel.forms import InputField, PlainForm, day_field, money_field, text_field
from yuquan_relief.kernel.inputs.dates import parse_month


class BoxForm(PlainForm):
    """A new box."""

    label = text_field("题名", 60)
    place = text_field("位置", 30, required=False, help_text="柜-层-位，例如 A3-12-07")


class PlaceForm(PlainForm):
    """Where a box stands from now on."""

    place = text_field("位置", 30, help_text="柜-层-位，例如 A3-12-07")


class ShelveForm(PlainForm):
    """In which box the paper file stands, and what it says: typed from the paper, not copied."""

    box = forms.ChoiceField(label="档案盒")
    pages = forms.IntegerField(label="页数", min_value=1, max_value=2000)
    amount = money_field("纸质审批表上的金额", help_text="每月的保障金；临时救助填救助金总额")
    persons = forms.IntegerField(
        label="纸质审批表上的保障人数", min_value=1, max_value=30, required=False
    )
    month = InputField(
        label="纸质审批表上的起始月", read=parse_month, required=False,
        help_text="例如 2026-11；临时救助不填",
    )  # fmt: skip

    def __init__(self, *args: Any, boxes: Iterable[Box], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["box"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "请选择"),
            *((b.no, f"{b.label}　{b.place or '未上架'}　{b.no}") for b in boxes),
        ]

    def says(self) -> OnPaper:
        """What was typed."""
        data = self.cleaned_data
        return OnPaper(
            pages=data["pages"], amount_fen=data["amount"], persons=data["persons"],
            month=data["month"],
        )  # fmt: skip


class LendForm(PlainForm):
    """Who takes the file, for what, and until when."""

    name = text_field("借阅人", 50)
    unit = text_field("借阅单位", 100)
    purpose = text_field("用途", 200)
    due_on = day_field("应还日期")

    def borrower(self) -> Borrower:
        """What was typed."""
        data = self.cleaned_data
        return Borrower(
            name=data["name"], unit=data["unit"], purpose=data["purpose"], due_on=data["due_on"]
        )


class BackForm(PlainForm):
    """How the file came back."""

    condition = text_field("归还时清点的情况", 200, help_text="例如“页数无误”")


class CorrectForm(PlainForm):
    """Which of the three sides is right, and why."""

    facet = forms.ChoiceField(choices=list(FACETS.items()), widget=forms.HiddenInput)
    right = forms.ChoiceField(label="以哪个为准", choices=[("", "请选择"), *RIGHT.items()])
    reason = text_field("理由", 200, lines=True)


class ScanForm(PlainForm):
    """One code, by scanner or by hand."""

    code = text_field("条码", 80)


def month_text(month: date | None) -> str:
    """As ShelveForm takes it."""
    return f"{month:%Y-%m}" if month else ""
