"""Pinyin of names for search and sorting, surnames read as surnames.

python-pinyin reads 曾小明 as céng and knows no surname (its issues 120 and 297), so the first
syllables come from our own table. Every other reading is kept behind, for a Mongolian 查干 or a
given name 乐 that its bearer reads otherwise.
"""

import unicodedata
from functools import lru_cache
from itertools import product

from yuquan_relief.kernel.inputs import names

MOST = 32  # combinations per name; a name of ten many-voiced characters has millions

_SURNAME_READINGS = """
单=shan4 單=shan4 曾=zeng1 仇=qiu2 查=zha1 解=xie4 朴=piao2 区=ou1 區=ou1 盖=ge3
蓋=ge3 任=ren2 华=hua4 華=hua4 繁=po2 乐=yue4 樂=yue4 覃=qin2 翟=zhai2 员=yun4
員=yun4 贠=yun4 折=she2 佘=she2 冼=xian3 洗=xian3 召=shao4 缪=miao4 繆=miao4 宓=mi4
逄=pang2 种=chong2 重=chong2 秘=bi4 祭=zhai4 瞿=qu2 句=gou1 隗=wei3 黑=he4 盛=sheng4
臧=zang1 车=che1 車=che1 卜=bu3 谌=chen2 费=fei4 費=fei4 葛=ge3 纪=ji3 紀=ji3
贾=jia3 賈=jia3 牟=mu4 那=na1 宁=ning4 寧=ning4 曲=qu1 阙=que1 撒=sa4 莘=shen1
石=shi2 沈=shen3 台=tai2 相=xiang4 燕=yan1 应=ying1 應=ying1 於=yu1 占=zhan1 仉=zhang3
冯=feng2 馮=feng2 强=qiang2 么=yao1 幺=yao1 尉=wei4 贲=ben1 适=kuo4 谷=gu3 厍=she4
郗=chi1 呙=guo1 炅=gui4 炔=gui4 隽=juan4 都=du1 郇=xun2 叶=ye4 葉=ye4 肖=xiao1
柏=bai3 薄=bo2 晁=chao2 行=xing2 便=pian2 干=gan1 乜=nie4 哈=ha3 粘=nian2 俱=ju1
颉=xie2
"""
_SURNAMES = dict(entry.split("=") for entry in _SURNAME_READINGS.split())
_OPENINGS = {  # compound surnames, and beginnings of Mongolian names that look like a surname
    "尉迟": ("yu4", "chi2"),
    "尉遲": ("yu4", "chi2"),
    "单于": ("chan2", "yu2"),
    "單于": ("chan2", "yu2"),
    "万俟": ("mo4", "qi2"),
    "萬俟": ("mo4", "qi2"),
    "长孙": ("zhang3", "sun1"),
    "長孫": ("zhang3", "sun1"),
    "澹台": ("tan2", "tai2"),
    "令狐": ("ling2", "hu2"),
    "鲜于": ("xian1", "yu2"),
    "子车": ("zi3", "ju1"),
    "夹谷": ("jia1", "gu3"),
    "拓跋": ("tuo4", "ba2"),
    "乐正": ("yue4", "zheng4"),
    "宰父": ("zai3", "fu3"),
    "查干": ("cha2", "gan1"),
    "朝鲁": ("chao2", "lu3"),
    "那仁": ("na4", "ren2"),
}


def initials(name: str) -> tuple[str, ...]:
    """Upper-case initials in every reading, the likeliest first: 单明 is SM, then DM and CM.

    A character without known pinyin is left out, as the clerk who searches leaves it out; of a
    word in Latin letters the first letter counts. At most MOST, later characters vary least.
    """
    return _combined(tuple(tuple(r[0].upper() for r in unit) for unit in _units(name)))


def spellings(name: str) -> tuple[str, ...]:
    """Whole pinyin without tones and gaps in every reading, the likeliest first; ü is v."""
    return _combined(tuple(tuple(r.rstrip("12345") for r in unit) for unit in _units(name)))


def sort_key(name: str) -> str:
    """Sorts by code point (COLLATE "C") into pinyin order, like characters side by side.

    `zeng1曾 xiao3小 ming2明`; characters without known pinyin come last, never an error.
    """
    readings = dict(_han_readings(name))
    key = ""
    for place, char in enumerate(name):
        if names.is_han(char):
            key += f" {readings[place][0] if readings[place] else '~'}{char} "
        else:
            key += " " if char in names.DOTS else char.lower()
    return " ".join(key.split())


def _combined(units: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    kept, count = [], 1
    for unit in units:
        distinct = tuple(dict.fromkeys(unit))
        kept.append(distinct[: max(1, MOST // count)])
        count *= len(kept[-1])
    return tuple(dict.fromkeys("".join(parts) for parts in product(*kept))) if kept else ()


def _units(name: str) -> list[tuple[str, ...]]:
    """The readings of each Han character and, as one more unit, of each other word."""
    readings = dict(_han_readings(name))
    units: list[tuple[str, ...]] = []
    word = ""
    for place, char in enumerate(f"{name} "):
        letter = unicodedata.normalize("NFD", char)[0].lower()
        if "a" <= letter <= "z":
            word += letter
            continue
        if word:
            units.append((word,))
            word = ""
        if readings.get(place):
            units.append(readings[place])
    return units


def _han_readings(name: str) -> list[tuple[int, tuple[str, ...]]]:
    """Place and readings with tone digits of each Han character, the likeliest reading first."""
    first: tuple[str, ...] = _OPENINGS.get(name[:2], ())
    if not first and name[:1] in _SURNAMES:
        first = (_SURNAMES[name[0]],)
    return [
        (place, tuple(dict.fromkeys((*first[place : place + 1], *_readings(char)))))
        for place, char in enumerate(name)
        if names.is_han(char)
    ]


@lru_cache(maxsize=20_000)
def _readings(char: str) -> tuple[str, ...]:
    """What python-pinyin knows of one character; () for those it does not, mostly new blocks."""
    import pypinyin  # noqa: PLC0415 - its dictionaries take 0.3 s; most processes read no name

    found = pypinyin.pinyin(
        char, style=pypinyin.Style.TONE3, heteronym=True, errors="ignore", v_to_u=False
    )
    return tuple(r for r in found[0] if r.isascii() and r[:1].isalpha()) if found else ()
