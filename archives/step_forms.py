"""What the steps of archives bring: they judge what was typed and never save."""

from typing import Any

from django import forms

from yuquan_relief.kernel.forms import PlainForm, text_field


class StepForm(PlainForm):
    """What every step brings: the version that the person saw."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row

    def values(self) -> dict[str, Any]:
        """What the step's operation takes beside the common part."""
        return {}


class NoteForm(StepForm):
    """A step with its reason."""

    note = text_field("理由", 300, lines=True)

    def values(self) -> dict[str, Any]:
        """The reason."""
        return {"note": self.cleaned_data["note"]}


class SignForm(StepForm):
    """A step that is signed, over what was read."""

    content_sha256 = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    opinion = text_field("意见", 300, required=False)
    sign_code = forms.CharField(
        label="签批码",
        strip=False,
        max_length=64,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
