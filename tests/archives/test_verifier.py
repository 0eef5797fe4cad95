"""The stand-alone verifier: passes the real package, and finds every kind of change."""

import io
import json
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bagit
import pytest
from django.core.management import call_command

from tests.archives import packages
from tests.archives.packages import Break, Files, flip, on_events, on_signatures
from tests.programs import program
from tools import verify_dossier

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "verify_dossier.py"


def written(tmp_path: Path, package: bytes) -> Path:
    path = tmp_path / "package.zip"
    path.write_bytes(package)
    return path


def problems(tmp_path: Path, package: bytes, expected: str = "") -> list[str]:
    """Labels of the checks that do not pass."""
    results = verify_dossier.verify(str(written(tmp_path, package)), expected)
    return [label for label, found in results if found]


def run(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The tool as an auditor runs it: isolated, outside the project, without its packages."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(TOOL), str(path), *arguments],
        capture_output=True,
        text=True,
        cwd="/",
        env={"PYTHONIOENCODING": "utf-8"},
        check=False,
    )


@pytest.mark.clause("6(3)")
def test_the_real_package_passes_with_nothing_but_python(package: bytes, tmp_path: Path) -> None:
    done = run(written(tmp_path, package), "--sha256", packages.digest(package))
    assert (done.returncode, done.stderr) == (0, "")
    assert "通过：档案包完整，没有改动。" in done.stdout


def test_it_is_short_and_imports_only_the_standard_library() -> None:
    source = TOOL.read_text("utf-8")
    assert len(source.splitlines()) <= 280
    imported = {
        x.split()[1].split(".")[0] for x in source.splitlines() if x[:5] in ("impor", "from ")
    }
    assert imported <= set(sys.stdlib_module_names) | {"__future__"}


def test_a_changed_package_gives_status_1_and_names_the_file(
    package: bytes, tmp_path: Path
) -> None:
    files = packages.unpacked(package)
    flip("approval_form")(files)
    done = run(written(tmp_path, packages.packed(files)))
    assert done.returncode == 1
    assert "文件与清单摘要不符：data/documents/01-approval_form-审核审批表.pdf" in done.stdout


def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    done = run(written(tmp_path, b"not a zip"))
    assert done.returncode == 1
    assert "不能读取档案包" in done.stdout


def test_bagit_library_accepts_the_package(package: bytes, tmp_path: Path) -> None:
    folder = extracted(package, tmp_path)
    assert bagit.Bag(str(folder)).is_valid()


@pytest.mark.parametrize("manifest", ["manifest-sha256.txt", "tagmanifest-sha256.txt"])
def test_sha256sum_accepts_the_manifests(package: bytes, tmp_path: Path, manifest: str) -> None:
    command = [program("sha256sum", wanted="coreutils"), "--strict", "--quiet", "-c", manifest]
    folder = extracted(package, tmp_path)
    assert subprocess.run(command, cwd=folder, check=False).returncode == 0
    listed = folder / (folder / manifest).read_text("utf-8").split("\n")[0].split(maxsplit=1)[1]
    listed.write_bytes(listed.read_bytes() + b" ")
    assert subprocess.run(command, cwd=folder, check=False).returncode == 1  # the twin


