"""C10: the whole database is killed under load. What was acknowledged is there, nothing is half
there, and the chain of events has no gap; sent again, everything stands once.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.launch.sandbox import Sandbox, eventually

BEGIN = """
import os, subprocess, sys
from yuquan_relief.embedded import servers
with servers("up"):
    os.environ["DJANGO_SETTINGS_MODULE"] = "yuquan_relief.settings"
    where = os.environ["PYTHONPATH"]
    for command, role in (("migrate", "owner"), ("load_reference", "")):
        more = {"RELIEF_DB_ROLE": role} if role else {}
        subprocess.run([sys.executable, "manage.py", command, "-v0"], cwd=where, check=True,
                       env=os.environ | more, stdout=subprocess.DEVNULL)
    import django
    django.setup()
    from django.test.utils import override_settings
    from tests.cast import make_cast
    cast = make_cast()
    from tests.launch.test_database_killed import give
    print("ready", flush=True)
    for number in range(100_000):
        give(cast.office.pk, cast.supervisor, number)
        print(number, flush=True)
"""
AFTER = """
import os, sys
from yuquan_relief.embedded import servers
with servers("up"):
    os.environ["DJANGO_SETTINGS_MODULE"] = "yuquan_relief.settings"
    import django
    django.setup()
    from funds import invariants
    from funds.models import Allocation
    from tests.launch.test_database_killed import again
    from yuquan_relief.kernel.verification import verify
    there = Allocation.objects.count()
    print(there, flush=True)
    print([str(p) for p in verify().problems] + list(invariants.broken()), flush=True)
    again(there + 1)
    print(Allocation.objects.count(), list(invariants.broken()), flush=True)
"""


def give(office: int, actor: Any, number: int) -> None:
    """One allocation: its row, its ledger group, its event, in one transaction."""
    from funds.operations import ledger
    from tests.funds.payouts import OPENED, PROGRAMME

    grant = ledger.Grant(
        office_id=office, programme=PROGRAMME, source="CITY", year=2026, amount_fen=100,
        document=f"演练 {number}", reason="演练",
    )  # fmt: skip
    ledger.allocate(grant, key=f"k{number}", actor=actor, on=OPENED)


def again(count: int) -> None:
    """Every request once more, by its key, and the one that may have been lost."""
    from yuquan_relief.kernel.models import Account, Post, Unit
    from yuquan_relief.kernel.posts import actor_in

    posts = Post.objects.filter(role="supervisor", unit__children__code="159900001")
    post = posts.select_related("unit__parent").earliest("id")
    account = Account.objects.select_related("person").get(person_id=post.person_id)
    actor = actor_in(account, post, address="")
    office = Unit.objects.get(code="159900001").pk
    for number in range(count):
        give(office, actor, number)


def acknowledged(process: subprocess.Popen[str], chance: random.Random, sandbox: Sandbox) -> int:
    """How many requests were answered before everything was killed, at a moment by chance."""
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    time.sleep(1 + chance.random())
    for pid in sandbox.server_processes():
        os.kill(pid, signal.SIGKILL)
    return len(process.stdout.readlines())


@pytest.mark.deep
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="需要 /proc")
@pytest.mark.parametrize("seed", [1])
def test_a_killed_database_keeps_what_it_acknowledged(
    sandbox: Sandbox, tmp_path: Path, seed: int
) -> None:
    environment = sandbox.environment | {"RELIEF_STORE": str(tmp_path / "store")}
    worker = subprocess.Popen(
        [sys.executable, "-c", BEGIN],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    try:
        answered = acknowledged(worker, random.Random(seed), sandbox)
    finally:
        worker.kill()
        worker.wait(10)
    assert answered > 10
    told = subprocess.run(
        [sys.executable, "-c", AFTER],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert told.returncode == 0, told.stderr[-3000:]
    there, problems, after = told.stdout.splitlines()
    assert answered <= int(there) <= answered + 1  # one may have been committed and not heard of
    assert problems == "[]"
    assert after == f"{int(there) + 1} []"
    assert eventually(lambda: sandbox.server_processes() == [])
