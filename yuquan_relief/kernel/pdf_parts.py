"""What a PDF could do by itself: scripts, programs, files inside, forms that talk home.

Names stand in dictionaries, which lie outside the streams or in object streams; pictures and page
contents are passed over, where any three bytes may look like a name.
"""

import re
import zlib
from collections.abc import Iterator

ACTIVE = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|XFA|RichMedia|Encrypt)\b")
HEX_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")  # a name may spell any of its letters so
# A comment may pretend that a stream begins; such a line is not passed over.
STREAM = re.compile(rb"^[^%\r\n]*>>[ \t\r\n]*stream\r?\n(.*?)endstream", re.DOTALL | re.MULTILINE)
MOST_INFLATED = 32 * 1024 * 1024


class Unreadable(ValueError):
    """An object stream cannot be opened, so nobody knows what is in it."""


def active_part(content: bytes) -> str:
    """The name of the first thing in the file that acts by itself; "" if there is none."""
    for part in dictionaries(content):
        plain = HEX_NAME.sub(lambda m: bytes([int(m.group(1), 16)]), part)
        if found := ACTIVE.search(plain):
            return found.group(1).decode()
    return ""


def dictionaries(content: bytes) -> Iterator[bytes]:
    """Everything between the streams, and the opened object streams."""
    end = 0
    for stream in STREAM.finditer(content):
        head = content[end : stream.start(1)]
        yield head
        own = head[head.rfind(b"obj") :]
        if b"/ObjStm" in HEX_NAME.sub(lambda m: bytes([int(m.group(1), 16)]), own):
            yield inflated(stream.group(1))
        end = stream.end()
    yield content[end:]


def inflated(data: bytes) -> bytes:
    """An object stream's text; raises Unreadable when it is packed otherwise or much too large."""
    try:
        opener = zlib.decompressobj()
        text = opener.decompress(data, MOST_INFLATED)
    except zlib.error as error:
        raise Unreadable from error
    if opener.unconsumed_tail:
        raise Unreadable
    return text
