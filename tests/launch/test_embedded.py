"""The embedded servers: shared, stopped by the last one, and alive again after any crash."""

import os
import signal
import stat
import subprocess
from pathlib import Path

import psycopg2
import pytest

from tests.launch.sandbox import Sandbox, eventually
from yuquan_relief.embedded import ServersRefused, client_url, servers
from yuquan_relief.embedded.binaries import postgres_programs
from yuquan_relief.embedded.processes import first_number
from yuquan_relief.embedded.roles import BOOTSTRAP_SQL

# Only what counts processes needs /proc; the rest is tested on a Mac too.
counts_processes = pytest.mark.skipif(not Path("/proc/self").exists(), reason="需要 /proc")


def rows(url: str, sql: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())
    finally:
        connection.close()


@counts_processes
def test_two_holders_share_one_cluster_and_the_last_one_stops_it(sandbox: Sandbox) -> None:
    first, second = sandbox.holder(), sandbox.holder()
    url = first.url()
    assert second.url() == url
    assert len(sandbox.server_processes()) == 2

    assert first.let_go() == 0
    assert rows(url, "SELECT current_user") == [("relief_app",)]

    assert second.let_go() == 0
    assert sandbox.server_processes() == []


@counts_processes
def test_everything_killed_and_the_next_start_works(sandbox: Sandbox) -> None:
    holder = sandbox.holder()
    url = holder.url()
    holder.kill()
    for pid in sandbox.server_processes():
        os.kill(pid, signal.SIGKILL)

    again = sandbox.holder()
    assert again.url() == url
    assert rows(url, "SELECT 1") == [(1,)]
    assert again.let_go() == 0


@counts_processes
def test_a_killed_holder_leaves_servers_that_the_next_one_uses_and_stops(sandbox: Sandbox) -> None:
    holder = sandbox.holder()
    holder.url()
    before = sandbox.server_processes()
    holder.kill()
    assert sandbox.server_processes() == before

    again = sandbox.holder()
    again.url()
    assert sandbox.server_processes() == before
    again.let_go()
    assert sandbox.server_processes() == []


@counts_processes
def test_a_stale_pid_file_never_hits_a_stranger(sandbox: Sandbox) -> None:
    holder = sandbox.holder()
    holder.url()
    holder.let_go()
    data = sandbox.var / "up" / "data"
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (data / "pg" / "postmaster.pid").write_text(f"{stranger.pid}\n{data}/pg\n")
        (data / "valkey" / "valkey.pid").write_text(f"{stranger.pid}\n")
        again = sandbox.holder()
        assert again.url()
        assert again.let_go() == 0
        assert stranger.poll() is None
        stranger.kill()
    assert sandbox.server_processes() == []


def test_the_application_role_owns_nothing_and_the_owner_is_no_superuser(sandbox: Sandbox) -> None:
    holder = sandbox.holder()
    url = holder.url()
    owner = url.replace("relief_app", "relief_owner")
    connection = psycopg2.connect(owner)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE probe (id bigserial PRIMARY KEY, name text)")
    connection.close()

    assert rows(
        url,
        "SELECT count(*) FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid"
        " WHERE d.deptype = 'o' AND r.rolname = 'relief_app'",
    ) == [(0,)]
    assert rows(url, "SELECT has_schema_privilege('public', 'CREATE')") == [(False,)]
    assert rows(url, "SELECT has_table_privilege('probe', 'TRUNCATE')") == [(False,)]
    assert rows(url, "INSERT INTO probe (name) VALUES ('x') RETURNING id") == [(1,)]
    assert rows(
        url,
        "SELECT rolname, rolsuper, rolcreaterole FROM pg_roles"
        " WHERE rolname LIKE 'relief%' ORDER BY 1",
    ) == [("relief_app", False, False), ("relief_owner", False, False)]
    assert rows(url, "SHOW jit") == [("off",)]
    assert rows(url, "SELECT cardinality(show_trgm('张三丰'))") == [(4,)]
    assert rows(url, "SHOW listen_addresses") == [("",)]
    holder.let_go()


