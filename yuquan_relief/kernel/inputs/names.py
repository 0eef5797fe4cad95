"""Names of persons and free text: every name can be written, and no character hides in it.

《民委发〔2016〕33号》: the dot is U+00B7, and a name may be long. Rare characters are known by
their blocks, not by `unicodedata`: Python 3.11 has never heard of extensions H and I.
"""

import re
import unicodedata

from yuquan_relief.kernel.inputs import InputError, half_width

INTERPUNCT = "\u00b7"
MOST = 100

# Dots that keyboards, web pages and other systems put into names. NFKC changes only three.
DOTS = frozenset(
    "\u00b7\u2022\u2027\u30fb\uff0e\u2219\u22c5\uff65\u0387\u2024\ufe52\u25cf\u25e6\u2e31\u2e33."
)
_COMPOUND_SURNAMES = """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶
太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良
漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 西门 南荣
第五 单于 歐陽 司馬 東方 萬俟 諸葛 尉遲 單于 長孫
"""
COMPOUND_SURNAMES = frozenset(_COMPOUND_SURNAMES.split())

_HAN = re.compile(
    "[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0002fffd\U00030000-\U0003fffd]"
)
_COMPATIBILITY_HAN = "\uf900-\ufaff\U0002f800-\U0002fa1f"
_NOT_COMPATIBILITY = re.compile(f"[^{_COMPATIBILITY_HAN}]+")
_RADICALS = re.compile("[\u2e9f\u2ef3\u2f00-\u2fd5]")  # look like Han, come from copied PDFs
_MONGOLIAN = re.compile("[\u1800-\u18af]")
_JOINERS = frozenset("\u180e\u200c\u200d\u202f")  # part of the spelling in Mongolian script only
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5")  # letters one cannot see
_LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_DOT_RUN = re.compile("[" + re.escape("".join(sorted(DOTS))) + "]+")
_EMOJI = re.compile("[\u20e3\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]")
_INNER = frozenset(" -'\u2019\u1806")


def clean(text: str) -> str:
    """The name as it is stored and compared, or InputError.

    Spaces around it go; single spaces, hyphens and apostrophes may stand inside names that are
    not Han. Its length counts characters, whatever their width in UTF-16.
    """
    name = _trimmed(unified(half_width(text)))
    if not name:
        raise InputError("required", "请填写姓名，与身份证或户口簿上的一致。")
    for place, char in enumerate(name):
        _check(name, place, char)
    if len(name) > MOST:
        raise InputError("max_length", f"姓名最多 {MOST} 个字，请核对是否多贴了内容。")
    name = _DOT_RUN.sub(_dot, name)
    for place, char in enumerate(name):
        if char in _INNER and not _joins_letters(name, place):
            raise _refusal_of_inner(char)
    return name


def mask(name: str) -> str:
    """`张*`, `欧阳*`: the surname, or the first character where there is none; never the length."""
    if len(name) < 2:
        return "*"
    surname = name[:2] if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else name[:1]
    return f"{surname}*"


def clean_text(text: str, *, most: int, lines: bool) -> str:
    """A remark as it is stored: line ends are LF, spaces around it go, an empty one stays "".

    Markup, template signs and emoji are kept as the letters they are; whoever shows the text
    escapes it. With `lines=False` a line break inside is refused, a tab becomes a space.
    """
    plain = _LINE_ENDS.sub("\n", text)
    plain = _trimmed(plain if lines else plain.replace("\t", " "))
    if not lines and "\n" in plain:
        raise InputError("line_break", "这一项只能写一行，请去掉中间的换行。")
    for place, char in enumerate(plain):
        if char not in "\n\t\u180e\u200c\u200d":  # joiners: emoji families, Mongolian
            _refuse_hidden(char, place)
    if len(plain) > most:
        raise InputError("max_length", f"请控制在 {most} 个字以内，现在是 {len(plain)} 个字。")
    return plain


def is_han(char: str) -> bool:
    """Whether a Han character, in any extension to come (planes 2 and 3 hold nothing else)."""
    return _HAN.fullmatch(char) is not None


