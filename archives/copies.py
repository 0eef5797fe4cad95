"""PDF/A copies of what was uploaded: one page a picture, so that it looks in fifty years as today.

The original is kept and is the evidence; the copy is for reading when its format is no longer read.
"""

import io
from collections.abc import Iterator
from datetime import date

import pypdfium2
from PIL import Image, ImageOps

from archives.pdf import Pdf, make_pdf
from yuquan_relief.kernel.errors import Refused

DOTS = 150  # an inch, of pages of a PDF: small print stays legible, a page is some 200 KB
LONGEST = 2480  # pixels of a picture's longer side: A4 at 300 dots an inch
QUALITY = 85
PAGE = """<html><head><meta charset="utf-8"><title>{title}</title><style>
@page {{ size: A4; margin: 8mm; }} body {{ margin: 0; }}
img {{ display: block; margin: auto; max-width: 194mm; max-height: 279mm; break-after: page; }}
img:last-child {{ break-after: auto; }}</style></head><body>{images}</body></html>"""


def pdf_a_copy(content: bytes, content_type: str, *, made_on: date) -> Pdf:
    """The file as PDF/A-2b, a picture for each page; equal input, equal bytes.

    Raises Refused when the file cannot be opened.
    """
    pictures = {f"picture:{n}": one for n, one in enumerate(_pictures(content, content_type))}
    images = "".join(f'<img src="{name}" alt="">' for name in pictures)
    return make_pdf(PAGE.format(title="副本", images=images), made_on=made_on, pictures=pictures)


def page_count(content: bytes) -> int:
    """How many pages a PDF has; raises Refused when it cannot be opened."""
    try:
        with pypdfium2.PdfDocument(content) as document:
            return len(document)
    except pypdfium2.PdfiumError as error:
        raise Refused("PDF 文件打不开，请重新导出后上传", code="unsupported_file") from error


def _pictures(content: bytes, content_type: str) -> Iterator[bytes]:
    if content_type != "application/pdf":
        with Image.open(io.BytesIO(content)) as image:
            yield _jpeg(ImageOps.exif_transpose(image))
        return
    page_count(content)  # says what is wrong with it, if it is
    with pypdfium2.PdfDocument(content) as document:
        for page in document:
            yield _jpeg(page.render(scale=DOTS / 72).to_pil())


def _jpeg(image: Image.Image) -> bytes:
    shown = image.convert("RGB")
    shown.thumbnail((LONGEST, LONGEST))
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def merged(parts: list[bytes]) -> bytes:
    """Several PDFs as one, for printing at once."""
    out = io.BytesIO()
    with pypdfium2.PdfDocument.new() as whole:
        for part in parts:
            with pypdfium2.PdfDocument(part) as document:
                whole.import_pages(document)
        whole.save(out)
    return out.getvalue()
