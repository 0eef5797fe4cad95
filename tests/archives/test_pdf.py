"""The forms on paper: right glyphs, same bytes, nothing fetched, nothing missing."""

import hashlib
import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont
from pypdf import PdfReader

from archives import pdf
from archives.papers import Sheet, make_sheet, print_sheet, read_case, ready_forms
from archives.pdf import FONTS, UnprintableCharacters, make_pdf
from tests import road
from tests.archives.glyphs import wrong_glyphs
from tests.cast import Cast
from tests.programs import program
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.file_kinds import Unsupported, examine

ROOT = Path(__file__).resolve().parents[2]
ON = date(2026, 11, 1)
NAME = "𠮷䶮㼆𬭊"
STYLE = """@font-face { font-family: S; src: url(font:/serif.otf); }
@font-face { font-family: R; src: url(font:/rare-han.otf); }
html { font: 200pt/1 S, R; } @page { size: 100mm; margin: 10mm; } p { margin: 0; }"""


def html(body: str, style: str = STYLE) -> str:
    return f"<!doctype html><html lang=zh-CN><style>{style}</style><body>{body}</body></html>"


def rare(cast: Cast) -> str:
    """The number of an approved case whose applicant has a rare name."""
    data = road.application()
    data["members"][0]["name"] = NAME
    return road.approved(cast, members=data["members"], holder=NAME).no


def sheets(no: str) -> dict[str, Sheet]:
    record = read_case(no, ON)
    made = {p.code: make_sheet(record, p.code) for p, ready in ready_forms(record) if ready}
    assert len(made) >= 12
    return made


def text_of(content: bytes) -> str:
    """All text without white space (a margin box spaces its words)."""
    pages = PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


@pytest.mark.clause("4(1).1")
def test_every_form_draws_the_characters_that_it_says(cast: Cast) -> None:
    made = {code: print_sheet(sheet).content for code, sheet in sheets(rare(cast)).items()}
    assert [code for code, content in made.items() if wrong_glyphs(content)] == []
    assert NAME in text_of(made["approval_form"])
    assert "159900196103040054" in text_of(made["approval_form"])


def test_twin_a_wrong_drawing_under_the_right_text_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = make_pdf(html("申请人"), made_on=ON).content
    assert wrong_glyphs(content) == []
    reader = PdfReader(io.BytesIO(content))
    font = next(iter(reader.pages[0]["/Resources"]["/Font"].values())).get_object()  # type: ignore[index]
    unicode_map = font["/ToUnicode"].get_object()
    right = unicode_map.get_data()
    assert b"<7533>" in right  # 申
    with_other = right.replace(b"<7533>", b"<6e38>")  # says 游, draws 申
    monkeypatch.setattr("tests.archives.glyphs.PdfReader", lambda _: _with_map(reader, with_other))
    assert wrong_glyphs(content) == ["游"]


def _with_map(reader: PdfReader, content: bytes) -> PdfReader:
    font = next(iter(reader.pages[0]["/Resources"]["/Font"].values())).get_object()  # type: ignore[index]
    font["/ToUnicode"].get_object().set_data(content)
    return reader


@pytest.mark.parametrize("char", ["申", "请", "人", "1", "5", "9", "X", "𠮷", "䶮", "㼆", "𬭊"])
def test_what_is_printed_looks_like_the_font(char: str, tmp_path: Path) -> None:
    pdftoppm = program("pdftoppm", wanted="poppler-utils")
    path = tmp_path / "one.pdf"
    path.write_bytes(make_pdf(html(char), made_on=ON).content)
    subprocess.run([pdftoppm, "-r", "72", "-png", "-gray", path, tmp_path / "one"], check=True)
    printed = normal(Image.open(next(tmp_path.glob("one*.png"))).convert("L"))
    assert distance(printed, drawn(char)) < 0.06
    assert distance(printed, drawn("游")) > 0.15  # the twin: another character is far away


def drawn(char: str) -> Image.Image:
    """The character as FreeType draws it from the font file."""
    address = "font:/rare-han.otf" if char == "𠮷" else "font:/serif.otf"
    image = Image.new("L", (400, 400), 255)
    font = ImageFont.truetype(str(FONTS[address]), 200)
    ImageDraw.Draw(image).text((50, 50), char, font=font, fill=0)
    return normal(image)


def normal(image: Image.Image) -> Image.Image:
    """The ink, cut out and brought to one size."""
    box = ImageChops.invert(image).point(lambda p: 255 if p > 64 else 0).getbbox()
    assert box, "nothing is printed"
    return image.crop(box).resize((96, 96))


