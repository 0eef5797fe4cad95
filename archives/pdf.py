"""HTML to PDF/A: whole fonts only, nothing fetched, the same bytes for the same page.

WeasyPrint is imported when it is first needed, so that the rest works where Pango is missing.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
from PIL import ImageFile

from yuquan_relief.kernel.errors import Refused

# Whole fonts; slices print wrong characters (tech.md 6). The third holds the 2,318 characters of
# Noto Serif CJK SC that the package leaves out (𠮷 and others of extension B).
FONTS = {
    "font:/serif.otf": pylopdf_fonts_zh_cn.serif_path(),
    "font:/sans.otf": pylopdf_fonts_zh_cn.sans_path(),
    "font:/rare-han.otf": Path(__file__).resolve().parent / "fonts" / "rare-han.otf",
}
VARIANT = "pdf/a-2b"
NO_PANGO = (
    "本机缺少排版库 Pango，暂时不能生成 PDF。请安装 Pango 后再试：apt-get install libpango-1.0-0 "
    "libpangoft2-1.0-0 libharfbuzz-subset0"
)


@dataclass(frozen=True)
class Pdf:
    """A finished document."""

    content: bytes
    pages: int


class UnprintableCharacters(Refused):
    """Some characters have no glyph here; an official paper is never printed with boxes."""

    def __init__(self, characters: str) -> None:
        names = "、".join(f"“{c}”（U+{ord(c):04X}）" for c in characters)
        super().__init__(
            f"{names} 在本机没有字形，不能打印。请安装 fonts-noto-cjk 后再试", code="no_glyph"
        )


def engine() -> Any:
    """WeasyPrint; raises Refused with what to install when its libraries are missing."""
    for chatty in ("weasyprint.progress", "fontTools"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        weasyprint = import_module("weasyprint")
    except OSError as error:
        raise Refused(NO_PANGO, code="no_pango") from error
    # Its import makes Pillow accept damaged pictures in the whole process, uploads among them.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return weasyprint


def fonts_only(weasyprint: Any, pictures: Mapping[str, bytes]) -> Any:
    """The one fetcher: it knows three fonts and the given pictures, and refuses every other
    address."""

    class FontsOnly(weasyprint.URLFetcher):  # type: ignore[misc] # the library has no types
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url in pictures:
                kind = {"Content-Type": "image/jpeg"}
                return weasyprint.urls.URLFetcherResponse(url, pictures[url], kind)
            if url not in FONTS:
                raise ValueError("only the bundled fonts are fetched")
            kind = {"Content-Type": "font/otf"}
            return weasyprint.urls.URLFetcherResponse(url, FONTS[url].read_bytes(), kind)

    return FontsOnly(allow_redirects=False)


def make_pdf(html: str, *, made_on: date, pictures: Mapping[str, bytes] | None = None) -> Pdf:
    """`html` as PDF/A-2b, dated `made_on`: equal input, equal bytes. `pictures`: JPEG by address.

    Raises Refused when Pango is missing or a character has no glyph in any font.
    """
    weasyprint = engine()
    document = weasyprint.HTML(
        string=html, url_fetcher=fonts_only(weasyprint, pictures or {})
    ).render()
    stamp = f"{made_on.isoformat()}T00:00:00+08:00"
    document.metadata.created = document.metadata.modified = stamp
    content = document.write_pdf(pdf_variant=VARIANT)
    missing = {c for font in document.fonts.values() for c in font.missing}
    unprintable = "".join(c for c in sorted(map(chr, missing)) if not c.isspace())
    if unprintable:
        raise UnprintableCharacters(unprintable)
    return Pdf(content, len(document.pages))
