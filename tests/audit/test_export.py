"""The commands verify_audit and its stand-alone twin, as a person at a terminal runs them."""

import json
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.audit.chains import TOOL, add_events, owner, second_verifier
from tests.cast import Cast
from yuquan_relief.kernel import audit_export, checkpoints
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.models import Checkpoint, Event
from yuquan_relief.kernel.verification import Witness


def run(*arguments: str) -> tuple[int, str]:
    """Exit status and output of verify_audit."""
    out = StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out)
    except SystemExit as leave:
        return int(str(leave.code)), out.getvalue()
    return 0, out.getvalue()


def alone(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The second verifier in a Python that sees nothing of ours."""
    command = [sys.executable, "-I", "-S", TOOL, *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def test_a_sound_chain_says_so_and_how_much_it_was(db: None) -> None:
    add_events(5)
    status, text = run()
    assert status == 0
    assert f"没有发现问题。核验第 1 至 {Event.objects.count()} 条" in text


def test_a_broken_chain_names_the_first_event_and_fails(own_database: str) -> None:
    add_events(9)
    with owner(own_database) as cursor:
        cursor.execute("ALTER TABLE kernel_event DISABLE TRIGGER ALL")
        cursor.execute("UPDATE kernel_event SET actor_name = '他人' WHERE seq IN (4, 6)")
    status, text = run()
    assert status == 1
    assert text.startswith("第 4 条：列与原文不符（actor_name）\n")
    assert "发现 3 处问题" in text  # and the two triggers that were left off
    assert run("--from", "7")[1].count("列与原文不符") == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--from", "0"], "--from 应为 1"),
        (["--checkpoint", "/nonexistent"], "检查点文件不能用"),
        (["--export", "/nonexistent/file"], "不能写入"),
    ],
)
def test_mistakes_are_explained(db: None, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("verify_audit", *arguments, stdout=StringIO())


def test_the_export_is_an_event_of_its_own_and_in_the_file(cast: Cast, tmp_path: Path) -> None:
    add_events(4)
    path = tmp_path / "audit.jsonl"
    status, text = run("--export", str(path))
    assert status == 0
    assert "已留痕" in text
    lines = path.read_text(encoding="utf-8").splitlines()
    header, last = json.loads(lines[0]), json.loads(lines[-1])
    assert header["count"] == len(lines) - 1 == Event.objects.count()
    assert (last["action"], last["body"]) == ("export", {"file": "audit.jsonl", "first": 1})
    assert header["head"] == {"seq": last["seq"], "hash": last["hash"]}
    assert path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [path]


def test_the_second_verifier_needs_only_the_file(db: None, tmp_path: Path) -> None:
    add_events(20)
    checkpoints.make_checkpoint(today())
    path, slip = tmp_path / "audit.jsonl", tmp_path / "slip.txt"
    audit_export.export(path)
    slip.write_text(checkpoints.witness_text(Checkpoint.objects.get()), encoding="utf-8")
    done = alone(path, "--checkpoint", slip)
    assert (done.returncode, done.stdout, done.stderr) == (0, "没有发现问题。\n", "")
    assert "没有提供外部留存的检查点" in alone(path).stdout
    assert run("--checkpoint", str(slip))[0] == 0


def test_both_find_what_only_the_slip_shows(db: None, tmp_path: Path) -> None:
    add_events(5)
    path, slip = tmp_path / "audit.jsonl", tmp_path / "slip.txt"
    audit_export.write(path)
    slip.write_text(f"记录总数：3\n摘要：{'ab' * 32}\n", encoding="utf-8")
    assert alone(path).returncode == 0
    assert alone(path, "--checkpoint", slip).returncode == 1
    assert run("--checkpoint", str(slip))[0] == 1


def test_a_part_of_the_chain_can_be_exported_and_verified(db: None, tmp_path: Path) -> None:
    add_events(9)
    path = tmp_path / "part.jsonl"
    audit_export.write(path, first=5)
    assert second_verifier(path) == []
    assert second_verifier(path, Witness(3, "ab" * 32)) == []  # before the part


# A damaged file is red, whatever the damage

Damage = Callable[[list[str]], list[str]]


def edited(number: int, change: Callable[[dict[str, Any]], object]) -> Damage:
    """The line with this number, changed; PROBE is the first event with a full body."""

    def damage(lines: list[str]) -> list[str]:
        at = number
        if number == PROBE:
            at = next(i for i, line in enumerate(lines) if '"round": 1' in line)
        row = json.loads(lines[at])
        change(row)
        return [*lines[:at], json.dumps(row, ensure_ascii=False), *lines[at + 1 :]]

    return damage


PROBE = -1
DAMAGES: dict[str, Damage] = {
    "empty": lambda lines: [],
    "no header": lambda lines: lines[1:],
    "header alone": lambda lines: lines[:1],
    "cut at the end": lambda lines: lines[:-1],
    "cut in the middle of a line": lambda lines: [*lines[:-1], lines[-1][:40]],
    "a blank line": lambda lines: [*lines[:3], "", *lines[3:]],
    "a line twice": lambda lines: [*lines[:3], *lines[2:]],
    "a line away": lambda lines: [*lines[:3], *lines[4:]],
    "two lines swapped": lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]],
    "another format": edited(0, lambda row: row.update(format="yuquan-audit/2")),
    "another genesis": edited(0, lambda row: row.update(genesis="00" * 32)),
    "no head": edited(0, lambda row: row.update(head=None)),
    "count": edited(0, lambda row: row.update(count=row["count"] + 1)),
    "triggers left out": edited(0, lambda row: row.update(triggers={})),
    "a column left out": edited(3, lambda row: row.pop("note")),
    "a column added": edited(3, lambda row: row.update(approved="yes")),
    "no hash": edited(3, lambda row: row.pop("hash")),
    "a hash that is no hash": edited(3, lambda row: row.update(prev="xyz")),
    "number as text": edited(3, lambda row: row.update(seq=str(row["seq"]))),
    "true for 1": edited(PROBE, lambda row: row["body"].update(round=True)),
    "1.0 for 1": edited(PROBE, lambda row: row["body"].update(round=1.0)),
    "null for nothing": edited(3, lambda row: row.update(note=None)),
    "a key twice": lambda lines: [
        *lines[:3], lines[3].replace('{"', '{"note": "x", "', 1), *lines[4:]
    ],
    "not JSON": lambda lines: [*lines[:3], "记录", *lines[4:]],
    "a list": lambda lines: [*lines[:3], "[]", *lines[4:]],
    "NaN": lambda lines: [*lines[:3], '{"seq": NaN}', *lines[4:]],
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_never_sound(db: None, tmp_path: Path, name: str) -> None:
    add_events(9)
    path = tmp_path / "audit.jsonl"
    audit_export.write(path)
    assert second_verifier(path) == []
    lines = path.read_text(encoding="utf-8").splitlines()
    damaged = DAMAGES[name](lines)
    path.write_text("".join(line + "\n" for line in damaged), encoding="utf-8")
    done = alone(path)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert done.stdout + done.stderr != ""


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = alone(tmp_path / "none.jsonl")
    assert done.returncode == 2
    assert done.stderr.startswith("无法核验：")
