"""What the steps of supervision bring: they judge what was typed and never save."""

from collections.abc import Iterable
from typing import Any

from django import forms

from archives.step_forms import NoteForm, SignForm, StepForm
from supervision.operations.complaints import units_concerned
from supervision.rules.bulletins import AUTHORITIES
from supervision.rules.complaints import FEEDBACKS, RESULTS
from supervision.rules.liability import EXEMPTIONS, FOR_PERSONS, FOR_UNITS, NO_MEASURE
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.forms import PlainForm, day_field, text_field
from yuquan_relief.kernel.models import Person, Post, Unit

Choices = Iterable[tuple[str, str]]
UNCHOSEN = ("", "请选择")


def choice(label: str, choices: Choices, **kwargs: Any) -> forms.ChoiceField:
    """A choice that begins with none."""
    return forms.ChoiceField(label=label, choices=[UNCHOSEN, *choices], **kwargs)


class VerdictForm(NoteForm):
    """A finding is so; whether somebody was recognised wrongly."""

    note = text_field("理由和要求", 1000, lines=True)
    is_error = forms.BooleanField(
        label="属于认定不准，计入本年 5%（第十八条（四））", required=False
    )

    def values(self) -> dict[str, Any]:
        """The verdict's parts."""
        return super().values() | {"is_error": self.cleaned_data["is_error"]}


class FileForm(StepForm):
    """One file with its name."""

    title = text_field("名称", 60)
    file = forms.FileField(label="文件", help_text="照片或 PDF")

    def values(self) -> dict[str, Any]:
        """The bytes with their name."""
        return {
            "title": self.cleaned_data["title"],
            "content": read_upload(self.cleaned_data["file"]),
        }


class UntilForm(NoteForm):
    """A later day, with the reason."""

    until = day_field("延至")

    def values(self) -> dict[str, Any]:
        """The day."""
        return super().values() | {"until": self.cleaned_data["until"]}


def unit_choices(units: Iterable[Unit]) -> list[tuple[str, str]]:
    """Units by their keys."""
    return [(str(unit.pk), unit.name) for unit in units]


class AssignForm(StepForm):
    """To which unit a complaint is given: any of the district but those that it concerns."""

    handler = choice("承办单位", [])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.row
        concerned = units_concerned(row)
        offices = Unit.objects.offices().filter(parent=row.district).exclude(pk__in=concerned)
        field = self.fields["handler"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [UNCHOSEN, *unit_choices([row.district, *offices.order_by("code")])]

    def values(self) -> dict[str, Any]:
        """The unit."""
        return {"handler_id": int(self.cleaned_data["handler"])}


class NamedForm(StepForm):
    """Whom a complaint names; nobody chosen: it names nobody."""

    persons = forms.MultipleChoiceField(
        label="被反映的工作人员", required=False,
        help_text="选了的人看不到、也不能办理本件；没有点名的不用选，直接登记",
        widget=forms.SelectMultiple(attrs={"size": 5}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["persons"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = staff_choices(self.row.district_id)

    def values(self) -> dict[str, Any]:
        """The persons."""
        return {"persons": people(self.cleaned_data["persons"])}


class FoundForm(NamedForm, NoteForm):
    """What looking into a complaint came to, and who turned out to be concerned."""

    result = choice("查处结果", RESULTS.items())
    note = text_field("查处情况", 2000, lines=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["persons"]
        field.label, field.help_text = "查出涉及的工作人员", "选了的人从此看不到本件；没有的不用选"

    def values(self) -> dict[str, Any]:
        """Result, words, persons."""
        data = self.cleaned_data
        return super().values() | {"result": data["result"], "finding": data["note"]}


class FeedbackForm(NoteForm):
    """How and when the person was told."""

    how = choice("反馈方式", FEEDBACKS.items())
    told_on = day_field("反馈日期")
    note = text_field("反馈内容和本人意见", 1000, lines=True)

    def values(self) -> dict[str, Any]:
        """How, when, what."""
        data = self.cleaned_data
        return {"how": data["how"], "told_on": data["told_on"], "words": data["note"]}


class ExemptForm(NoteForm):
    """One exemption of 20, and whether it holds."""

    clause = choice("免责情形", [(k, f"第二十条 {v}") for k, v in EXEMPTIONS.items()])
    verdict = choice("结论", [("ADOPTED", "成立"), ("REJECTED", "不成立")])
    note = text_field("证据和说明", 500, lines=True)

    def values(self) -> dict[str, Any]:
        """The conclusion's parts."""
        data = self.cleaned_data
        return {name: data[name] for name in ("clause", "verdict", "note")}


class MeasuresForm(NoteForm):
    """What is proposed for the person and the unit (21)."""

    for_person = forms.MultipleChoiceField(
        label="对个人", choices=list((FOR_PERSONS | NO_MEASURE).items()), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    for_unit = forms.MultipleChoiceField(
        label="对单位", choices=list((FOR_UNITS | NO_MEASURE).items()), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    note = text_field("处理意见", 1000, lines=True)

    def values(self) -> dict[str, Any]:
        """The measures with their reasons."""
        data = self.cleaned_data
        return {name: data[name] for name in ("for_person", "for_unit", "note")}


class SignedNoteForm(SignForm):
    """Signed, with a reason that must be given."""

    note = text_field("理由", 500, lines=True)
    field_order = ("note", "opinion", "sign_code")

    def values(self) -> dict[str, Any]:
        """The reason."""
        return {"note": self.cleaned_data["note"]}


class ScoreForm(NoteForm):
    """How well a contract's party works, of a hundred."""

    score = forms.IntegerField(label="考核分（0–100）", min_value=0, max_value=100)
    note = text_field("考核情况", 1000, lines=True)

    def values(self) -> dict[str, Any]:
        """The score."""
        return super().values() | {"score": self.cleaned_data["score"]}


class SuppressForm(PlainForm):
    """A rule is silent for a time."""

    rule = choice("规则", [])
    office = choice("镇、街道", [], required=False)
    until = day_field("暂停到")
    reason = text_field("理由", 300, lines=True)

    def __init__(self, *args: Any, rules: Choices, offices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("rule", rules), ("office", offices)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "全区" if name == "office" else "请选择"), *choices]


class HandedForm(PlainForm):
    """What is handed to another authority."""

    authority = choice("受移送机关", AUTHORITIES.items())
    facts = text_field("事实和依据", 2000, lines=True)


def staff_choices(district_id: int) -> list[tuple[str, str]]:
    """Everybody in a post of the district, by unit."""
    posts = (
        Post.objects.filter(ends_on=None)
        .filter(unit__in=Unit.objects.filter(pk=district_id)
                | Unit.objects.filter(parent_id=district_id)
                | Unit.objects.filter(parent__parent_id=district_id))
        .select_related("person", "unit")
        .order_by("unit__code", "person__name")
    )  # fmt: skip
    return [(str(p.person_id), f"{p.unit.short_name} {p.title} {p.person.name}") for p in posts]


def people(ids: Iterable[str]) -> list[int]:
    """Keys of persons that there are."""
    wanted = [int(pk) for pk in ids if pk.isdigit()]
    return list(Person.objects.filter(pk__in=wanted).values_list("pk", flat=True))
