"""Forms of a household's changes, and of its members while an application is looked into."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.forms import FormRow, FormTable, StepForm
from cases.models import Case, Household, Member
from cases.models.record import CaseRecord
from cases.operations.family import FamilyNow, NewAccount, Restated
from cases.operations.households import Change, only_head_is_known
from cases.rules.application import ApplicantMember
from cases.rules.programmes import (
    CONDITIONS,
    LEFT_REASONS,
    MONTHLY_CHOICES,
    NOT_COUNTED,
    REGISTERED,
    RELATIONS,
)
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.forms import InputField, PlainForm, day_field, text_field
from yuquan_relief.kernel.inputs import bank_accounts, identity_numbers, names
from yuquan_relief.kernel.models import Unit

REASONS = {
    "HEAD": ("DIED", "DIVORCED", "APART", "MOVED", "OTHER"),
    "SPLIT": ("MARRIED", "DIVORCED", "APART", "OTHER"),
    "MERGE": ("MARRIED", "OTHER"),
    "MOVE": ("MOVED", "OTHER"),
    "CLASS": ("OTHER",),
}


class ChangeForm(PlainForm):
    """What happened, who goes on with whom, and for which programme."""

    happened_on = day_field("发生日期")
    reason = forms.ChoiceField(label="原因")
    head = forms.ChoiceField(label="新户主")
    goes = forms.MultipleChoiceField(
        label="分出去的成员", widget=forms.CheckboxSelectMultiple, required=False
    )
    other_id_no = InputField(
        label="并入户的户主身份证号",
        read=lambda text: identity_numbers.clean(text, today=today()).number,
    )
    village = forms.ChoiceField(label="迁入的村（社区）")
    programme = forms.ChoiceField(label="接续申请的事项", choices=MONTHLY_CHOICES)
    note = text_field("变更情况", 250, lines=True)
    FIELDS_OF = {
        "HEAD": ("head",),
        "SPLIT": ("goes", "head"),
        "MERGE": ("other_id_no",),
        "MOVE": ("village",),
        "CLASS": (),
    }

    def __init__(
        self, *args: Any, kind: str, household: Household, members: Sequence[Member], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        for name in {"head", "goes", "other_id_no", "village"} - set(self.FIELDS_OF[kind]):
            del self.fields[name]
        reasons = [(code, LEFT_REASONS[code]) for code in REASONS[kind]]
        self._choose("reason", [("", "请选择"), *reasons])
        people = [(str(m.pk), m.name) for m in members if m.relation != "SELF"]
        self._choose("head", [("", "请选择"), *people])
        self._choose("goes", people)
        if kind == "SPLIT":
            self.fields["head"].label = "分出的户的户主"
            self.order_fields(["happened_on", "reason", "goes", "head"])
        if kind == "HEAD" and not people and only_head_is_known(household):
            del self.fields["head"]  # the roster names nobody else: typed in the application
        if kind == "CLASS":
            self.fields["programme"].label = "转为哪一事项"
        if kind == "MOVE":
            self._choose("village", [("", "请选择"), *_villages(household)])
        self.fields["happened_on"].initial = str(today())

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        if name in self.fields:
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Who goes is asked where it is answered."""
        data: dict[str, Any] = super().clean() or {}
        if "goes" in self.fields and not data.get("goes"):
            self.add_error("goes", ValidationError("请选择分出去的成员"))
        return data

    def change(self) -> Change:
        """The clean values."""
        data = self.cleaned_data
        return Change(
            kind=self.kind,
            happened_on=data["happened_on"],
            reason=data["reason"],
            note=data["note"],
            programme=data["programme"],
            head=int(data.get("head") or 0),
            goes=tuple(int(pk) for pk in data.get("goes") or ()),
            other_id_no=data.get("other_id_no") or "",
            village_id=int(data.get("village") or 0),
        )


