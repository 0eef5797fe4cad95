"""Clauses as people read them."""


def clause_text(clauses: str) -> str:
    """`3(1) 4(1).1` as `第三条（一）、第四条（一）1`."""
    return "、".join(_clause(c) for c in clauses.split())


_DIGITS = "〇一二三四五六七八九"


def _number(n: int) -> str:
    tens, ones = divmod(n, 10)
    if not tens:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def _clause(clause: str) -> str:
    article, _, rest = clause.partition("(")
    article, dot, item = article.partition(".")
    text = f"第{_number(int(article))}条"
    if rest:
        paragraph, _, tail = rest.partition(")")
        text += f"（{_number(int(paragraph))}）"
        item = tail.lstrip(".")
        dot = "." if item else ""
    return text + (item if dot else "")
