"""A person with nothing but a browser without JavaScript: pages are read, forms are sent."""

import re
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlencode


class Visitor:
    """One session at one address; `page` is what is on the screen."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(jar)
        self.page = ""

    def open(self, path: str) -> str:
        """The page at `path`."""
        return self._send(urllib.request.Request(self.address + path))

    def press(self, path: str, **values: str) -> str:
        """The page after the form on the present page was sent to `path`."""
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page)
        assert found
        body = urlencode(values | {"csrfmiddlewaretoken": found[1]}).encode()
        referer = {"Referer": self.address + path}
        return self._send(urllib.request.Request(self.address + path, body, referer))

    def hidden(self, name: str) -> str:
        """The value of a hidden field of the present page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        assert found, name
        return found[1]

    def _send(self, request: urllib.request.Request) -> str:
        with self._opener.open(request, timeout=60) as answer:
            self.page = answer.read().decode()
        return self.page
