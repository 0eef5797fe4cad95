"""The form of a check: one group of answers for each question, as its kind says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from supervision.models import Sheet
from supervision.operations.sheets import Answers
from supervision.rules.sheets import CALLS, KINDS, VERDICTS, Question
from supervision.step_forms import choice
from yuquan_relief.kernel.forms import PlainForm, day_field, text_field
from yuquan_relief.kernel.inputs import InputError, names

MOST = 300  # characters of a remark


@dataclass(frozen=True)
class Asked:
    """One question with what was answered so far."""

    question: Question
    answer: str
    note: str
    number: int


class SheetForm(PlainForm):
    """Day, who was met, verdict and summary beside the questions; nothing typed is lost."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    checked_on = day_field("检查日期", required=False)
    met = text_field("见到（接听）的人", 100, required=False)
    verdict = forms.ChoiceField(
        label="判定", choices=[("", "还没有判定"), *VERDICTS.items()], required=False
    )
    summary = text_field("检查情况", 1000, lines=True, required=False)
    consented = forms.BooleanField(label="本人同意接受访问", required=False)

    def __init__(self, sheet: Sheet, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, initial=self._known(sheet), **kwargs)
        self.sheet = sheet
        if sheet.kind != "PHONE":
            del self.fields["consented"]

    @staticmethod
    def _known(sheet: Sheet) -> dict[str, Any]:
        names = ("version", "met", "verdict", "summary", "consented")
        day = sheet.checked_on.isoformat() if sheet.checked_on else ""
        return {name: getattr(sheet, name) for name in names} | {"checked_on": day}

    def questions(self) -> Iterator[Asked]:
        """Every question of the kind, with what was typed or kept."""
        for number, question in enumerate(KINDS[self.sheet.kind].questions, 1):
            kept: Mapping[str, str] = self.sheet.answers.get(question.code, {})
            answer, note = kept.get("answer", ""), kept.get("note", "")
            if self.is_bound:
                answer = str(self.data.get(f"q-{question.code}", answer))
                note = str(self.data.get(f"n-{question.code}", note))
            yield Asked(question, answer, note, number)

    def clean(self) -> dict[str, Any]:
        """Remarks as any other text: without control characters, at most MOST long."""
        for asked in self.questions():
            try:
                names.clean_text(asked.note, most=MOST, lines=False)
            except InputError as error:
                self.add_error(None, f"第 {asked.number} 项的说明：{error.message}")
        return super().clean() or {}

    @property
    def says_more(self) -> bool:
        """Whether something is typed that does not stand yet."""
        if not self.is_valid() or set(self.changed_data) - {"version"}:
            return True
        kept = self.sheet.answers
        stands = {code: (a.get("answer", ""), a.get("note", "")) for code, a in kept.items()}
        return dict(self.answers().answers) != stands

    def answers(self) -> Answers:
        """What the operation takes; unanswered questions are left as they were."""
        data, kept = self.cleaned_data, self.sheet.answers
        given = {
            a.question.code: (a.answer, a.note.strip())
            for a in self.questions()
            if a.answer or a.note.strip() or a.question.code in kept
        }
        return Answers(
            answers=given,
            verdict=data["verdict"],
            summary=data["summary"] or "",
            met=data["met"] or "",
            checked_on=data["checked_on"],
            consented=data.get("consented", True),
        )


class CallForm(PlainForm):
    """One attempt to call."""

    result = choice("拨打结果", CALLS.items())
    note = text_field("说明", 200, required=False)


class CodeForm(PlainForm):
    """The signing code over what was read."""

    content_sha256 = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    sign_code = forms.CharField(
        label="签批码", strip=False, max_length=64,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
