"""Forms of the ground floor: they judge what was typed and never save."""

import json
import re
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput
from django_otp import devices_for_user

from yuquan_relief.kernel.calendar_files import Days, read_days
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.inputs import InputError, dates, identity_numbers, money, names, phones
from yuquan_relief.kernel.models import Account, Unit
from yuquan_relief.kernel.passwords import password_reason
from yuquan_relief.kernel.roles import ROLES
from yuquan_relief.kernel.spreadsheets import read_table


class PlainForm(forms.Form):
    """A form whose checks all run on the server, with kind messages."""

    use_required_attribute = False

    def full_clean(self) -> None:
        """Every field says its own name when it is missing, also one that was added later."""
        for field in self.fields.values():
            _name_in_messages(field)
        super().full_clean()


_UNSAID = forms.Field.default_error_messages["required"]
_CHOOSING = (forms.ChoiceField, forms.MultipleChoiceField)


def _name_in_messages(field: forms.Field) -> None:
    """Sentences that nobody wrote for the field name it; what was typed is not repeated."""
    label = str(field.label or "")
    if field.error_messages["required"] == _UNSAID:
        verb = "选择" if isinstance(field, _CHOOSING) else "填写"
        field.error_messages["required"] = f"请{verb}{label}"
    if isinstance(field, _CHOOSING):
        default = type(field).default_error_messages["invalid_choice"]
        if field.error_messages["invalid_choice"] == default:
            field.error_messages["invalid_choice"] = f"请在列出的选项里选择{label}"


class InputField(forms.CharField):
    """A text field whose value goes through one of the kernel's input modules."""

    def __init__(self, *, read: Any, **kwargs: Any) -> None:
        self.read = read
        super().__init__(strip=False, **kwargs)

    def to_python(self, value: Any) -> str:
        """Without the blanks that people leave; other control characters are for `read` to see."""
        return str(super().to_python(value) or "").strip(" \t\r\n\u3000")

    def clean(self, value: Any) -> Any:
        """The read value; the module's own sentence when it is refused."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.read(text)
        except InputError as error:
            raise ValidationError(error.message, code=error.code) from error


def day_field(label: str, **kwargs: Any) -> InputField:
    """A date as people type it."""
    return InputField(
        label=label,
        read=lambda text: dates.parse_day(text, today=today()),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "2026-11-02"}),
        **kwargs,
    )


def money_field(label: str, **kwargs: Any) -> InputField:
    """Yuan as people type it; the clean value is fen."""
    return InputField(
        label=label,
        read=money.parse_lenient,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        **kwargs,
    )


def text_field(label: str, most: int, *, lines: bool = False, **kwargs: Any) -> InputField:
    """A remark without control characters, at most `most` characters."""
    widget = forms.Textarea(attrs={"rows": 3}) if lines else forms.TextInput()
    return InputField(
        label=label,
        read=lambda text: names.clean_text(text, most=most, lines=lines),
        widget=kwargs.pop("widget", widget),
        **kwargs,
    )


class SignInForm(AuthenticationForm):
    """Account, password, and the one-time code for those who switched it on."""

    token = forms.CharField(
        label="动态口令",
        required=False,
        help_text="开通了动态口令的账号才需要填写",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    error_messages = {
        "invalid_login": "账号或密码不对，请核对后重新登录",
        "inactive": "账号或密码不对，请核对后重新登录",
    }
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "账号"
        self.fields["username"].error_messages["required"] = "请填写账号"
        self.fields["password"].error_messages["required"] = "请填写密码"

    def clean(self) -> dict[str, Any]:
        """Check the one-time code after the password."""
        cleaned: dict[str, Any] = super().clean()
        user = self.get_user()
        devices = list(devices_for_user(user, confirmed=True)) if user else []
        token = cleaned.get("token", "").strip()
        if devices and not any(device.verify_token(token) for device in devices):
            self.user_cache = None
            raise ValidationError("请填写手机上显示的 6 位动态口令", code="token")
        return cleaned


def judged(password: str, account: Account | None = None) -> str:
    """The password, if the profile in force accepts it; else its reasons in Chinese."""
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise ValidationError(password_reason(error)) from error
    return password


class PasswordForm(PlainForm):
    """A new password, by the profile in force."""

    old = forms.CharField(
        label="原密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="新密码",
        strip=False,
        help_text="至少 12 位，可以用一句话，可以用汉字和空格",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        self.account = account
        super().__init__(*args, **kwargs)

    def clean_old(self) -> str:
        """The old password must be right."""
        if not self.account.check_password(self.cleaned_data["old"]):
            raise ValidationError("原密码不对，请重新填写")
        return str(self.cleaned_data["old"])

    def clean_new(self) -> str:
        """The profile's validators."""
        return judged(self.cleaned_data["new"], self.account)


