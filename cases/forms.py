"""Forms of the steps and topics: they judge what was typed and never save."""

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from cases.models import Case
from cases.models.record import rules_of
from cases.operations.delegations import Mandate
from cases.operations.investigation import Meeting, SurveyFindings
from cases.rules.needs import MENDABLE
from cases.rules.procedures import STATES
from cases.rules.programmes import CHOICES
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.forms import PlainForm, day_field, money_field, text_field

MOST_REASON = 380  # with its ground it fits the letter


@dataclass(frozen=True)
class FormRow:
    """One row of a form's table: whom it is about, what is known, and what is asked."""

    title: str
    under: str
    facts: list[tuple[str, str]]  # (column, text)
    cells: list[tuple[str, forms.BoundField]]  # (column, field)


@dataclass(frozen=True)
class FormTable:
    """Fields that are asked in a table: what it is about, its columns after the row's own title."""

    title: str
    columns: tuple[str, ...]
    rows: list[FormRow]


class StepForm(PlainForm):
    """A form of one step; `case` is the case that it is about."""

    table_comes_last = False
    is_wide = False  # its tables need the whole width of the page

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        self.case = case
        super().__init__(*args, **kwargs)

    def tables(self) -> list[FormTable]:
        """Fields that are asked in tables."""
        return []

    def plain(self) -> list[forms.BoundField]:
        """The other fields, one under another; the signing code has a place of its own."""
        in_table = {
            field.name for table in self.tables() for row in table.rows for _, field in row.cells
        }
        return [field for field in self if field.name not in in_table and field.name != "code"]


class NoteForm(StepForm):
    """A step that needs its reason in words."""

    note = text_field("理由", 500, lines=True)


class CorrectionsForm(StepForm):
    """The one complete list of what is missing."""

    note = text_field(
        "需要补正的全部内容", 500, lines=True, help_text="只能告知一次，请一次写全，每项一行"
    )


class SignForm(StepForm):
    """The signing code; every signed step has it last."""

    code = forms.CharField(
        label="签批码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="谁签字，谁负责。请看清内容再签",
    )


class SurveyForm(SignForm):
    """入户调查 (F10)."""

    visited_on = day_field("入户日期")
    present = text_field("在场家庭成员", 100)
    housing = text_field("住房情况", 300, lines=True)
    living = text_field("生活情况", 300, lines=True, help_text="收入来源、支出、家电家具、车辆等")
    household_signer = text_field(
        "在表上签字的家庭成员", 100, required=False, help_text="在场的成年家庭成员在调查表上签字"
    )
    neighbours = text_field(
        "邻里访问",
        300,
        lines=True,
        required=False,
        help_text="写明访问了哪两户以上、反映什么情况",
    )
    utilities = money_field(
        "水电气话费月均（元）", required=False, help_text="看近几个月的单据；没有看到的不填"
    )
    luxury = text_field(
        "高消费情况", 200, required=False, help_text="自费择校、境外旅游、贵重物品等，没有的不填"
    )
    is_true = forms.ChoiceField(
        label="调查结论",
        choices=[("1", "情况属实"), ("", "情况不属实")],
        widget=forms.RadioSelect,
        required=False,
    )
    note = text_field("说明", 500, lines=True, required=False, help_text="不属实的必须写明")

    def findings(self) -> SurveyFindings:
        """The clean values."""
        data = self.cleaned_data
        return SurveyFindings(
            visited_on=data["visited_on"],
            present=data["present"],
            housing=data["housing"],
            living=data["living"],
            neighbours=data["neighbours"] or "",
            household_signer=data["household_signer"] or "",
            utilities_fen=data["utilities"],
            luxury=data["luxury"] or "",
            is_true=data["is_true"] == "1",
            note=data["note"] or "",
        )


def _number(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=999,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": f"{label}请填数字", "min_value": f"{label}不能小于 0"},
    )


def _people(text: str) -> list[dict[str, str]]:
    """Lines of `姓名、身份` as rows; spaces, commas and 、 part the two."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        name, _, identity = re.sub(r"[,，、\s]+", "、", line.strip(), count=1).partition("、")
        found.append({"name": name, "identity": identity.strip()})
    return found


class AppraisalForm(StepForm):
    """民主评议 (F12)."""

    held_on = day_field("评议日期")
    place = text_field("地点", 100)
    host = text_field("主持人", 50)
    expected = _number("应到人数")
    attended = _number("实到人数")
    agree = _number("同意人数")
    oppose = _number("不同意人数")
    abstain = _number("弃权人数")
    roster = text_field(
        "到会名单",
        2000,
        lines=True,
        required=False,
        help_text="一行一人：姓名、身份。例：张三、主任；李四、村民代表",
    )
    minutes = text_field("会议记录", 2000, lines=True, required=False)
    opinion = text_field("主要意见", 500, lines=True, required=False)
    dissent = text_field("不同意见", 500, lines=True, required=False, help_text="有人不同意的写明")

    def meeting(self) -> Meeting:
        """The clean values."""
        data = self.cleaned_data
        words = {name: data[name] or "" for name in ("opinion", "minutes", "dissent")}
        return Meeting(**data | words | {"roster": _people(data["roster"] or "")})


class PostNoticeForm(StepForm):
    """Where the notice hangs, with the photo of it."""

    place = text_field("张贴地点", 100, help_text="例：社区公示栏")
    photo = forms.FileField(
        label="张贴照片",
        required=False,
        help_text="JPEG 或 PNG；现在没有的，可以张贴后补传，没有照片公示不会结束",
    )


class VowForm(SignForm):
    """A leader's act at the desk: the vow, the opinion, the code."""

    vouched = forms.BooleanField(
        label="我已看完上面 4 块，对本签字负责",
        error_messages={"required": "请先看完全部内容并勾选声明"},
    )
    field_order = ("ground", "mend", "opinion", "note", "vouched", "code")