def distance(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of the pixels, 0 to 1."""
    shades: Iterator[int] = iter(ImageChops.difference(one, other).tobytes())
    return sum(shades) / 255 / 96 / 96


def test_equal_input_gives_equal_bytes_in_this_and_another_process(cast: Cast) -> None:
    sheet = sheets(rare(cast))["approval_form"]
    first, second = print_sheet(sheet), print_sheet(sheet)
    code = (
        "import sys, hashlib; from datetime import date; from archives.pdf import make_pdf;"
        "made = make_pdf(sys.stdin.read(), made_on=date.fromisoformat(sys.argv[1]));"
        "print(hashlib.sha256(made.content).hexdigest())"
    )
    other = subprocess.run(
        [sys.executable, "-c", code, sheet.formed_on.isoformat()],
        input=sheet.html,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONHASHSEED": "7", "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"},
        check=True,
    )
    assert first.content == second.content
    assert other.stdout.strip() == hashlib.sha256(first.content).hexdigest()


def test_it_says_pdf_a_2b_and_holds_no_name_in_its_metadata(cast: Cast) -> None:
    content = print_sheet(sheets(rare(cast))["approval_form"]).content
    reader = PdfReader(io.BytesIO(content))
    root: Any = reader.trailer["/Root"].get_object()
    xmp = root["/Metadata"].get_object().get_data().decode()
    assert 'pdfaid:part="2"' in xmp
    assert 'pdfaid:conformance="B"' in xmp
    assert root["/OutputIntents"]
    assert NAME not in xmp + str(reader.metadata)
    assert reader.metadata is not None
    assert str(reader.metadata["/Title"]).startswith("审核审批表 YQ-DB-")


def test_pages_are_numbered_and_table_heads_repeated(cast: Cast) -> None:
    data = road.application()
    data["members"] += [
        {"name": f"演练成员{chr(0x4E00 + i)}", "id_no": road.number(50 + i), "relation": "CHILD"}
        for i in range(28)
    ]
    case = road.submitted(cast, members=data["members"])
    made = print_sheet(make_sheet(read_case(case.no, ON), "application"))
    pages = ["".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(made.content)).pages]
    assert made.pages == len(pages) >= 2
    assert all(f"第{n}页，共{len(pages)}页" in text for n, text in enumerate(pages, start=1))
    assert sum("与申请人关系" in text for text in pages) >= 2


def test_a_notice_holds_nothing_that_may_not_hang_in_public(cast: Cast) -> None:
    made = sheets(rare(cast))
    for code in ("review_notice", "approval_notice"):
        text = text_of(print_sheet(made[code]).content)
        assert NAME in text
        assert "每月682.00元" in text
        for hidden in ("159900", "19900000000", "6228480000", "演练路", "演练乙", "12,000"):
            assert hidden not in text.replace("YQ-DB-159900001", "")


def test_a_notice_is_printed_before_it_is_posted_and_on_a3(cast: Cast) -> None:
    case = road.investigated(cast)
    made = print_sheet(make_sheet(read_case(case.no, ON), "review_notice", size="A3"))
    box = PdfReader(io.BytesIO(made.content)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (842, 1191)
    assert made.pages == 1


def test_a_form_without_evidence_says_what_is_missing(cast: Cast) -> None:
    case = road.accepted(cast)
    with pytest.raises(Refused, match="还没有入户调查记录，不能打印入户调查表"):
        make_sheet(read_case(case.no, ON), "survey")


def test_unsigned_opinions_leave_room_for_pen_and_stamp(cast: Cast) -> None:
    case = road.accepted(cast)
    text = text_of(print_sheet(make_sheet(read_case(case.no, ON), "approval_form")).content)
    assert text.count("（盖章）") == 4
    assert "签字摘要" in text  # only the remark
    assert text.count("签字：") == 4


def test_hostile_text_is_text(cast: Cast) -> None:
    hostile = '<img src="file:///etc/passwd"><script>1</script>{{ 1 }}'
    case = road.accepted(cast, reason=hostile)
    sheet = make_sheet(read_case(case.no, ON), "application")
    assert hostile not in sheet.html
    assert "file:///etc/passwd" in text_of(print_sheet(sheet).content)


def test_nothing_but_the_fonts_is_fetched(caplog: pytest.LogCaptureFixture) -> None:
    body = '申<img src="http://127.0.0.1:9/x.png"><img src="file:///etc/hostname"><img src="x.png">'
    with caplog.at_level("ERROR", logger="weasyprint"):
        made = make_pdf(html(body), made_on=ON)
    assert caplog.text.count("only the bundled fonts are fetched") >= 2
    assert wrong_glyphs(made.content) == []
    assert list(PdfReader(io.BytesIO(made.content)).pages[0].images) == []


def test_a_character_without_a_glyph_is_refused_and_never_printed_as_a_box() -> None:
    with pytest.raises(UnprintableCharacters, match=r"U\+31350"):
        make_pdf(html("\U00031350"), made_on=ON)


def test_without_pango_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(pdf, "import_module", missing)
    with pytest.raises(Refused, match="请安装 Pango"):
        make_pdf(html("申"), made_on=ON)


def test_the_app_starts_without_weasyprint() -> None:
    code = (
        "import sys; sys.modules['weasyprint'] = None;"
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'yuquan_relief.settings';"
        "import django; django.setup(); import archives.urls"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_damaged_photos_are_refused_after_a_pdf_was_made() -> None:
    from weasyprint import images  # its import is what switches the check off

    images.ImageFile.LOAD_TRUNCATED_IMAGES = True
    assert examine(road.photo()[:-300]).view  # the control: switched off, nothing is noticed
    make_pdf("<p>一</p>", made_on=date(2026, 9, 21))
    with pytest.raises(Unsupported, match="不完整"):
        examine(road.photo()[:-300])
