"""What a page weighs on the wire (ux 4.2, P1 and P2)."""

import gzip
import io
import os

import pytest
from PIL import Image
from playwright.sync_api import Page, Response

from cases.models import Case
from cases.operations import applications, decisions, investigation
from tests import road
from tests.browser.house import House
from yuquan_relief.kernel.operations.attachments import attach

KB = 1024


@pytest.fixture(scope="module")
def many(house: House) -> Case:
    """Fifty-five cases, and one on the desk with more photos than the desk shows."""
    with house.at_work():
        for serial in range(100, 155):
            applications.submit(
                road.application(serial),
                submission_key=f"many-{serial}",
                actor=house.cast.clerk,
                on=road.START,
            )
        case = road.submitted(house.cast, 1)
        for i in range(12):
            _add_noise(house, case, i)
        investigation.accept(case.no, actor=house.cast.staff, on=road.START)
        case = road.fresh(case)
        road.survey(house.cast, case, road.START)
        road.means_check(house.cast, case, road.START)
        road.settle(house.cast, case, road.START)
        road.appraise(house.cast, case, road.START)
        for code in ("post_review_notice", "post_approval_notice"):
            case = road.through_notice(house.cast, case, code, case.state_since or road.START)
            if code == "post_review_notice":
                decisions.propose(
                    case.no,
                    actor=house.cast.staff,
                    on=case.state_since or road.START,
                    proof=house.cast.proof("staff", "建议批准"),
                )
    house.move_to(case.state_since or road.START)
    return case


def _add_noise(house: House, case: Case, serial: int) -> None:
    """A photo that packs as badly as any can."""
    out = io.BytesIO()
    size = (1200 + serial, 900)
    Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3)).save(out, "JPEG", quality=90)
    attach(
        "case",
        case.no,
        "income_proof",
        out.getvalue(),
        title="收入证明",
        village_id=case.village_id,
        office_id=case.office_id,
        actor=house.cast.clerk,
    )


def load(page: Page, url: str) -> list[Response]:
    """Every answer that the page needed, the page first."""
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)
    page.goto(url, wait_until="networkidle")
    page.remove_listener("response", note)
    return answers


def on_the_wire(answer: Response) -> int:
    """Bytes of the body as it came."""
    return answer.request.sizes()["responseBodySize"]


def packed(answer: Response) -> int:
    """Bytes after gzip, as styles and scripts are kept for serving (collectstatic packs them)."""
    return len(gzip.compress(answer.body(), 6))


@pytest.mark.parametrize(
    ("role", "address", "most"),
    [
        ("clerk", "/cases/", 12),
        ("clerk", "/cases/{no}/", 14),
        ("leader", "/desk/sign/{no}/", 16),
        ("supervisor", "/board/", 14),
    ],
)
def test_pages_are_light(house: House, many: Case, role: str, address: str, most: int) -> None:
    page = house.person(role)
    answers = load(page, address.format(no=many.no))
    assert answers[0].status == 200
    if address == "/cases/":
        assert page.locator("tbody tr").count() == 50
    assert 0 < on_the_wire(answers[0]) <= most * KB
    assert answers[0].headers["content-encoding"] == "gzip"
    others = [a for a in answers if "/files/" not in a.url and not a.url.startswith("data:")]
    assert len(others) <= 4, [a.url for a in others]
    styles = sum(packed(a) for a in others if a.url.endswith(".css"))
    scripts = sum(packed(a) for a in others if a.url.endswith(".js"))
    assert 0 < styles <= 16 * KB
    assert 0 < scripts <= 34 * KB


def test_thumbnails_are_light_and_few(house: House, many: Case) -> None:
    page = house.person("leader")
    answers = load(page, f"/desk/sign/{many.no}/")
    thumbs = [a for a in answers if a.url.endswith("/thumb/")]
    assert 0 < len(thumbs) <= 8
    assert all(len(a.body()) <= 12 * KB for a in thumbs)
    assert page.get_by_text("再看").count() == 1


def test_nothing_is_kept_by_a_shared_computer(house: House, many: Case) -> None:
    page = house.person("clerk")
    for answer in load(page, f"/cases/{many.no}/")[:1]:
        assert "no-store" in answer.headers["cache-control"]
    kept = page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    assert set(kept) <= {"htmx-current-path-for-history"}  # the address, without any page
