"""四性检测 after DA/T 70: authentic, whole, usable, safe."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

PROPERTIES = {"TRUE": "真实性", "WHOLE": "完整性", "USABLE": "可用性", "SAFE": "安全性"}
OCCASIONS = {"FILING": "归档", "HANDOVER": "移交", "YEARLY": "长期保存（每年）"}
EVERY_DAYS = 365
# Said in every report, because nothing here looks for it.
NOT_LOOKED_FOR = "本系统不带杀毒引擎，病毒查杀须由单位的防病毒软件另行办理"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, and what was wrong with it ("" when nothing was)."""

    of: str
    what: str
    wrong: str = ""

    @property
    def passed(self) -> bool:
        """Whether nothing was wrong."""
        return not self.wrong


def report(checks: Iterable[Check], **head: str) -> dict[str, Any]:
    """The report as it stands in the package and in the database."""
    rows = list(checks)
    return {
        **head,
        "标准": "参照 DA/T 70-2018",
        "结果": "通过" if all(c.passed for c in rows) else "不通过",
        "检测项": [
            {"性质": PROPERTIES[c.of], "项目": c.what, "结果": c.wrong or "通过"} for c in rows
        ],
        "未检": NOT_LOOKED_FOR,
    }


def has_passed(found: Mapping[str, Any]) -> bool:
    """Whether a report says that everything was right."""
    return bool(found["结果"] == "通过")
