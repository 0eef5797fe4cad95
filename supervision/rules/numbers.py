"""Whether an identity number says what is recorded of its holder (GB 11643), for very many."""

from datetime import date

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"


def fits(number: str, birth_on: date, *, is_male: bool) -> bool:
    """Whether length, check character, birth date and sex agree."""
    digits = number[:17]
    if len(number) != 18 or not (digits.isascii() and digits.isdigit()):
        return False
    total = sum(int(d) * w for d, w in zip(digits, WEIGHTS, strict=True))
    return (
        CHECKS[total % 11] == number[17]
        and number[6:14] == f"{birth_on:%Y%m%d}"
        and (int(number[16]) % 2 == 1) is is_male
    )
