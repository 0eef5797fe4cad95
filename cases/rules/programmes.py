"""Programmes and the words that belong to them (clause 2)."""

from enum import StrEnum


class Programme(StrEnum):
    """What a household may be given. 低保 keeps town and country apart: standards differ."""

    URBAN_ALLOWANCE = "URBAN_ALLOWANCE"
    RURAL_ALLOWANCE = "RURAL_ALLOWANCE"

    @property
    def label(self) -> str:
        """The name in the interface."""
        return {"URBAN_ALLOWANCE": "城市低保", "RURAL_ALLOWANCE": "农村低保"}[self]

    @property
    def letters(self) -> str:
        """The letters in a case number."""
        return "DB"

    @property
    def certificate_letter(self) -> str:
        """The letter of the certificate number: C城市, N农村 (domain 9.3)."""
        return {"URBAN_ALLOWANCE": "C", "RURAL_ALLOWANCE": "N"}[self]


CHOICES = [(p.value, p.label) for p in Programme]

RELATIONS = {
    "SELF": "本人",
    "SPOUSE": "配偶",
    "CHILD": "子女",
    "PARENT": "父母",
    "GRANDCHILD": "孙子女、外孙子女",
    "GRANDPARENT": "祖父母、外祖父母",
    "SIBLING": "兄弟姐妹",
    "OTHER": "其他",
}

INCOME_KINDS = {
    "WAGES": "工资性收入",
    "BUSINESS": "经营净收入",
    "PROPERTY": "财产净收入",
    "TRANSFER": "转移净收入",
    "OTHER": "其他收入",
}