def extracted(package: bytes, tmp_path: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        archive.extractall(tmp_path)
        return tmp_path / archive.namelist()[0].split("/")[0]


# Changes


def add(files: Files) -> None:
    files["data/documents/99-other-夹带.pdf"] = b"%PDF-1.7 extra"


def remove(files: Files) -> None:
    del files[packages.found(files, "id_card")]


def swap(files: Files) -> None:
    one, two = packages.found(files, "id_card"), packages.found(files, "household_book")
    files[one], files[two] = files[two], files[one]


def rename(files: Files) -> None:
    files["data/documents/05-id_card-别名.jpg"] = files.pop(packages.found(files, "id_card"))


EVERY_KIND = [
    *("approval_form", "application", "id_card", "notice_photo", "metadata.xml", "目录.csv"),
    *("events.jsonl", "chain.json", "signatures.json", "VERIFY.md", "bagit.txt", "bag-info.txt"),
    *("data/copies/", "四性检测", "manifest-sm3.txt"),
    *("data/VERIFY.md", "manifest-sha256.txt", "tagmanifest-sha256.txt", "seal.json"),
]


@pytest.mark.parametrize("name", EVERY_KIND)
def test_one_flipped_bit_is_found(package: bytes, tmp_path: Path, name: str) -> None:
    files = packages.unpacked(package)
    flip(name)(files)
    assert problems(tmp_path, packages.packed(files))


PAYLOAD = ["approval_form", "id_card", "metadata.xml", "目录.csv", "data/VERIFY.md"]


@pytest.mark.parametrize("broken", [*map(flip, PAYLOAD), add, remove, swap, rename])
def test_a_change_with_new_manifests_is_found(
    package: bytes, tmp_path: Path, broken: Break
) -> None:
    files = packages.unpacked(package)
    broken(files)
    packages.remanifest(files)
    assert problems(tmp_path, packages.packed(files)) == ["封存"]


def edit(key: str, value: Any, at: int = 3) -> Callable[[list[dict[str, Any]]], None]:
    def change(rows: list[dict[str, Any]]) -> None:
        rows[at][key] = value

    return change


def edit_canon(rows: list[dict[str, Any]]) -> None:
    rows[3]["canon"] = rows[3]["canon"].replace("演练", "他人", 1)


def edit_canon_and_column(rows: list[dict[str, Any]]) -> None:
    rows[3]["canon"] = rows[3]["canon"].replace(rows[3]["actor_name"], "他人")
    rows[3]["actor_name"] = "他人"


def edit_content(rows: list[dict[str, Any]]) -> None:
    rows[-1]["content"] = rows[-1]["content"].replace('"insured":2', '"insured":9')


def edit_content_and_digests(rows: list[dict[str, Any]]) -> None:
    edit_content(rows)
    packages.rehash(rows[-1])


def edit_early_head_and_hash(rows: list[dict[str, Any]]) -> None:
    rows[0]["name"] = "他人"
    packages.rehash(rows[0])


def reverse(rows: list[dict[str, Any]]) -> None:
    rows.reverse()


def drop(at: int) -> Callable[[list[dict[str, Any]]], None]:
    def change(rows: list[dict[str, Any]]) -> None:
        del rows[at]

    return change


def drop_extra(files: Files) -> None:
    remove(files)


def unknown_file(files: Files) -> None:
    files["data/notes.txt"] = b"x"


# Each is made again to fit in every other respect, the seal too, so that one check must see it.
FORGERIES: list[tuple[Break, str]] = [
    (on_events(edit("note", "改过")), "办理经过（事件链）"),
    (on_events(edit("actor_name", "他人")), "办理经过（事件链）"),
    (on_events(edit("on_day", "2026-01-01")), "办理经过（事件链）"),
    (on_events(edit("hash", "0" * 64)), "办理经过（事件链）"),
    (on_events(edit("prev", "0" * 64)), "办理经过（事件链）"),
    (on_events(edit_canon), "办理经过（事件链）"),
    (on_events(edit_canon_and_column), "办理经过（事件链）"),
    (on_events(reverse), "办理经过（事件链）"),
    (on_signatures(edit_content), "签字"),
    (on_signatures(edit_content_and_digests), "签字"),
    (on_signatures(edit_early_head_and_hash), "签字"),
    (on_signatures(edit("opinion", "不同意", -1)), "签字"),
    (on_signatures(edit("name", "他人", -1)), "签字"),
    (on_signatures(edit("hash", "0" * 64, 0)), "签字"),
    (on_signatures(reverse), "签字"),
    (on_signatures(drop(0)), "签字"),
    (on_signatures(drop(-1)), "签字"),
    (drop_extra, "封存"),
    (unknown_file, "清单（BagIt）"),
]


@pytest.mark.parametrize(("broken", "label"), FORGERIES)
def test_a_forgery_with_a_new_seal_is_found_by_its_check(
    package: bytes, tmp_path: Path, broken: Break, label: str
) -> None:
    files = packages.unpacked(package)
    broken(files)
    packages.reseal(files)
    assert problems(tmp_path, packages.packed(files)) == [label]


@pytest.mark.parametrize(("broken", "label"), FORGERIES)
def test_twin_the_same_forgery_passes_a_verifier_without_that_check(
    package: bytes,
    tmp_path: Path,
    broken: Break,
    label: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = tuple(check for check in verify_dossier.CHECKS if check[0] != label)
    monkeypatch.setattr(verify_dossier, "CHECKS", kept)
    files = packages.unpacked(package)
    broken(files)
    packages.reseal(files)
    assert problems(tmp_path, packages.packed(files)) == []


def test_a_package_made_anew_as_a_whole_is_found_only_by_the_digest_on_record(
    package: bytes, tmp_path: Path
) -> None:
    files = packages.unpacked(package)
    flip("metadata.xml")(files)
    packages.reseal(files)
    forged = packages.packed(files)
    assert problems(tmp_path, forged) == []  # the stated limit (VERIFY.md, ADR 11)
    found = problems(tmp_path, forged, packages.digest(package))
    assert [label.split()[0] for label in found] == ["整包摘要"]


@pytest.mark.parametrize("seed", range(40))
def test_a_flip_anywhere_in_the_bytes_is_found(package: bytes, tmp_path: Path, seed: int) -> None:
    content = bytearray(package)
    place = random.Random(seed).randrange(len(content))
    content[place] ^= 1 << seed % 8
    assert run(written(tmp_path, bytes(content))).returncode == 1


# The zip itself


def with_entry(package: bytes, name: str, content: bytes = b"x", mode: int = 0o100644) -> bytes:
    out = io.BytesIO(package)
    with zipfile.ZipFile(out, "a") as archive:
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        entry.create_system, entry.external_attr = 3, mode << 16
        archive.writestr(entry, content)
    return out.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("{0}/../../etc/cron.d/x", 0o100644),
        ("/etc/passwd", 0o100644),
        ("{0}/data\\..\\x", 0o100644),
        ("C:/x", 0o100644),
        ("{0}/bagit.txt", 0o100644),
        ("other/bagit.txt", 0o100644),
        ("{0}/data/link", 0o120777),
    ],
)
def test_an_unsafe_zip_is_refused(package: bytes, tmp_path: Path, name: str, mode: int) -> None:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        folder = archive.namelist()[0].split("/")[0]
    unsafe = with_entry(package, name.format(folder), mode=mode)
    assert problems(tmp_path, unsafe) == ["压缩包"]


