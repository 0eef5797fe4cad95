"""Forms of disposals: they judge what was typed and never save."""

from typing import Any

from django import forms

from archives.step_forms import NoteForm, SignForm, StepForm
from yuquan_relief.kernel.forms import text_field
from yuquan_relief.kernel.queries import key_of


class JudgeForm(NoteForm):
    """What was found about the chosen files of the list, and how much longer they are kept if so.

    The files are ticked in the table; the page has one form with two buttons.
    """

    note = text_field("鉴定意见", 200, lines=True)
    years = forms.IntegerField(label="延长几年", min_value=1, max_value=30, required=False)

    def values(self) -> dict[str, Any]:
        """The chosen files with the opinion."""
        ticked = self.data.getlist("item")  # type: ignore[attr-defined] # a QueryDict
        return {**super().values(), "ids": [pk for text in ticked if (pk := key_of(text))]}


class KeepForm(JudgeForm):
    """Files that are kept longer."""

    def clean_years(self) -> int:
        """How long is said."""
        years: int | None = self.cleaned_data["years"]
        if years is None:
            raise forms.ValidationError("延长保管的，请填延长几年")
        return years

    def values(self) -> dict[str, Any]:
        """How long, beside what was chosen."""
        return {**super().values(), "years": self.cleaned_data["years"]}


class DestroyForm(StepForm):
    """The last step: how many files, and the code."""

    count = forms.IntegerField(label="销毁几卷", min_value=1)
    sign_code = forms.CharField(
        label="签批码",
        strip=False,
        max_length=64,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def values(self) -> dict[str, Any]:
        """The number that was typed."""
        return {"files": self.cleaned_data["count"]}


FORMS: dict[str, type[StepForm]] = {
    "destroyable": JudgeForm,
    "keep": KeepForm,
    "appraise": SignForm,
    "approve_office": SignForm,
    "approve": SignForm,
    "watch": SignForm,
    "watch_too": SignForm,
    "destroy": DestroyForm,
    "send_back": NoteForm,
    "cancel": NoteForm,
}
