from tests.browser.house import House


def test_try(house: House) -> None:
    page = house.sign_in("clerk")
    house.shot(page, "home")
    page.goto("/apply/")
    house.shot(page, "apply")