def is_invisible(char: str) -> bool:
    """Format characters, variation selectors and the letters that show nothing."""
    is_selector = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
    return is_selector or char in _BLANK_LETTERS or unicodedata.category(char) == "Cf"


def unified(text: str) -> str:
    """Radicals become the characters they look like, letters and accents are composed (NFC).

    Compatibility ideographs stay: NFC would replace 郎 U+F92C of the identity card by another.
    """
    plain = _RADICALS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return _NOT_COMPATIBILITY.sub(lambda found: unicodedata.normalize("NFC", found[0]), plain)


def _trimmed(text: str) -> str:
    """Without white space around; the separators U+001C–1F are left there to be refused."""
    start, end = 0, len(text)
    while start < end and _is_space(text[start]):
        start += 1
    while end > start and _is_space(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_space(char: str) -> bool:
    return char.isspace() and not "\x1c" <= char <= "\x1f"


def _check(name: str, place: int, char: str) -> None:
    if is_han(char) or char in DOTS or char in _INNER:
        return
    if char in _JOINERS and _MONGOLIAN.search(name[max(place - 1, 0) : place + 2]):
        return
    if _LINE_ENDS.fullmatch(char):
        raise InputError("line_break", "姓名请写在一行里，请去掉中间的换行。")
    if char.isspace() and not "\x1c" <= char <= "\x1f":
        raise _refusal_of_inner(char)
    _refuse_hidden(char, place)
    if _EMOJI.fullmatch(char):
        raise InputError("emoji", f"姓名第 {place + 1} 个字是表情符号，请换成文字。")
    if not _is_letter(char):
        raise InputError(
            "name_characters",
            f"姓名第 {place + 1} 个字是数字或符号，请只填证件上的姓名，其他说明写在备注里。",
        )


def _refuse_hidden(char: str, place: int) -> None:
    """Refuse what cannot be shown or printed; place counts from 0."""
    category = unicodedata.category(char)
    if category == "Co":
        raise InputError(
            "pua",
            f"第 {place + 1} 个字是自造字（U+{ord(char):04X}），别的电脑上显示不出来，"
            "请先填拼音，并上传这个字的图片。",
        )
    if category == "Cs" or char == "\ufffd":
        raise InputError("encoding", "有文字没能正确识别，请用 UTF-8 编码另存或重新输入。")
    is_unassigned = category == "Cn" and (
        ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF
    )
    if category in {"Cc", "Cf"} or char in _BLANK_LETTERS or is_unassigned:
        raise InputError(
            "control_char", f"第 {place + 1} 个字是看不见的控制字符，请删去后手工重新输入。"
        )


def _dot(run: re.Match[str]) -> str:
    name, start, end = run.string, run.start(), run.end()
    before, after = name[start - 1 : start], name[end : end + 1]
    is_abbreviation = run[0] == "." and before.isalpha() and not is_han(before)
    if is_abbreviation and not (after and is_han(after)):
        return "."  # J. R. Smith, Jr.
    if len(run[0]) > 1 or not (before and after and _is_letter(before) and _is_letter(after)):
        raise InputError(
            "name_interpunct", "姓名中的间隔点“·”应在两个字之间，每处只写一个，请核对。"
        )
    return INTERPUNCT


def _is_letter(char: str) -> bool:
    return is_han(char) or unicodedata.category(char)[0] in "LM"


def _joins_letters(name: str, place: int) -> bool:
    before, after = name[place - 1 : place], name[place + 1 : place + 2]
    if not before or not after or is_han(before) or is_han(after):
        return False
    return (_is_letter(before) or before == ".") and _is_letter(after)


def _refusal_of_inner(char: str) -> InputError:
    if char.isspace():
        return InputError(
            "name_space", "姓名中间有空格，请去掉；少数民族姓名的间隔请用“·”，外文名只空一格。"
        )
    return InputError("name_characters", "姓名里的连字符或撇号应在两个字母之间，请核对。")
