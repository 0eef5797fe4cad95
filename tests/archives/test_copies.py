"""PDF/A copies of what was uploaded, in the package beside the originals (6.3)."""

import io
from datetime import date
from pathlib import Path

import pypdf
import pytest
from PIL import Image

from archives.copies import merged, page_count, pdf_a_copy
from archives.models import DossierItem
from archives.operations import inspecting
from archives.operations.building import supplement
from archives.operations.sealing import seal
from archives.pdf import make_pdf
from tests.archives import packages
from tests.archives.conftest import day
from tests.archives.test_building import incomplete
from tests.cast import Cast
from tests.road import photo
from tools import verify_dossier
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.errors import Refused

DAY = date(2026, 11, 27)
THREE = "<p>一</p><p style='break-before: page'>二</p><p style='break-before: page'>三</p>"


def is_pdf_a(content: bytes) -> bool:
    """It says so, has a colour space of its own, and nothing that is not allowed."""
    reader = pypdf.PdfReader(io.BytesIO(content))
    told = reader.xmp_metadata
    assert told is not None
    text = told.stream.get_data().decode()
    catalog = reader.trailer["/Root"]
    return (
        ('part="2"' in text.replace("pdfaid:", "") or "<pdfaid:part>2" in text)
        and "/OutputIntents" in catalog
        and not reader.is_encrypted
        and "/OpenAction" not in catalog
    )


def test_a_photo_becomes_a_page() -> None:
    copy = pdf_a_copy(photo((200, 10, 20)), "image/jpeg", made_on=DAY)
    assert (copy.pages, is_pdf_a(copy.content)) == (1, True)
    assert copy == pdf_a_copy(photo((200, 10, 20)), "image/jpeg", made_on=DAY)
    (image,) = pypdf.PdfReader(io.BytesIO(copy.content)).pages[0].images
    red, green, _ = Image.open(io.BytesIO(image.data)).convert("RGB").getpixel((2, 2))  # type: ignore[misc] # three bands
    assert (red > 180, green < 40) == (True, True)


def test_each_page_of_a_pdf_is_there() -> None:
    original = make_pdf(f"<html><body>{THREE}</body></html>", made_on=DAY).content
    copy = pdf_a_copy(original, "application/pdf", made_on=DAY)
    assert (page_count(original), copy.pages, is_pdf_a(copy.content)) == (3, 3, True)


def test_what_cannot_be_opened_is_refused() -> None:
    with pytest.raises(Refused, match="打不开"):
        pdf_a_copy(b"%PDF-1.7 broken %%EOF", "application/pdf", made_on=DAY)


def test_several_are_printed_as_one() -> None:
    one = make_pdf("<p>x</p>", made_on=DAY).content
    three = make_pdf(THREE, made_on=DAY).content
    assert page_count(merged([one, three])) == 4


def test_the_package_has_a_copy_of_each_upload_and_proves_itself(
    cast: Cast, tmp_path: Path
) -> None:
    dossier = incomplete(cast)
    upload = make_pdf(THREE, made_on=DAY).content
    supplement(dossier.no, "household_book", [upload], actor=cast.staff, on=day(dossier))
    sealed = seal(dossier.no, actor=cast.staff, on=day(dossier), proof=cast.proof("staff"))
    content = file_store.read(sealed.package_sha256)
    files = packages.unpacked(content)
    uploads = DossierItem.objects.filter(dossier=dossier).current().exclude(source="form")
    copies = [name for name in files if name.startswith("data/copies/")]
    assert len(copies) == uploads.count() > 2
    book = next(files[name] for name in copies if "household_book" in name)
    assert (page_count(book), is_pdf_a(book)) == (3, True)
    path = tmp_path / "one.zip"
    path.write_bytes(content)
    assert [label for label, wrong in verify_dossier.verify(str(path)) if wrong] == []
    files["data/copies/99-other.pdf"] = book  # a copy of nothing
    packages.reseal(files)
    path.write_bytes(packages.packed(files))
    assert [label for label, wrong in verify_dossier.verify(str(path)) if wrong] == [
        "清单（BagIt）"
    ]


def test_an_upload_that_cannot_be_opened_is_found(cast: Cast, quick_pdf: None) -> None:
    dossier = incomplete(cast)
    bad = b"%PDF-1.7\n1 0 obj << >>\n%%EOF"
    supplement(dossier.no, "household_book", [bad], actor=cast.staff, on=day(dossier))
    found = inspecting.report_of(dossier, "现在", DAY)
    wrong = [x["结果"] for x in found["检测项"] if x["项目"] == "每件文件都能打开"]
    assert "打不开" in wrong[0]
    with pytest.raises(Refused, match="四性检测没有通过"):
        seal(dossier.no, actor=cast.staff, on=day(dossier), proof=cast.proof("staff"))
