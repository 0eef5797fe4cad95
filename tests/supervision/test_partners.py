"""第三方服务: a contract, tasks of who sees nothing else, photos, score, acceptance (5(4))."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from supervision.models import Contract, Task
from supervision.models.partner import TaskQuerySet
from supervision.operations import partners as operations
from supervision.rules.partners import PartnerFacts
from tests.cast import SIGN_CODE, Cast, make_cast
from tests.road import photo
from tests.supervision.ground import Ground
from tests.supervision.test_loop import get, post
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Signature
from yuquan_relief.kernel.signing import content_digest

pytestmark = pytest.mark.clause("5(4)")
WEEK = timedelta(days=7)


@pytest.fixture
def ground(cast: Cast) -> Ground:
    """The builder; a second person of the third party works here too."""
    cast.add("worker2", "third_party", cast.district, "另一服务人员")
    return Ground(cast)


def contracted(cast: Cast, starts: date | None = None, ends: date | None = None) -> Contract:
    """A contract from a week ago for five weeks, by the page."""
    data = {
        "party": "演练社工服务中心", "credit_code": "52150104MJ0000000X", "tender": "玉招 1 号",
        "scope": "入户走访", "amount": "120000", "starts_on": starts or today() - WEEK,
        "ends_on": ends or today() + 4 * WEEK,
    }  # fmt: skip
    url = post(cast, "supervisor", "/thirdparty/", **data).url
    return Contract.objects.get(no=url.strip("/").split("/")[-1])


def order(cast: Cast, who: str = "worker", **more: Any) -> dict[str, Any]:
    """What is typed to give tasks out, each time in a form that was shown anew."""
    return {
        "office": cast.office.pk, "kind": "VISIT", "worker": cast.actors[who].human_id, "count": 1,
        "due_on": today() + WEEK, "what": "看望并拍照", "form_key": uuid4().hex,
    } | more  # fmt: skip


def given(cast: Cast, contract: Contract, who: str = "worker", **more: Any) -> Task:
    """The latest task of those that were given."""
    post(cast, "supervisor", f"/thirdparty/{contract.no}/give/", **order(cast, who, **more))
    return Task.objects.filter(worker=cast.actors[who].human_id).latest("id")


def shot(cast: Cast, task: Task, who: str = "worker", status: int = 302, shade: int = 1) -> None:
    """A photo of the service."""
    file = SimpleUploadedFile("走访.jpg", photo((shade, 2, 3)), "image/jpeg")
    post(cast, who, f"/tasks/{task.no}/photo/", status, title="走访", file=file)


def step(cast: Cast, who: str, task: Task, code: str, status: int = 302) -> str:
    """A step on the task with its words."""
    answer = post(cast, who, f"/tasks/{task.no}/{code}/", status, note="已看望老人，情况正常")
    return str(answer.content.decode())


def passed(cast: Cast, task: Task) -> None:
    """Done and found to be good."""
    shot(cast, task)
    step(cast, "worker", task, "report")
    step(cast, "supervisor", task, "pass")


def accepting(cast: Cast, contract: Contract, who: str, status: int) -> str:
    """Somebody signs the acceptance of what stands now."""
    contract.refresh_from_db()
    read = content_digest(operations.CONTRACTS.content_of(contract))
    signed = {"sign_code": SIGN_CODE, "content_sha256": read}
    answer = post(cast, who, f"/thirdparty/{contract.no}/accept/", status, **signed)
    return str(answer.content.decode())


def scored(cast: Cast, contract: Contract, score: int = 92) -> None:
    """How well they worked."""
    url = f"/thirdparty/{contract.no}/score/"
    post(cast, "supervisor", url, score=score, note="走访及时，记录完整")


def test_from_the_contract_to_its_acceptance(cast: Cast, ground: Ground) -> None:
    ground.benefit()
    contract = contracted(cast)
    task = given(cast, contract)
    assert task.no in get(cast, "worker", "/tasks/")
    assert "还没有现场照片" in step(cast, "worker", task, "report", 409)
    shot(cast, task)
    step(cast, "worker", task, "report")
    step(cast, "supervisor", task, "return")
    again = step(cast, "worker", task, "report", 409)
    assert "还没有现场照片" in again  # the first photo is of the first time
    shot(cast, task, shade=9)
    step(cast, "worker", task, "report")
    assert "项任务没有办结" in accepting(cast, contract, "bureau", 409)
    step(cast, "supervisor", task, "pass")
    task.refresh_from_db()
    assert (task.state, task.round, task.passed_on) == ("PASSED", 2, today())
    assert task.report == "已看望老人，情况正常"
    assert "还没有登记考核" in accepting(cast, contract, "bureau", 409)
    scored(cast, contract)
    accepting(cast, contract, "supervisor", 403)
    accepting(cast, contract, "bureau", 302)
    contract.refresh_from_db()
    assert (contract.state, contract.score, contract.accepted_on) == ("ACCEPTED", 92, today())
    signature = Signature.objects.get(subject_kind="contract", subject_key=contract.no)
    assert (signature.stage, signature.person_id) == ("accept", cast.bureau.human_id)
    assert '"score":92' in signature.content
    late = post(cast, "supervisor", f"/thirdparty/{contract.no}/give/", 409, **order(cast))
    assert "合同不在履行期内" in late.content.decode()


def test_without_score_or_with_open_tasks_nothing_is_accepted(cast: Cast, ground: Ground) -> None:
    ground.benefit()
    contract = contracted(cast)
    task = given(cast, contract)
    scored(cast, contract)
    assert "还有 1 项任务没有办结" in accepting(cast, contract, "bureau", 409)
    shot(cast, task)
    step(cast, "worker", task, "report")
    assert "还有 1 项任务没有办结" in accepting(cast, contract, "bureau", 409)
    post(cast, "supervisor", f"/thirdparty/{contract.no}/score/", 422, score=101, note="太高")
    contract.refresh_from_db()
    assert (contract.state, contract.score) == ("RUNNING", 92)


def test_control_without_the_guards_it_is_accepted(cast: Cast, ground: Ground) -> None:
    ground.benefit()
    contract = contracted(cast)
    given(cast, contract)
    act: dict[str, Any] = {"actor": cast.bureau, "on": today(), "proof": cast.proof("bureau")}
    blind = replace(
        operations.CONTRACTS, facts_of=lambda row, actor, on: PartnerFacts(on=on, open_tasks=0)
    )
    with mock.patch.object(operations, "CONTRACTS", blind):
        with pytest.raises(Refused, match="还没有登记考核"):
            operations.accept(contract.no, **act)
        operations.CONTRACTS.perform(contract.no, "accept", **act)  # without looking at the score
    contract.refresh_from_db()
    assert (contract.state, contract.score) == ("ACCEPTED", None)


# ------------------------------------------------------------------ who sees what


def test_who_carries_out_sees_his_own_tasks_and_nothing_else(cast: Cast, ground: Ground) -> None:
    first, second = ground.benefit(), ground.benefit()
    case = ground.case()
    contract = contracted(cast)
    mine, other = given(cast, contract), given(cast, contract, "worker2")
    assert {mine.benefit, other.benefit} <= {first, second, case.benefit}
    listed = get(cast, "worker", "/tasks/")
    assert mine.no in listed
    assert other.no not in listed
    assert other.benefit.household.head_name not in listed
    page = get(cast, "worker", f"/tasks/{mine.no}/")
    home = mine.benefit.household
    assert home.address in page
    head = ground.head(home)
    account = home.accounts.get()
    for secret in (head.id_no, account.number, home.phone, f"/roster/{mine.benefit.key}/"):
        assert secret not in page
    get(cast, "worker", f"/tasks/{other.no}/", 404)
    shot(cast, other, status=404)
    step(cast, "worker", other, "report", 404)
    closed = (
        "/cases/", f"/cases/{case.no}/", "/roster/", f"/roster/{mine.benefit.key}/", "/board/",
        "/thirdparty/", f"/thirdparty/{contract.no}/", "/supervise/", "/samples/",
        "/checks/sheets/", "/petitions/", "/bulletins/", "/training/", "/policy/", "/pay/",
        "/archive/", "/figures/in_benefit/", "/stats/",
    )  # fmt: skip
    for url in closed:
        assert cast.client("worker").get(url).status_code in (403, 404), url
    for code in ("pass", "return", "drop"):
        step(cast, "worker", mine, code, 403)


def test_photos_are_seen_by_who_took_them_and_by_the_bureau(cast: Cast, ground: Ground) -> None:
    ground.benefit()
    ground.benefit()
    contract = contracted(cast)
    mine, other = given(cast, contract), given(cast, contract, "worker2")
    shot(cast, mine)
    shot(cast, other, "worker2", shade=7)
    own, foreign = (t.files.get().attachment for t in (mine, other))
    of_case = ground.photo(ground.case(), "authorisation", today())
    for file in (foreign, of_case):
        assert cast.client("worker").get(f"/files/{file.pk}/").status_code in (403, 404)
    for who in ("staff", "clerk", "foreign_staff"):
        assert cast.client(who).get(f"/files/{own.pk}/").status_code in (403, 404)
    get(cast, "supervisor", f"/files/{own.pk}/")
    assert f"/files/{own.pk}/" in get(cast, "worker", f"/tasks/{mine.no}/")
    get(cast, "worker", f"/files/{own.pk}/")


def test_control_without_the_scope_the_others_task_is_open(cast: Cast, ground: Ground) -> None:
    ground.benefit()
    other = given(cast, contracted(cast), "worker2")
    get(cast, "worker", f"/tasks/{other.no}/", 404)
    with mock.patch.object(TaskQuerySet, "visible_to", lambda self, actor: self.all()):
        get(cast, "worker", f"/tasks/{other.no}/")


@pytest.mark.parametrize("who", ["staff", "leader", "clerk", "worker", "auditor", "bureau"])
def test_only_the_centre_makes_contracts_and_gives_tasks(
    cast: Cast, ground: Ground, who: str
) -> None:
    ground.benefit()
    contract = contracted(cast)
    for url in ("/thirdparty/", f"/thirdparty/{contract.no}/give/"):
        assert cast.client(who).post(url, order(cast)).status_code in (403, 404)
    assert not Task.objects.exists()


def plain_order(cast: Cast, **more: Any) -> operations.Order:
    """The same for the operation."""
    values = {
        "worker_id": cast.worker.human_id, "kind": "VISIT", "office_id": cast.office.pk,
        "count": 1, "due_on": today() + WEEK,
    }  # fmt: skip
    return operations.Order(**values | more)


def test_control_without_the_capability_a_leader_gives(cast: Cast, ground: Ground) -> None:
    ground.benefit()
    contract = contracted(cast)
    act: dict[str, Any] = {"actor": cast.bureau, "on": today()}
    with pytest.raises(PermissionDenied):
        operations.give_tasks(contract.no, plain_order(cast), **act)
    free = replace(operations.TASK.steps["give"], capability="supervision.view")
    with mock.patch.dict(operations.TASK.steps, {"give": free}):
        assert len(operations.give_tasks(contract.no, plain_order(cast), **act)) == 1


# ------------------------------------------------------------------ when, to whom, how many


@pytest.mark.parametrize(
    ("starts", "ends", "due", "status"),
    [
        (0, 14, 0, 302),
        (-14, 0, 0, 302),
        (-14, 14, 14, 302),
        (1, 14, 7, 409),
        (-14, -1, 0, 409),
        (-14, 14, 15, 409),
        (-14, 14, -1, 409),
    ],
)
def test_tasks_are_given_and_due_within_the_contract(
    cast: Cast, ground: Ground, starts: int, ends: int, due: int, status: int
) -> None:
    ground.benefit()
    starts_on, ends_on, due_on = (today() + timedelta(days=n) for n in (starts, ends, due))
    contract = contracted(cast, starts_on, ends_on)
    data = order(cast, due_on=due_on)
    post(cast, "supervisor", f"/thirdparty/{contract.no}/give/", status, **data)
    assert Task.objects.count() == (status == 302)


def test_control_without_the_guard_a_task_is_due_after_the_contract(
    cast: Cast, ground: Ground
) -> None:
    ground.benefit()
    contract = contracted(cast)
    with mock.patch("supervision.operations.partners._check_order"):
        assert given(cast, contract, due_on=today() + 9 * WEEK).due_on == today() + 9 * WEEK


def test_a_home_is_given_once_and_only_to_a_third_party(cast: Cast, ground: Ground) -> None:
    ground.benefit(review_due_on=today() + WEEK)
    soon = ground.benefit(review_due_on=today())
    contract = contracted(cast)
    url = f"/thirdparty/{contract.no}/give/"
    post(cast, "supervisor", url, 422, **order(cast, "staff"))
    with pytest.raises(Refused, match="只能派给第三方"), transaction.atomic():
        operations.give_tasks(
            contract.no, plain_order(cast, worker_id=cast.staff.human_id),
            actor=cast.supervisor, on=today(),
        )  # fmt: skip
    assert given(cast, contract).benefit == soon
    given(cast, contract, count=9)
    assert Task.objects.count() == 2
    nobody = post(cast, "supervisor", url, 409, **order(cast)).content.decode()
    assert "没有可以派出的家庭" in nobody
    step(cast, "supervisor", Task.objects.get(benefit=soon), "drop")
    assert given(cast, contract).benefit == soon


def test_a_contract_that_ended_takes_its_tasks_along(cast: Cast, ground: Ground) -> None:
    """Nobody goes on seeing households for whom his party does not work any more."""
    ground.benefit()
    contract = contracted(cast)
    task = given(cast, contract)
    post(cast, "supervisor", f"/thirdparty/{contract.no}/end/", 403, note="服务不到位")
    ended = cast.client("bureau").post(f"/thirdparty/{contract.no}/end/", {"note": "服务不到位"})
    contract.refresh_from_db()
    left = contract.tasks.exclude(state__in=("PASSED", "DROPPED")).count()
    assert (ended.status_code, contract.state, left) in ((409, "RUNNING", 1), (302, "ENDED", 0))
    if contract.state == "RUNNING":
        step(cast, "supervisor", task, "drop")
        post(cast, "bureau", f"/thirdparty/{contract.no}/end/", note="服务不到位")
    shot(cast, task, status=409)


def test_what_was_agreed_and_given_stays(cast: Cast, ground: Ground) -> None:
    ground.benefit()
    contract = contracted(cast)
    task = given(cast, contract)
    shot(cast, task)
    for change in (
        lambda: Contract.objects.update(amount_fen=1),
        lambda: Contract.objects.update(ends_on=today() + 9 * WEEK),
        lambda: Task.objects.update(benefit=ground.benefit()),
        Task.objects.all().delete,
        lambda: task.files.update(round=9),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_control_without_the_triggers_it_is_changed(own_database: str) -> None:
    cast = make_cast()
    ground = Ground(cast)
    ground.benefit()
    given(cast, contracted(cast))
    with ground.past("supervision_contract", "supervision_task"):
        assert Contract.objects.update(amount_fen=1) == 1
        assert Task.objects.update(benefit=ground.benefit()) == 1
