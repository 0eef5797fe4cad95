"""The page of rule values shows every shape that a value has."""

from tests.cast import Cast


def test_every_value_is_shown_whatever_its_shape(cast: Cast) -> None:
    page = cast.client("supervisor").get("/settings/rules/")
    assert page.status_code == 200
    assert "不能同时享受的待遇" in page.content.decode()
