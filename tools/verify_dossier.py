#!/usr/bin/env python3
"""Verify a sealed household file by itself: no database, no project, only Python 3.11.

    python3 verify_dossier.py 档案包.zip [--sha256 封存记录中的摘要]

Written from the format (VERIFY.md in the package), not from the code that makes packages.
Exit status 0 when everything holds, 1 when something does not or the file cannot be read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

HEAD = (
    *("subject_kind", "subject_key", "stage", "round", "person_id", "name", "post", "unit"),
    *("statement", "opinion", "content_sha256", "proved_at", "signed_at", "prev"),
)
TAGS = {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", "seal.json"}
DATA = {"metadata.xml", "目录.csv", "events.jsonl", "chain.json", "signatures.json", "VERIFY.md"}
# Packages say in metadata.xml after which form they were made; from the second on these are there.
SECOND = b"urn:yuquan-relief:dossier:2"
TAGS_OF_SECOND, DATA_OF_SECOND = {"manifest-sm3.txt"}, {"四性检测.json"}
Files = dict[str, bytes]
Problems = Iterator[str]


def sha256(content: bytes | str) -> str:
    """SHA-256 in hex; text as UTF-8."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def canonical(value: Any) -> str:
    """JSON with keys in order, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def zip_problems(archive: zipfile.ZipFile) -> Problems:
    """What makes the zip itself unfit: names that escape, doubles, links, bombs."""
    names = [entry.filename for entry in archive.infolist()]
    for name in names:
        if name.startswith("/") or "\\" in name or ":" in name or {"", ".."} & set(name.split("/")):
            yield f"文件名不安全：{name}"
    yield from (f"包内有重名文件：{n}" for n in sorted({n for n in names if names.count(n) > 1}))
    if len({name.split("/")[0] for name in names}) != 1 or not all("/" in n for n in names):
        yield "包内应当只有一个文件夹"
    for entry in archive.infolist():
        if entry.external_attr >> 16 & 0o170000 not in (0, 0o100000):
            yield f"包内有链接或特殊文件：{entry.filename}"
    if sum(entry.file_size for entry in archive.infolist()) > 2 * 1024**3:
        yield "解开后超过 2 GB，不予处理"


def shell(archive: zipfile.ZipFile) -> bytes:
    """The one way to write this zip: stored, no dates, no room for anything beside the files."""
    body, index = b"", b""
    for entry in archive.infolist():
        name, content = entry.filename.encode(), archive.read(entry)
        flags = 0 if entry.filename.isascii() else 0x800
        facts = (entry.CRC, len(content), len(content), len(name), 0)
        index += struct.pack("<4s4B4H3L2H", b"PK\1\2", 20, 3, 20, 0, flags, 0, 0, 33, *facts)
        index += struct.pack("<3H2L", 0, 0, 0, 0o100644 << 16, len(body)) + name
        body += struct.pack("<4s5H3L2H", b"PK\3\4", 20, flags, 0, 0, 33, *facts) + name + content
    many = len(archive.infolist())
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, many, many, len(index), len(body), 0)
    return body + index + end


def listed(files: Files, manifest: str) -> tuple[dict[str, str], list[str]]:
    """The manifest's digests by path, and what is wrong with its lines."""
    found: dict[str, str] = {}
    wrong = []
    for line in files.get(manifest, b"").decode("utf-8", "replace").splitlines():
        match = re.fullmatch(r"([0-9a-f]{64})  (\S.*)", line)
        if not match or match[2] in found:
            wrong.append(f"{manifest} 有不能识别或重复的一行：{line[:80]}")
        else:
            found[match[2]] = match[1]
    return found, wrong


