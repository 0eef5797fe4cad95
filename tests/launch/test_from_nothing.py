"""A fresh clone in an awkward place: both commands at once, and nothing left after Ctrl-C."""

import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.deep import is_small
from tests.launch.sandbox import PROJECT, Sandbox, eventually
from tests.launch.visitor import Visitor

SOME_TESTS = "tests/launch/test_production_files.py"
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "var", "__pycache__", "*_cache", ".hypothesis", "node_modules"
)


@pytest.fixture
def clone() -> Iterator[Path]:
    """The tree without environment and state, in a folder with spaces and Chinese characters."""
    folder = Path(tempfile.mkdtemp(prefix="新 机器 "))
    folder.chmod(0o711)  # root's service user gets in, and no data stay behind elsewhere
    shutil.copytree(PROJECT, folder / "clone", ignore=LEFT_OUT)
    if is_small():  # CI has just made the environment from nothing: not a second time
        (folder / "clone" / ".venv").symlink_to(PROJECT / ".venv")
    yield folder / "clone"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.deep
def test_up_and_test_from_nothing_at_the_same_time(clone: Path) -> None:
    began = time.monotonic()
    environment = Sandbox(clone / "var").environment
    del environment["RELIEF_VAR"], environment["PYTHONPATH"]
    with serving(clone, environment) as log:
        finish(clone, environment, "relief", "test", "--no-check", SOME_TESTS)
        assert eventually(lambda: "系统已启动" in log.read_text(encoding="utf-8"), 300)
        decision = first_signature(log.read_text(encoding="utf-8"))
        assert time.monotonic() - began < 300  # five minutes, both commands at once
    assert eventually(lambda: processes_under(clone) == [])
    told = finish(clone, environment, ".venv/bin/python", "manage.py", "check_invariants")
    assert "没有发现问题" in told
    if is_small():
        return  # the second start, with everything there, is for the full bounds
    with serving(clone, environment) as log:  # everything is there already, and stays as it was
        assert eventually(lambda: "系统已启动" in log.read_text(encoding="utf-8"), 120)
        visitor = signed_in(log.read_text(encoding="utf-8"))
        page = visitor.open(decision)
        assert "已签同意" in page or "已批准" in page  # it waits, or is in effect by now
    finish(clone, environment, "relief", "test", "--no-check", SOME_TESTS)
    assert eventually(lambda: processes_under(clone) == [])


@contextmanager
def serving(clone: Path, environment: dict[str, str]) -> Iterator[Path]:
    """`relief up` runs until the end of the block, and ends well on Ctrl-C; yields its log."""
    log = clone.parent / "up.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [clone / "relief", "up", "--port", "8700"],
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            umask=0o077,
        )
    try:
        yield log
    finally:
        server.send_signal(signal.SIGINT)
        status = server.wait(90)
    assert status == 0


def finish(clone: Path, environment: dict[str, str], command: str, *words: str) -> str:
    """What a command prints; it must end well, and a run of tests with the runner's line."""
    done = subprocess.run(
        [clone / command, *words],
        cwd=clone,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if "test" in words:
        assert re.search(r"passed in [\d.]+s", done.stdout.splitlines()[-1])
    return done.stdout


def signed_in(log: str) -> Visitor:
    """The demo's leader, by what `relief up` has told."""
    address = re.search(r"http://127\.0\.0\.1:\d+/", log)
    password = re.search(r"登录密码（全部账号相同）：(\S+)", log)
    assert address
    assert password
    visitor = Visitor(address[0])
    visitor.open("/login/")
    visitor.press("/login/", username="dnj_lingdao", password=password[1])
    return visitor


def first_signature(log: str) -> str:
    """The leader reads the first case on the desk, and signs; where the answer is seen to wait."""
    code = re.search(r"签批码（签字时填写）：(\S+)", log)
    visitor = signed_in(log)
    waiting = re.search(r'href="(/desk/sign/[^"/]+/)"', visitor.open("/desk/sign/"))
    assert code
    assert waiting
    visitor.open(waiting[1])
    visitor.press(waiting[1], act="agree", opinion="同意按审核意见办理。")
    seen = visitor.hidden("content_sha256")
    told = visitor.press(
        waiting[1],
        act="agree",
        opinion="同意按审核意见办理。",
        vouched="on",
        code=code[1],
        content_sha256=seen,
    )
    assert "已签字同意" in told
    assert "前可以在“已签”里取回" in told
    assert ">取回<" in visitor.open("/desk/signed/")
    decision = waiting[1].replace("/desk/sign/", "/cases/") + "decision/"
    assert "已签同意" in visitor.open(decision)
    return decision


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
