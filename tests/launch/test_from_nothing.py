"""A fresh clone in an awkward place: both commands at once, and nothing left after Ctrl-C."""

import re
import shutil
import signal
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.launch.sandbox import PROJECT, Sandbox, eventually

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "var", "__pycache__", "*_cache", ".hypothesis", "node_modules"
)


@pytest.fixture
def clone() -> Iterator[Path]:
    """The tree without environment and state, in a folder with spaces and Chinese characters."""
    folder = Path(tempfile.mkdtemp(prefix="新 机器 "))
    folder.chmod(0o711)  # root's service user gets in, and no data stay behind elsewhere
    shutil.copytree(PROJECT, folder / "clone", ignore=LEFT_OUT)
    yield folder / "clone"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.deep
def test_up_and_test_from_nothing_at_the_same_time(clone: Path) -> None:
    environment = Sandbox(clone / "var").environment
    del environment["RELIEF_VAR"], environment["PYTHONPATH"]
    log = clone.parent / "up.log"
    with log.open("wb") as output:
        serving = subprocess.Popen(
            [clone / "relief", "up", "--port", "8700"],
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            umask=0o077,
        )
    suite = subprocess.run(
        [clone / "relief", "test", "--no-check", "tests/launch/test_production_files.py"],
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=600,
    )
    try:
        assert suite.returncode == 0, suite.stdout + suite.stderr
        assert re.search(r"passed in [\d.]+s", suite.stdout.splitlines()[-1])
        assert eventually(lambda: "系统已启动" in log.read_text(encoding="utf-8"), 300)
        address = re.search(r"http://127\.0\.0\.1:\d+/", log.read_text(encoding="utf-8"))
        assert address
        with urllib.request.urlopen(f"{address.group()}healthz") as answer:
            assert answer.status == 200
    finally:
        serving.send_signal(signal.SIGINT)
        status = serving.wait(90)
    assert status == 0
    assert eventually(lambda: processes_under(clone) == [])


def processes_under(folder: Path) -> list[str]:
    """Command lines that name this folder."""
    found = []
    for proc in Path("/proc").iterdir():
        if proc.name.isdigit():
            try:
                line = (proc / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(folder) in line:
                found.append(line)
    return found
