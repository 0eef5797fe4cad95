"""What a PDF really draws: the outline of each embedded glyph beside the text it claims to be."""

import io
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from fontTools.pens.recordingPen import (  # type: ignore[import-untyped] # has no types
    DecomposingRecordingPen,
)
from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # has no types
from pypdf import PdfReader

from archives.pdf import FONTS

Outline = list[Any]


@cache
def source(address: str) -> TTFont:
    """One of the fonts that were asked for."""
    return TTFont(FONTS[address])


def outline(font: TTFont, name: str) -> Outline:
    """The drawing of a glyph."""
    glyphs = font.getGlyphSet()
    pen = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(pen)
    return list(pen.value)


def claimed(stream: bytes) -> Iterator[tuple[int, str]]:
    """(glyph id, text) of a ToUnicode map."""
    for part in re.findall(rb"beginbfchar(.*?)endbfchar", stream, re.DOTALL):
        for glyph, text in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", part):
            yield int(glyph, 16), bytes.fromhex(text.decode()).decode("utf-16-be")


def fonts_of(content: bytes) -> Iterator[tuple[TTFont, bytes]]:
    """(embedded font, ToUnicode stream) of each font of the PDF."""
    seen = set()
    for page in PdfReader(io.BytesIO(content)).pages:
        for reference in page["/Resources"]["/Font"].values():  # type: ignore[index]
            font = reference.get_object()
            if id(font) in seen:
                continue
            seen.add(id(font))
            inner = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            file = (inner.get("/FontFile3") or inner.get("/FontFile2")).get_object().get_data()
            yield TTFont(io.BytesIO(file)), font["/ToUnicode"].get_object().get_data()


def wrong_glyphs(content: bytes) -> list[str]:
    """Characters whose drawing is not that of any font that was asked for; empty when all is well.

    A drawing without ink is right only for white space.
    """
    wrong = []
    for font, to_unicode in fonts_of(content):
        for glyph, text in claimed(to_unicode):
            name = font.getGlyphName(glyph)
            drawn = outline(font, name)
            if text.isspace():
                continue
            if not drawn or drawn not in expected(text):
                wrong.append(text)
    return wrong


def expected(text: str) -> list[Outline]:
    """How the fonts that were asked for draw the character, tabular figures included."""
    return [
        outline(source(address), name) for address in FONTS for name in named(address, ord(text))
    ]


def named(address: str, codepoint: int) -> list[str]:
    """The glyph of a character and its one-for-one alternates."""
    name = source(address).getBestCmap().get(codepoint)
    return [name, *sorted(alternates(address).get(name, ()))] if name else []


@cache
def alternates(address: str) -> dict[str, set[str]]:
    """The single substitutions of a font."""
    found: dict[str, set[str]] = {}
    font = source(address)
    for look_up in font["GSUB"].table.LookupList.Lookup if "GSUB" in font else ():
        for table in look_up.SubTable:
            inner = getattr(table, "ExtSubTable", table)
            if inner.LookupType == 1:
                for one, other in inner.mapping.items():
                    found.setdefault(one, set()).add(other)
    return found
