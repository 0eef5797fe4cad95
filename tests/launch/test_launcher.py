"""The launcher: ports, children, and never a stranger's process."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.launch.sandbox import PROJECT, Sandbox, eventually
from tests.programs import program
from tools.launcher import environment, up
from tools.launcher.fleet import Child, Named
from yuquan_relief.embedded.processes import birth_mark, command_line

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_help_from_another_folder(sandbox: Sandbox) -> None:
    outcome = sandbox.relief("help")
    assert outcome.returncode == 0
    assert "./relief" in outcome.stdout


@pytest.mark.parametrize("words", [["nonsense"], ["up", "--port", "x"], ["stop", "now"]])
def test_misuse_has_its_own_status(sandbox: Sandbox, words: list[str]) -> None:
    outcome = sandbox.relief(*words)
    assert outcome.returncode == 2
    assert "用法" in outcome.stderr


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert up.free_port(port) > port


def test_a_process_is_known_by_number_and_birth() -> None:
    me = os.getpid()
    assert Named("web", me, birth_mark(me)).lives()
    assert not Named("web", me, "1").lives()
    assert not Named("web", me, "").lives()


class NoProc(type(Path())):  # type: ignore[misc]
    """Paths on a machine without /proc."""

    def exists(self, **_: bool) -> bool:
        return False

    def read_text(self, *_: object, **__: object) -> str:
        raise FileNotFoundError(self)


def test_without_proc_a_process_is_known_by_what_ps_says(monkeypatch: pytest.MonkeyPatch) -> None:
    program("ps", wanted="procps")
    me = os.getpid()
    here, born = command_line(me), birth_mark(me)
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    monkeypatch.setattr("yuquan_relief.embedded.processes.Path", NoProc)
    assert command_line(me) == here
    assert birth_mark(me) not in ("", born)
    assert birth_mark(me) == birth_mark(me)
    assert (command_line(gone.pid), birth_mark(gone.pid)) == ("", "")


def test_a_child_that_keeps_failing_waits_longer_each_time(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELIEF_VAR", str(sandbox.var))
    child = Child("web", [sys.executable, "-c", "raise SystemExit(3)"])
    child.start()
    assert eventually(child.has_ended)
    assert [child.plan_restart() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]


def test_children_go_when_the_launcher_is_killed(sandbox: Sandbox) -> None:
    code = (
        "import time\nfrom tools.launcher.fleet import Child\n"
        f"child = Child('web', {SLEEPER!r})\nchild.start()\n"
        "print(child.process.pid, flush=True)\ntime.sleep(60)"
    )
    launcher = subprocess.Popen(
        [sys.executable, "-c", code],
        env=sandbox.environment,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert launcher.stdout
    pid = int(launcher.stdout.readline())
    assert command_line(pid)
    launcher.kill()
    launcher.wait()
    launcher.stdout.close()
    assert eventually(lambda: not command_line(pid))


HOLDING = """
import time
from tools.launcher import commands
from yuquan_relief.embedded import servers

def check(rest):
    with servers("test"):
        print("ready", flush=True)
        time.sleep(60)

commands._check = check
raise SystemExit(commands.main(["check"]))
"""


# As a shell begins a job in the background.
IN_BACKGROUND = ["sh", "-c", 'trap "" INT; exec "$0" -c "$1"', sys.executable]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_told_to_end_gives_its_servers_back(
    sandbox: Sandbox, number: int
) -> None:
    command = subprocess.Popen(
        [*IN_BACKGROUND, HOLDING],
        env=sandbox.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert command.stdout
    assert command.stdout.readline() == "ready\n"
    assert sandbox.server_processes()
    command.send_signal(number)
    _, told = command.communicate(timeout=60)
    assert (command.returncode, told.strip()) == (130, "已中断。")
    assert sandbox.server_processes() == []


def test_twin_without_the_order_the_servers_stay(sandbox: Sandbox) -> None:
    code = HOLDING.replace("commands._check", "commands.signal.signal = print\ncommands._check")
    command = subprocess.Popen(
        [sys.executable, "-c", code], env=sandbox.environment, stdout=subprocess.PIPE
    )
    assert command.stdout
    while b"ready" not in command.stdout.readline():
        pass
    command.terminate()
    command.communicate(timeout=60)
    assert sandbox.server_processes()
    sandbox.python("from yuquan_relief.embedded import stop; stop('test')")
    assert sandbox.server_processes() == []


def test_stop_ends_recorded_children_but_no_stranger_with_such_a_number(sandbox: Sandbox) -> None:
    ours = subprocess.Popen(SLEEPER, start_new_session=True)
    stranger = subprocess.Popen(SLEEPER, start_new_session=True)
    time.sleep(0.1)
    folder = sandbox.var / "up"
    folder.mkdir()
    processes = [
        ["up", stranger.pid, "1"],
        ["web", ours.pid, birth_mark(ours.pid)],
        ["worker", stranger.pid, "1"],
    ]
    record = folder / "up.json"
    record.write_text(json.dumps({"address": "", "processes": processes}))
    try:
        outcome = sandbox.relief("stop")
        assert outcome.returncode == 0, outcome.stderr
        assert ours.wait(5) == -signal.SIGTERM
        assert stranger.poll() is None
        assert not record.exists()
    finally:
        for process in (ours, stranger):
            process.kill()
            process.wait()


def test_tools_may_be_added_under_a_running_command_but_nothing_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(environment, "STAMP", tmp_path / "stamp.json")
    wanted = environment._wanted(development=True)
    runtime = environment._wanted(development=False)
    environment.STAMP.write_text(json.dumps(runtime))
    assert environment._only_adds(wanted)
    environment.STAMP.write_text(json.dumps(runtime | {"runtime": "older"}))
    assert not environment._only_adds(wanted)
    environment.STAMP.write_text(json.dumps(wanted))
    assert environment._is_done(runtime)


def test_manage_ends_cleanly_when_the_servers_are_refused(sandbox: Sandbox) -> None:
    outcome = subprocess.run(
        [sys.executable, PROJECT / "manage.py", "help"],
        env=sandbox.environment | {"DATABASE_URL": "postgresql://only/this"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert outcome.returncode == 1
    assert outcome.stderr.startswith("只设置了 DATABASE_URL")
    assert "Traceback" not in outcome.stderr