def bag_problems(files: Files) -> Problems:
    """BagIt: every file is listed once, has its digest, and nothing else is there."""
    if not files.get("bagit.txt", b"").startswith(b"BagIt-Version: 1.0\n"):
        yield "bagit.txt 不是 BagIt 1.0"
    payload = {name for name in files if name.startswith("data/")}
    tags = set(files) - payload - {"tagmanifest-sha256.txt"}
    for manifest, expected in (("manifest-sha256.txt", payload), ("tagmanifest-sha256.txt", tags)):
        digests, wrong = listed(files, manifest)
        yield from wrong
        yield from (f"{manifest} 与实有文件不一致：{n}" for n in sorted(expected ^ set(digests)))
        for name in sorted(expected & set(digests)):
            if sha256(files[name]) != digests[name]:
                yield f"文件与清单摘要不符：{name}"
    is_second = SECOND in files.get("data/metadata.xml", b"")[:400]
    wanted = TAGS | TAGS_OF_SECOND if is_second else TAGS
    yield from (f"缺少或多出的文件：{name}" for name in sorted(set(files) - payload ^ wanted))
    text = files.get("data/metadata.xml", b"").decode("utf-8", "replace")
    copies = {f"data/{name}" for name in re.findall(r"<副本>(copies/[^<]+)</副本>", text)}
    others = {name for name in payload if not name.startswith("data/documents/")}
    named = DATA | DATA_OF_SECOND if is_second else DATA
    wrong = sorted(others ^ ({f"data/{name}" for name in named} | copies))
    yield from (f"缺少或多出的文件：{name}" for name in wrong)
    oxum = f"{sum(len(files[name]) for name in payload)}.{len(payload)}"
    if f"Payload-Oxum: {oxum}\n".encode() not in files.get("bag-info.txt", b""):
        yield "bag-info.txt 的 Payload-Oxum 与文件不符"


def sm3_problems(files: Files) -> Problems:
    """The second manifest, by the national algorithm, where this Python has it; SHA-256 is the one
    that counts, and covers this manifest too."""
    text = files.get("manifest-sm3.txt", b"").decode("utf-8", "replace")
    if not text or "sm3" not in hashlib.algorithms_available:
        return
    found = {path: digest for digest, _, path in (x.partition("  ") for x in text.splitlines())}
    payload = {name: content for name, content in files.items() if name.startswith("data/")}
    yield from (f"SM3 清单与实有文件不一致：{n}" for n in sorted(set(payload) ^ set(found)))
    for name in sorted(set(payload) & set(found)):
        if hashlib.new("sm3", payload[name]).hexdigest() != found[name]:
            yield f"文件与 SM3 清单不符：{name}"


def event_problems(files: Files) -> Problems:
    """Each event hashes to its hash, its columns repeat what was hashed, the order is right."""
    events = [json.loads(line) for line in files["data/events.jsonl"].decode().splitlines()]
    last: dict[str, Any] = {"seq": 0}
    for event in events:
        seq, canon = event["seq"], event["canon"]
        if event["hash"] != sha256(bytes.fromhex(event["prev"]) + canon.encode()):
            yield f"事件 {seq} 的摘要与原文不符"
        columns = {k: v for k, v in event.items() if k not in ("canon", "prev", "hash")}
        if canonical(json.loads(canon)) != canonical(columns):
            yield f"事件 {seq} 的各项与原文不一致"
        if seq <= last["seq"]:
            yield f"事件 {seq} 的序号没有递增"
        if seq == last["seq"] + 1 and last["seq"] and event["prev"] != last["hash"]:
            yield f"事件 {seq} 没有接上事件 {last['seq']}"
        last = event
    yield from chain_problems(files, events)


def chain_problems(files: Files, events: list[dict[str, Any]]) -> Problems:
    """chain.json names the same events and a head that is not before the last of them."""
    chain = json.loads(files["data/chain.json"])
    if chain["events"] != [{k: e[k] for k in ("seq", "prev", "hash")} for e in events]:
        yield "chain.json 与 events.jsonl 不一致"
    end, last = chain["head"], events[-1]
    if end["seq"] < last["seq"] or (end["seq"] == last["seq"] and end["hash"] != last["hash"]):
        yield "chain.json 的链末端与办理经过不符"


def signature_problems(row: dict[str, Any], prev: str) -> Problems:
    """One signature: its hash, the digest of its content, the link to the one before."""
    name = f"{row['name']}（{row['stage']}）的签字"
    if set(row) != {*HEAD, "content", "hash"}:
        yield f"{name}的栏目不全或多余"
        return
    if row["content_sha256"] != sha256(row["content"]):
        yield f"{name}与所签内容不符"
    if row["hash"] != sha256(canonical({k: row[k] for k in HEAD}) + row["content"]):
        yield f"{name}的摘要不符"
    if row["prev"] != prev:
        yield f"{name}没有接上前一次签字"
    if canonical(json.loads(row["content"])) != row["content"]:
        yield f"{name}的内容不是规范写法"


