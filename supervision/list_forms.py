"""What lists of supervision are filtered by, and what is begun from them."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from cases.rules.programmes import CHOICES
from supervision.rules.checks import CHECKS, SEVERITIES
from supervision.rules.complaints import CHANNELS, KINDS
from supervision.rules.findings import SOURCES
from supervision.rules.findings import STATES as FINDING_STATES
from supervision.rules.liability import ITEMS
from supervision.rules.partners import TASK_KINDS
from supervision.rules.sampling import KINDS as SAMPLE_KINDS
from supervision.rules.stat_tables import TABLES
from supervision.step_forms import UNCHOSEN, choice
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.forms import InputField, PlainForm, day_field, money_field, text_field
from yuquan_relief.kernel.inputs import InputError, dates

Choices = Iterable[tuple[str, str]]
ALL = ("", "全部")


def some(label: str, choices: Choices) -> forms.ChoiceField:
    """A filter that begins with everything."""
    return forms.ChoiceField(label=label, choices=[ALL, *choices], required=False)


class OfficesForm(PlainForm):
    """Filters that know the offices which the actor sees."""

    office = some("镇、街道", [])
    none = ALL

    def __init__(self, *args: Any, offices: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["office"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [self.none, *offices]


class KeyedForm(OfficesForm):
    """With the key of the form as it was shown, so that sent twice it acts once (operations.once).

    One that comes without its key is shown once more, with one: it could not be told from its twin.
    """

    form_key = forms.CharField(
        max_length=64, required=False, widget=forms.HiddenInput, initial=lambda: uuid4().hex
    )

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        self.came_without_key = data is not None and not data.get("form_key")
        if self.came_without_key:
            data = {**data.dict(), "form_key": uuid4().hex}
        super().__init__(data, *args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Not without its key."""
        if self.came_without_key:
            raise ValidationError("页面没有传完整，填的内容还在，请再提交一次")
        return super().clean() or self.cleaned_data


def _reached_month(text: str) -> date:
    """The first day of a month that has begun, or InputError."""
    month = dates.parse_month(text)
    if month > today():
        raise InputError("month_ahead", "这个月还没有到，请填本月或以前的月份，例如 2026-11。")
    return month


class BoardForm(OfficesForm):
    """Month, programme, office."""

    month = InputField(
        label="月份", read=_reached_month, required=False,
        widget=forms.TextInput(attrs={"placeholder": "2026-11"}),
    )  # fmt: skip
    programme = some("类型", CHOICES)
    field_order = ("month", "programme", "office")


class FindingsForm(OfficesForm):
    """Findings by what, how grave, how far."""

    state = some("状态", FINDING_STATES.items())
    severity = some("级别", SEVERITIES.items())
    source = some("来源", SOURCES.items())
    rule = some("规则", [(c.id, f"{c.id} {c.label}") for c in CHECKS.values()])
    late = forms.BooleanField(label="只看超期", required=False)
    field_order = ("office", "state", "severity", "source", "rule", "late")


class SampleForm(PlainForm):
    """A new sample."""

    kind = choice("抽查类别", SAMPLE_KINDS.items())
    period_from = day_field("批准（在享）自")
    period_to = day_field("至", help_text="已经结束的时间段")
    percent = forms.IntegerField(
        label="比例（%）", min_value=1, max_value=100, initial=30,
        help_text="入户抽查不少于 30%（第四条）",
    )  # fmt: skip


class CovertForm(OfficesForm):
    """A visit in disguise."""

    none = ("", "请选择")


class FundCheckForm(OfficesForm):
    """Whose money of which month is looked at."""

    none = ("", "请选择")

    month = forms.CharField(
        label="所查月份", widget=forms.TextInput(attrs={"placeholder": "2026-11"})
    )


