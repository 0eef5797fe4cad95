"""What is typed on the pages of archives."""

from typing import Any

from django import forms

from archives.models import Dossier
from archives.rules.retention import HOLD_CAUSES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.forms import PlainForm, text_field
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.roles import Reach


class FilterForm(forms.Form):
    """Query above the list."""

    state = forms.ChoiceField(
        label="状态", choices=[("", "全部"), *Dossier.State.choices], required=False
    )
    year = forms.IntegerField(label="立卷年度", min_value=2000, max_value=2100, required=False)
    office = forms.ChoiceField(label="镇、街道", required=False)
    gaps = forms.BooleanField(label="只看缺件", required=False)
    differs = forms.BooleanField(label="只看纸电、资金不一致", required=False)
    unshelved = forms.BooleanField(label="只看未上架", required=False)
    use_required_attribute = False

    def __init__(self, data: object, actor: Actor) -> None:
        super().__init__(data)  # type: ignore[arg-type] # a QueryDict
        if actor.reach != Reach.DISTRICT:
            del self.fields["office"]
            return
        offices = Unit.objects.offices().filter(parent_id=actor.unit_id).order_by("code")
        field = self.fields["office"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "全部"), *((str(u.pk), u.short_name) for u in offices)]


class SealForm(forms.Form):
    """The vow, the signing code, and the digest of what was read."""

    vouched = forms.BooleanField(error_messages={"required": "请先核对卷内文件，再勾选"})
    code = forms.CharField(max_length=64, strip=False, error_messages={"required": "请输入签批码"})
    content_sha256 = forms.CharField(max_length=64, required=False)

    def problems(self) -> list[tuple[str, str]]:
        """(id of the control, sentence) for each error."""
        return [(f"id_{name}", str(texts[0])) for name, texts in self.errors.items()]


class HoldForm(PlainForm):
    """Why a file must stay whatever its term says."""

    cause = forms.ChoiceField(label="保留的原因", choices=[("", "请选择"), *HOLD_CAUSES.items()])
    reason = text_field("是哪一件", 200)
    document = text_field("依据文号", 100, required=False)


class LiftForm(PlainForm):
    """Why a hold is over."""

    hold = forms.IntegerField(widget=forms.HiddenInput)
    lifted_reason = text_field("解除的理由", 200)


class ListForm(PlainForm):
    """Of which office the files whose term has passed are listed."""

    office = forms.ChoiceField(label="镇、街道")

    def __init__(self, *args: Any, offices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["office"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "请选择"), *offices]