def all_signature_problems(files: Files) -> Problems:
    """Every signature of the case; those that events tell of are all there."""
    signatures = json.loads(files["data/signatures.json"])
    prev = ""
    for row in signatures:
        yield from signature_problems(row, prev)
        prev = row["hash"]
    if not any(row["stage"] == "decide" for row in signatures):
        yield "没有审批签字"
    there = [row["content_sha256"] for row in signatures]
    for line in files["data/events.jsonl"].decode().splitlines():
        event = json.loads(line)
        digest = event["body"].get("content_sha256")
        if event["subject_kind"] == "case" and digest and digest not in there:
            yield f"事件 {event['seq']} 所说的签字不在包内"


def seal_problems(files: Files) -> Problems:
    """The sealing signature holds and covers the manifest and every document, as they are."""
    seal = json.loads(files["seal.json"])
    yield from signature_problems(seal, "")
    content = json.loads(seal["content"])
    subject = (seal["stage"], seal["subject_kind"], seal["subject_key"])
    if subject != (content.get("stage"), "dossier", content.get("dossier")):
        yield "封存签字的对象与内容不符"
    if content.get("manifest_sha256") != sha256(files["manifest-sha256.txt"]):
        yield "封存签字没有覆盖现在的清单"
    signed = {item["file"]: item["sha256"] for item in content.get("items", [])}
    there = {n: sha256(c) for n, c in files.items() if n.startswith("data/documents/")}
    yield from (f"封存签字没有覆盖：{name}" for name in sorted(set(there) - set(signed)))
    yield from (f"封存签字所列文件不存在：{name}" for name in sorted(set(signed) - set(there)))
    for name in sorted(set(signed) & set(there)):
        if signed[name] != there[name]:
            yield f"封存签字后文件有变化：{name}"
    yield from decided_files_problems(files, set(there.values()))


def decided_files_problems(files: Files, there: set[str]) -> Problems:
    """Every file on which the leader signed is in the package; those of a later part (续卷), as its
    seal says, are in the first."""
    content = json.loads(json.loads(files["seal.json"])["content"])
    case, is_later = content.get("case"), content.get("part", 1) > 1
    for row in json.loads(files["data/signatures.json"]):
        signed = json.loads(row["content"])
        if (row["subject_key"], signed.get("case")) != (case, case):
            yield f"{row['name']}（{row['stage']}）签的不是本案"
        wanted = signed.get("files", []) if row["stage"] == "decide" and not is_later else []
        yield from (f"审批时的材料不在包内：{digest}" for digest in wanted if digest not in there)


CHECKS: tuple[tuple[str, Callable[[Files], Problems]], ...] = (
    ("清单（BagIt）", bag_problems),
    ("国密清单（SM3）", sm3_problems),
    ("办理经过（事件链）", event_problems),
    ("签字", all_signature_problems),
    ("封存", seal_problems),
)


def verify(path: str, expected: str = "") -> list[tuple[str, list[str]]]:
    """(check, problems) for each check; raises OSError or BadZipFile when it cannot be read."""
    with open(path, "rb") as file:
        raw = file.read()
    differs = expected and sha256(raw) != expected.lower()
    results = [(f"整包摘要 {sha256(raw)}", ["与封存记录不符"] if differs else [])]
    with zipfile.ZipFile(path) as archive:
        unsafe = list(zip_problems(archive))
        results.append(("压缩包", unsafe))
        if unsafe:
            return results
        if shell(archive) != raw:
            unsafe.append("压缩包夹带了文件以外的内容，或者外壳有改动")
        files = {i.filename.split("/", 1)[1]: archive.read(i) for i in archive.infolist()}
    for label, check in CHECKS:
        try:
            results.append((label, list(check(files))))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            results.append((label, [f"内容不完整或格式不对：{type(error).__name__} {error}"]))
    return results


def main(arguments: list[str] | None = None) -> int:
    """Print the report; the exit status."""
    parser = argparse.ArgumentParser(description="验证封存的一户一档档案包，不需要数据库")
    parser.add_argument("file", metavar="FILE", help="档案包（.zip）")
    parser.add_argument("--sha256", default="", help="封存记录中的包摘要，用来发现整包重做")
    options = parser.parse_args(arguments)
    try:
        results = verify(options.file, options.sha256)
    except (OSError, zipfile.BadZipFile, RuntimeError, EOFError) as error:
        print(f"不能读取档案包：{error}")
        return 1
    for label, problems in results:
        print("\n    ".join([f"{'✗' if problems else '✓'} {label}", *problems]))
    bad = sum(len(problems) for _, problems in results)
    print(f"不通过：{bad} 处问题。" if bad else "通过：档案包完整，没有改动。")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