class FamilyForm(StepForm):
    """The whole family since a day: each member's role, who left and why, and one who joins."""

    since = day_field("从哪天起")
    bank = text_field("新开户银行", 60, required=False)
    holder = text_field("新户名", 100, required=False)
    number = InputField(
        label="新账号",
        read=lambda text: bank_accounts.clean(text, kind="card"),
        required=False,
        help_text="原户名离开家庭的才填",
    )
    note = text_field("变化情况和依据", 400, lines=True)
    is_wide = True

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        self.members = CaseRecord(case, today()).members
        self.fields["since"].initial = str(today())
        for m in self.members:
            self._add(f"m{m.pk}-", m)
            self.fields[f"m{m.pk}-left"] = forms.ChoiceField(
                label=f"{m.name}　离开",
                choices=[("", "没有离开"), *((c, LEFT_REASONS[c]) for c in LEAVES)],
                required=False,
            )
        self.fields["join-name"] = InputField(
            label="新成员　姓名", read=names.clean, required=False
        )
        self.fields["join-id_no"] = InputField(
            label="新成员　身份证号",
            read=lambda text: identity_numbers.clean(text, today=today()),
            required=False,
        )
        self._add("join-", None)
        self.order_fields(["since"])

    def _add(self, at: str, member: Member | None) -> None:
        who = member.name if member else "新成员"
        for name, label, choices in (
            ("relation", "关系", RELATIONS),
            ("registered", "户籍", REGISTERED),
            ("condition", "健康", CONDITIONS),
            ("role", "身份", ROLES),
        ):
            first = [] if member else [("", "请选择")]
            self.fields[at + name] = forms.ChoiceField(
                label=f"{who}　{label}",
                choices=[*first, *choices.items()],
                required=member is not None,
                initial=_role(member) if name == "role" else getattr(member, name, ""),
            )

    def tables(self) -> list[FormTable]:
        """The members as they were, to be changed; then one who joins."""
        columns = ("成员", "关系", "户籍", "健康", "身份", "离开")
        rows = [
            FormRow(m.name, f"{m.joined_on} 起", [], self._cells(f"m{m.pk}-", "left"))
            for m in self.members
        ]
        joins = [FormRow("新成员", "没有不填", [], [
            ("姓名", self["join-name"]), ("证号", self["join-id_no"]), *self._cells("join-")
        ])]  # fmt: skip
        more = ("增加成员", "姓名", "证号", "关系", "户籍", "健康", "身份")
        return [
            FormTable("现有成员；有变化的改，没有变化的不动", columns, rows),
            FormTable("增加的成员", more, joins),
        ]

    def _cells(self, at: str, *more: str) -> list[tuple[str, forms.BoundField]]:
        names_of = {"relation": "关系", "registered": "户籍", "condition": "健康", "role": "身份"}
        found = [(label, self[at + name]) for name, label in names_of.items()]
        return [*found, *(("离开", self[at + name]) for name in more)]

    def clean(self) -> dict[str, Any]:
        """Who joins is stated whole; a new account too."""
        data: dict[str, Any] = super().clean() or {}
        joins = ("name", "id_no", "relation", "registered", "condition", "role")
        if any(data.get(f"join-{name}") or f"join-{name}" in self.errors for name in joins):
            for name in joins:
                field = f"join-{name}"
                if not data.get(field) and field not in self.errors:
                    self.add_error(field, ValidationError(f"请填写{self.fields[field].label}"))
        account = ("bank", "holder", "number")
        if any(data.get(name) for name in account):
            for name in account:
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, ValidationError(f"请填写{self.fields[name].label}"))
        return data

    def family(self) -> FamilyNow:
        """The clean values."""
        data = self.cleaned_data
        account = None
        if data.get("number"):
            account = NewAccount(bank=data["bank"], holder=data["holder"], number=data["number"])
        return FamilyNow(
            since=data["since"],
            members=[self._restated(m) for m in self.members],
            joins=[self._joins()] if data.get("join-name") else [],
            account=account,
        )

    def _restated(self, member: Member) -> Restated:
        data, at = self.cleaned_data, f"m{member.pk}-"
        return Restated(
            member_id=member.pk,
            relation=data[at + "relation"],
            condition=data[at + "condition"],
            registered=data[at + "registered"],
            left=data[at + "left"],
            **_standing(data[at + "role"]),
        )

    def _joins(self) -> ApplicantMember:
        data = self.cleaned_data
        return ApplicantMember(
            name=data["join-name"],
            identity=data["join-id_no"],
            relation=data["join-relation"],
            condition=data["join-condition"],
            registered=data["join-registered"],
            incomes=(),
            **_standing(data["join-role"]),
        )


LEAVES = ("DIED", "MARRIED", "DIVORCED", "APART", "MOVED", "OTHER")
# One choice says whether somebody counts, is insured, and why not (N1 第七条).
ROLES = {
    "INSURED": "共同生活，是保障对象",
    "COUNTED": "共同生活，不是保障对象",
    **{code: f"不计入：{label}" for code, label in NOT_COUNTED.items()},
}


def _role(member: Member | None) -> str:
    if member is None:
        return ""
    if not member.counts_for_income:
        return member.not_counted or "OTHER"
    return "INSURED" if member.is_insured else "COUNTED"


def _standing(role: str) -> dict[str, Any]:
    counts = role in ("INSURED", "COUNTED")
    return {
        "counts_for_income": counts,
        "is_insured": role == "INSURED",
        "not_counted": "" if counts else role,
    }


def _villages(household: Household) -> list[tuple[str, str]]:
    """Every other village of the district, under its office."""
    units = Unit.objects.filter(
        kind__in=("VILLAGE", "COMMUNITY"), parent__parent_id=household.district_id
    )
    rows = units.exclude(pk=household.village_id).select_related("parent")
    return [
        (str(u.pk), f"{u.parent.short_name}　{u.name}")
        for u in rows.order_by("parent__code", "code")
        if u.parent
    ]
