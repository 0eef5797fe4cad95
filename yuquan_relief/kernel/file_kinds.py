"""What a file is, decided by its content; what is shown of it."""

import io
import struct
import warnings
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import Refused
from .pdf_parts import Unreadable, active_part

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
_IMAGES = {"JPEG": JPEG, "MPO": JPEG, "PNG": PNG}  # MPO: a phone's JPEG with a second picture


class Unsupported(Refused):
    """The file is of a kind that is not taken in (answered 415)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, code="unsupported_file")


_TOO_MANY_PIXELS = (Image.DecompressionBombWarning, Image.DecompressionBombError)


@dataclass(frozen=True)
class Examined:
    """A file that may be taken in. `view` and `thumb` are re-encoded JPEG, empty for PDF."""

    content_type: str
    width: int | None = None
    height: int | None = None
    view: bytes = b""
    thumb: bytes = b""


def examine(content: bytes) -> Examined:
    """What the bytes are; raises Refused with what to do when they are not taken in.

    Size is checked first, then the kind, then the pixels from the header, and only then are
    pixels decoded (F1–F10 of security.md 3.6).
    """
    if not content:
        raise Refused("文件是空的，请重新选择", code="empty_file")
    if len(content) > settings.ATTACHMENT_MAX_BYTES:
        raise _too_large()
    if content.startswith(b"%PDF-"):
        return _examine_pdf(content)
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1"):
        raise Unsupported("这是 HEIC 照片，请在相机设置里选“兼容性最佳”后重新拍照")
    return _examine_image(content)


def read_upload(file: Any) -> bytes:
    """The bytes of an uploaded file; raises Refused before reading one that is too large."""
    if (file.size or 0) > settings.ATTACHMENT_MAX_BYTES:
        raise _too_large()
    return bytes(file.read())


def _too_large() -> Refused:
    most = settings.ATTACHMENT_MAX_BYTES // (1024 * 1024)
    return Refused(f"文件超过 {most} MB，请压缩或分开上传", code="too_large")


def _examine_pdf(content: bytes) -> Examined:
    if b"%%EOF" not in content[-2048:]:
        raise Unsupported("PDF 文件不完整，请重新导出后上传")
    try:
        found = active_part(content)
    except Unreadable as error:
        raise Unsupported("PDF 文件不能识别，请重新导出后上传") from error
    if found:
        raise Unsupported(f"PDF 里含有不能接收的内容（{found}），请另存为普通 PDF 后上传")
    return Examined(PDF)


def _examine_image(content: bytes) -> Examined:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
    except _TOO_MANY_PIXELS as error:
        raise Unsupported("图片像素太大，请缩小到 5000 万像素以内再上传") from error
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise Unsupported("请上传 JPEG、PNG 图片或 PDF 文件") from error
    if image.width * image.height > settings.ATTACHMENT_MAX_PIXELS:
        raise Unsupported("图片像素太大，请缩小到 5000 万像素以内再上传")
    kind = _IMAGES[image.format or ""]
    try:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, struct.error) as error:
        raise Unsupported("图片不完整或已损坏，请重新拍照或选择") from error
    view = _jpeg(upright, 1600, 82)
    return Examined(kind, image.width, image.height, view, _jpeg(upright, 240, 60))


def _jpeg(image: Image.Image, longest: int, quality: int) -> bytes:
    shown = image.copy()
    shown.thumbnail((longest, longest))
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
