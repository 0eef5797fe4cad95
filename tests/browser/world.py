"""A district at work on 21 October 2026: every page has something to show, in several states."""

from dataclasses import dataclass
from datetime import date, timedelta

from archives.models import Dossier
from archives.operations import handover
from archives.operations.sealing import seal
from cases.models import Case
from cases.operations import applications, investigation, notices
from funds.models import PayoutBatch
from funds.operations import batches, building
from funds.operations.ledger import Grant, allocate
from tests import road
from tests.browser import (
    world_archives,
    world_benefits,
    world_households,
    world_money,
    world_programmes,
    world_supervision,
)
from tests.browser.house import House
from tests.browser.world_archives import Archives
from tests.browser.world_benefits import Benefits
from tests.browser.world_households import Households
from tests.browser.world_programmes import Programmes
from tests.browser.world_supervision import Supervision
from tests.funds import payouts
from tests.road import START
from yuquan_relief.kernel.models import Attachment, Post

TODAY = date(2026, 10, 21)
ANSWERS = {
    "phone": "19900000000",
    "address": "甲街道演练路 9 号",
    "reason": "因病缺乏劳动力",
    "members-0-name": "演练丙",
    "members-0-relation": "SELF",
    "members-0-id_no": road.number(900),
    "members-0-incomes-0-kind": "WAGES",
    "members-0-incomes-0-annual": "12000",
    "bank": "演练银行",
    "holder": "演练丙",
    "account_number": "6228480000000000018",
    "property-0-kind": "DWELLING",
    "property-0-note": "自有平房",
    "property-0-value": "0",
    "property-0-area": "60",
    "obligors-0-name": "演练丁",
    "obligors-0-relation": "CHILD",
    "obligors-0-persons": "3",
    "obligors-0-month": "5200",
    "obligors-0-ground": "ABLE",
    "obligors-0-support": "2400",
}


@dataclass(kw_only=True)
class World(Programmes, Households, Benefits, Archives, Supervision):
    """Keys of things that stand in different states."""

    draft: str
    empty_draft: str
    done_draft: str
    submitted: str
    investigating: str
    objected: str
    to_propose: str
    to_decide: str
    approved: str
    review_notice: str
    objected_notice: str
    batch: PayoutBatch
    lists: list[PayoutBatch]  # locked, approved, sent, with differences, settled; sent again
    papers: list[str]  # a recovery, a proof, a budget, an imprest request and a plan, on their way
    dossier: str
    sealed: str
    handover: str
    file: int


def build(house: House) -> World:
    """Make it, through operations only; the house then keeps TODAY."""
    house.move_to(TODAY)
    cast, later = house.cast, START + timedelta(days=25)
    with house.at_work():
        approved, filed = road.approved(cast, 1), road.approved(cast, 10)
        gone = [road.approved(cast, serial) for serial in (71, 72)]
        investigation_case = road.accepted(cast, 2, later)
        road.survey(cast, investigation_case, later)
        investigation.request_means_check(investigation_case.no, actor=cast.staff, on=later)
        noticed = hang(house, road.investigated(cast, 3, later), later)
        objected = hang(house, road.investigated(cast, 4, later), later)
        notices.record_objection(
            objected, channel="来访", content="这家有车", actor=cast.staff, on=later
        )
        waiting = [road.to_decide(cast, serial) for serial in (5, 6, 7)]
        propose = road.to_propose(cast, 8, on=START, kin_declared=True, kin_note="与网格员是表亲")
        submitted = road.submitted(cast, 9, TODAY, reason="长" * 300)
        drafts = [draft(house, answers) for answers in (ANSWERS, {})]
        grant = Grant(
            office_id=cast.office.pk,
            programme="URBAN_ALLOWANCE",
            source="CENTRAL",
            year=2026,
            amount_fen=1_000_000,
            document="测民发〔2026〕1 号",
            reason="演练",
        )
        allocate(grant, key="world", actor=cast.supervisor, on=TODAY)
        lists = month_by_month(house)
        papers = world_money.papers(house, TODAY)
        lists.append(world_money.sent_again(house, TODAY))
        more = world_programmes.build(house, TODAY) | world_households.build(house)
        more |= world_benefits.build(house, TODAY)
    house.do_duties()
    with house.at_work():
        dossier = Dossier.objects.get(case=filed)
        seal(dossier.no, actor=cast.staff, on=TODAY, proof=cast.proof("staff"))
        files = [Dossier.objects.get(case=case) for case in (filed, approved, *gone)]
        given = handed_over(house)
        more |= world_archives.build(house, TODAY, files)
        more |= world_supervision.build(house, TODAY, filed)
    return World(
        draft=drafts[0],
        empty_draft=drafts[1],
        done_draft=done_draft(house),
        submitted=submitted.no,
        investigating=investigation_case.no,
        objected=Case.objects.get(notices__no=objected).no,
        to_propose=propose.no,
        to_decide=waiting[0].no,
        approved=approved.no,
        review_notice=noticed,
        objected_notice=objected,
        batch=PayoutBatch.objects.select_related("office").get(programme="URBAN_ALLOWANCE"),
        lists=lists,
        papers=papers,
        dossier=Dossier.objects.get(case=approved).no,
        sealed=dossier.no,
        handover=given,
        file=Attachment.objects.filter(subject_key=approved.no).earliest("id").pk,
        **more,
    )


