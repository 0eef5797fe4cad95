"""Papers of money on their way, and a list of what came back; through operations only."""

from datetime import date

from cases.models import Benefit
from cases.rules.months import months_after
from funds.models import FlowProof, ImprestRequest, PayoutBatch, Recovery
from funds.operations import paying_back, planning, proofs
from funds.operations.building import Order, open_list
from funds.operations.papers import perform
from funds.operations.recoveries import open_recoveries
from funds.rules.budget import PlanAssumptions
from tests import road
from tests.browser.house import House

RURAL = "RURAL_ALLOWANCE"


def papers(house: House, on: date) -> list[str]:
    """Their numbers."""
    cast = house.cast
    return [
        recovery(house, on),
        *proof(house, on),
        planning.make_budget(on.year + 1, 1, actor=cast.staff, on=on).no,
        imprest(house, on),
        planning.make_plan(
            on.year + 1,
            "提标 5%",
            PlanAssumptions(raise_permille=50, reserve_fen=1_000_000),
            actor=cast.supervisor,
            on=on,
        ).no,
    ]


def recovery(house: House, on: date) -> str:
    """Somebody who had left was paid; told, agreed, and a part is back."""
    cast = house.cast
    gone = Benefit.objects.filter(programme=RURAL, payout_lines__month__month=5).earliest("id")
    Benefit.objects.filter(pk=gone.pk).update(end_month=date(on.year, 4, 1))
    open_recoveries(on)
    found = Recovery.objects.get(benefit=gone)
    told = paying_back.Told(told_on=on, method="DIRECT", receiver="演练户")
    paying_back.tell(found.no, told, actor=cast.staff, on=on)
    agreed = paying_back.Agreement(count=3, first_due=months_after(on, 1), agreed_by="演练户")
    paying_back.agree_plan(found.no, agreed, actor=cast.staff, on=on)
    receipt = paying_back.Receipt(paid_on=on, fen=10_000, voucher_no="JK-1", payer="演练户")
    paying_back.receive(found.no, receipt, key="walk", actor=cast.staff, on=on)
    return found.no


def proof(house: House, on: date) -> list[str]:
    """The month that is settled has its recipient drawn; one page is there."""
    proofs.draw_month(date(on.year, 5, 1), on)
    found = FlowProof.objects.get()
    proofs.add_file(found.no, "FLOW", road.photo((9, 9, 120)), actor=house.cast.staff, on=on)
    return [found.no]


def imprest(house: House, on: date) -> str:
    """Asked for and signed; the centre has to answer."""
    cast = house.cast
    asked = planning.Asked(
        programme="URGENT_RELIEF",
        month=months_after(on, 1).replace(day=1),
        amount_fen=2_000_000,
        reason="冬季救急难",
    )
    row = planning.ask_imprest(asked, actor=cast.staff, on=on)
    perform(ImprestRequest, row.no, "sign", actor=cast.leader, on=on, proof=cast.proof("leader"))
    return row.no


def sent_again(house: House, on: date) -> PayoutBatch:
    """An open list of what the bank sent back in April."""
    cast = house.cast
    order = Order(kind="REISSUE", programme=RURAL, month=on.replace(day=1))
    batch = open_list(cast.office.pk, order, actor=cast.staff, on=on)
    return PayoutBatch.objects.select_related("office").get(pk=batch.pk)
