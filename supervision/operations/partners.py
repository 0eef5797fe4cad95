"""第三方服务: contracts, tasks given to their people, quality, acceptance (5(4))."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from archives.operations.road import Road
from cases.models import Benefit
from supervision.models import Contract, Task, TaskFile
from supervision.models.paper import district_of
from supervision.rules.partners import CONTRACT, TASK, TASK_KINDS, PartnerFacts
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Post, next_number, next_numbers
from yuquan_relief.kernel.operations.attachments import attach
from yuquan_relief.kernel.signing import Proof

MOST = 200  # tasks given at once


def _contract_facts(row: Contract, actor: Actor, on: date) -> PartnerFacts:
    waiting = row.tasks.exclude(state__in=sorted(TASK.final)).count()
    return PartnerFacts(on=on, open_tasks=waiting, scored=row.score is not None)


def _contract_content(row: Contract) -> dict[str, Any]:
    done = row.tasks.filter(state="PASSED").count()
    return {
        "subject": "contract", "no": row.no, "party": row.party, "score": row.score,
        "score_note": row.score_note, "tasks_passed": done, "tasks": row.tasks.count(),
    }  # fmt: skip


CONTRACTS = Road(
    "合同", "contract", Contract, CONTRACT.steps, _contract_facts, _contract_content,
    lambda row: row.district_id,
)  # fmt: skip


def _task_facts(row: Task, actor: Actor, on: date) -> PartnerFacts:
    return PartnerFacts(
        on=on,
        is_mine=row.worker_id == actor.person_id,
        files=row.files.filter(round=row.round).count(),
    )


TASKS = Road(
    "任务", "task", Task, TASK.steps, _task_facts,
    lambda row: {"subject": "task", "no": row.no}, lambda row: row.district_id,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Terms:
    """A contract as it was signed (fen, days)."""

    party: str
    credit_code: str
    tender: str
    scope: str
    amount_fen: int
    starts_on: date
    ends_on: date


@transaction.atomic
def open_contract(terms: Terms, *, actor: Actor, on: date) -> Contract:
    """A contract found by open tender stands (5(4)). Raises PermissionDenied, Refused."""
    if not actor.can(CONTRACT.steps["open"].capability):
        raise PermissionDenied(CONTRACT.steps["open"].label)
    if terms.ends_on < terms.starts_on or terms.amount_fen < 0:
        raise Refused("截止日期应在起始日期以后，金额不能小于 0")
    row = Contract.objects.create(
        no=next_number(f"HT-{on:%Y}-", digits=3), district_id=district_of(actor),
        state="RUNNING", opened_on=on, due_on=terms.ends_on, **terms.__dict__,
    )  # fmt: skip
    CONTRACTS.tell(row, "open", actor, on, before="", body={"amount_fen": row.amount_fen})
    return row


def score(
    no: str, *, score: int, note: str, actor: Actor, on: date, version: int | None = None
) -> Event:
    """How well the party works, of a hundred; the later score stands."""

    def write(row: Contract) -> Mapping[str, Any]:
        if not 0 <= score <= 100:
            raise Refused("考核分应在 0 至 100 之间")
        row.score, row.score_note = score, note.strip()[:1000]
        return {"score": score}

    return CONTRACTS.perform(
        no, "score", actor=actor, on=on, note=note, version=version, write=write
    )


def accept(no: str, *, actor: Actor, on: date, proof: Proof, version: int | None = None) -> Event:
    """The bureau's leader accepts the service, with its score. Raises Refused without one."""

    def write(row: Contract) -> Mapping[str, Any]:
        if row.score is None:
            raise Refused("还没有登记考核，不能验收")
        row.accepted_on = on
        return {"score": row.score}

    return CONTRACTS.perform(
        no, "accept", actor=actor, on=on, proof=proof, version=version, write=write
    )


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is given out: to whom, how many households of which office, by when."""

    worker_id: int
    kind: str
    office_id: int
    count: int
    due_on: date
    what: str = ""


@transaction.atomic
def give_tasks(contract_no: str, order: Order, *, actor: Actor, on: date) -> list[Task]:
    """Households of the office that were not visited for longest are given to one person.

    Raises Contract.DoesNotExist, PermissionDenied, or Refused: no running contract, nobody to
    visit, or somebody who is not of a third party.
    """
    if not actor.can(TASK.steps["give"].capability):
        raise PermissionDenied(TASK.steps["give"].label)
    contract = (
        Contract.objects.visible_to(actor).select_for_update(of=("self",)).get(no=contract_no)
    )
    _check_order(contract, order, on)
    taken = Task.objects.filter(contract=contract).exclude(state__in=("DROPPED",)).values("benefit")
    homes = (
        Benefit.objects.visible_to(actor)
        .in_month(on.replace(day=1))
        .filter(office=order.office_id)
        .exclude(pk__in=taken)
        .order_by("review_due_on", "id")[: min(order.count, MOST)]
    )
    chosen = list(homes)
    if not chosen:
        raise Refused("这个镇、街道没有可以派出的家庭了")
    numbers = next_numbers(f"RW-{on:%Y}-", len(chosen), digits=5)
    rows = [
        Task(
            no=no, district_id=contract.district_id, office_id=home.office_id, state="GIVEN",
            opened_on=on, due_on=order.due_on, contract=contract, kind=order.kind, benefit=home,
            worker_id=order.worker_id, what=order.what[:300],
        )
        for no, home in zip(numbers, chosen, strict=True)
    ]  # fmt: skip
    Task.objects.bulk_create(rows)
    body = {"tasks": [row.no for row in rows], "worker": order.worker_id}
    CONTRACTS.tell(contract, "give", actor, on, before=contract.state, body=body)
    return rows


def _check_order(contract: Contract, order: Order, on: date) -> None:
    if contract.state != "RUNNING" or not contract.starts_on <= on <= contract.ends_on:
        raise Refused("合同不在履行期内，不能派单")
    if order.kind not in TASK_KINDS or not on <= order.due_on <= contract.ends_on:
        raise Refused("请选择服务类别；完成期限应在今天以后、合同期以内")
    is_partner = Post.objects.filter(
        person_id=order.worker_id, role="third_party", ends_on=None
    ).exists()
    if not is_partner:
        raise Refused("只能派给第三方服务人员")


@transaction.atomic
def add_photo(no: str, content: bytes, *, title: str, actor: Actor, on: date) -> TaskFile:
    """A photo of the service is kept."""
    kept: list[TaskFile] = []

    def write(row: Task) -> Mapping[str, Any]:
        file = attach(
            "task", row.no, f"photo{row.round}", content, title=title, village_id=None,
            office_id=row.office_id, actor=actor,
        )  # fmt: skip
        kept.append(TaskFile.objects.create(task=row, attachment=file, round=row.round))
        return {"attachment": file.pk}

    TASKS.perform(no, "photo", actor=actor, on=on, write=write)
    return kept[0]


def report(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """What was done at the home, with its photos; the bureau looks at it."""

    def write(row: Task) -> Mapping[str, Any]:
        row.report, row.reported_on = note.strip()[:1000], on
        return {"late": bool(row.due_on and on > row.due_on)}

    return TASKS.perform(
        no, "report", actor=actor, on=on, note="服务记录已报送", version=version, write=write
    )


def pass_task(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """The service was as it should be."""

    def write(row: Task) -> Mapping[str, Any]:
        row.passed_on = on
        return {}

    return TASKS.perform(no, "pass", actor=actor, on=on, note=note, version=version, write=write)


def return_task(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """It is done again, with new photos."""

    def write(row: Task) -> Mapping[str, Any]:
        row.round += 1
        return {}

    return TASKS.perform(no, "return", actor=actor, on=on, note=note, version=version, write=write)
