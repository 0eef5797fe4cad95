"""The production files, as far as they can be checked without an engine."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.launch.sandbox import PROJECT

SCRIPTS = Path(sys.executable).parent
COMPOSE = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
REQUIRED = sorted(set(re.findall(r"\$\{(\w+):\?\}", COMPOSE)))
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]


def compose_config(settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPTS / "docker-compose", "--env-file", os.devnull, "config", "-q"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"} | settings,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_compose_file_is_valid() -> None:
    outcome = compose_config(dict.fromkeys(REQUIRED, "x"))
    assert outcome.returncode == 0, outcome.stderr


@pytest.mark.parametrize("name", REQUIRED)
def test_nothing_starts_without_a_secret(name: str) -> None:
    outcome = compose_config({key: "x" for key in REQUIRED if key != name})
    assert outcome.returncode != 0
    assert name in outcome.stderr


def test_no_secret_has_a_default_and_all_are_explained() -> None:
    secrets = re.findall(r"\$\{(\w*(?:PASSWORD|KEY)\w*)(?:-|:-|})", COMPOSE)
    assert set(secrets) <= {"RELIEF_PASSWORD_PROFILE"}  # the name of a set of rules
    example = (PROJECT / "deploy" / "env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^(\w+)=$", example, re.MULTILINE)) == set(REQUIRED)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_watched_and_cannot_gain_privileges(name: str) -> None:
    service = SERVICES[name]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["healthcheck"]
    assert ("disable" in service["healthcheck"]) == (name == "migrate")


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_only_migrations_know_the_owner(name: str) -> None:
    settings = SERVICES[name]["environment"]
    assert "DATABASE_OWNER_URL" not in settings
    assert "RELIEF_OWNER_PASSWORD" not in str(settings)
    assert SERVICES[name]["read_only"] is True
    assert SERVICES[name]["cap_drop"] == ["ALL"]


def test_database_is_made_by_the_same_sql_and_locale_as_the_embedded_one() -> None:
    database = SERVICES["database"]
    assert "./yuquan_relief/embedded:/relief-sql:ro" in database["volumes"]
    assert "database:/var/lib/postgresql" in database["volumes"]
    assert "/relief-sql/bootstrap.sql" in (PROJECT / "deploy" / "initdb.sh").read_text()
    embedded = (PROJECT / "yuquan_relief" / "embedded" / "postgres.py").read_text(encoding="utf-8")
    options = database["environment"]["POSTGRES_INITDB_ARGS"].split()
    for option in ("--locale-provider", "--builtin-locale", "--locale", "--encoding"):
        value = next(word.split("=")[1] for word in options if word.split("=")[0] == option)
        assert f'"{option}", "{value}"' in embedded


def test_broker_keeps_its_queue() -> None:
    command = " ".join(SERVICES["broker"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_dockerfile_passes_hadolint() -> None:
    outcome = subprocess.run(
        [SCRIPTS / "hadolint", PROJECT / "Dockerfile"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout


def test_image_runs_as_a_plain_user_and_is_watched() -> None:
    text = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert "HEALTHCHECK" in text


@pytest.mark.parametrize("script", ["relief", "deploy/entrypoint.sh", "deploy/initdb.sh"])
def test_scripts_are_valid_posix_shell(script: str) -> None:
    path = PROJECT / script
    assert os.access(path, os.X_OK)
    assert subprocess.run(["sh", "-n", path], check=False).returncode == 0


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_requirements_are_pinned_hashed_and_name_no_place(name: str) -> None:
    text = (PROJECT / f"{name}.txt").read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|--index|--find-links|(?:^|\s)/\w", text)
    blocks = re.findall(r"^[\w.\-\[\]]+==[^\n]*\n(?:    [^\n]*\n)*", text, re.MULTILINE)
    assert len(blocks) > 50
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    wanted = (PROJECT / f"{name}.in").read_text(encoding="utf-8")
    for pin in re.findall(r"^([\w.\-]+)(?:\[\w+\])?==(\S+)$", wanted, re.MULTILINE):
        assert re.search(rf"^{re.escape('=='.join(pin))}\s", text.replace("[redis]", ""), re.M)


def test_every_direct_dependency_has_its_reason() -> None:
    reasons = (PROJECT / "docs" / "adr" / "0002-dependencies.md").read_text(encoding="utf-8")
    wanted = (PROJECT / "requirements.in").read_text(encoding="utf-8")
    wanted += (PROJECT / "requirements-dev.in").read_text(encoding="utf-8")
    names = re.findall(r"^([\w.\-]+)(?:\[\w+\])?==", wanted, re.MULTILINE)
    assert [name for name in names if f"`{name}`" not in reasons] == []


def test_every_option_that_is_explained_is_passed_on() -> None:
    example = (PROJECT / "deploy" / "env.example").read_text(encoding="utf-8")
    names = re.findall(r"^# (\w+)=", example, re.MULTILINE)
    assert "RELIEF_PASSWORD_PROFILE" in names
    assert [name for name in names if f"${{{name}:-" not in COMPOSE] == []


@pytest.mark.parametrize(("profile", "accepted"), [("asvs", True), ("mlps3", False)])
def test_the_password_profile_is_chosen_by_the_environment(profile: str, accepted: bool) -> None:
    code = (
        "import django; django.setup();"
        "from django.conf import settings;"
        "from yuquan_relief.kernel.passwords import ThreeKindsValidator;"
        "names = [v['NAME'] for v in settings.AUTH_PASSWORD_VALIDATORS];"
        "print(not any('ThreeKinds' in n for n in names), settings.PASSWORD_MAX_DAYS)"
    )
    environment = os.environ | {
        "RELIEF_PASSWORD_PROFILE": profile,
        "DJANGO_SETTINGS_MODULE": "yuquan_relief.settings",
    }
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.stdout.split() == [str(accepted), "None" if accepted else "90"], said.stderr
