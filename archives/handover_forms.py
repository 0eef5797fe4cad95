"""Forms of handovers: they judge what was typed and never save."""

from typing import TYPE_CHECKING, Any

from django import forms

from archives.models import Handover
from yuquan_relief.kernel.forms import PlainForm, text_field
from yuquan_relief.kernel.models import Person, Post

if TYPE_CHECKING:
    Posts = forms.ModelChoiceField[Post]
    People = forms.ModelChoiceField[Person]
else:
    Posts = People = forms.ModelChoiceField


class PostField(Posts):
    """A post, named by its place, its title and who holds it."""

    def label_from_instance(self, obj: Post) -> str:
        """`甲社区经办　演练某`."""
        return f"{obj.unit.short_name}{obj.title}　{obj.person.name}"


class PersonField(People):
    """A person by name."""

    def label_from_instance(self, obj: Person) -> str:
        """The name."""
        return obj.name


class OpenForm(PlainForm):
    """Whose post changes hands, and who takes it."""

    post = PostField(label="移交的岗位", queryset=Post.objects.none(), empty_label="请选择")
    taker = PersonField(label="接收人", queryset=Person.objects.none(), empty_label="请选择")

    def __init__(self, *args: Any, posts: Any, takers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        post, taker = self.fields["post"], self.fields["taker"]
        assert isinstance(post, forms.ModelChoiceField)
        assert isinstance(taker, forms.ModelChoiceField)
        post.queryset, taker.queryset = posts, takers


class StepForm(PlainForm):
    """What every step brings: the version that the person saw."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, handover: Handover, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.handover = handover


class NoteForm(StepForm):
    """A step with its reason."""

    note = text_field("理由", 300, lines=True)


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


FORMS: dict[str, type[StepForm]] = {
    "relist": StepForm,
    "give": SignForm,
    "stand_in": NoteForm,
    "take": SignForm,
    "send_back": NoteForm,
    "witness": SignForm,
    "cancel": NoteForm,
}
