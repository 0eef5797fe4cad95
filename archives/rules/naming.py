"""Names in a package, and text that is safe in a table."""

import re

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*%\s]+')
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORMULA = "=+-@＝＋－＠\t\r"


def file_name(number: int, slot: str, title: str, content_type: str) -> str:
    """`03-application-申请书.pdf`: no separators, no wildcards, never empty, short enough."""
    plain = _NOT_IN_NAMES.sub("_", title).strip("._")[:40] or "文件"
    return f"{number:02d}-{slot}-{plain}.{EXTENSIONS[content_type]}"


def folder_name(dossier_no: str) -> str:
    """The dossier's number as the name of a folder and of a download: ASCII only."""
    return dossier_no.replace("·", ".")


def cell(text: str) -> str:
    """The text for a CSV cell: what a spreadsheet would read as a formula gets an apostrophe."""
    first = {text[:1], text.lstrip()[:1]} - {""}
    return f"'{text}" if first & set(_FORMULA) else text


def xml_text(text: str) -> str:
    """The text without characters that XML 1.0 cannot hold."""
    return _NOT_IN_XML.sub("\ufffd", text)