def handed_over(house: House) -> str:
    """The office's staff gives all to the clerk, who has looked at two things of it."""
    cast = house.cast
    post = Post.objects.get(person_id=cast.staff.human_id, role="office_staff")
    row = handover.open_handover(post.pk, cast.clerk.human_id, actor=cast.staff, on=TODAY)
    proof = cast.proof("staff")
    handover.perform(row.no, "give", actor=cast.staff, on=TODAY, proof=proof)
    first, second = row.items.order_by("id").values_list("pk", flat=True)[:2]
    handover.answer(row.no, [first], "ACCEPTED", actor=cast.clerk, on=TODAY)
    handover.answer(row.no, [second], "LACKING", note="缺照片", actor=cast.clerk, on=TODAY)
    return row.no


RURAL = "RURAL_ALLOWANCE"


def month_by_month(house: House) -> list[PayoutBatch]:
    """Lists of spring, one for each state that a list can be in."""
    cast = house.cast
    for serial in (301, 302, 303):
        payouts.in_benefit(cast, serial, programme=RURAL)
    grant = Grant(
        office_id=cast.office.pk,
        programme=RURAL,
        source="CITY",
        year=2026,
        amount_fen=10_000_000,
        document="测民发〔2026〕2 号",
        reason="演练",
    )
    allocate(grant, key="rural", actor=cast.supervisor, on=date(2026, 1, 4))
    return [one_list(house, month, steps) for month, steps in enumerate(range(1, 6), start=1)]


def one_list(house: House, month: int, steps: int) -> PayoutBatch:
    """The list of one month, so many steps on its way; with the fourth the bank returned one."""
    cast, on = house.cast, date(2026, month, 6)
    batch = building.open_month(
        cast.office.pk, RURAL, month=on.replace(day=1), actor=cast.staff, on=on
    )
    acts = (
        lambda: batches.lock(batch.no, actor=cast.staff, on=on, proof=cast.proof("staff")),
        lambda: batches.approve(batch.no, actor=cast.leader, on=on, proof=cast.proof("leader")),
        lambda: batches.take_file(
            batch.no, actor=cast.accountant, on=on, proof=cast.proof("accountant")
        ),
        lambda: payouts.imported(cast, batch, bank_says(batch, whole=steps > 4), on),
    )
    for act in acts[:steps]:
        act()
    return payouts.fresh(batch)


def bank_says(batch: PayoutBatch, *, whole: bool) -> list[dict[str, str]]:
    """Everything paid; or one returned, and one that nobody asked for."""
    rows = [
        row | {"交易时间": f"{batch.month:%Y-%m}-06 10:30:00"} for row in payouts.answers(batch)
    ]
    if whole:
        return rows
    rows[0] |= {"状态": "失败", "失败原因": "户名不符"}
    rows[1] |= {"金额": "1.00"}
    return rows


def hang(house: House, case: Case, on: date) -> str:
    """The review notice of the case hangs; the notice's number."""
    notices.post_notice(
        case.no,
        "post_review_notice",
        place="社区公示栏",
        photo=road.photo((case.pk % 250, 2, 3)),
        actor=house.cast.clerk,
        on=on,
    )
    return case.notices.latest("id").no


def draft(house: House, answers: dict[str, str]) -> str:
    """A draft of the clerk's with these answers; its key."""
    made = applications.start_draft("URBAN_ALLOWANCE", actor=house.cast.clerk)
    patches = [{"field": k, "value": v, "base_version": 0} for k, v in answers.items()]
    applications.save_answers(made.key, patches, actor=house.cast.clerk)
    return made.key


def done_draft(house: House, serial: int = 40) -> str:
    """A draft that has become a case."""
    members = {"members-0-id_no": road.number(serial)}
    key = draft(house, ANSWERS | members)
    applications.submit_draft(key, actor=house.cast.clerk, on=TODAY)
    return key
