"""Forms of the two registers: relatives of those in office, and families that were noticed."""

from typing import Any

from django import forms

from cases.models.lead import SOURCES
from cases.operations.kin import Relative, posts_of
from cases.operations.leads import Noticed
from cases.rules.kin import RELATIONS
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.forms import InputField, PlainForm, day_field, text_field
from yuquan_relief.kernel.inputs import identity_numbers, names, phones


class RelativeForm(PlainForm):
    """Whose relative, what relation, who."""

    post = forms.ChoiceField(label="在岗人员")
    relation = forms.ChoiceField(
        label="亲属是在岗人员的", choices=[("", "请选择"), *RELATIONS.items()]
    )
    name = InputField(label="亲属姓名", read=names.clean)
    id_no = InputField(
        label="亲属身份证号", read=lambda text: identity_numbers.clean(text, today=today())
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        posts = [
            (str(p.pk), f"{p.person.name}（{p.unit.short_name}{p.title}）")
            for p in posts_of(actor, today())
        ]
        self.fields["post"].choices = [("", "请选择"), *posts]  # type: ignore[attr-defined]

    def relative(self) -> Relative:
        """The clean values."""
        data = self.cleaned_data
        return Relative(
            post_id=int(data["post"]),
            name=data["name"],
            relation=data["relation"],
            identity=data["id_no"],
        )


class LeadForm(PlainForm):
    """Whom somebody noticed."""

    name = InputField(label="姓名", read=names.clean)
    phone = InputField(label="联系电话", read=phones.clean, required=False)
    source = forms.ChoiceField(label="来源", choices=[("", "请选择"), *SOURCES.items()])
    found_on = day_field("发现日期")
    difficulty = text_field("困难情况", 300, lines=True)

    def noticed(self) -> Noticed:
        """The clean values."""
        data = self.cleaned_data
        return Noticed(**data | {"phone": data["phone"] or ""})
