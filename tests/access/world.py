"""One object of each kind: own village, a neighbour's, another office's or district's, none."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from archives.models import Dossier, DossierItem
from cases.models import (
    CareArrangement,
    Case,
    ChangeReport,
    Institution,
    Objection,
    Review,
    StandardRun,
)
from cases.operations import applications, kin, leads, roster
from funds.models import PayoutBatch, Recovery
from tests import road, road_household, road_relief
from tests.access.world_archives import of_archives
from tests.access.world_supervision import MISSING_THERE, of_supervision
from tests.cases.days import DAY
from tests.cast import Cast, make_cast, unit
from tests.funds import payouts
from tests.imports.rosters import as_csv, lines
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.models import ApiClient, Attachment, RuleValue, Unit
from yuquan_relief.kernel.operations.attachments import attach
from yuquan_relief.kernel.operations.rulebook import enter_value

PLACES = ("own", "neighbour", "foreign", "abroad", "missing")
MONTH = date(2026, 12, 1)
# One person of the cast for each role; the objects move around them.
PEOPLE = {
    "clerk": "clerk",
    "committee_head": "head",
    "office_staff": "staff",
    "deputy_leader": "leader",
    "chief_leader": "chief",
    "bureau_leader": "bureau",
    "supervisor": "supervisor",
    "verification": "verifier",
    "accounting": "accountant",
    "auditor": "auditor",
    "third_party": "worker",
    "system_admin": "sysadmin",
    "security_admin": "secadmin",
    "audit_admin": "auditadmin",
}


@dataclass
class World:
    """The cast, and values of address parameters: kind → place → value."""

    cast: Cast
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)

    def put(self, kind: str, place: str, value: Any) -> None:
        """The object of the kind at the place."""
        self.objects.setdefault(kind, {})[place] = value


def casts(cast: Cast) -> dict[str, Cast]:
    """The cast as seen from each of the four villages."""
    cast.add("neighbour_head", "committee_head", cast.other_village, "村主任")
    cast.add("foreign_head", "committee_head", cast.foreign_village, "乙社区主任")
    cast.add("foreign_surveyor", "office_staff", cast.other_office, "乙社救办办事员")
    neighbour = {"clerk": "neighbour_clerk", "head": "neighbour_head"}
    foreign = {
        "clerk": "foreign_clerk",
        "head": "foreign_head",
        "surveyor": "foreign_surveyor",
        "staff": "foreign_staff",
        "leader": "foreign_leader",
    }
    abroad = _abroad(cast)
    return {
        "own": cast,
        "neighbour": _renamed(cast, neighbour, village=cast.other_village),
        "foreign": _renamed(cast, foreign, village=cast.foreign_village, office=cast.other_office),
        "abroad": abroad,
    }


def _abroad(cast: Cast) -> Cast:
    """The same posts in another district."""
    district = unit("邻区", "DISTRICT", "159901", None)
    office = unit("丙街道", "OFFICE", "159901001", district)
    village = unit("丙一社区", "COMMUNITY", "159901001001", office)
    places = {
        "clerk": ("clerk", village),
        "head": ("committee_head", village),
        "surveyor": ("office_staff", office),
        "staff": ("office_staff", office),
        "leader": ("deputy_leader", office),
        "verifier": ("verification", district),
    }
    for name, (role, place) in places.items():
        cast.add(f"abroad_{name}", role, place, f"邻区{name}")
    names = {name: f"abroad_{name}" for name in places}
    return _renamed(cast, names, village=village, office=office, district=district)


def _renamed(cast: Cast, names: dict[str, str], **places: Any) -> Cast:
    actors = cast.actors | {name: cast.actors[other] for name, other in names.items()}
    accounts = cast.accounts | {name: cast.accounts[other] for name, other in names.items()}
    return replace(cast, actors=actors, accounts=accounts, **places)


def make_world() -> World:
    """Everything that an address can name, at every place."""
    world = World(make_cast())
    for serial, (place, local) in enumerate(casts(world.cast).items(), 1):
        _case(world, place, local, serial)
        _other_programmes(world, place, local, serial)
        _draft(world, place, local, serial)
        _registers(world, place, local, serial)
        _household(world, place, local, serial)
        _in_benefit(world, place, local, serial)
        _money(world, place, local, serial)
    _rulebook(world)
    _people(world)
    for kind, value in (MISSING | MISSING_THERE).items():
        world.put(kind, "missing", value)
    return world


MISSING: dict[str, Any] = {
    "case": "YQ-DB-159900009-20200101-99999",
    "destitute": "YQ-TK-159900009-20200101-99999",
    "expense": "YQ-LS-159900009-20200101-99999",
    "urgent": "YQ-LS-159900009-20200101-99998",
    "draft": "D-0000000000",
    "household": "H000000000000",
    "change": 987654321,
    "benefit": "B-000000000000",
    "review": "FH-000000000-202001-0000",
    "change_report": 987654321,
    "run": "TB-000000000-202001-0000",
    "binned": "D-0000000001",
    "institution": 987654321,
    "kin": 987654321,
    "lead": 987654321,
    "file": 987654321,
    "notice": "YQ-DB-159900009-20200101-99999-SH1",
    "objection": 987654321,
    "means": 987654321,
    "dossier": "YQMZ-MS·2020-D10-159900009-99999",
    "handover": "YJ-159900009-202001-999",
    "disposal": "XH-159900009-202001-999",
    "box": "H-159900009-9999",
    "old_file": "JD-159900009-2015-99999",
    "export": "ZJ-202001-9999",
    "print_run": "DY-202001-9999",
    "stocktake": "PD-159900009-202001-999",
    "item": 987654321,
    "office": "159900009",
    "roster": "0" * 64,
    "rule": 987654321,
    "person": 987654321,
    "post": 987654321,
    "account": 987654321,
    "client": 987654321,
}


def _case(world: World, place: str, local: Cast, serial: int) -> None:
    case = road.to_decide(local, serial)
    notice = case.notices.filter(kind="REVIEW").get()
    objection = Objection.objects.create(
        notice=notice, received_on=notice.posted_on, channel="来访", content="演练异议"
    )
    file = Attachment.objects.filter(subject_key=case.no, slot="id_card").get()
    means = case.means_checks.get()
    world.put("case", place, case.no)
    world.put("notice", place, notice.no)
    world.put("objection", place, objection.pk)
    world.put("file", place, file.pk)
    world.put("means", place, means.pk)
    _dossier(world, place, local, case, file)


LARGE_FEN = 15_000_00  # above what the office may decide


def _other_programmes(world: World, place: str, local: Cast, serial: int) -> None:
    """特困 under investigation, 支出型 on the bureau's desk, 急难型 just asked for."""
    destitute = road_relief.destitute(local, 20 + serial)
    expense = road_relief.expense_to_decide(local, 40 + serial, amount_fen=LARGE_FEN)
    urgent = road_relief.urgent(local, 60 + serial)
    assert expense.above_office
    for kind, case in (("destitute", destitute), ("expense", expense), ("urgent", urgent)):
        world.put(kind, place, case.no)
    if place in ("own", "abroad"):  # one list of institutions for the whole district
        world.put("institution", place, institution(local.district, f"演练{place}敬老院").pk)


