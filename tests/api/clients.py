"""Programs that call the interface in the name of one of the cast."""

from datetime import date

from django.test import Client

from tests.cast import Cast
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import ApiClient, Post


def register(
    cast: Cast, who: str, *, name: str = "", scopes: str = "read act", **changes: object
) -> str:
    """The token of a new client at the post of `who`."""
    name = name or who
    token = f"token-{who}-{name}"
    actor = cast.actors[who]
    values: dict[str, object] = {
        "name": f"{who}-{name}",
        "token_digest": digest(token),
        "account": cast.accounts[who],
        "post": Post.objects.get(pk=actor.post_id or 0),
        "scopes": scopes,
        "expires_on": date(2030, 1, 1),
    }
    ApiClient.objects.create(**(values | changes))
    return token


def api_client(cast: Cast, who: str, *, name: str = "", scopes: str = "read act") -> Client:
    """A caller with the token in its header."""
    token = register(cast, who, name=name, scopes=scopes)
    return Client(headers={"Authorization": f"Token {token}", "Accept": "application/json"})
