"""Forms of the check since 2015: they judge what was typed and never save."""

from dataclasses import dataclass
from typing import Any

from django import forms

from archives.models import OldFile, OldFileLine
from archives.rules.old_files import STATES
from archives.step_forms import NoteForm, StepForm
from yuquan_relief.kernel.forms import PlainForm, day_field
from yuquan_relief.kernel.models import Unit


class QueryForm(PlainForm):
    """Query above the list."""

    office = forms.ChoiceField(label="镇、街道", required=False)
    year = forms.IntegerField(label="年度", min_value=2015, max_value=2100, required=False)
    state = forms.ChoiceField(label="状态", choices=[("", "全部"), *STATES.items()], required=False)
    late = forms.BooleanField(label="只看超期", required=False)
    mine = forms.BooleanField(label="只看派给我的", required=False)

    def __init__(self, data: Any, *, offices: list[Unit]) -> None:
        super().__init__(data)
        field = self.fields["office"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "全部"), *((str(u.pk), u.short_name) for u in offices)]
        if len(offices) < 2:
            del self.fields["office"]


class AssignForm(PlainForm):
    """Which office's files of which year are given to whom, until when."""

    office = forms.ChoiceField(label="镇、街道")
    year = forms.IntegerField(label="年度", min_value=2015, max_value=2100)
    checker = forms.ChoiceField(label="核查人")
    due_on = day_field("核查期限")

    def __init__(
        self, *args: Any, offices: list[Unit], people: list[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        office, checker = self.fields["office"], self.fields["checker"]
        assert isinstance(office, forms.ChoiceField)
        assert isinstance(checker, forms.ChoiceField)
        office.choices = [("", "请选择"), *((str(u.pk), u.short_name) for u in offices)]
        checker.choices = [("", "请选择"), *((str(pk), label) for pk, label in people)]


class DueForm(StepForm):
    """A step with a deadline; empty for the usual one."""

    due_on = day_field("整改期限", required=False, help_text="不填为 15 天以后")

    def values(self) -> dict[str, Any]:
        """The deadline, if one was typed."""
        return {**super().values(), "due_on": self.cleaned_data["due_on"]}


class DueNoteForm(NoteForm):
    """A reason with a deadline."""

    due_on = day_field("整改期限", required=False, help_text="不填为 15 天以后")

    def values(self) -> dict[str, Any]:
        """Both."""
        return {**super().values(), "due_on": self.cleaned_data["due_on"]}


FORMS: dict[str, type[StepForm]] = {
    "whole": StepForm,
    "problem": DueForm,
    "ask_again": StepForm,
    "pass": StepForm,
    "refuse": DueNoteForm,
    "extend": DueNoteForm,
}


@dataclass(frozen=True)
class LineAnswer:
    """One line of the checklist with what was typed: found is Y, N or ""."""

    line: OldFileLine
    found: str
    lack: str
    mended: str


class ChecklistForm:
    """The checklist of one file as it was answered; not a Django form, for its fields are the lines
    of the file."""

    def __init__(self, row: OldFile, data: Any = None) -> None:
        self.rows = [_answer(line, data) for line in row.lines.order_by("id")]

    def answers(self) -> dict[str, tuple[bool, str]]:
        """What was found, of the lines that were answered: slot → (is there, what lacks)."""
        return {r.line.slot: (r.found == "Y", r.lack) for r in self.rows if r.found in ("Y", "N")}

    def mended(self) -> dict[str, str]:
        """What was said of lines that lack: slot → words."""
        lacking = (r for r in self.rows if r.line.is_there is False)
        return {r.line.slot: r.mended for r in lacking if r.mended.strip()}


def _answer(line: OldFileLine, data: Any) -> LineAnswer:
    if data is None:
        known = {None: "", True: "Y", False: "N"}[line.is_there]
        return LineAnswer(line, known, line.lack, line.mended)
    typed = (data.get(f"{line.slot}{part}", "") for part in ("", "-lack", "-mended"))
    return LineAnswer(line, *typed)
