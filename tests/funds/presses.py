"""One press of a button over HTTP, again and again: the same cookies and fields each time."""

import http.client
from datetime import date
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.cast import Cast
from tests.serving import Server, shifted

TOKEN = "t" * 32


def press(server: Server, session: str, path: str, fields: dict[str, Any] | None = None) -> int:
    """The status that comes back; raises ConnectionError when the process dies. Without fields
    the page is asked for."""
    cookies = SimpleCookie({"csrftoken": TOKEN})
    cookies["sessionid"] = session
    headers = {"Cookie": cookies.output(attrs=[], header="", sep=";").strip()}
    where = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    try:
        if fields is None:
            where.request("GET", path, headers=headers)
        else:
            body = encode_multipart(BOUNDARY, {"csrfmiddlewaretoken": TOKEN, **fields})
            headers["Content-Type"] = MULTIPART_CONTENT
            where.request("POST", path, body, headers)
        return where.getresponse().status
    finally:
        where.close()


def session_of(cast: Cast, who: str, on: date) -> str:
    """A session that begins on the server's day, or it has ended before that."""
    with shifted(on):
        return str(cast.client(who).cookies["sessionid"].value)
