"""Forms of those in benefit: contacts, changes, reviews and how a family was told."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cases.models import Benefit, Member, Review
from cases.models.review_record import ReviewRecord
from cases.operations.contacts import Seen
from cases.operations.reported_values import Reported
from cases.operations.review_settlement import Found
from cases.operations.telling import Told
from cases.rules import contacts, reports_of_change
from cases.rules.programmes import (
    ALL_INCOMES,
    CONDITIONS,
    INCOME_KINDS,
    LEFT_REASONS,
    MONTHLY_CHOICES,
    RELATIONS,
    Family,
)
from cases.rules.reviews import GROUNDS, METHODS
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.forms import PlainForm, day_field, money_field, text_field
from yuquan_relief.kernel.inputs.money import show

MORE_INCOMES = 2  # incomes that were not there at the last settlement


def photo_field(label: str, **kwargs: Any) -> forms.FileField:
    """One photo; it is looked at again when it is kept."""
    return forms.FileField(
        label=label,
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/*", "capture": "environment"}),
        **kwargs,
    )


def photo_of(data: dict[str, Any], name: str = "photo") -> bytes | None:
    """The bytes of the photo, if there is one."""
    return bytes(read_upload(data[name])) if data.get(name) else None


class ContactForm(PlainForm):
    """走访、签到、认证、定期报告 (F35, F36)."""

    kind = forms.ChoiceField(label="种类", choices=list(contacts.KINDS.items()))
    on_day = day_field("日期")
    means = forms.ChoiceField(label="方式", choices=list(contacts.MEANS.items()))
    place = text_field("地点", 100)
    met = text_field("见到（联系到）的人", 100)
    companion = text_field("同行人", 50, required=False, help_text="入户走访须两人以上")
    is_changed = forms.BooleanField(label="家庭情况有变化", required=False)
    note = text_field("情况", 500, lines=True, required=False, help_text="有变化的须写明")
    photo = photo_field("照片")

    def seen(self) -> Seen:
        """The clean values."""
        data = self.cleaned_data
        return Seen(
            kind=data["kind"],
            on_day=data["on_day"],
            means=data["means"],
            place=data["place"] or "",
            met=data["met"] or "",
            companion=data["companion"] or "",
            is_changed=data["is_changed"],
            note=data["note"] or "",
            photo=photo_of(data),
        )


class OpenReviewForm(PlainForm):
    """A review by hand, with what is to be looked into."""

    what = text_field("要核实的情况", 300, lines=True)


MEMBER_KINDS = ("LEFT", "DIED", "CONDITION", "STUDIES", "PAPERS")
FIELDS_OF: dict[str, tuple[str, ...]] = {
    "LEFT": ("member", "reason"),
    "JOINED": ("name", "id_no", "relation", "condition"),
    "DIED": ("member",),
    "CONDITION": ("member", "condition"),
    "STUDIES": ("member", "until"),
    "PAPERS": ("member", "until"),
    "ACCOUNT": ("bank", "holder", "account_kind", "number"),
    "ADDRESS": ("value",),
    "PHONE": ("value",),
}
LABELS = {
    "ADDRESS": "新的住址",
    "PHONE": "新的联系电话",
    "STUDIES": "预计毕业日期",
    "PAPERS": "新证有效期至",
}


class ChangeReportForm(PlainForm):
    """One change; only the fields of its kind are asked."""

    member = forms.ChoiceField(label="成员")
    reason = forms.ChoiceField(
        label="离开原因",
        choices=[
            (k, v) for k, v in LEFT_REASONS.items() if k not in ("DIED", "CHANGED", "CORRECTED")
        ],
    )
    name = text_field("姓名", 100)
    id_no = text_field("身份证号", 40)
    relation = forms.ChoiceField(
        label="与户主关系", choices=[(k, v) for k, v in RELATIONS.items() if k != "SELF"]
    )
    condition = forms.ChoiceField(label="健康状况", choices=list(CONDITIONS.items()))
    until = text_field("截止日期", 20)
    bank = text_field("开户银行", 60)
    holder = text_field("户名", 100, help_text="应当是这户的成员")
    account_kind = forms.ChoiceField(
        label="类型", choices=[("card", "银行卡"), ("passbook", "存折")]
    )
    number = text_field("账号", 40)
    value = text_field("新的内容", 200)
    happened_on = day_field("发生日期")
    known_on = day_field("家庭知道的日期", help_text="超过三个月才报告的，系统会注明")
    note = text_field("变化情况", 300, lines=True)
    photo = photo_field("证明材料照片", help_text="更换账户、成员死亡的，必须上传")
    replaces = forms.BooleanField(label="代替前一份还在核实的报告", required=False)

    def __init__(self, *args: Any, kind: str, benefit: Benefit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        asked = FIELDS_OF.get(kind, ())
        for field in {n for names in FIELDS_OF.values() for n in names} - set(asked):
            del self.fields[field]
        if "member" in self.fields:
            people = benefit.household.members.filter(left_on__isnull=True).order_by("id")
            choices = [(str(m.pk), m.name) for m in people]
            self.fields["member"] = forms.ChoiceField(label="成员", choices=choices)
            self.order_fields(["member"])
        for field in ("value", "until"):
            if field in self.fields:
                self.fields[field].label = LABELS[kind]

    def reported(self) -> Reported:
        """The clean values."""
        data = self.cleaned_data
        asked = [n for n in FIELDS_OF.get(self.kind, ()) if n != "member"]
        new = {("kind" if n == "account_kind" else n): str(data[n] or "") for n in asked}
        return Reported(
            kind=self.kind,
            note=data["note"] or "",
            happened_on=data["happened_on"],
            known_on=data["known_on"],
            member_id=int(data["member"]) if data.get("member") else None,
            new=new,
            photo=photo_of(data),
            replaces=data["replaces"],
        )


class CheckReportForm(PlainForm):
    """What the second person found."""

    is_true = forms.ChoiceField(label="核实结果", choices=[("1", "属实，采用"), ("", "不属实")],
                                required=False)  # fmt: skip
    answer = text_field("核实情况", 300, lines=True)


class ReviewStepForm(PlainForm):
    """What every step of a review brings: the version that the person saw."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, record: ReviewRecord, **kwargs: Any) -> None:
        self.record = record
        super().__init__(*args, **kwargs)

    @property
    def review(self) -> Review:
        """The review that the form is about."""
        return self.record.review


