"""Regular tables of statistics as dated templates (domain 12.1, 5(8)): rows, columns, and where
each number comes from. A period is frozen under the template that was in force at its end.

The official numbers of the national tables were not found: names and columns follow the bulletins,
and the district adds templates as they become known.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Column:
    """One column: code, words, unit; `fen` amounts are shown in yuan; how months add up."""

    code: str
    label: str
    unit: str
    sums: bool = True  # over rows


@dataclass(frozen=True)
class StatTable:
    """One table. `periods`: M month, Q quarter, Y year; `source`: the reader's name."""

    code: str
    title: str
    valid_from: date
    periods: str
    source: str
    heads: tuple[Column, ...]
    rows: tuple[tuple[str, str], ...] = ()  # (code, label); empty: one for each office
    note: str = ""


_STOCK = (
    Column("households", "户数", "户"),
    Column("persons", "人数", "人"),
    Column("new_households", "新增户", "户"),
    Column("new_persons", "新增人", "人"),
    Column("left_households", "退出户", "户"),
    Column("left_persons", "退出人", "人"),
    Column("female", "女性", "人"),
    Column("old", "老年人（60 岁以上）", "人"),
    Column("minor", "未成年人", "人"),
    Column("disabled", "重度残疾人", "人"),
    Column("ill", "重病患者", "人"),
    Column("student", "在校学生", "人"),
    Column("single", "单人保", "户"),
)
_MONEY = (
    Column("fen", "支出", "fen"),
    Column("year_fen", "本年累计支出", "fen"),
    Column("person_months", "人次", "人次"),
    Column("mean_fen", "人均补助水平", "fen", sums=False),
)
ALLOWANCE = StatTable(
    "ALLOWANCE", "城乡低保情况", date(2020, 8, 3), "MQY", "stock",
    (*_STOCK, Column("standard_fen", "保障标准", "fen", sums=False), *_MONEY),
    (("URBAN_ALLOWANCE", "城市低保"), ("RURAL_ALLOWANCE", "农村低保")),
    "户数、人数、分类为期末数；新增、退出为期内数；人均补助水平 = 支出 ÷ 人次；"
    "补差、照料护理费、一次性补贴计入支出，不另计人次。",
)  # fmt: skip
DESTITUTE = StatTable(
    "DESTITUTE", "特困人员救助供养情况", date(2020, 8, 3), "MQY", "stock",
    (
        *_STOCK[:6], Column("male", "男性", "人"), *_STOCK[6:8],
        Column("under_16", "其中：未满 16 周岁", "人"), *_STOCK[8:10],
        Column("central", "集中供养", "人"), Column("scattered", "分散供养", "人"),
        Column("full", "全护理", "人"), Column("partial", "半护理", "人"),
        Column("self", "全自理", "人"), *_MONEY,
    ),
    (("URBAN_DESTITUTE", "城市特困"), ("RURAL_DESTITUTE", "农村特困")),
    "人均补助水平 = 支出 ÷ 人次；补差、照料护理费、一次性补贴计入支出，不另计人次。",
)  # fmt: skip
RELIEF = StatTable(
    "RELIEF", "临时救助情况", date(2020, 8, 3), "MQY", "relief",
    (
        Column("times", "户次", "户次"), Column("persons", "人次", "人次"),
        Column("local", "本地户籍", "户次"), Column("outside", "非本地户籍", "户次"),
        Column("benefit", "其中：低保、特困", "户次"), Column("fen", "支出", "fen"),
        Column("mean_fen", "次均救助水平", "fen", sums=False),
    ),
    (("URGENT_RELIEF", "急难型"), ("EXPENSE_RELIEF", "支出型")),
)  # fmt: skip
SUPERVISION = StatTable(
    "SUPERVISION", "社会救助监督情况", date(2020, 8, 3), "MQY", "figures",
    (
        Column("decided", "办结", "件"), Column("decided_in_time", "按时办结率", "%", sums=False),
        Column("late", "期末超期在办", "件"), Column("paid_in_time", "按时发放率", "%", sums=False),
        Column("visited", "入户率", "%", sums=False), Column("errors", "认定不准", "户"),
        Column("sampled_new", "新增抽查率", "%", sums=False),
        Column("sampled_relief", "临时救助抽查率", "%", sums=False),
        Column("rechecked", "新批复核率", "%", sums=False),
        Column("petitions", "举报信访", "件"),
        Column("petitions_in_time", "按期办结率", "%", sums=False),
        Column("findings_open", "期末未结发现", "项"), Column("mended", "整改率", "%", sums=False),
        Column("files_complete", "档案齐全率", "%", sums=False),
    ),
    note="比率为分子 ÷ 分母，口径见看板。",
)  # fmt: skip
TABLES: tuple[StatTable, ...] = (ALLOWANCE, DESTITUTE, RELIEF, SUPERVISION)
PERIODS = {"M": "月报", "Q": "季报", "Y": "年报"}


def template(code: str, on: date) -> StatTable:
    """The template of a table in force on a day; raises KeyError for none."""
    found = [t for t in TABLES if t.code == code and t.valid_from <= on]
    if not found:
        raise KeyError(code)
    return max(found, key=lambda t: t.valid_from)


def months_of(period: str, year: int, number: int) -> tuple[date, date]:
    """First and last month of a period: month 1-12, quarter 1-4, the year. Raises ValueError."""
    most = {"M": 12, "Q": 4, "Y": 1}[period]
    if not 1 <= number <= most:
        raise ValueError(number)
    size = 12 // most
    return date(year, size * (number - 1) + 1, 1), date(year, size * number, 1)


def before(period: str, first: date) -> tuple[date, date]:
    """The months of the period before."""
    size = {"M": 1, "Q": 3, "Y": 12}[period]
    at = first.year * 12 + first.month - 1 - size
    last = at + size - 1
    return date(at // 12, at % 12 + 1, 1), date(last // 12, last % 12 + 1, 1)