class SignCodeForm(PlainForm):
    """A new signing code; the password proves who sets it."""

    password = forms.CharField(
        label="登录密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label="新签批码",
        strip=False,
        min_length=6,
        max_length=20,
        help_text="6 到 20 位，签字时使用，不要与登录密码相同",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        self.account = account
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        """The password must be right."""
        if not self.account.check_password(self.cleaned_data["password"]):
            raise ValidationError("登录密码不对，请重新填写")
        return str(self.cleaned_data["password"])


class CalendarForm(PlainForm):
    """A year's notice, pasted as lines (`2027-01-01 休 元旦`) or as a file."""

    year = forms.IntegerField(label="年份", min_value=2015, max_value=2045)
    source = text_field("依据文件", 200, help_text="文件名称和文号")
    file = forms.FileField(
        label="安排文件", required=False, help_text="CSV 或 XLSX，列：日期、休或班、说明"
    )
    days = forms.CharField(
        label="放假和调休上班日",
        required=False,
        help_text="一行一天：日期、休或班、说明。例：2027-01-01 休 元旦；选了文件的不用填",
        widget=forms.Textarea(attrs={"rows": 12}),
    )

    def clean_days(self) -> Days:
        """The lines as a mapping; every wrong line is named."""
        found: Days = {}
        wrong = []
        for number, line in enumerate(self.cleaned_data["days"].splitlines(), 1):
            parts = line.split()
            if not parts:
                continue
            try:
                day = dates.parse_day(parts[0], today=today())
                found[day] = ({"休": False, "班": True}[parts[1]], " ".join(parts[2:]) or parts[1])
            except (InputError, KeyError, IndexError):
                wrong.append(str(number))
        if wrong:
            raise ValidationError(f"第 {'、'.join(wrong)} 行请按“日期 休或班 说明”填写")
        return found

    def clean(self) -> dict[str, Any]:
        """The days of the file, when there is one; a day of another year is named."""
        data = super().clean() or {}
        if self.errors:
            return data
        try:
            if file := data.get("file"):
                data["days"] = read_days(
                    read_table(read_upload(file), name=file.name).rows, data["year"]
                )
        except Refused as refused:
            self.add_error("file", refused.reason)
            return data
        if not data["days"]:
            self.add_error("days", "请粘贴放假安排，或选择安排文件")
        elif wrong := [str(day) for day in data["days"] if day.year != data["year"]]:
            self.add_error("days", f"{wrong[0]} 不在 {data['year']} 年，请核对后重新填写")
        return data


class DayForm(PlainForm):
    """One day that changed after the year was entered."""

    day = day_field("日期")
    is_workday = forms.ChoiceField(
        label="改为", choices=[("", "休息"), ("1", "上班")], required=False
    )
    note = text_field("说明", 60, required=False)
    source = text_field("依据文件", 200, help_text="文件名称和文号")


NAME = re.compile(r"(?!true$|false$|null$|NaN$|Infinity$)[A-Za-z][A-Za-z0-9.-]*")


class PlainJSONField(forms.JSONField):
    """JSON that the database can keep: no NaN, no half characters, no nesting without end."""

    def to_python(self, value: Any) -> Any:
        """The value, a name also without quotes; a kind sentence for what cannot be kept."""
        if isinstance(value, str) and NAME.fullmatch(value.strip()):
            value = json.dumps(value.strip())
        try:
            read = super().to_python(value)
            text = json.dumps(read, ensure_ascii=False, allow_nan=False)
            text.encode()
        except (RecursionError, ValueError) as error:
            raise ValidationError("数值不能识别，请按原有数值的写法填写") from error
        if "\\u0000" in text:
            raise ValidationError("数值里有不能识别的字符，请重新填写")
        return str(read) if isinstance(read, str) else read

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was typed is shown again exactly as typed."""
        return InvalidJSONInput(data) if isinstance(data, str) else data


class RuleForm(PlainForm):
    """A new value for one parameter; JSON for lists, a number for the rest."""

    rule_set = forms.ChoiceField(
        label="规则集", choices=[(s, s) for s in ("*", "YQ-2020", "NAT-2022")]
    )
    valid_from = day_field("生效日期")
    value = PlainJSONField(label="数值", widget=forms.Textarea(attrs={"rows": 3}))
    unit = text_field("单位", 20)
    source = text_field("依据", 200)
    note = text_field("说明", 300, required=False)


class PostForm(PlainForm):
    """One more post of a person."""

    role = forms.ChoiceField(label="岗位", choices=[(k, r.label) for k, r in ROLES.items()])
    unit = forms.ModelChoiceField(label="单位", queryset=Unit.objects.none(), empty_label="请选择")
    title = text_field("职务", 40)
    starts_on = day_field("任职日期")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Unit.objects.valid_on(today()).order_by("code")


class EndPostForm(PlainForm):
    """The last day of a post."""

    ends_on = day_field("离任日期")


class NewPasswordForm(PlainForm):
    """A password given by the security administrator, to be changed at once."""

    password = forms.CharField(label="新的初始密码", strip=False, widget=forms.PasswordInput)


class ClientForm(PlainForm):
    """A program that calls the interface."""

    name = text_field("名称", 60)
    username = text_field("账号", 40, help_text="程序以这个账号的人员的名义办理")
    post_id = forms.IntegerField(label="任职编号", help_text="在“用户与岗位”里打开人员可以看到")
    scopes = forms.MultipleChoiceField(
        label="范围",
        choices=[("read", "查询"), ("act", "办理"), ("stats", "统计")],
        widget=forms.CheckboxSelectMultiple,
    )
    expires_on = day_field("有效期至")


class PersonForm(PostForm):
    """A new member of staff with an account and a post."""

    name = InputField(label="姓名", read=names.clean)
    id_no = InputField(
        label="身份证号",
        read=lambda text: identity_numbers.clean(text, today=today()),
        help_text="只保存摘要，用来认出同一个人",
    )
    phone = InputField(label="手机", read=phones.clean, required=False)
    username = forms.CharField(label="账号", max_length=40)
    password = forms.CharField(label="初始密码", strip=False, widget=forms.PasswordInput)
    field_order = (
        "name",
        "id_no",
        "phone",
        "username",
        "password",
        "role",
        "unit",
        "title",
        "starts_on",
    )

    def clean_password(self) -> str:
        """The profile's validators."""
        return judged(self.cleaned_data["password"])
