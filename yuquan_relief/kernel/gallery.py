"""Made-up values for the component gallery at /settings/ui/: every component in every state."""

from datetime import date, datetime
from typing import Any

from django import forms

from yuquan_relief.kernel.gallery_samples import BOARD, CASE, LISTS, SHANGHAI, at


class SampleForm(forms.Form):
    """Every kind of control."""

    name = forms.CharField(
        label="申请人姓名", help_text="按身份证填写，中间的点用“·”", max_length=50
    )
    income = forms.CharField(label="年收入（元）", help_text="没有请填 0")
    kind = forms.ChoiceField(
        label="收入类型", choices=[("", "请选择"), ("1", "务工"), ("2", "养老金"), ("3", "无收入")]
    )
    reason = forms.CharField(label="申请理由", widget=forms.Textarea(attrs={"rows": 3}))
    car = forms.ChoiceField(
        label="家里有没有车辆", choices=[("n", "没有"), ("y", "有")], widget=forms.RadioSelect
    )
    hardships = forms.MultipleChoiceField(
        label="家庭困难情形",
        help_text="可以多选",
        choices=[("a", "重病"), ("b", "重残"), ("c", "在读"), ("d", "单亲")],
        widget=forms.CheckboxSelectMultiple,
    )
    agreed = forms.BooleanField(label="已向申请人说明核对授权的内容")
    proof = forms.FileField(
        label="收入凭据", help_text="JPG、PNG 或者 PDF，每个不超过 20 MB", required=False
    )
    use_required_attribute = False


class WrongForm(SampleForm):
    """The same, refused: what a person sees after pressing the button."""

    def __init__(self) -> None:
        super().__init__({"wrong-name": "单红梅", "wrong-income": "一千六"}, prefix="wrong")
        for name, text in {
            "income": "请填数字，没有请填 0",
            "kind": "请选择收入类型",
            "reason": "请写明申请理由，不少于 10 个字",
            "car": "请选择有没有车辆",
            "hardships": "请至少选一项，没有困难情形请写在申请理由里",
            "agreed": "请先向申请人说明核对授权的内容，再勾选",
        }.items():
            self.fields[name].error_messages = {"required": text, "invalid": text}

    def clean_income(self) -> str:
        """Refuse, as the sample is meant to be wrong."""
        raise forms.ValidationError("请填数字，没有请填 0")


class FilterForm(forms.Form):
    """Query above a list."""

    programme = forms.ChoiceField(
        label="救助类型", choices=[("", "全部类型"), ("db", "低保"), ("tk", "特困")], required=False
    )
    state = forms.ChoiceField(
        label="办理状态", choices=[("", "全部状态"), ("s", "待审批")], required=False
    )
    since = forms.DateField(
        label="受理不早于", widget=forms.DateInput(attrs={"type": "date"}), required=False
    )
    use_required_attribute = False


WORDS: dict[str, Any] = {
    "form": SampleForm(),
    "wrong": WrongForm(),
    "filter": FilterForm({"programme": "db"}),
    "chips": [
        {"label": "低保", "remove_url": "?"},
        {"label": "街镇：昭君路街道", "remove_url": "?"},
    ],
    "badges": [
        ("草稿", "mute"),
        ("还不能开始", "mute"),
        ("填写中 2/4", "brand"),
        ("待审批", "brand"),
        ("公示中 停表", "pause"),
        ("退回补正", "warn"),
        ("容缺", "warn"),
        ("已超期", "bad"),
        ("不予批准", "bad"),
        ("已批准", "ok"),
        ("已归档", "ok"),
    ],
    "deadlines": [
        {"text": "剩 12 个工作日", "tone": "mute", "date_text": "2026-12-21（周一）"},
        {"text": "剩 3 个工作日", "tone": "warn", "date_text": "2026-11-26（周四）"},
        {"text": "今天到期", "tone": "warn", "date_text": "2026-11-23（周一）"},
        {"text": "已超 2 个工作日", "tone": "bad", "date_text": "2026-11-19（周四）"},
        {"text": "公示中 停表", "tone": "pause", "date_text": "公示到 11-27"},
        {"text": "按时办结 18/30", "tone": "ok", "date_text": ""},
        {"text": "剩 26 小时", "tone": "warn", "date_text": "11-24 18:00"},
        {
            "text": "剩 31 个工作日",
            "tone": "mute",
            "date_text": "2027-01-08（周五）",
            "provisional": True,
        },
    ],
    "date": date(2026, 12, 21),
    "instant": at(11, 20, 16, 20),
    "old_instant": datetime(2019, 3, 4, 9, 5, tzinfo=SHANGHAI),
    "errors": [
        ("id_income", "李强的收入凭据：请上传，或者勾“容缺”并写补交日期"),
        ("id_name", "存款：请填金额，没有请填 0"),
    ],
}


def gallery_context() -> dict[str, Any]:
    """Context of kernel/gallery.html."""
    return {"page_title": "部件样张", "gallery": {**WORDS, **LISTS, **CASE, **BOARD}}
