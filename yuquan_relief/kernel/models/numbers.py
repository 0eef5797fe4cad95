"""Numbers without gaps and without reuse."""

from django.db import connection, models


class Counter(models.Model):
    """The last number given under a prefix. A number given in a rolled-back act is not lost."""

    prefix = models.CharField(max_length=60, primary_key=True)
    last = models.PositiveIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "编号"

    def __str__(self) -> str:
        return f"{self.prefix}{self.last}"


def reserve_number(prefix: str, last: int) -> None:
    """Numbers up to `last` under `prefix` were given elsewhere and are never given here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_counter (prefix, last) VALUES (%s, %s) ON CONFLICT (prefix)"
            " DO UPDATE SET last = greatest(kernel_counter.last, EXCLUDED.last)",
            [prefix, last],
        )


def next_number(prefix: str, digits: int = 4) -> str:
    """`prefix` and the next number under it; others who want one wait for this transaction."""
    (number,) = next_numbers(prefix, 1, digits)
    return number


def next_numbers(prefix: str, count: int, digits: int = 4) -> list[str]:
    """So many numbers in order, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_counter (prefix, last) VALUES (%s, %s) ON CONFLICT (prefix)"
            " DO UPDATE SET last = kernel_counter.last + EXCLUDED.last RETURNING last",
            [prefix, count],
        )
        (last,) = cursor.fetchone()
    return [f"{prefix}{n:0{digits}d}" for n in range(last - count + 1, last + 1)]
