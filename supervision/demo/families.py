"""Synthetic families, as the clerk would type them."""

import random
from datetime import date
from typing import Any

from stdnum import luhn

from yuquan_relief.kernel.inputs import identity_numbers

_SURNAMES = """
张 王 李 刘 赵 杨 高 郭 任 武 韩 贾 云 白 乔 段 侯 欧阳 曾 单 孟 丁 田 石 冯 苗 温 樊 闫 康
"""
_GIVEN = """
秀英 建国 桂兰 志刚 玉梅 喜财 凤仙 永胜 二女 海龙 翠花 金锁 俊峰 瑞芳 天柱 丽娟 福贵 爱莲
根小 美枝 占元 巧云 树森 月娥 存良 改弟 宝山 素珍 双喜 银花 建军 秀珍 满仓 兰英 四虎 润梅
全胜 桃花 拴柱 变英 文义 清香
"""
_MONGOLIAN = """
斯琴高娃 巴特尔 乌云其木格 阿拉坦·巴雅尔 萨仁图雅 那顺 其其格 朝鲁 哈斯·额尔敦 乌力吉
娜仁花 苏和 格根塔娜 孟和 宝音 图雅 布和 塔娜·苏日娜 达来 乌兰 敖登 牧仁 阿如娜 特古斯
"""
SURNAMES, GIVEN, MONGOLIAN = _SURNAMES.split(), _GIVEN.split(), _MONGOLIAN.split()
REASONS = (
    "户主患慢性病，无法从事重体力劳动",
    "家庭主要劳动力因病致残，收入减少",
    "年老体弱，子女无赡养能力",
    "单亲家庭，子女在校就读，生活困难",
    "土地少，务农收入低，家中有长期患病成员",
    "下岗后无固定工作，打零工维持生活",
)
BANKS = ("内蒙古农村信用社（演练）", "中国农业银行（演练）", "内蒙古银行（演练）")
BINS = ("621000", "622848", "621700")
CLAIMS = {
    "EXPENSE_RELIEF": ("MEDICAL", "住院治疗"),
    "URGENT_RELIEF": ("FIRE", "厨房失火"),
}


def account_number(serial: int) -> str:
    """A Luhn-valid number of 19 digits that no bank has issued, different for each serial."""
    body = f"{BINS[serial % 3]}{serial:012d}"
    return body + str(luhn.calc_check_digit(body))


def person_name(rng: random.Random) -> str:
    """A name of nobody; one in eight is Mongolian."""
    if rng.random() < 1 / 8:
        return rng.choice(MONGOLIAN)
    return rng.choice(SURNAMES) + rng.choice(GIVEN)


class Numbers:
    """Identity numbers of nobody: never the same twice in one run of the seed."""

    def __init__(self, start: int) -> None:
        self._next = start

    def new(self, birth_on: date, *, is_male: bool) -> str:
        """The next number for that birth date and sex."""
        self._next += 1
        return identity_numbers.synthetic(self._next, birth_on=birth_on, is_male=is_male)


def family(serial: int, programme: str, place: str, *, seed: int) -> dict[str, Any]:
    """An application of one to four persons whose income lies below the standard."""
    rng = random.Random(f"{seed}-{serial}")
    numbers = Numbers(1000 + serial * 8)
    alone = programme.endswith("DESTITUTE")
    members = [_head(rng, numbers, alone=alone), *([] if alone else _others(rng, numbers))]
    head = members[0]["name"]
    street = "演练巷" if programme.startswith("RURAL") else "演练路"
    return {
        **_more(rng, programme, place),
        "programme": programme,
        "phone": f"199{48000000 + serial:08d}",
        "address": f"{place}{street}{rng.randint(1, 60)}号",
        "reason": rng.choice(REASONS),
        "bank": rng.choice(BANKS),
        "holder": head,
        "account_kind": "card",
        "account_number": account_number(serial),
        "members": members,
    }


def _more(rng: random.Random, programme: str, place: str) -> dict[str, Any]:
    """What only one kind of application has."""
    if programme.endswith("DESTITUTE"):
        brother = {
            "name": person_name(rng), "relation": "SIBLING", "persons": "2", "month": "1200",
            "ground": "OLD70", "support": "0",
        }  # fmt: skip
        return {"support": "SCATTERED", "obligors": [brother] if rng.random() < 0.5 else []}
    if programme not in CLAIMS:
        return {}
    cause, what = CLAIMS[programme]
    total = rng.randint(20, 60) * 1000
    return {
        "claim_cause": cause,
        "claim_class": "ORDINARY",
        "claim_on": "2026-06-01",
        "claim_place": f"{place}（{what}）",
        "claim_total": str(total),
        "claim_covered": str(total * 6 // 10),
        "claim_asked": "8000",
    }


def _head(rng: random.Random, numbers: Numbers, *, alone: bool = False) -> dict[str, Any]:
    is_male = rng.random() < 0.6
    year = rng.randint(1938, 1962) if alone else rng.randint(1948, 1982)
    born = date(year, rng.randint(1, 12), rng.randint(1, 28))
    if alone:
        pension = [{"kind": "BASIC_PENSION", "annual": "1560"}]
        return {
            "name": person_name(rng),
            "id_no": numbers.new(born, is_male=is_male),
            "relation": "SELF",
            "incomes": pension,
        }
    return {
        "name": person_name(rng),
        "id_no": numbers.new(born, is_male=is_male),
        "relation": "SELF",
        "incomes": [{"kind": rng.choice(["WAGES", "BUSINESS"]), "annual": _yuan(rng, 0, 40)}],
    }


def _others(rng: random.Random, numbers: Numbers) -> list[dict[str, Any]]:
    others = []
    if rng.random() < 0.55:
        born = date(rng.randint(1950, 1984), rng.randint(1, 12), rng.randint(1, 28))
        others.append(_other(rng, numbers, "SPOUSE", born))
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        born = date(rng.randint(2005, 2019), rng.randint(1, 12), rng.randint(1, 28))
        others.append(_other(rng, numbers, "CHILD", born))
    return others


def _other(rng: random.Random, numbers: Numbers, relation: str, born: date) -> dict[str, Any]:
    incomes = []
    if relation == "SPOUSE" and rng.random() < 0.5:
        incomes = [{"kind": "TRANSFER", "annual": _yuan(rng, 5, 20)}]
    return {
        "name": person_name(rng),
        "id_no": numbers.new(born, is_male=rng.random() < 0.5),
        "relation": relation,
        "incomes": incomes,
    }


def _yuan(rng: random.Random, low: int, high: int) -> str:
    return str(rng.randint(low, high) * 120)
