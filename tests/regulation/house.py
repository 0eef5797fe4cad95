"""A small house of files, in which anything may be cited."""

from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command

ROOT = Path(settings.BASE_DIR)


def run(command: str, *arguments: str) -> tuple[int, str]:
    """Exit status and what was said, as at the terminal."""
    out = StringIO()
    try:
        call_command(command, *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def write(root: Path, name: str, text: str) -> None:
    """A file of the house."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def mark(*clauses: str, name: str = "test_it") -> str:
    """A test with a mark, as source."""
    given = ", ".join(f'"{clause}"' for clause in clauses)
    return f"import pytest\n\n@pytest.mark.clause({given})\ndef {name}() -> None: ...\n"
