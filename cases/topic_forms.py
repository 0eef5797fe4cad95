"""Forms of the topics of an application. Field names are those of a draft's answers."""

from typing import Any

from django import forms

from cases.rules.declarations import OBLIGOR_RELATIONS
from cases.rules.destitution import OBLIGOR_GROUNDS
from cases.rules.programmes import (
    ALL_INCOMES,
    CONDITIONS,
    NOT_COUNTED,
    PROPERTY_KINDS,
    REGISTER_KINDS,
    REGISTERED,
    RELATIONS,
    SUPPORT_MODES,
    Family,
    Programme,
)
from cases.rules.relief import CAUSES, CLASSES, EXPENSE_CAUSES, URGENT_CAUSES
from yuquan_relief.kernel.forms import PlainForm

# What an emergency does not wait for; everybody counts and is helped unless the office says so.
NOT_URGENT = ("registered_address", "registered_kind", "is_by_proxy", "for_incapable", "proxy_name")


class ApplicantTopic(PlainForm):
    """Who applies, and through whom."""

    phone = forms.CharField(label="联系电话", widget=forms.TextInput(attrs={"inputmode": "tel"}))
    address = forms.CharField(label="居住地址", max_length=200)
    registered_address = forms.CharField(
        label="户籍地址", max_length=200, required=False, help_text="与居住地址相同的不填"
    )
    registered_kind = forms.ChoiceField(
        label="户口性质", choices=list(REGISTER_KINDS.items()), required=False
    )
    reason = forms.CharField(
        label="申请原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    is_by_proxy = forms.BooleanField(label="委托村（居）委会代为申请", required=False)
    for_incapable = forms.BooleanField(
        label="申请人没有行为能力，由村（居）委会代为申请",
        required=False,
        help_text="第三条（三）：村（居）委会有责任代为申请并协助办理",
    )
    proxy_name = forms.CharField(label="代办人姓名", max_length=100, required=False)
    kin_declared = forms.BooleanField(label="与经办人员或村（居）干部有近亲属关系", required=False)
    kin_note = forms.CharField(
        label="近亲属情况",
        max_length=200,
        required=False,
        help_text="有近亲属关系的，写明与谁、什么关系",
    )

    def __init__(self, *args: Any, brief: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in NOT_URGENT if brief else ():
            del self.fields[name]


class AccountTopic(PlainForm):
    """Where the money goes."""

    bank = forms.CharField(label="开户银行", max_length=60)
    account_kind = forms.ChoiceField(
        label="账户类型", choices=[("card", "银行卡"), ("passbook", "存折")]
    )
    holder = forms.CharField(label="户名", max_length=100, help_text="家庭成员本人的姓名")
    account_number = forms.CharField(
        label="账号", max_length=40, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )


class MembersTopic(PlainForm):
    """People of the household; one more empty row than there are people.

    `brief`: who they are, and no more (an emergency, G2).
    """

    def __init__(self, *args: Any, rows: int, brief: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for i in range(rows):
            self._add_person(f"members-{i}-")
            if not brief:
                self._add_standing(f"members-{i}-")

    def _add_person(self, at: str) -> None:
        self.fields[at + "name"] = forms.CharField(label="姓名", required=False)
        self.fields[at + "id_no"] = forms.CharField(label="身份证号", required=False)
        self.fields[at + "relation"] = forms.ChoiceField(
            label="与申请人关系",
            choices=[("", "请选择"), *RELATIONS.items()],
            required=False,
        )

    def _add_standing(self, at: str) -> None:
        self.fields[at + "condition"] = forms.ChoiceField(
            label="健康状况", choices=list(CONDITIONS.items()), required=False
        )
        self.fields[at + "registered"] = forms.ChoiceField(
            label="户籍所在", choices=list(REGISTERED.items()), required=False
        )
        self.fields[at + "counts_for_income"] = forms.BooleanField(
            label="计入家庭人口", required=False
        )
        self.fields[at + "is_insured"] = forms.BooleanField(label="保障对象", required=False)
        self.fields[at + "not_counted"] = forms.ChoiceField(
            label="不计入的理由",
            choices=[("", "计入的不用选"), *NOT_COUNTED.items()],
            required=False,
        )


class IncomesTopic(PlainForm):
    """What each member earns in a year; two kinds each, and one more when both are used."""

    def __init__(self, *args: Any, names: list[str], lines: dict[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for i, name in enumerate(names):
            for j in range(lines.get(i, 1)):
                at = f"members-{i}-incomes-{j}-"
                self.fields[at + "kind"] = forms.ChoiceField(
                    label=f"{name}　收入类别",
                    choices=[("", "无收入"), *ALL_INCOMES.items()],
                    required=False,
                )
                self.fields[at + "annual"] = _money(f"{name}　年收入（元）")
                self.fields[at + "months"] = _whole(
                    f"{name}　近一年里有几个月", help_text="全年都有的不填"
                )
                self.fields[at + "evidence"] = forms.CharField(
                    label=f"{name}　凭据",
                    max_length=100,
                    required=False,
                    help_text="工资单、银行流水、单位证明等",
                )


def _money(label: str, **kwargs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    return forms.CharField(label=label, required=False, widget=widget, **kwargs)


def _whole(label: str, **kwargs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": "numeric"})
    return forms.CharField(label=label, required=False, widget=widget, **kwargs)


class ObligorsTopic(PlainForm):
    """People who owe support by law and live apart, one row each."""

    def __init__(self, *args: Any, rows: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for i in range(rows):
            at = f"obligors-{i}-"
            self.fields[at + "name"] = forms.CharField(label="义务人姓名", required=False)
            self.fields[at + "relation"] = forms.ChoiceField(
                label="是申请人的",
                choices=[("", "请选择"), *OBLIGOR_RELATIONS.items()],
                required=False,
            )
            self.fields[at + "persons"] = _whole("家庭人口")
            self.fields[at + "month"] = _money("家庭月收入（元）")
            self.fields[at + "ground"] = forms.ChoiceField(
                label="情况", choices=list(OBLIGOR_GROUNDS.items()), required=False
            )
            self.fields[at + "support"] = _money("一年付给申请人（元）")


class PropertyTopic(PlainForm):
    """What the family owns, one row each."""

    def __init__(self, *args: Any, rows: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for i in range(rows):
            at = f"property-{i}-"
            self.fields[at + "kind"] = forms.ChoiceField(
                label="财产类别",
                choices=[("", "没有不用选"), *PROPERTY_KINDS.items()],
                required=False,
            )
            self.fields[at + "note"] = forms.CharField(label="说明", max_length=100, required=False)
            self.fields[at + "value"] = _money("价值（元）")
            self.fields[at + "area"] = _whole("面积（平方米）")


class SupportTopic(PlainForm):
    """特困: how the person wishes to be supported."""

    support = forms.ChoiceField(
        label="供养方式",
        choices=list(SUPPORT_MODES.items()),
        widget=forms.RadioSelect,
        help_text="分散供养：在家生活，可委托照料；集中供养：入住供养服务机构",
    )


class ClaimTopic(PlainForm):
    """临时救助: what happened, and what it costs."""

    claim_cause = forms.ChoiceField(label="困难原因")
    claim_on = forms.CharField(
        label="发生日期",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "2026-11-02"}),
    )
    claim_place = forms.CharField(label="发生地点", max_length=100)
    claim_class = forms.ChoiceField(label="家庭类别", choices=[("", "请选择"), *CLASSES.items()])
    claim_total = _money("总支出（元）", help_text="还不知道的先填 0")
    claim_covered = _money("报销和其他补偿（元）")
    claim_asked = _money("申请金额（元）")

    def __init__(self, *args: Any, programme: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = URGENT_CAUSES if Programme(programme).is_urgent else EXPENSE_CAUSES
        choices = [("", "请选择"), *((code, CAUSES[code]) for code in codes)]
        self.fields["claim_cause"].choices = choices  # type: ignore[attr-defined]


TOPICS: dict[Family, dict[str, str]] = {
    Family.ALLOWANCE: {
        "applicant": "申请人与委托",
        "members": "家庭成员",
        "incomes": "收入",
        "property": "家庭财产",
        "obligors": "法定义务人",
        "account": "收款账户",
        "documents": "材料",
    },
    Family.DESTITUTE: {
        "applicant": "申请人与委托",
        "members": "家庭成员",
        "incomes": "收入",
        "property": "家庭财产",
        "obligors": "法定义务人",
        "support": "供养方式",
        "account": "收款账户",
        "documents": "材料",
    },
    Family.RELIEF: {
        "applicant": "申请人与委托",
        "claim": "救助事由",
        "members": "家庭成员",
        "account": "收款账户",
        "documents": "材料",
    },
}
# Topics that may be left empty: nothing to declare is an answer too.
MAY_BE_EMPTY = frozenset({"incomes", "property", "obligors"})


def topic_of(field: str) -> str:
    """The topic on whose page a field stands."""
    if field.startswith("members-"):
        return "incomes" if "-incomes-" in field else "members"
    table = field.partition("-")[0]
    if table in ("obligors", "property"):
        return table
    if field.startswith("claim_"):
        return "claim"
    if field == "support":
        return "support"
    account = {"bank", "holder", "account_kind", "account_number"}
    return "account" if field in account else "applicant"
