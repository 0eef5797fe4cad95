"""The fourteen ways to tamper with a chain (security.md 5.4), by somebody who owns the tables.

Each takes the owner's cursor and a position; FOUND_AT says with which event a verifier must see
it, NEEDS_ANCHOR names those that agree with themselves and are seen by an anchor only.
"""

from collections.abc import Callable
from typing import Any

from yuquan_relief.kernel.verification import RETOLD

Operator = Callable[[Any, int], None]

REWRITE = f"UPDATE kernel_event SET note = '改过的说明', canon = {RETOLD.replace('note)', 'note)')}"
HASH = "UPDATE kernel_event SET hash = sha256(prev || convert_to(canon, 'UTF8')) WHERE seq = %s"


def change_column(cursor: Any, at: int) -> None:
    """Another name in the readable column."""
    cursor.execute("UPDATE kernel_event SET actor_name = '演练他人' WHERE seq = %s", [at])


def change_canon(cursor: Any, at: int) -> None:
    """Another name in the hashed text."""
    cursor.execute(
        "UPDATE kernel_event SET canon = replace(canon, actor_name, '他人') WHERE seq = %s", [at]
    )


def change_both(cursor: Any, at: int) -> None:
    """Column and text agree; the hash is left."""
    cursor.execute("UPDATE kernel_event SET note = '改过的说明' WHERE seq = %s", [at])
    cursor.execute(f"UPDATE kernel_event SET canon = {RETOLD} WHERE seq = %s", [at])


def rehash_one(cursor: Any, at: int) -> None:
    """Column, text and hash agree; the next event is left."""
    change_both(cursor, at)
    cursor.execute(HASH, [at])


def rehash_to_the_end(cursor: Any, at: int) -> None:
    """Everything from here on, and the head, agree again."""
    change_both(cursor, at)
    cursor.execute("SELECT max(seq) FROM kernel_event")
    (last,) = cursor.fetchone()
    cursor.execute(HASH, [at])
    for seq in range(at + 1, last + 1):
        cursor.execute(
            "UPDATE kernel_event e SET prev = b.hash FROM kernel_event b"
            " WHERE e.seq = %s AND b.seq = e.seq - 1",
            [seq],
        )
        cursor.execute(HASH, [seq])
    set_head(cursor, last)


def set_head(cursor: Any, seq: int) -> None:
    """The head row tells of event `seq`."""
    cursor.execute(
        "UPDATE kernel_event_head h SET seq = e.seq, at = e.at, hash = e.hash"
        " FROM kernel_event e WHERE e.seq = %s",
        [seq],
    )


def delete_middle(cursor: Any, at: int) -> None:
    """One event is gone."""
    cursor.execute("DELETE FROM kernel_event WHERE seq = %s", [at])


def delete_tail(cursor: Any, at: int) -> None:
    """The end is gone, and the head agrees."""
    cursor.execute("DELETE FROM kernel_event WHERE seq >= %s", [at])
    set_head(cursor, at - 1)


def insert(cursor: Any, at: int) -> None:
    """A forged event that follows its predecessor; the others move on by one."""
    cursor.execute("UPDATE kernel_event SET seq = -(seq + 1) WHERE seq >= %s", [at])
    cursor.execute("UPDATE kernel_event SET seq = -seq WHERE seq < 0")
    cursor.execute("CREATE TEMP TABLE forged ON COMMIT DROP AS SELECT * FROM kernel_event LIMIT 0")
    cursor.execute("INSERT INTO forged SELECT * FROM kernel_event WHERE seq = %s", [at - 1])
    cursor.execute(f"UPDATE forged SET prev = hash, seq = {at}")
    cursor.execute(f"UPDATE forged SET canon = {RETOLD}")
    cursor.execute("UPDATE forged SET hash = sha256(prev || convert_to(canon, 'UTF8'))")
    cursor.execute("INSERT INTO kernel_event SELECT * FROM forged")


def swap_two(cursor: Any, at: int) -> None:
    """Two neighbours change places."""
    cursor.execute("UPDATE kernel_event SET seq = -seq WHERE seq IN (%s, %s)", [at, at + 1])
    cursor.execute("UPDATE kernel_event SET seq = %s WHERE seq = %s", [at + 1, -at])
    cursor.execute("UPDATE kernel_event SET seq = %s WHERE seq = %s", [at, -at - 1])


def duplicate(cursor: Any, at: int) -> None:
    """One event stands twice; the primary key had to go for it."""
    cursor.execute("ALTER TABLE kernel_event DROP CONSTRAINT kernel_event_pkey")
    cursor.execute("INSERT INTO kernel_event SELECT * FROM kernel_event WHERE seq = %s", [at])


def change_time(cursor: Any, at: int) -> None:
    """A microsecond later."""
    cursor.execute("UPDATE kernel_event SET at = at + interval '1 us' WHERE seq = %s", [at])


def look_alike(cursor: Any, at: int) -> None:
    """The body looks the same: a Greek letter for a Latin one."""
    cursor.execute(
        """UPDATE kernel_event SET body = body || '{"place": "\\u0391 1"}' WHERE seq = %s""", [at]
    )


def roll_back(cursor: Any, at: int) -> None:
    """Yesterday's backup is put in place, and work goes on from there."""
    cursor.execute("TRUNCATE kernel_event")
    cursor.execute("INSERT INTO kernel_event SELECT * FROM keep.event WHERE seq < %s", [at])
    set_head(cursor, at - 1)
    for _ in range(2):
        cursor.execute("SELECT event_append(canon::jsonb) FROM keep.event WHERE seq = %s", [at])


def switch_off_and_on(cursor: Any, at: int) -> None:
    """The triggers were off for a while and came back as plain ones (done by `attack_plainly`)."""


FOUND_AT: dict[Operator, Callable[[int], int]] = {
    change_column: lambda at: at,
    change_canon: lambda at: at,
    change_both: lambda at: at,
    rehash_one: lambda at: at + 1,
    delete_middle: lambda at: at,
    insert: lambda at: at + 1,
    swap_two: lambda at: at,
    duplicate: lambda at: at,
    change_time: lambda at: at,
    look_alike: lambda at: at,
}
NEEDS_ANCHOR: tuple[Operator, ...] = (rehash_to_the_end, delete_tail, roll_back)
