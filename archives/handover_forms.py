"""Forms of handovers: they judge what was typed and never save."""

from typing import TYPE_CHECKING, Any

from django import forms

from archives.step_forms import NoteForm, SignForm, StepForm
from yuquan_relief.kernel.forms import PlainForm
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


FORMS: dict[str, type[StepForm]] = {
    "relist": StepForm,
    "give": SignForm,
    "stand_in": NoteForm,
    "take": SignForm,
    "send_back": NoteForm,
    "witness": SignForm,
    "cancel": NoteForm,
}
