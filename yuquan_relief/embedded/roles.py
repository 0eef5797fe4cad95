"""The two database roles: where their SQL is, and how a database gets it."""

from __future__ import annotations

import hashlib
from pathlib import Path

SQL_FOLDER = Path(__file__).parent
BOOTSTRAP_SQL = SQL_FOLDER / "bootstrap.sql"
PARTS = ("bootstrap.sql", "extensions.sql", "grants.sql")


def bootstrap_digest() -> str:
    """Fingerprint of the bootstrap SQL: a cluster made with older SQL gets the new at its start."""
    digest = hashlib.sha256()
    for part in PARTS:
        digest.update((SQL_FOLDER / part).read_bytes())
    return digest.hexdigest()


def prepare_database(owner_url: str) -> None:
    """Give the application's role its default privileges in this database; may be repeated.

    `owner_url` names the database and logs in as relief_owner. Needed for databases that were not
    made from our own template1, for instance on a server that is run by others.
    """
    # Only here: the launcher imports this package before anything is installed.
    import psycopg2  # noqa: PLC0415

    connection = psycopg2.connect(owner_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute((SQL_FOLDER / "grants.sql").read_text(encoding="utf-8"))
    finally:
        connection.close()