def test_production_passwords_come_from_the_environment(sandbox: Sandbox) -> None:
    holder = sandbox.holder()
    socket = holder.url().partition("?host=")[2]
    psql = postgres_programs(None) / "psql"
    words = ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "-h", socket, "-U", "postgres"]
    subprocess.run(
        [psql, *words, "-d", "postgres", "-f", BOOTSTRAP_SQL],
        env={"RELIEF_OWNER_PASSWORD": "one'\"\\", "RELIEF_APP_PASSWORD": "two"},
        check=True,
    )
    assert rows(
        f"postgresql://postgres@/relief?host={socket}",
        "SELECT left(rolpassword, 13) FROM pg_authid WHERE rolname LIKE 'relief%'",
    ) == [("SCRAM-SHA-256",), ("SCRAM-SHA-256",)]
    holder.let_go()


@counts_processes
def test_a_deep_clone_with_a_chinese_name_gets_a_short_socket(sandbox: Sandbox) -> None:
    deep = Sandbox(sandbox.var / "很深 的目录" / ("深" * 60) / "var")
    deep.var.mkdir(parents=True)
    for folder in (deep.var, *deep.var.parents):
        if sandbox.var in folder.parents:
            folder.chmod(0o711)
    holder = deep.holder()
    url = holder.url()
    socket = Path(url.partition("?host=")[2])
    assert len(os.fsencode(socket / ".s.PGSQL.5432.lock")) <= 107
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert rows(url, "SELECT 1") == [(1,)]
    holder.let_go()
    assert deep.server_processes() == []
    assert not socket.exists()


def test_data_of_another_major_version_are_refused_untouched(sandbox: Sandbox) -> None:
    cluster = sandbox.var / "up" / "data" / "pg"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("17\n")
    outcome = sandbox.python("from yuquan_relief.embedded import hold; hold('up')")
    assert "PostgreSQL 17" in outcome.stderr
    assert "pg_dumpall" in outcome.stderr
    assert sorted(path.name for path in cluster.iterdir()) == ["PG_VERSION"]


def test_keys_are_made_once_and_are_private(sandbox: Sandbox) -> None:
    code = (
        "import os\nfrom yuquan_relief.embedded import servers\n"
        "with servers('up'):\n"
        "    print(os.environ['DJANGO_SECRET_KEY'], os.environ['RELIEF_FIELD_KEY'])\n"
        "print('DATABASE_URL' in os.environ)"
    )
    first, second = sandbox.python(code), sandbox.python(code)
    assert first.stdout == second.stdout
    assert first.stdout.endswith("False\n")
    for name in ("secret.key", "field.key"):
        assert stat.S_IMODE((sandbox.var / "up" / name).stat().st_mode) == 0o600
    assert len((sandbox.var / "up" / "field.key").read_text()) == 64
    assert first_number(sandbox.var / "up" / "data" / "pg" / "postmaster.pid") is None


def test_half_a_configuration_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/relief")
    monkeypatch.delenv("REDIS_URL", raising=False)
    with pytest.raises(ServersRefused, match="REDIS_URL"), servers("up"):
        pass


def test_given_servers_are_used_and_nothing_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RELIEF_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db/relief")
    monkeypatch.setenv("REDIS_URL", "redis://broker:6379/0")
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    with servers("up") as endpoints:
        assert endpoints.owner_url == "postgresql://app@db/relief"
    assert not (tmp_path / "var").exists()


def test_celery_and_redis_py_name_the_same_socket() -> None:
    assert client_url("redis+socket:///run/valkey.sock") == "unix:///run/valkey.sock"
    assert client_url("redis://broker:6379/0") == "redis://broker:6379/0"


@counts_processes
def test_relief_stop_ends_servers_that_a_crash_left_behind(sandbox: Sandbox) -> None:
    holder = sandbox.holder()
    holder.url()
    holder.kill()
    outcome = sandbox.relief("stop")
    assert outcome.returncode == 0, outcome.stderr
    assert sandbox.server_processes() == []


@counts_processes
def test_relief_stop_leaves_servers_that_another_command_uses(sandbox: Sandbox) -> None:
    holder = sandbox.holder()
    url = holder.url()
    outcome = sandbox.relief("stop")
    assert outcome.returncode == 1
    assert "仍在使用" in outcome.stdout
    assert rows(url, "SELECT 1") == [(1,)]
    holder.let_go()
    assert eventually(lambda: sandbox.server_processes() == [])