class SignedForm(PlainForm):
    """A signature over what was read, by the digest shown with the page."""

    content_sha256 = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    opinion = text_field("意见", 300, required=False, lines=True)
    sign_code = forms.CharField(
        label="签批码",
        strip=False,
        max_length=64,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class ReviewSignForm(SignedForm, ReviewStepForm):
    """A step of a review that is signed."""


class ReviewNoteForm(ReviewStepForm):
    """A step with its reason."""

    note = text_field("理由", 300, lines=True)


class ReviewNoticeForm(ReviewStepForm):
    """Where 拟终止公示 hangs, with the photo of it."""

    place = text_field("张贴地点", 100, help_text="例：社区公示栏")
    photo = photo_field("张贴照片", help_text="可以张贴后补传，没有照片公示不会结束")


class SettleReviewForm(ReviewStepForm):
    """What was found, and what it comes to: computed, stopped on a ground, or 渐退."""

    how = forms.ChoiceField(
        label="结论的来由",
        choices=[
            ("COMPUTE", "按收入核算（保持、增发、减发，不符合的停发）"),
            ("STOP", "按下面的情形停发"),
            ("EXIT", "渐退"),
        ],
    )
    ground = forms.ChoiceField(
        label="停发的情形", choices=[("", "不停发的不用选"), *GROUNDS.items()], required=False
    )
    exit_months = forms.TypedChoiceField(
        label="渐退月数",
        choices=[("", "不渐退的不用选"), *((str(n), f"{n} 个月") for n in range(1, 7))],
        coerce=int,
        empty_value="0",
        required=False,
    )
    reason = text_field("理由", 500, lines=True, required=False, help_text="停发、渐退的须写明")
    happened_on = day_field(
        "变化发生日期",
        required=False,
        help_text="因死亡停发，或者要追溯到变化次月的才填写；不填的从告知后执行",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines: dict[str, tuple[int, str, bool]] = {}
        if self.record.case is None:
            self._ask_roster()
        else:
            self._ask_incomes()
        last = ("how", "ground", "exit_months", "reason", "happened_on")
        self.order_fields([*(n for n in self.fields if n not in last), *last])

    def _ask_roster(self) -> None:
        now = self.record.now
        known = self.review.facts.get("lines") or []
        self.fields["persons"] = forms.IntegerField(
            label="家庭人口", min_value=1, max_value=30, initial=now.persons
        )
        self.fields["insured"] = forms.IntegerField(
            label="保障人口", min_value=1, max_value=30, initial=now.persons
        )
        self.fields["annual"] = money_field(
            "全家一年计入收入（元）", initial=show(known[0]["fen"]) if known else None
        )
        self.fields["supplement"] = money_field(
            "分类施保每月（元）", initial=show(now.supplement_fen), required=False
        )

    def _ask_incomes(self) -> None:
        record = self.record
        known = self.review.facts.get("lines") or record.last_facts.get("lines", [])
        people = {m.pk: m for m in record.members}
        for i, line in enumerate(known):
            if line["member"] not in people:
                continue
            name = f"line-{i}"
            self.lines[name] = (line["member"], line["kind"], bool(line["counted"]))
            self.fields[name] = money_field(
                f"{people[line['member']].name}　{ALL_INCOMES[line['kind']]}（元/年）",
                initial=show(line["fen"]),
                required=False,
            )
        if record.family == Family.DESTITUTE:
            return
        for i in range(MORE_INCOMES):
            self._ask_more(i, people)
        alone = [("", "按户享受"), *((str(pk), f"只保{m.name}") for pk, m in people.items())]
        last = self.review.facts or record.last_facts
        insured = [m["id"] for m in last.get("members", ()) if m["insured"]]
        self.fields["single"] = forms.ChoiceField(
            label="单人保",
            choices=alone,
            required=False,
            initial=str(insured[0]) if last.get("method") == "single" and insured else "",
            help_text="全家不符合低保、在边缘线以内，成员重病或者重度残疾的",
        )

    def _ask_more(self, i: int, people: dict[int, Member]) -> None:
        where = f"新增收入{i + 1}"
        choices = [("", "没有不选"), *((str(pk), m.name) for pk, m in people.items())]
        self.fields[f"more-{i}-member"] = forms.ChoiceField(
            label=f"{where}　成员", choices=choices, required=False
        )
        self.fields[f"more-{i}-kind"] = forms.ChoiceField(
            label=f"{where}　类别", choices=list(INCOME_KINDS.items()), required=False
        )
        self.fields[f"more-{i}-fen"] = money_field(f"{where}　一年（元）", required=False)

    def clean(self) -> dict[str, Any]:
        """A new income has its member and its amount."""
        data = super().clean() or {}
        for i in range(MORE_INCOMES):
            member, fen = data.get(f"more-{i}-member"), data.get(f"more-{i}-fen")
            if bool(member) != (fen is not None):
                self.add_error(f"more-{i}-fen", ValidationError("新增收入请选择成员并填写金额"))
        persons, insured = data.get("persons"), data.get("insured")
        if persons and insured and insured > persons:
            self.add_error("insured", ValidationError("保障人口不能多于家庭人口，请核对"))
        return data

    def found(self) -> Found:
        """The clean values."""
        data = self.cleaned_data
        return Found(
            how=data["how"],
            ground=data["ground"],
            reason=data["reason"] or "",
            exit_months=int(data["exit_months"] or 0),
            happened_on=data["happened_on"],
            lines=tuple(self._incomes()) if self.record.case else None,
            single=int(data.get("single") or 0),
            persons=data.get("persons") or 0,
            insured=data.get("insured") or 0,
            annual_fen=data.get("annual") or 0,
            supplement_fen=data.get("supplement") or 0,
        )

    def _incomes(self) -> list[dict[str, Any]]:
        data = self.cleaned_data
        found = [
            {"member": member, "kind": kind, "fen": data[name] or 0, "counted": counted}
            for name, (member, kind, counted) in self.lines.items()
        ]
        found += [
            {
                "member": int(data[f"more-{i}-member"]),
                "kind": data[f"more-{i}-kind"],
                "fen": data[f"more-{i}-fen"],
                "counted": True,
            }
            for i in range(MORE_INCOMES)
            if data.get(f"more-{i}-member")
        ]
        return found


class TellForm(ReviewStepForm):
    """How the family was told of the change (F17)."""

    told_on = day_field("告知日期")
    method = forms.ChoiceField(label="告知方式", choices=list(METHODS.items()))
    receiver = text_field("签收人", 100, help_text="留置、公告的，写明见证人")
    photo = photo_field("签收凭证照片", help_text="留置、公告的必须上传")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["told_on"].initial = today()
        if self.review.ground != "DIED":
            field = self.fields["method"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [(k, v) for k, v in METHODS.items() if k != "NOBODY"]

    def told(self) -> Told:
        """The clean values."""
        data = self.cleaned_data
        return Told(
            told_on=data["told_on"],
            method=data["method"],
            receiver=data["receiver"] or "",
            photo=photo_of(data),
        )


FORMS: dict[str, type[ReviewStepForm]] = {
    "settle": SettleReviewForm,
    "propose": ReviewSignForm,
    "propose_ending": ReviewSignForm,
    "post_ending_notice": ReviewNoticeForm,
    "uphold_ending_objection": ReviewNoteForm,
    "withdraw_ending": ReviewNoteForm,
    "send_back": ReviewNoteForm,
    "keep": ReviewSignForm,
    "agree": ReviewSignForm,
    "tell": TellForm,
    "reopen": ReviewNoteForm,
    "withdraw": ReviewNoteForm,
}
CHANGE_KINDS = reports_of_change.KINDS


class OpenRunForm(PlainForm):
    """A raised standard to be computed for the office."""

    programme = forms.ChoiceField(label="类别", choices=MONTHLY_CHOICES)
    valid_from = day_field("标准执行日期", help_text="每月 1 日，须已录入规则版本")


class RunNoteForm(PlainForm):
    """A step with its reason."""

    note = text_field("理由", 300, lines=True)


class RunTellForm(PlainForm):
    """Where the village's list was posted."""

    told_on = day_field("张贴日期")
    place = text_field("张贴地点", 100)
    photo = photo_field("张贴照片", help_text="必须上传")


RUN_FORMS: dict[str, type[PlainForm]] = {
    "compute": PlainForm,
    "propose": SignedForm,
    "send_back": RunNoteForm,
    "agree": SignedForm,
    "tell": RunTellForm,
    "withdraw": RunNoteForm,
}


class DeathsForm(PlainForm):
    """A list of the dead."""

    file = forms.FileField(
        label="死亡信息文件",
        help_text="CSV 或 XLSX，列：姓名、身份证号、死亡日期、来源",
        allow_empty_file=True,
        error_messages={"required": "请选择死亡信息文件"},
    )