def institution(district: Unit, name: str) -> Institution:
    """An institution with beds, on the list of the district."""
    return Institution.objects.create(
        district=district, name=name, address="演练路 9 号", phone="19900000000", beds=20
    )


def lives_at(home: Institution, case: Case, bed: str, local: Cast) -> None:
    """The person of the case is cared for in the institution."""
    CareArrangement.objects.create(
        case=case,
        support="CENTRAL",
        institution=home,
        bed=bed,
        began_on=road.START,
        recorded_by_id=local.clerk.human_id,
    )


def _dossier(world: World, place: str, local: Cast, case: Case, file: Attachment) -> None:
    dossier = Dossier.objects.create(
        no=f"YQMZ-MS·2026-D10-{case.office.code}-{case.pk:05d}",
        case=case,
        household=case.household,
        district_id=case.district_id,
        office_id=case.office_id,
        village_id=case.village_id,
        opened_on=DAY,
        retain_years=10,
    )
    item = DossierItem.objects.create(
        dossier=dossier,
        key="id_card",
        slot="id_card",
        position=1,
        title="身份证",
        responsible="演练甲",
        formed_on=DAY,
        sha256=file.sha256,
        size=file.size,
        content_type=file.content_type,
        source="photo",
        attachment=file,
    )
    world.put("dossier", place, dossier.no)
    of_archives(world, place, local, dossier)
    of_supervision(world, place, local, dossier)
    world.put("item", place, item.pk)


def _draft(world: World, place: str, local: Cast, serial: int) -> None:
    draft = applications.start_draft("URBAN_ALLOWANCE", actor=local.clerk)
    file = attach(
        "draft",
        draft.key,
        "id_card",
        road.photo((200, 10, serial)),
        title="身份证",
        village_id=local.village.pk,
        office_id=local.office.pk,
        actor=local.clerk,
    )
    world.put("draft", place, draft.key)
    world.put("draft_file", place, file.pk)
    world.put("draft_file", "missing", 987654321)
    world.put("binned", place, binned(local, {"phone": "19900000000"}))


def binned(local: Cast, answers: dict[str, str]) -> str:
    """A draft of the clerk's village with these answers, thrown away; its key."""
    draft = applications.start_draft("URBAN_ALLOWANCE", actor=local.clerk)
    patches = [{"field": k, "value": v, "base_version": 0} for k, v in answers.items()]
    applications.save_answers(draft.key, patches, actor=local.clerk)
    applications.discard_draft(draft.key, actor=local.clerk, at=now())
    return draft.key


