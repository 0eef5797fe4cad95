"""A district in which nothing is wrong: sound households, cases, lists. What is planted stands out.

Rows are written past the operations, since half of what the checks look for could not be written
through them. Everything is as of ON; a sound thing must not be found by any rule.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from cases.models import (
    Appraisal,
    Benefit,
    Case,
    Contact,
    Decision,
    Household,
    IncomeAccount,
    Letter,
    MeansCheck,
    Member,
    Notice,
    Obligor,
    PayeeAccount,
    Review,
    SelfCare,
    Survey,
)
from funds.models import PayoutBatch, PayoutLine
from tests.cast import Cast
from tests.databases import as_owner
from tests.funds.payouts import card
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.models import Attachment, Person, Signature, Unit

ON = date(2026, 11, 27)  # a Friday
MONTH = date(2026, 11, 1)
SUBMITTED, ACCEPTED, SURVEYED = date(2026, 8, 3), date(2026, 8, 4), date(2026, 8, 6)
APPRAISED, POSTED, DECIDED = date(2026, 8, 10), date(2026, 8, 11), date(2026, 9, 10)
STANDARD = 841_00
ZONE = ZoneInfo("Asia/Shanghai")


def moment(day: date, hour: int = 10) -> datetime:
    """An hour of a day, here."""
    return datetime.combine(day, time(hour), ZONE)


@dataclass
class Ground:
    """The district's builder. `cast`: who works there; numbers never come twice."""

    cast: Cast
    serial: Iterator[int] = field(default_factory=lambda: count(5000))

    # ------------------------------------------------------------------ households

    def place(self, village: Unit | None = None) -> dict[str, Any]:
        """District, office and village of a row."""
        village = village or self.cast.village
        office = village.parent
        assert office is not None
        return {"district": office.parent, "office": office, "village": village}

    def home(
        self, *, village: Unit | None = None, account: bool = True, **changes: Any
    ) -> Household:
        """A household with its head (66, retired) and an account of his; `head`: of the member."""
        n = next(self.serial)
        head = changes.pop("head", {})
        values = {
            "key": f"H{n}", "head_name": head.get("name", f"演练户{n}"),
            "address": f"演练路 {n} 号", "phone": f"199{n:08d}", "phone_tail": f"{n:04d}"[-4:],
        }  # fmt: skip
        home = Household.objects.create(**self.place(village), **values | changes)
        self.member(home, **{"name": home.head_name, "relation": "SELF", **head})
        if account:
            self.account(home, holder=home.head_name)
        return home

    def member(self, home: Household, **changes: Any) -> Member:
        """One more person; an adult of 66 unless `born` says otherwise. The number fits."""
        n = next(self.serial)
        born = changes.pop("born", date(1960, 5, 6))
        is_male = changes.pop("is_male", True)
        id_no = changes.pop("id_no", None) or identity_numbers.synthetic(
            n, birth_on=born - timedelta(days=n // 499 % 20), is_male=is_male
        )
        birth_on = date(int(id_no[6:10]), int(id_no[10:12]), int(id_no[12:14]))
        values = {
            "name": f"演练人{n}", "initials": "yl", "sort_key": "yl", "id_no": id_no,
            "id_digest": digest(id_no), "id_tail": id_no[-4:], "birth_on": birth_on,
            "is_male": is_male, "relation": "OTHER", "joined_on": date(2020, 1, 1),
            "condition": "HEALTHY",
        }  # fmt: skip
        return Member.objects.create(household=home, **values | changes)

    def head(self, home: Household) -> Member:
        """The head."""
        return home.members.get(relation="SELF")

    def account(self, home: Household, **changes: Any) -> PayeeAccount:
        """The account to which the household is paid."""
        number = changes.pop("number", None) or card(next(self.serial))
        values = {
            "holder": home.head_name, "bank": "演练银行", "kind": "card", "number": number,
            "number_digest": digest(number), "number_tail": number[-4:],
            "valid_from": date(2020, 1, 1), "is_current": True,
        }  # fmt: skip
        return PayeeAccount.objects.create(household=home, **values | changes)

    def benefit(self, home: Household | None = None, **changes: Any) -> Benefit:
        """A benefit of 城市低保 taken over from the roster, visited and paid this year."""
        home = home or self.home(village=changes.pop("village", None))
        visited = changes.pop("visited", date(2026, 10, 8))
        n = next(self.serial)
        values = {
            "key": f"B{n}", "certificate_no": f"C{n:06d}", "programme": "URBAN_ALLOWANCE",
            "persons": 1, "monthly_fen": 400_00, "start_month": date(2026, 1, 1),
            "paid_with": date(2026, 1, 1), "source": "在享名册",
        }  # fmt: skip
        place = {"district": home.district, "office": home.office, "village": home.village}
        made = Benefit.objects.create(household=home, **place, **values | changes)
        if visited:
            self.contact(made, visited)
        return made

    def contact(self, benefit: Benefit, day: date, **changes: Any) -> Contact:
        """Somebody was at the home."""
        values = {
            "kind": "VISIT", "means": "HOME", "place": "家中", "met": "本人", "note": "",
            "is_changed": False, "recorded_on": day, "recorded_by_id": self.person("staff"),
        }  # fmt: skip
        place = {n: getattr(benefit, n) for n in ("district", "office", "village")}
        return Contact.objects.create(benefit=benefit, on_day=day, **place, **values | changes)

    # ------------------------------------------------------------------ cases

    def person(self, name: str) -> int:
        """The person's key, by the name of the cast."""
        return self.cast.actors[name].human_id

    def case(self, home: Household | None = None, *, without: str = "", **changes: Any) -> Case:
        """An approved case of 城市低保 with everything that belongs to it, or refused, or open.

        `without`: names of what is left out: survey means account appraisal notices signatures
        decision letter benefit photos obligor. `decision`: changes of the decision's row.
        """
        home = home or self.home(village=changes.pop("village", None))
        left_out, n = set(without.split()), next(self.serial)
        decision, programme = (
            changes.pop("decision", {}),
            changes.get("programme", "URBAN_ALLOWANCE"),
        )
        state = changes.get("state", "APPROVED")
        over = state in ("APPROVED", "REFUSED")
        values = {
            "no": f"DB-{n}", "programme": programme, "state": state, "rule_set": "YQ-2020",
            "submitted_on": SUBMITTED, "accepted_on": ACCEPTED, "state_since": DECIDED,
            "decided_on": DECIDED if over else None, "submission_key": f"ground-{n}",
            "due_on": None if over or state in ("SUBMITTED", "CORRECTING", "DECLINED")
            else date(2027, 3, 1),
            "submitted_by_id": self.person("clerk"),
        }  # fmt: skip
        place = {"district": home.district, "office": home.office, "village": home.village}
        case = Case.objects.create(household=home, **place, **values | changes)
        self._evidence(case, left_out)
        if over and "decision" not in left_out:
            self._decide(case, left_out, decision)
        return case

    def _evidence(self, case: Case, left_out: set[str]) -> None:
        programme = case.programme
        relief = programme in ("URGENT_RELIEF", "EXPENSE_RELIEF")
        destitute = programme.endswith("DESTITUTE")
        parts: dict[str, tuple[bool, Callable[[], object]]] = {
            "authorisation": (
                programme != "URGENT_RELIEF",
                lambda: self.photo(case, "authorisation", SUBMITTED),
            ),
            "survey": (True, lambda: self.survey(case)),
            "means": (not relief, lambda: self.means(case)),
            "account": (True, lambda: self.income_account(case)),
            "appraisal": (not relief, lambda: self.appraisal(case)),
            "notices": (programme != "URGENT_RELIEF", lambda: self.notices(case)),
            "self_care": (destitute, lambda: self.self_care(case)),
            "obligor": (destitute, lambda: self.obligor(case)),
        }
        for name, (is_due, make) in parts.items():
            if is_due and name not in left_out:
                make()

    def notices(self, case: Case) -> None:
        """The village's notice, and but for relief the one of before the decision."""
        self.notice(case, "REVIEW")
        if case.programme != "EXPENSE_RELIEF":
            self.notice(case, "APPROVAL", posted_on=POSTED + timedelta(days=14))

    def obligor(self, case: Case) -> Obligor:
        """A child that is able to support, asked and counted."""
        return Obligor.objects.create(
            case=case, name="演练义务人", relation="CHILD", persons=3, month_fen=900_00,
            ground="ABLE", support_fen=0, adopted_ground="ABLE", adopted_fen=0,
        )  # fmt: skip

    def _decide(self, case: Case, left_out: set[str], decision: dict[str, Any]) -> None:
        approved = case.state == "APPROVED"
        relief = case.programme in ("URGENT_RELIEF", "EXPENSE_RELIEF")
        values = {
            "outcome": case.state, "decided_on": case.decided_on, "persons": 1 if approved else 0,
            "monthly_fen": 400_00 if approved and not relief else 0,
            "once_fen": 4 * STANDARD if approved and relief else 0,
            "start_month": date(2026, 10, 1) if approved and not relief else None,
            "paid_with": date(2026, 10, 1) if approved and not relief else None, "reason": "理由",
        }  # fmt: skip
        made = Decision.objects.create(case=case, **values | decision)
        if "signatures" not in left_out:
            self.signature(case, "propose", "staff")
            self.signature(case, "decide", "leader")
        if "letter" not in left_out:
            Letter.objects.create(
                case=case, served_on=made.decided_on + timedelta(days=1), method="DIRECT",
                receiver="本人",
            )  # fmt: skip
        if approved and not relief and "benefit" not in left_out:
            self.benefit(
                case.household, source_case=case, source=case.no, programme=case.programme,
                monthly_fen=made.monthly_fen, start_month=made.start_month,
                paid_with=made.paid_with,
            )  # fmt: skip

    def survey(self, case: Case, **changes: Any) -> Survey:
        """A visit by two, signed by both, recorded the day after, with a photo."""
        values = {
            "round": case.round, "visited_on": SURVEYED, "present": "本人", "housing": "砖房",
            "living": "一般", "neighbours": "属实", "household_signer": "本人", "is_true": True,
            "recorded_by_id": self.person("surveyor"),
        }  # fmt: skip
        made = Survey.objects.create(case=case, **values | changes)
        self.signature(case, "survey", "clerk")
        self.signature(case, "survey", "surveyor")
        return made

    def photo(self, case: Case, slot: str, day: date, **changes: Any) -> Attachment:
        """A photo of the case that nobody else has."""
        n = next(self.serial)
        values = {
            "title": "照片", "sha256": digest(f"photo{n}"), "size": 1, "content_type": "image/jpeg",
            "taken_at": moment(day),
        }  # fmt: skip
        return Attachment.objects.create(
            subject_kind="case", subject_key=case.no, slot=slot, village=case.village,
            office=case.office, **values | changes,
        )  # fmt: skip

    def means(self, case: Case, **changes: Any) -> MeansCheck:
        """A report of the platform that found nothing, valid when it was decided."""
        values = {
            "round": case.round, "requested_on": ACCEPTED, "requested_by_id": self.person("staff"),
            "returned_on": date(2026, 8, 7), "report_no": f"HD-{next(self.serial)}",
            "data_upto": date(2026, 8, 1), "valid_until": date(2027, 2, 7), "conclusion": "WITHIN",
        }  # fmt: skip
        return MeansCheck.objects.create(case=case, **values | changes)

    def income_account(self, case: Case, **changes: Any) -> IncomeAccount:
        """What was settled: one person, 400.00 a month under the standard in force."""
        values = {
            "round": case.round, "settled_on": date(2026, 8, 9),
            "settled_by_id": self.person("staff"), "persons": 1, "insured": 1,
            "annual_fen": 12 * 441_00, "deductions_fen": 0, "per_capita_fen": 441_00,
            "standard_source": "演练",
            "standard_fen": 621_00 if case.programme == "RURAL_ALLOWANCE" else STANDARD,
            "is_eligible": True, "monthly_fen": 400_00, "supplement_fen": 0, "method": "difference",
            "facts": {}, "sentences": [],
        }  # fmt: skip
        return IncomeAccount.objects.create(case=case, **values | changes)

    def appraisal(self, case: Case, **changes: Any) -> Appraisal:
        """Nine were called, seven came and agreed; the head of the village signed."""
        values = {
            "round": case.round, "held_on": APPRAISED, "place": "会议室", "host": "主任",
            "expected": 9, "attended": 7, "agree": 7, "oppose": 0, "abstain": 0, "opinion": "同意",
            "roster": [], "minutes": "记录", "recorded_by_id": self.person("clerk"),
        }  # fmt: skip
        made = Appraisal.objects.create(case=case, **values | changes)
        self.signature(case, "witness", "head")
        return made

    def notice(self, case: Case, kind: str, **changes: Any) -> Notice:
        """Seven full days on the board, with a photo of the first."""
        posted = changes.get("posted_on", POSTED)
        values = {
            "no": f"GS-{next(self.serial)}", "round": case.round, "place": "村委会公示栏",
            "posted_on": posted, "first_day": posted + timedelta(days=1),
            "last_day": posted + timedelta(days=7), "closed_on": posted + timedelta(days=8),
            "snapshot": {}, "posted_by_id": self.person("clerk"),
        }  # fmt: skip
        if "photo" not in changes:
            values["photo"] = self.photo(case, "notice_photo", posted)
        return Notice.objects.create(case=case, kind=kind, **values | changes)

    def self_care(self, case: Case, **changes: Any) -> SelfCare:
        """Everything can be done alone."""
        does = dict.fromkeys(("eats", "dresses", "gets_up", "toilets", "walks", "bathes"), True)
        values = {
            "round": case.round, "again": 0, "assessed_on": date(2026, 8, 8), "assessor": "医生",
            "failed": 0, "tier": "SELF", "recorded_by_id": self.person("staff"), **does,
        }  # fmt: skip
        return SelfCare.objects.create(case=case, **values | changes)

    def signature(self, case: Case, stage: str, who: str, **changes: Any) -> Signature:
        """Somebody of the cast has signed a stage."""
        person = Person.objects.get(pk=self.person(who))
        values = {
            "subject_kind": "case", "subject_key": case.no, "stage": stage, "round": case.round,
            "person": person, "name": person.name, "post": "职务", "unit": "单位",
            "statement": "属实", "content": "{}", "content_sha256": "0" * 64,
            "proved_at": moment(ON), "signed_at": moment(ON),
            "hash": digest(f"{case.no}{stage}{who}"),
        }  # fmt: skip
        return Signature.objects.create(**values | changes)

    def event(self, case: Case, action: str, day: date, who: str = "") -> None:
        """Something stands in the chain about the case, by the robot or somebody of the cast."""
        record("case", case.no, action, actor=self.cast.actors[who] if who else ROBOT, on=day)

    # ------------------------------------------------------------------ lists

    def batch(
        self, *, office: Unit | None = None, month: date = MONTH, **changes: Any
    ) -> PayoutBatch:
        """A list of the month that was paid in time; its sums are set by `close`."""
        n = next(self.serial)
        pay_by = month.replace(day=10)
        values = {
            "no": f"FF-{n}", "programme": "URBAN_ALLOWANCE", "kind": "NORMAL", "serial": n % 30_000,
            "state": "CLOSED", "state_since": pay_by, "opened_on": pay_by, "pay_by": pay_by,
            "fund_year": month.year, "locked_on": month, "approved_on": month, "sent_on": month,
            "closed_on": pay_by,
        }  # fmt: skip
        place = {"district": self.cast.district, "office": office or self.cast.office}
        return PayoutBatch.objects.create(month=month, **place, **values | changes)

    def line(self, batch: PayoutBatch, benefit: Benefit, **changes: Any) -> PayoutLine:
        """The benefit's line, paid on the eighth."""
        n = next(self.serial)
        home = benefit.household
        head, account = self.head(home), home.accounts.filter(is_current=True).first()
        state = changes.get("state", "PAID")
        fen = changes.get("amount_fen", benefit.monthly_fen)
        values = {
            "line_no": n, "household": home, "month": batch.month, "kind": "NORMAL",
            "amount_fen": fen, "base_fen": fen, "supplement_fen": 0, "persons": benefit.persons,
            "certificate_no": benefit.certificate_no, "village_name": "村", "head_name": head.name,
            "id_no": head.id_no, "id_tail": head.id_tail,
            "holder": account.holder if account else "", "bank": "演练银行",
            "account": account.number if account else "",
            "account_digest": account.number_digest if account else "",
            "account_tail": account.number_tail if account else "", "state": state,
            "is_effective": state != "RETURNED",
            "paid_on": batch.month.replace(day=8) if state == "PAID" else None,
            "serial": f"S{n}" if state == "PAID" else "",
            "answered_on": None if state == "PENDING" else batch.month.replace(day=8),
            "failure": "账户不存在" if state == "RETURNED" else "",
        }  # fmt: skip
        return PayoutLine.objects.create(
            batch=batch, office=batch.office, benefit=benefit, **values | changes
        )

    @contextmanager
    def past(self, *tables: str) -> Iterator[None]:
        """The tables' guards are off for the block; only in a database of the test's own."""
        name = connection.settings_dict["NAME"]
        for table in tables:
            as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER", database=name)
        try:
            yield
        finally:
            for table in tables:
                as_owner(f"ALTER TABLE {table} ENABLE TRIGGER USER", database=name)

    def number(self, born: date) -> str:
        """The identity number of a man who was born on that very day."""
        return identity_numbers.synthetic(next(self.serial), birth_on=born, is_male=True)

    def review(self, benefit: Benefit, **changes: Any) -> Review:
        """A review that still waits; with an outcome one that was decided, told of and ended."""
        opened = changes.setdefault("opened_on", date(2026, 11, 9))
        decided = changes.get("decided_on", opened + timedelta(days=7))
        values: dict[str, Any] = {
            "no": f"FH-{next(self.serial)}", "trigger": "HAND",
            "due_on": opened + timedelta(days=60),
        }  # fmt: skip
        if changes.get("outcome"):
            values |= {"state": "ENDED", "decided_on": decided, "ended_on": decided}
            if changes["outcome"] != "KEEP":
                values |= {"told_on": decided, "told_method": "DIRECT", "told_to": "本人"}
        place = {n: getattr(benefit, n) for n in ("district", "office", "village")}
        return Review.objects.create(benefit=benefit, **place, **values | changes)

    def lift(self, table: str, constraint: str) -> None:
        """The table takes what it would refuse. Only in a database of the test's own."""
        sql = f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint}"
        as_owner(sql, database=connection.settings_dict["NAME"])