class ProposeForm(SignForm):
    """The office's opinion."""

    opinion = text_field(
        "审核意见", 500, lines=True, initial="经调查、核对、评议、公示，建议批准。"
    )


class DecideForm(SignForm):
    """The leader's decision."""

    opinion = text_field("意见", 500, lines=True, initial="同意按审核意见办理。")


class RefuseForm(SignForm):
    """The leader's refusal: on which ground, and the figures or facts in words."""

    ground = forms.ChoiceField(label="情形和依据")
    opinion = text_field(
        "具体理由", MOST_REASON, lines=True, help_text="写明数额或事实，会印在告知书上"
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        grounds = rules_of(case, today())["refusal.grounds"]
        choices = [(g["code"], f"{g['label']}（{g['basis']}）") for g in grounds]
        self.fields["ground"].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]


class RefusalProposalForm(SignForm):
    """The office's opinion that the application should be refused."""

    opinion = text_field("不予批准的理由", 500, lines=True, help_text="写明数额或事实和依据")


class MendForm(StepForm):
    """What must be mended before the case comes again."""

    mend = forms.MultipleChoiceField(
        label="要补正的内容",
        choices=list(MENDABLE.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请勾选要补正的内容"},
    )
    note = text_field("说明", 400, lines=True, initial="请补正以上内容后重新上报。")

    def words(self) -> str:
        """What is to be mended and why, in one text."""
        items = "、".join(MENDABLE[code] for code in self.cleaned_data["mend"])
        return f"补正{items}：{self.cleaned_data['note']}"


class CosignForm(SignForm):
    """Signing what somebody recorded."""


class LetterForm(StepForm):
    """That the letter was served."""

    served_on = day_field("送达日期")
    method = forms.ChoiceField(
        label="送达方式",
        choices=[
            ("DIRECT", "直接送达"),
            ("LEFT", "留置送达"),
            ("POST", "邮寄"),
            ("NOTICE", "公告"),
        ],
    )
    receiver = text_field("签收人", 100, help_text="留置、公告的写见证人或者张贴地点")
    photo = forms.FileField(
        label="送达证明照片",
        required=False,
        help_text="签收的送达回证；留置、公告送达必须有现场照片。JPEG 或 PNG",
    )


class AgreeAtDesk(VowForm, DecideForm):
    """签字同意."""


class RefuseAtDesk(VowForm, RefuseForm):
    """不予批准."""


class ReturnAtDesk(VowForm, MendForm):
    """退回补正."""


class DelegationForm(PlainForm):
    """To whom, for how long, for what, on which paper."""

    taker = forms.ChoiceField(label="委托给")
    starts_on = day_field("开始日期")
    ends_on = day_field("结束日期")
    programmes = forms.MultipleChoiceField(
        label="授权的救助类别",
        choices=CHOICES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请勾选授权的救助类别"},
    )
    basis = text_field("书面授权依据", 200, help_text="文件名称、文号或会议记录")

    def __init__(self, *args: Any, takers: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(str(pk), name) for pk, name in takers.items()]
        self.fields["taker"].choices = [("", "请选择"), *known]  # type: ignore[attr-defined]

    def mandate(self) -> Mandate:
        """The clean values."""
        data = self.cleaned_data
        return Mandate(
            taker_id=int(data["taker"]),
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            programmes=data["programmes"],
            basis=data["basis"],
        )


class ObjectionForm(PlainForm):
    """An objection, which may be anonymous."""

    channel = forms.ChoiceField(
        label="收到方式",
        choices=[(c, c) for c in ("来访", "电话", "举报箱", "信函", "匿名")],
    )
    content = text_field("异议内容", 500, lines=True)


class PublicObjectionForm(PlainForm):
    """An objection from the public page; a name is not asked for."""

    content = text_field("异议内容", 500, lines=True, help_text="写明您知道的情况")
    contact = text_field(
        "联系方式", 100, required=False, help_text="可以不填；填写的只有社救办能看到"
    )

    def clean_contact(self) -> str:
        """Nothing is an answer too."""
        return self.cleaned_data["contact"] or ""


class StandingForm(PlainForm):
    """Where the long-term list hangs, with the photo of it."""

    place = text_field("张贴地点", 100, help_text="例：社区公示栏")
    photo = forms.FileField(label="张贴照片", required=False, help_text="JPEG 或 PNG")


class AnswerForm(PlainForm):
    """The answer to an objection."""

    answer = text_field("答复", 500, lines=True)


class QuickSelect(forms.Select):
    """A select drawn in one go: Django renders a template for each of its options."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The same markup as forms.Select."""
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (code, mark_safe(" selected") if str(code) == str(value or "") else "", label)
                for code, label in self.choices
            ),
        )
        every = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        return format_html("<select{}>{}</select>", flatatt(every), options)


class FilterForm(forms.Form):
    """The query above the list of cases."""

    state = forms.ChoiceField(
        label="办理状态",
        choices=[("", "全部状态"), *STATES.items()],
        required=False,
        widget=QuickSelect,
    )
    programme = forms.ChoiceField(
        label="救助类型", choices=[("", "全部类型"), *CHOICES], required=False, widget=QuickSelect
    )
    late = forms.ChoiceField(
        label="时限", choices=[("", "全部"), ("1", "已超期")], required=False, widget=QuickSelect
    )
    use_required_attribute = False