@pytest.mark.parametrize("hide", [lambda p: b"junk" + p, lambda p: p + b"junk"])
def test_bytes_beside_the_files_are_found(
    package: bytes, tmp_path: Path, hide: Callable[[bytes], bytes]
) -> None:
    assert run(written(tmp_path, hide(package))).returncode == 1


def test_the_package_says_what_it_is(package: bytes) -> None:
    files = packages.unpacked(package)
    events = [json.loads(x) for x in files["data/events.jsonl"].decode().splitlines()]
    assert {e["action"] for e in events} >= {"submit", "accept", "propose", "approve", "open"}
    rows = json.loads(files["data/signatures.json"])
    assert [r["stage"] for r in rows] == ["survey", "survey", "witness", "propose", "decide"]
    assert files["data/目录.csv"].startswith(b"\xef\xbb\xbf")
    assert b"sha256sum -c" in files["data/VERIFY.md"]


def test_the_command_of_manage_gives_the_same_answer(package: bytes, tmp_path: Path) -> None:
    path = written(tmp_path, package)
    with pytest.raises(SystemExit) as left:
        call_command("verify_dossier", str(path), sha256=packages.digest(package))
    assert left.value.code == 0
    with pytest.raises(SystemExit) as left:
        call_command("verify_dossier", str(path), sha256="0" * 64)
    assert left.value.code == 1


# The second form: SM3 and the report of the four properties


def test_openssl_accepts_the_sm3_manifest(package: bytes, tmp_path: Path) -> None:
    folder = extracted(package, tmp_path)
    openssl = program("openssl", wanted="openssl")
    lines = (folder / "manifest-sm3.txt").read_text("utf-8").splitlines()
    assert len(lines) == sum(p.is_file() for p in (folder / "data").rglob("*"))
    for line in lines:
        digest, _, path = line.partition("  ")
        told = subprocess.run(
            [openssl, "dgst", "-sm3", "-r", path],
            cwd=folder, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert told.stdout.split()[0] == digest


def test_a_line_of_sm3_that_does_not_fit_is_found(package: bytes, tmp_path: Path) -> None:
    files = packages.unpacked(package)
    lines = files["manifest-sm3.txt"].splitlines(keepends=True)
    files["manifest-sm3.txt"] = b"0" * 64 + lines[0][64:] + b"".join(lines[1:])
    tags = {n: c for n, c in files.items() if not n.startswith("data/") and "tagmanifest" not in n}
    listed = "".join(f"{packages.digest(tags[n])}  {n}\n" for n in sorted(tags))
    files["tagmanifest-sha256.txt"] = listed.encode()
    found = problems(tmp_path, packages.packed(files))
    assert [x for x in found if "SM3" in x]


def test_packages_of_the_first_form_are_still_sound(package: bytes, tmp_path: Path) -> None:
    files = packages.unpacked(package)
    files["data/metadata.xml"] = files["data/metadata.xml"].replace(b"dossier:2", b"dossier:1")
    text = re.sub("<副本>[^<]*</副本>", "", files["data/metadata.xml"].decode())
    files["data/metadata.xml"] = text.encode()
    for name in [n for n in files if n.startswith("data/copies/")]:
        del files[name]
    del files["data/四性检测.json"]
    packages.reseal(files)
    del files["manifest-sm3.txt"]
    tags = {n: c for n, c in files.items() if not n.startswith("data/") and "tagmanifest" not in n}
    listed = "".join(f"{packages.digest(tags[n])}  {n}\n" for n in sorted(tags))
    files["tagmanifest-sha256.txt"] = listed.encode()
    assert problems(tmp_path, packages.packed(files)) == []


def test_a_copy_that_is_missing_is_found(package: bytes, tmp_path: Path) -> None:
    files = packages.unpacked(package)
    del files[packages.found(files, "data/copies/")]
    packages.reseal(files)
    assert problems(tmp_path, packages.packed(files)) == ["清单（BagIt）"]


def test_the_second_form_without_its_report_is_found(package: bytes, tmp_path: Path) -> None:
    files = packages.unpacked(package)
    del files["data/四性检测.json"]
    packages.reseal(files)
    assert problems(tmp_path, packages.packed(files)) == ["清单（BagIt）"]