class ComplaintForm(OfficesForm):
    """What somebody told."""

    none = ("", "不清楚")

    kind = choice("类别", KINDS.items())
    channel = choice("渠道", CHANNELS.items())
    received_on = day_field("收到日期")
    is_anonymous = forms.BooleanField(label="匿名", required=False)
    name = text_field("反映人", 60, required=False)
    contact = text_field("联系方式", 60, required=False)
    case_no = text_field("案件编号", 40, required=False)
    persons = forms.MultipleChoiceField(
        label="被反映的工作人员", required=False, help_text="选了的人看不到、也不能办理本件",
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )  # fmt: skip
    content = text_field("反映内容", 3000, lines=True)
    field_order = ("kind", "channel", "received_on", "is_anonymous", "name", "contact", "office",
                   "case_no", "persons", "content")  # fmt: skip

    def __init__(self, *args: Any, people: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["persons"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(people)
        self.fields["office"].label = "反映的镇、街道"


class PublicComplaintForm(KeyedForm):
    """The same by the public page."""

    none = ("", "不清楚")

    kind = choice("类别", KINDS.items())
    is_anonymous = forms.BooleanField(label="匿名反映（不留姓名和电话）", required=False)
    name = text_field("姓名", 60, required=False)
    contact = text_field("联系电话", 60, required=False)
    content = text_field(
        "反映内容", 3000, lines=True, help_text="什么时间、什么地点、什么人、什么事；越具体越好查"
    )
    field_order = ("kind", "office", "is_anonymous", "name", "contact", "content")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].label = "反映的镇、街道"


class AskForm(PlainForm):
    """The code with which the person asks."""

    key = text_field("查询码", 16, help_text="提交时给您的 12 位查询码")


class BoxForm(OfficesForm):
    """A box or a number of an office."""

    none = ("", "请选择")

    kind = choice("类别", [("BOX", "举报箱"), ("HOTLINE", "举报电话")])
    place = text_field("地点或号码", 100)
    since = day_field("设置日期")
    field_order = ("office", "kind", "place", "since")

    def clean_since(self) -> date | None:
        """Not a day to come: it is made public at once, and could not be withdrawn before."""
        since: date | None = self.cleaned_data["since"]
        if since and since > today():
            raise ValidationError("设置日期不能在今天以后，请修改")
        return since


class OpeningForm(PlainForm):
    """A box was opened."""

    letters = forms.IntegerField(label="信件数", min_value=0, max_value=999)
    second = choice("另一开箱人", [])
    note = text_field("说明", 200, required=False)

    def __init__(self, *args: Any, people: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["second"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [UNCHOSEN, *people]


class ClosingForm(PlainForm):
    """A box or number was withdrawn."""

    until = day_field("撤除日期")


class ReasonForm(PlainForm):
    """Why one that was drawn is exchanged."""

    reason = text_field("换样理由", 300, required=False)  # the operation asks for it


class BulletinForm(PlainForm):
    """What a bulletin says, and which version of it the person saw."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    title = text_field("题目", 100)
    period_from = day_field("通报期自")
    period_to = day_field("至")
    text = text_field("正文", 5000, lines=True, required=False)
    demand = text_field("整改要求", 2000, lines=True, required=False)
    mend_by = day_field("整改期限", required=False, help_text="填了的，各项都改为这一天")


class ClueForm(PlainForm):
    """A new case of accountability."""

    clause = choice("责任事项", [(k, f"第{k}：{v}") for k, v in ITEMS.items()])
    unit = choice("责任单位", [])
    person = choice("当事人", [], required=False)
    happened_on = day_field("发生日期")
    facts = text_field("事实", 2000, lines=True)

    def __init__(self, *args: Any, units: Choices, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices, none in (
            ("unit", units, UNCHOSEN),
            ("person", people, ("", "只对单位")),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [none, *choices]


class ContractForm(PlainForm):
    """A new contract."""

    party = text_field("服务机构", 100)
    credit_code = text_field("统一社会信用代码", 18)
    tender = text_field("招标文号", 100)
    scope = text_field("服务内容", 500, lines=True)
    amount = money_field("合同金额（元）")
    starts_on = day_field("起始日期")
    ends_on = day_field("截止日期")


class TasksForm(KeyedForm):
    """Visits are given out."""

    none = ("", "请选择")

    kind = choice("服务类别", TASK_KINDS.items())
    worker = choice("派给", [])
    count = forms.IntegerField(label="户数", min_value=1, max_value=200, initial=10)
    due_on = day_field("完成期限")
    what = text_field("要求", 300, required=False, lines=True)
    field_order = ("office", "kind", "worker", "count", "due_on", "what")

    def __init__(self, *args: Any, workers: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["worker"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [UNCHOSEN, *workers]


class CourseForm(PlainForm):
    """A new course."""

    title = text_field("课程", 100)
    topic = text_field("内容", 500, lines=True)
    held_on = day_field("培训日期")
    hours = forms.IntegerField(label="学时", min_value=1, max_value=80)
    trainer = text_field("授课人", 60)
    place = text_field("地点", 100)
    questions = text_field(
        "试题", 6000, lines=True, required=False,
        help_text="每题几行：第一行是题目，以下各行是选项，正确的前面加 *；题与题之间空一行",
    )  # fmt: skip


class PublicationForm(PlainForm):
    """A policy, guide or answer."""

    kind = choice("类别", [("POLICY", "政策文件"), ("GUIDE", "办事指南"), ("ANSWER", "常见问题")])
    title = text_field("题目", 120)
    document_no = text_field("文号", 80, required=False)
    text = text_field("内容", 4000, lines=True)
    effective_on = day_field("生效日期")
    is_public = forms.BooleanField(label="对外公开", required=False, initial=True)


class SimulationForm(PlainForm):
    """What might change; empty stays as it is."""

    title = text_field("方案名称", 100)
    urban = money_field("城市低保标准（元/月）", required=False)
    rural = money_field("农村低保标准（元/月）", required=False)
    money_months = forms.IntegerField(
        label="货币财产限额（个月标准）", min_value=1, max_value=240, required=False
    )
    office_most = money_field("镇、街道临时救助审批上限（元）", required=False)


class StatForm(PlainForm):
    """Which table of which period: chosen, not typed."""

    table = choice("报表", [(t.code, t.title) for t in TABLES])
    when = choice("期", [])

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["when"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [UNCHOSEN, *periods(on)]


def periods(on: date) -> list[tuple[str, str]]:
    """The latest twelve months, four quarters and three years, as `M2026-11`."""
    found = []
    year, month = on.year, on.month
    for back in range(12):
        at = year * 12 + month - 1 - back
        found.append((f"M{at // 12}-{at % 12 + 1}", f"{at // 12} 年 {at % 12 + 1} 月"))
    quarter = (month + 2) // 3
    for back in range(4):
        at = year * 4 + quarter - 1 - back
        found.append((f"Q{at // 4}-{at % 4 + 1}", f"{at // 4} 年第 {at % 4 + 1} 季度"))
    return [*found, *((f"Y{year - back}-1", f"{year - back} 年") for back in range(3))]
