"""What stands beside a household under supervision: found, told, drawn, demanded, given out."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from archives.models import Dossier
from cases.models import Case
from supervision.models import (
    Attendance,
    Bulletin,
    BulletinItem,
    Complaint,
    ComplaintSubject,
    Contract,
    Course,
    Finding,
    Liability,
    Mending,
    Publication,
    Referral,
    ReportBox,
    Sample,
    SampleItem,
    Sheet,
    Simulation,
    StatReport,
    Task,
)
from supervision.operations.sampling import seed_of
from supervision.operations.statistics import digest_of
from supervision.reports.bulletins import tables_of
from supervision.reports.stat_tables import fill
from supervision.rules.stat_tables import template
from tests.cast import Cast
from tests.funds import payouts
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import Event, Person, Unit

ORDER = {"own": 1, "neighbour": 2, "foreign": 3, "abroad": 4}
MISSING_THERE: dict[str, Any] = {
    "finding": "HC-2020-999999",
    "money_finding": "HC-2020-999998",
    "complaint": "XF-2020-99999",
    "accused": "XF-2020-99998",
    "bulletin": "TB-2020-999",
    "draft_bulletin": "TB-2020-998",
    "mending": "ZG-2020-99999",
    "referral": "YS-2020-999",
    "liability": "ZR-2020-9999",
    "own_liability": "ZR-2020-9998",
    "sample": "CC-2020-9999",
    "sheet": "JC-2020-99999",
    "report_box": 987654321,
    "contract": "HT-2020-999",
    "task": "RW-2020-99999",
    "course": "PX-2020-999",
    "publication": "ZC-2020-999",
    "simulation": "CS-2020-999",
    "stat_report": "TJ-2020-9999",
}


@dataclass(frozen=True)
class Here:
    """One place, with the case that everything is about."""

    world: Any
    place: str
    local: Cast
    case: Case
    day: date

    @property
    def n(self) -> int:
        """Which of the places it is."""
        return ORDER[self.place]

    @property
    def units(self) -> dict[str, Any]:
        """District and office of a row."""
        return {"district_id": self.case.district_id, "office_id": self.case.office_id}

    @property
    def is_whole(self) -> bool:
        """Whether what there is one of in a district stands here."""
        return self.place in ("own", "abroad")

    def no(self, letters: str) -> str:
        """A number that stands nowhere else."""
        return f"{letters}-2026-{self.case.pk}"

    def put(self, kind: str, row: Any) -> None:
        """The row is known by its number."""
        self.world.put(kind, self.place, row.no)


def of_supervision(world: Any, place: str, local: Cast, dossier: Dossier) -> None:
    """One of each kind at the place of the file."""
    here = Here(world, place, local, dossier.case, dossier.opened_on)
    finding = _findings(here)
    _complaints(here)
    _bulletins(here, finding)
    _liabilities(here)
    _checks(here)
    _partners(here)
    _course(here)
    _published(here)
    _counted(here)


def _findings(here: Here) -> Finding:
    values: dict[str, Any] = {
        **here.units, "state": "OPEN", "opened_on": here.day, "last_seen_on": here.day,
        "source": "SITE", "severity": "M", "cites": "9", "subject_kind": "case",
        "subject_key": here.case.no, "what": "演练问题",
    }  # fmt: skip
    row: Finding = Finding.objects.create(no=here.no("HC"), owner="office_staff", **values)
    owed: Finding = Finding.objects.create(
        no=here.no("HC-ZJ"), owner="accounting", **values | {"state": "MENDING"}
    )
    here.put("finding", row)
    here.put("money_finding", owed)
    return row


def _complaints(here: Here) -> None:
    """About the other office, and looked into by this one; one of them names its leader."""
    others = Unit.objects.offices().filter(parent=here.case.district_id)
    other = others.exclude(pk=here.case.office_id).first()
    for kind, letters in (("complaint", "XF"), ("accused", "XF-HB")):
        row = Complaint.objects.create(
            no=here.no(letters), district_id=here.case.district_id, office=other,
            handler_id=here.case.office_id, state="HANDLING", opened_on=here.day,
            due_on=here.day + timedelta(days=30), kind="REPORT", channel="LETTER",
            key=f"K{letters}{here.n}", name="演练甲", content="演练内容", received_on=here.day,
        )  # fmt: skip
        here.put(kind, row)
        if kind == "accused":
            ComplaintSubject.objects.create(complaint=row, person_id=here.local.leader.human_id)
    box = ReportBox.objects.create(
        office_id=here.case.office_id, kind="BOX", place="大厅", since=here.day,
        registered_by_id=here.local.staff.human_id,
    )  # fmt: skip
    here.world.put("report_box", here.place, box.pk)


def _bulletins(here: Here, finding: Finding) -> None:
    later = here.day + timedelta(days=15)
    values: dict[str, Any] = {
        "district_id": here.case.district_id, "state": "DRAFT", "opened_on": here.day,
        "title": "演练通报", "period_from": here.day, "period_to": here.day,
    }  # fmt: skip
    if here.is_whole:
        row = Bulletin.objects.create(no=here.no("TB"), **values)
        BulletinItem.objects.create(bulletin=row, finding=finding, mend_by=later)
        row.state, row.issued_on, row.document_no = "ISSUED", here.day, here.no("演")
        row.tables = tables_of(row, here.day)
        row.save()
        here.put("bulletin", row)
        here.put("draft_bulletin", Bulletin.objects.create(no=here.no("TB-CG"), **values))
    mending = Mending.objects.create(
        no=here.no("ZG"), **here.units, state="OPEN", opened_on=here.day, due_on=later,
        first_due_on=later, finding=finding, demand="演练要求",
    )  # fmt: skip
    here.put("mending", mending)
    referral = Referral.objects.create(
        no=here.no("YS"), **here.units, state="OPEN", opened_on=here.day, finding=finding,
        authority="AUDIT", facts="演练事实",
    )  # fmt: skip
    here.put("referral", referral)


def _liabilities(here: Here) -> None:
    """Of the village, and of the supervisor."""
    values: dict[str, Any] = {
        **here.units, "state": "OPEN", "opened_on": here.day, "happened_on": here.day,
        "facts": "演练事实", "year": here.day.year,
    }  # fmt: skip
    row = Liability.objects.create(
        no=here.no("ZR"), level="17", clause="17(5)", unit_id=here.case.village_id, **values
    )
    here.put("liability", row)
    own = Liability.objects.create(
        no=here.no("ZR-BR"), level="19", clause="19(4)", unit_id=here.case.district_id,
        person_id=here.local.supervisor.human_id, **values,
    )  # fmt: skip
    here.put("own_liability", own)


def _checks(here: Here) -> None:
    """A sample with one household, and the sheet of that household."""
    event, until = Event.objects.latest("seq"), here.day - timedelta(days=here.n)
    checker = here.local.supervisor.human_id
    row = Sample.objects.create(
        no=here.no("CC"), district_id=here.case.district_id, kind="NEW", state="DRAWN",
        period_from=until - timedelta(days=90), period_to=until, percent=30, opened_on=here.day,
        opened_by_id=checker, seed=seed_of(event.seq), seed_event=event.seq,
        frame_sha256="0" * 64, drawn_on=here.day,
    )  # fmt: skip
    item = SampleItem.objects.create(
        sample=row, number="CC-1", stratum="演练", rank="0" * 64, place=0, quota=1, why="DRAWN",
        case=here.case, household_id=here.case.household_id, office_id=here.case.office_id,
        village_id=here.case.village_id,
    )  # fmt: skip
    here.put("sample", row)
    sheet = Sheet.objects.create(
        no=here.no("JC"), **here.units, village_id=here.case.village_id, kind="SITE", item=item,
        case=here.case, opened_on=here.day, checked_by_id=checker,
    )  # fmt: skip
    here.put("sheet", sheet)


def _partners(here: Here) -> None:
    """A contract with one task: at the own place the worker's, elsewhere somebody else's."""
    contract = Contract.objects.create(
        no=here.no("HT"), district_id=here.case.district_id, state="RUNNING", opened_on=here.day,
        party="演练服务中心", credit_code="91150104MA00000000", tender="演练", scope="走访",
        amount_fen=100_00, starts_on=here.day, ends_on=here.day + timedelta(days=90),
    )  # fmt: skip
    here.put("contract", contract)
    person = here.local.worker.human_id
    if here.place != "own":
        other = Person.objects.create(name="演练他人", id_digest=digest(f"他人{here.n}"))
        person = other.pk
    benefit = payouts.in_benefit(here.local, 970 + here.n, village=here.local.village)
    task = Task.objects.create(
        no=here.no("RW"), **here.units, state="GIVEN", opened_on=here.day,
        due_on=here.day + timedelta(days=9), contract=contract, kind="VISIT", benefit=benefit,
        worker_id=person,
    )  # fmt: skip
    here.put("task", task)


def _course(here: Here) -> None:
    """Everybody of the office and the village is called."""
    row = Course.objects.create(
        no=here.no("PX"), district_id=here.case.district_id, title="演练课", topic="办法",
        held_on=here.day, hours=2, trainer="演练", place="会议室",
        opened_by_id=here.local.staff.human_id,
        questions=[{"text": "几天？", "options": ["5", "7"], "right": 1}],
    )  # fmt: skip
    here.put("course", row)
    local, office = here.local, here.case.office_id
    names = ("clerk", "head", "staff", "leader", "chief")
    here_too = [a for a in map(local.actors.__getitem__, names) if a.office_id == office]
    Attendance.objects.bulk_create(
        Attendance(course=row, person_id=a.human_id, unit_id=a.unit_id, signed_in_at=now())
        for a in here_too
    )


def _published(here: Here) -> None:
    by = here.local.supervisor.human_id
    where = {"district_id": here.case.district_id}
    if here.is_whole:
        row = Publication.objects.create(
            no=here.no("ZC"), **where, kind="GUIDE", title="演练指南", text="演练",
            published_on=here.day, effective_on=here.day, published_by_id=by,
        )  # fmt: skip
        here.put("publication", row)
    result = {"on": here.day.isoformat(), "blocks": []}
    simulation = Simulation.objects.create(
        no=here.no("CS"), **where, title="演练方案", made_on=here.day, made_by_id=by,
        changes={"urban": 90000}, result=result,
    )  # fmt: skip
    here.put("simulation", simulation)


def _counted(here: Here) -> None:
    month = here.day.replace(day=1)
    figures = fill(template("RELIEF", month), here.case.district, month, month)
    row = StatReport.objects.create(
        no=here.no("TJ"), district_id=here.case.district_id, template="RELIEF",
        template_from=month, period="M", first_month=month, last_month=month, edition=here.n,
        figures=figures, figures_sha256=digest_of(figures), made_at=now(),
        made_by_id=here.local.supervisor.human_id,
    )  # fmt: skip
    here.put("stat_report", row)