def relative_of(local: Cast, name: str, serial: int) -> kin.Relative:
    """A relative of the head of the committee."""
    assert local.head.post_id is not None
    identity = identity_numbers.clean(road.number(serial), today=DAY)
    return kin.Relative(
        post_id=local.head.post_id, name=name, relation="SIBLING", identity=identity
    )


def noticed(name: str) -> leads.Noticed:
    """A family that somebody told of."""
    return leads.Noticed(
        found_on=road.START, source="VISIT", name=name, phone="", difficulty=f"{name}患病"
    )


def _registers(world: World, place: str, local: Cast, serial: int) -> None:
    relative = relative_of(local, "演练亲属", 800 + serial)
    entry = kin.register_relative(relative, actor=local.clerk, on=road.START)
    lead = leads.record_lead(noticed("演练困难户"), actor=local.clerk, on=road.START)
    world.put("kin", place, entry.pk)
    world.put("lead", place, lead.pk)


def _household(world: World, place: str, local: Cast, serial: int) -> None:
    """One in benefit, whose change may still be withdrawn."""
    home = road_household.on_the_roster(local, 140 + serial, "妻", village=local.village)
    row = road_household.head_died(local, home, "妻")
    world.put("household", place, home.key)
    world.put("change", place, row.pk)


def _in_benefit(world: World, place: str, local: Cast, serial: int) -> None:
    """Somebody in benefit with a review, a report of a change, and the office's raised standard."""
    benefit = payouts.in_benefit(local, 950 + serial, village=local.village)
    keys = {"district": local.district, "office": local.office, "village": local.village}
    review = Review.objects.create(
        no=f"FH-{serial}", benefit=benefit, trigger="HAND", opened_on=DAY, due_on=DAY, **keys
    )
    report = ChangeReport.objects.create(
        benefit=benefit,
        kind="PHONE",
        field="phone",
        note="换号",
        happened_on=DAY,
        known_on=DAY,
        reported_on=DAY,
        recorded_by_id=local.clerk.human_id,
        **keys,
    )
    world.put("benefit", place, benefit.key)
    world.put("review", place, review.no)
    world.put("change_report", place, report.pk)
    if place == "neighbour":  # one run for the whole office
        return
    run = StandardRun.objects.create(
        no=f"TB-{serial}",
        district=local.district,
        office=local.office,
        programme=benefit.programme,
        valid_from=MONTH,
        source="玉政发〔2026〕1 号",
        before_fen=1,
        after_fen=2,
        opened_on=DAY,
        computed_for=MONTH,
    )
    world.put("run", place, run.no)


def _money(world: World, place: str, local: Cast, serial: int) -> None:
    world.put("office", place, local.office.code)
    if place == "neighbour":  # one list for the whole office
        return
    benefit = payouts.in_benefit(local, 900 + serial, village=local.village)
    PayoutBatch.objects.create(
        no=f"FF-{serial}",
        district=local.district,
        office=local.office,
        programme=benefit.programme,
        month=MONTH,
        state_since=DAY,
        opened_on=DAY,
        pay_by=date(2026, 12, 10),
        fund_year=2026,
    )
    recovery = Recovery.objects.create(
        no=f"ZJ-{serial}",
        district=local.district,
        office=local.office,
        benefit=benefit,
        household=benefit.household,
        state="OPEN",
        state_since=DAY,
        opened_on=DAY,
        reason="演练多发",
        amount_fen=100,
    )
    world.put("paper", place, recovery.no)
    sha256 = file_store.keep(as_csv(lines(1, first=serial)))
    Attachment.objects.create(
        subject_kind=roster.SUBJECT,
        subject_key=str(local.office.pk),
        slot="roster",
        sha256=sha256,
        title="名册.csv",
        office=local.office,
        size=20,
        content_type="application/octet-stream",
        uploaded_by_id=local.staff.person_id,
    )
    world.put("roster", place, sha256)
    world.put("roster", "neighbour", sha256) if place == "own" else None


def _people(world: World) -> None:
    somebody = world.cast.accounts["neighbour_clerk"]
    world.put("person", "own", somebody.person_id)
    world.put("post", "own", world.cast.actors["neighbour_clerk"].post_id)
    world.put("account", "own", somebody.pk)
    client = ApiClient.objects.create(
        name="演练程序",
        token_digest="0" * 64,
        account=somebody,
        post_id=world.cast.actors["neighbour_clerk"].post_id or 0,
        scopes="read",
        expires_on=DAY,
    )
    world.put("client", "own", client.pk)


def _rulebook(world: World) -> None:
    value = enter_value(
        "standard.URBAN_ALLOWANCE",
        rule_set="*",
        valid_from=date(2027, 7, 1),
        value=90000,
        unit="分/月",
        source="演练〔2027〕1 号",
        note="",
        actor=world.cast.supervisor2,
    )
    world.put("rule", "own", value.pk)
    assert RuleValue.objects.filter(pk=value.pk).exists()


__all__ = ["PEOPLE", "PLACES", "World", "casts", "institution", "lives_at", "make_world"]
