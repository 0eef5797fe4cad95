"""The package: a BagIt 1.0 bag (RFC 8493) in a zip; equal content, equal bytes."""

import hashlib
import io
import zipfile
from collections.abc import Mapping

from cryptography.hazmat.primitives import hashes

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
EPOCH = (1980, 1, 1, 0, 0, 0)
MODE = 0o100644 << 16


def manifest(files: Mapping[str, bytes]) -> bytes:
    """`sha256sum` lines of the files, in order of their paths."""
    lines = (f"{hashlib.sha256(files[p]).hexdigest()}  {p}\n" for p in sorted(files))
    return "".join(lines).encode()


def sm3_manifest(files: Mapping[str, bytes]) -> bytes:
    """The same lines with the digest of GB/T 32905 (`openssl dgst -sm3`)."""
    return "".join(f"{_sm3(files[p])}  {p}\n" for p in sorted(files)).encode()


def _sm3(content: bytes) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize().hex()


def info(fields: Mapping[str, str], payload: Mapping[str, bytes]) -> bytes:
    """bag-info.txt with the Payload-Oxum (bytes and number of files) at its end."""
    oxum = f"{sum(map(len, payload.values()))}.{len(payload)}"
    lines = [f"{name}: {' '.join(value.split())}" for name, value in fields.items()]
    return "\n".join([*lines, f"Payload-Oxum: {oxum}", ""]).encode()


def bag(
    folder: str, payload: Mapping[str, bytes], tags: Mapping[str, bytes], fields: Mapping[str, str]
) -> bytes:
    """The zip: payload (paths under data/), its manifest, the tag files and their manifest.

    Stored and not compressed: pictures and PDFs hardly shrink, and no zlib can change the bytes.
    """
    tag_files = {
        "bagit.txt": BAGIT,
        "bag-info.txt": info(fields, payload),
        "manifest-sha256.txt": manifest(payload),
        "manifest-sm3.txt": sm3_manifest(payload),
        **tags,
    }
    files = {**payload, **tag_files, "tagmanifest-sha256.txt": manifest(tag_files)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(f"{folder}/{path}", EPOCH)
            entry.create_system, entry.external_attr = 3, MODE
            archive.writestr(entry, files[path])
    return out.getvalue()
