"""Reading what was typed or sent: clean values, or every error with its field."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from yuquan_relief.kernel.inputs import InputError, names


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field. `field` is its name on the page: `members-0-id_no`."""

    field: str
    code: str
    message: str


class ApplicationErrors(ValueError):
    """The application cannot be submitted as it is; `errors` says why, field by field."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(f"{len(errors)} field errors")
        self.errors = errors


def is_true(value: Any) -> bool:
    """Whether a box is ticked: by a form's text, or by true."""
    return value is True or (isinstance(value, str) and value in TRUE_WORDS)


TRUE_WORDS = frozenset({"on", "true", "True", "1", "yes"})


@dataclass
class Reader:
    """Collects errors while reading, so that a person sees all of them at once."""

    errors: list[FieldError] = field(default_factory=list)

    def refuse(self, name: str, code: str, message: str) -> None:
        """One more field to mend."""
        self.errors.append(FieldError(name, code, message))

    def read(self, name: str, parse: Any, text: Any, *, ask: str = "") -> Any:
        """The parsed text; None after an error. `ask` is what to say when it is missing."""
        if text is None or (isinstance(text, str) and not text.strip()):
            if ask:
                self.refuse(name, "required", ask)
            return None
        if not isinstance(text, str):
            self.refuse(name, "text_expected", "请以文本形式填写")
            return None
        try:
            return parse(text)
        except InputError as error:
            self.refuse(name, error.code, error.message)
            return None

    def tick(self, name: str, value: Any, *, default: bool = False) -> bool:
        """A box; anything but a text or true and false is refused."""
        if value is None:
            return default
        if not isinstance(value, bool | str):
            self.refuse(name, "choice", "请填是或否")
        return is_true(value)

    def choose(self, name: str, value: Any, choices: Any, *, ask: str) -> str:
        """One of the choices; "" after an error."""
        if not isinstance(value, str) or value not in choices:
            self.refuse(name, "choice", ask)
            return ""
        return value


def text_of(most: int) -> Callable[[str], str]:
    """A parser of one line of text, at most so long."""
    return lambda text: names.clean_text(text, most=most, lines=False)
