"""Taking packages apart, breaking them, and putting them together again as a forger would."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

Files = dict[str, bytes]
Break = Callable[[Files], None]
FOLDER = "YQMZ-MS"


def unpacked(package: bytes) -> Files:
    """The files by their path inside the folder."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {n.split("/", 1)[1]: archive.read(n) for n in archive.namelist()}


def packed(files: Files) -> bytes:
    """A zip of the files, as neat as the real one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, files[name])
    return out.getvalue()


def digest(content: bytes | str) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def canonical(value: Any) -> str:
    """Canonical JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def remanifest(files: Files) -> None:
    """Manifests and Payload-Oxum that fit the files as they are now."""
    payload = {n: c for n, c in files.items() if n.startswith("data/")}
    files["manifest-sha256.txt"] = _lines(payload)
    lines = (f"{hashlib.new('sm3', payload[n]).hexdigest()}  {n}\n" for n in sorted(payload))
    files["manifest-sm3.txt"] = "".join(lines).encode()
    head = files["bag-info.txt"].split(b"Payload-Oxum")[0]
    oxum = f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}\n"
    files["bag-info.txt"] = head + oxum.encode()
    tags = {n: c for n, c in files.items() if n not in payload and "tagmanifest" not in n}
    files["tagmanifest-sha256.txt"] = _lines(tags)


def _lines(files: Files) -> bytes:
    return "".join(f"{digest(files[n])}  {n}\n" for n in sorted(files)).encode()


def rehash(row: dict[str, Any]) -> None:
    """A signature whose digests fit its content and head."""
    row["content_sha256"] = digest(row["content"])
    head = {k: v for k, v in row.items() if k not in ("content", "hash")}
    row["hash"] = digest(canonical(head) + row["content"])


def reseal(files: Files) -> None:
    """Everything made again to fit, the sealing signature included: the best a forger can do."""
    remanifest(files)
    seal = json.loads(files["seal.json"])
    content = json.loads(seal["content"])
    content["manifest_sha256"] = digest(files["manifest-sha256.txt"])
    there = [n for n in sorted(files) if n.startswith("data/documents/")]
    content["items"] = [
        {"file": n, "slot": "", "title": "", "sha256": digest(files[n])} for n in there
    ]
    seal["content"] = canonical(content)
    rehash(seal)
    files["seal.json"] = json.dumps(seal, ensure_ascii=False).encode()
    remanifest(files)


def flip(name: str) -> Break:
    """One bit in the middle of the file."""

    def broken(files: Files) -> None:
        path = found(files, name)
        content = bytearray(files[path])
        content[len(content) // 2] ^= 1
        files[path] = bytes(content)

    return broken


def found(files: Files, name: str) -> str:
    """The path that has `name` in it; a copy only when it is asked for."""
    asked = "copies" in name
    return next(p for p in sorted(files) if name in p and asked == ("/copies/" in p))


def on_events(change: Callable[[list[dict[str, Any]]], None]) -> Break:
    """Change the events, and chain.json with them."""

    def broken(files: Files) -> None:
        events = [json.loads(x) for x in files["data/events.jsonl"].decode().splitlines()]
        change(events)
        lines = [json.dumps(e, ensure_ascii=False) for e in events]
        files["data/events.jsonl"] = "".join(f"{x}\n" for x in lines).encode()
        chain = json.loads(files["data/chain.json"])
        chain["events"] = [{k: e[k] for k in ("seq", "prev", "hash")} for e in events]
        files["data/chain.json"] = json.dumps(chain).encode()

    return broken


def on_signatures(change: Callable[[list[dict[str, Any]]], None]) -> Break:
    """Change the signatures."""

    def broken(files: Files) -> None:
        rows = json.loads(files["data/signatures.json"])
        change(rows)
        files["data/signatures.json"] = json.dumps(rows, ensure_ascii=False).encode()

    return broken
