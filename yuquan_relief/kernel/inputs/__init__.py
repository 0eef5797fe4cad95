"""What people type or paste, brought to one normal form or refused with a sentence that helps.

Pure Python: forms, serializers and imports call these modules, so that a number refused on the
page is refused by the API and in a spreadsheet too. The corpus of bad inputs and what must become
of each is `tests/kernel/inputs/corpus.toml`.
"""

import re
import unicodedata

_HALF_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}
_SPACING_CONTROLS = "\t\n\v\f\r\x85"
_SPREADSHEET_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?[eE]\+?[0-9]+|[0-9]+\.0*")


class InputError(ValueError):
    """One value was refused: `code` is for programs, `message` tells the person what to do.

    Neither holds the value itself, so both may be logged.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)  # both arguments, or a worker could not unpickle it
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


def half_width(text: str) -> str:
    """Full-width ASCII twins and the ideographic space become ASCII; nothing else changes.

    Not NFKC, which would also read ² and ② as the digit 2.
    """
    return text.translate(_HALF_WIDTH)


def typed(text: str) -> str:
    """What stands on the screen: half width, no invisible characters, no spaces around."""
    if text.isascii() and text.isprintable():  # nearly all cells of a bank's file
        return text.strip()
    refuse_broken(text)
    visible = (char for char in half_width(text) if unicodedata.category(char) != "Cf")
    return "".join(visible).strip()


def pasted_number(text: str) -> str:
    """The number without spaces, hyphens and invisible characters, full width made ASCII.

    A number that went through a numeric spreadsheet cell is refused (`column_as_text`): beyond
    15 digits its tail has been replaced by zeros, and it may look right.
    """
    if text.isascii() and text.isdigit():
        return text
    kept = "".join(char for char in typed(text) if not _is_gap(char))
    if _SPREADSHEET_NUMBER.fullmatch(kept):
        raise _column_as_text()
    return kept


def text_cell(value: object) -> str:
    """The text of a spreadsheet cell that must hold text, "" of an empty one.

    A numeric cell is refused even if its digits look complete: 6228480000000000000 may have
    been any of a thousand cards, and some of those zeros even pass the check digit.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise _column_as_text()


def refuse_broken(text: str) -> None:
    """Refuse bytes that were not UTF-8 and control characters, which no field may store."""
    for char in text:
        category = unicodedata.category(char)
        if category == "Cs" or char == "\ufffd":
            raise InputError("encoding", "有文字没能正确识别，请用 UTF-8 编码另存或重新输入。")
        if category == "Cc" and char not in _SPACING_CONTROLS:
            raise InputError("control_char", "内容里夹有看不见的控制字符，请删去后手工重新输入。")


def _is_gap(char: str) -> bool:
    """A space or hyphen; the minus sign is the one hyphen that Unicode does not file as such."""
    return char.isspace() or char == "\u2212" or unicodedata.category(char) == "Pd"


def _column_as_text() -> InputError:
    return InputError(
        "column_as_text",
        "号码被表格软件改成了数值，后几位可能已丢失，请把这一列设为“文本”格式后重新填写。",
    )
