"""A district drawn by a seed: four offices, every programme, cases, benefits, lists, papers of all
states, and another district whose rows must never be counted. As of ground.ON."""

import copy
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import transaction

from archives.models import Dossier, OldFile
from cases.models import Benefit, Case, Draft, Household, Lead
from funds.models import FlowProof, PayoutBatch, Recovery
from funds.operations import ledger
from supervision.models import Complaint, Finding, Mending, Sample, SampleItem, Sheet
from supervision.operations.sums import keep_sums
from tests import databases
from tests.cases.days import at
from tests.cast import Cast, make_cast, unit
from tests.supervision.ground import ON, Ground
from tests.supervision.plants.books import entitlement
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Unit

MONTHLY = ("URBAN_ALLOWANCE", "RURAL_ALLOWANCE", "URBAN_DESTITUTE", "RURAL_DESTITUTE")
RELIEF = ("URGENT_RELIEF", "EXPENSE_RELIEF")
MONTHS = [date(2025, 12, 1), *(date(2026, n, 1) for n in range(1, 12))]
OPEN_STATES = ("SUBMITTED", "CORRECTING", "INVESTIGATING", "URGENT", "REVIEW_NOTICE", "TO_PROPOSE",
               "APPROVAL_NOTICE", "TO_DECIDE")  # fmt: skip
BARE = "authorisation survey means account appraisal notices signatures letter benefit self_care"


class District:
    """The builder; `size` scales it. Whatever is drawn comes from the one seed."""

    def __init__(self, cast: Cast, seed: int, size: int = 1) -> None:
        self.cast, self.ground, self.random = cast, Ground(cast), Random(seed)
        towns = [unit(f"{n}镇", "OFFICE", f"15990000{i}", cast.district)
                 for i, n in enumerate("丙丁", 3)]  # fmt: skip
        villages = [unit(f"{t.name}一村", "VILLAGE", f"{t.code}201", t) for t in towns]
        self.villages = [cast.village, cast.other_village, cast.foreign_village, *villages]
        self.offices = [cast.office, cast.other_office, *towns]
        self.homes = [self.home() for _ in range(30 * size)]
        self.fill(size)
        self.elsewhere()

    def fill(self, size: int) -> None:
        """Everything that there is."""
        self.benefits = [self.benefit() for _ in range(40 * size)]
        for benefit in self.random.sample([b for b in self.benefits if b.persons > 1], 8):
            day = self.day(benefit.start_month)
            entitlement(self.ground, benefit, day, 500_00, persons=benefit.persons - 1)
        self.cases = [self.case() for _ in range(110 * size)]
        makers = (self.review, self.finding, self.complaint, self.old_file, self.sheet)
        for many, make in zip((40, 20, 24, 24, 24, 14), (*makers, self.allocation), strict=True):
            for _ in range(many * size):
                make()
        self.sample()
        self.see()
        for month in MONTHS:
            for programme in MONTHLY[:3]:
                self.batch(month, programme, self.random.choice(self.villages))

    def elsewhere(self) -> None:
        """Another district with a few rows of its own."""
        other = unit("外区", "DISTRICT", "159800", None)
        office = unit("外街道", "OFFICE", "159800001", other)
        away = copy.copy(self.cast)
        away.district, away.office = other, office
        away.village = unit("外社区", "COMMUNITY", "159800001001", office)
        ground = Ground(away, self.ground.serial)
        for state in ("INVESTIGATING", "APPROVED"):
            ground.case(state=state, without=BARE)
        self.foreign = ground.benefit()

    # ------------------------------------------------------------------ choices

    def day(self, first: date = date(2025, 12, 1), last: date = ON) -> date:
        """Some day between the two."""
        return first + timedelta(days=self.random.randint(0, (last - first).days))

    def yes(self, share: float = 0.5) -> bool:
        """With that chance."""
        return self.random.random() < share

    def number(self) -> int:
        """Comes once."""
        return next(self.ground.serial)

    def home(self) -> Household:
        """A household with its head, an account, and now and then others who live there."""
        where = self.random.choice(["HERE", "HERE", "PERMIT", "REGION"])
        home = self.ground.home(
            village=self.random.choice(self.villages), head={"registered": where}
        )
        for _ in range(self.random.choice([0, 0, 1, 2])):
            left = self.day() if self.yes(0.2) else None
            self.ground.member(
                home, born=self.day(date(1940, 1, 1), date(2024, 12, 31)), is_male=self.yes(),
                condition=self.random.choice(["HEALTHY", "DISABLED_1", "DISABLED_2", "ILL"]),
                studies_until=date(2027, 7, 1) if self.yes(0.2) else None, left_on=left,
                joined_on=date(2020, 1, 1) if left else self.day(), is_insured=self.yes(0.8),
            )  # fmt: skip
        return home

    def place(self, home: Household) -> dict[str, Any]:
        """Where a row of the household stands."""
        return {"district": home.district, "office": home.office}

    # ------------------------------------------------------------------ rows

    def benefit(self) -> Benefit:
        """Of some months, some visited, some with a review that is late."""
        home, programme = self.home(), self.random.choice(MONTHLY)
        given = {} if programme in MONTHLY[:2] else {
            "support": self.random.choice(["CENTRAL", "SCATTERED"]),
            "care_tier": self.random.choice(["FULL", "PARTIAL", "SELF"]),
        }  # fmt: skip
        start, end = self.random.choice(MONTHS), self.random.choice([None, None, *MONTHS])
        return self.ground.benefit(
            home, programme=programme, **given, persons=self.random.randint(1, 4),
            start_month=start, paid_with=start, end_month=end if end and end >= start else None,
            visited=self.day() if self.yes(0.7) else None,
            review_due_on=self.day(last=ON + timedelta(days=90)),
            monthly_fen=self.random.randint(100_00, 900_00),
            method=self.random.choice(["", "single"]),
        )  # fmt: skip

    def case(self) -> Case:
        """Of any state; what is decided has its due date in the chain."""
        state = self.random.choice([*OPEN_STATES, "DECLINED", *["APPROVED"] * 12, *["REFUSED"] * 3])
        programme = self.random.choice([*MONTHLY, *RELIEF, *RELIEF])
        home = self.home() if state in OPEN_STATES else self.again(self.random.choice(self.homes))
        decided, changes = self.day(), {}
        if state in ("APPROVED", "REFUSED"):
            changes = {"decided_on": decided, "rechecked_on": decided if self.yes() else None}
        if state in OPEN_STATES[2:]:
            changes["due_on"] = ON + timedelta(days=self.random.randint(-6, 45))
        if state in OPEN_STATES[:2]:
            changes["accepted_on"] = None
        if state == "APPROVED" and programme in MONTHLY:
            start = (decided + timedelta(days=self.random.randint(1, 60))).replace(day=1)
            changes["decision"] = {"start_month": start, "paid_with": start}
        made = self.ground.case(
            home, without=BARE, state=state, programme=programme,
            submitted_on=decided - timedelta(days=40), **changes,
        )  # fmt: skip
        self.clock(made)
        if made.decided_on:
            due = decided + timedelta(days=self.random.randint(-3, 9))
            record("case", made.no, "accept", actor=ROBOT, on=decided, due_on=due)
            self.evidence(made, decided)
        return made

    def again(self, home: Household) -> Household:
        """The home, or one more of the same head, as each application makes one."""
        if self.number() % 3:
            return home
        head = self.ground.head(home)
        same = {"id_no": head.id_no, "registered": head.registered}
        return self.ground.home(village=home.village, head=same)

    def clock(self, case: Case) -> None:
        """What the chain tells of the case before now: its due day, which moved or stood still."""
        if case.due_on is None and case.decided_on is None:
            return
        n, since = self.number(), case.submitted_on

        def tell(action: str, days: int, **more: Any) -> None:
            record("case", case.no, action, actor=ROBOT, on=since + timedelta(days=days), **more)

        tell("accept", 1, after="INVESTIGATING", due_on=since + timedelta(days=10 + n % 20))
        tell("look", 2)
        if n % 4 == 0:
            tell("return_to_applicant", 25, after="CORRECTING")
        elif n % 4 == 1:
            due = case.due_on or since + timedelta(days=33)
            tell("recompute_due", 30, due_on=due)

    def see(self) -> None:
        """Homes that were seen to survey a case, and benefits that continue another."""
        new = [c for c in self.cases if c.state == "APPROVED" and c.programme in MONTHLY]
        for n, (benefit, case) in enumerate(zip(self.benefits[::2], new, strict=False)):
            day = date(2026, n % 11 + 1, 5) if n % 4 else date(2025, 12, 5)
            self.ground.survey(case, visited_on=day)
            type(benefit).objects.filter(pk=benefit.pk).update(source_case=case)
        for old in [b for b in self.benefits if b.end_month and b.end_month < MONTHS[-1]]:
            start = (old.end_month + timedelta(days=31)).replace(day=1)
            self.ground.benefit(
                old.household, programme=old.programme, persons=old.persons, visited=None,
                start_month=start, paid_with=start, continues=old, support=old.support,
                care_tier=old.care_tier,
            )  # fmt: skip

    def evidence(self, case: Case, day: date) -> None:
        """Notices, meetings, leads and files of a decided case."""
        posted = day - timedelta(days=self.random.randint(6, 20))
        lacks: dict[str, Any] = self.random.choice([{}, {}, {"place": ""}, {"photo": None}])
        last = posted + timedelta(days=self.random.choice([6, 7, 7, 8]))
        if self.yes(0.4):
            closed = last + timedelta(days=self.random.choice([0, 1, 1, 1]))
            dates = {"posted_on": posted, "last_day": last, "closed_on": closed}
            self.ground.notice(case, "REVIEW", **dates | lacks)
        if self.yes(0.4):
            came = self.random.choice([5, 6, 6, 7])
            self.ground.appraisal(case, held_on=posted, attended=came, agree=came - 1, oppose=1,
                                  round=self.random.choice([1, 1, 1, 2]))  # fmt: skip
        if self.yes(0.3):
            draft = Draft.objects.create(
                key=f"D{self.number()}", programme=case.programme, case_no=case.no,
                village=case.village, owner_id=self.ground.person("clerk"),
            )  # fmt: skip
            Lead.objects.create(
                **self.place(case.household), village=case.village, found_on=day, source="HOTLINE",
                name="演练", difficulty="困难", draft=draft, result="APPLIED", closed_on=day,
                recorded_by_id=self.ground.person("clerk"),
            )  # fmt: skip
        if case.state == "APPROVED" and self.yes():
            Dossier.objects.create(
                no=f"DA-{self.number()}", case=case, household=case.household,
                district=case.district, office=case.office, village=case.village,
                opened_on=day, retain_years=10,
                required_total=9, required_present=self.random.choice([8, 9, 9]),
            )  # fmt: skip

    def review(self) -> None:
        """Ended in time or not, or waiting; told or not to be told."""
        benefit = self.random.choice(self.benefits)
        opened, outcome = self.day(), self.random.choice(["", "KEEP", "RAISE", "REDUCE"])
        if not outcome and benefit.reviews.exclude(state="ENDED").exists():
            return
        due = opened + timedelta(days=self.random.randint(3, 20))
        self.ground.review(benefit, opened_on=opened, outcome=outcome, due_on=due)

    def finding(self) -> None:
        """Of any state; some are errors, some must be mended."""
        case = self.random.choice([c for c in self.cases if c.state == "APPROVED"])
        opened, n = self.day(), self.number()
        state = self.random.choice(["OPEN", "ANSWERED", "MENDING", "RECHECK", "DONE", "DONE"])
        outcome = self.random.choice(["TRUE", "MENDED", "UNTRUE"]) if state == "DONE" else ""
        judged = self.day(opened) if outcome else None
        wrong = outcome in ("TRUE", "MENDED") and self.yes(0.8)
        made = Finding.objects.create(
            no=f"HC-{n}", **self.place(case.household), state=state, source="HAND",
            opened_on=opened,
            severity="B", cites="8", subject_kind="case", subject_key=case.no, mark=str(n),
            what=f"发现 {n}", owner="office_staff", last_seen_on=opened, household=case.household,
            outcome=outcome, verdict="属实" if outcome else "", judged_on=judged, is_error=wrong,
            error_year=judged.year if judged and wrong else None,
        )  # fmt: skip
        if state in ("MENDING", "DONE"):
            done_on = opened + timedelta(days=self.random.randint(1, 30))
            passed = done_on if state == "DONE" else None
            due = opened + timedelta(days=self.random.randint(10, 40))
            Mending.objects.create(
                no=f"ZG-{n}", **self.place(case.household), finding=made, demand="整改",
                state="DONE" if passed else "OPEN", passed_on=passed, first_due_on=due,
                opened_on=opened, due_on=due,
            )  # fmt: skip
            judged = judged and passed
        self.turns(made, judged)

    def turns(self, finding: Finding, ended: date | None) -> None:
        """What the chain tells of it: it ended, perhaps to be judged anew and ended again."""
        steps = [("confirm", "MENDING", finding.opened_on)] if finding.state == "MENDING" else []
        if ended:
            steps.append(("accept", "DONE", ended))
        if ended and finding.pk % 2:
            steps.append(("reopen", "ANSWERED", ended + timedelta(days=9)))
            steps.append(("remind", "ANSWERED", ended + timedelta(days=10)))
            steps.append(("untrue", "DONE", ended + timedelta(days=40)))
        for action, after, day in steps:
            record("finding", finding.no, action, actor=ROBOT, on=day, after=after)

    def complaint(self) -> None:
        """About an office, or about none; given to another one, or to nobody yet."""
        n, came = self.number(), self.day()
        about, given = self.random.sample([None, *self.offices], 2)
        closed = self.day(came) if self.yes(0.6) else None
        done = {"state": "CLOSED", "closed_on": closed, "feedback_on": closed, "result": "TRUE"}
        Complaint.objects.create(
            no=f"XF-{n}", key=f"K{n}", district=self.cast.district, opened_on=came,
            received_on=came,
            office=about, handler=given, channel="HOTLINE", content="内容",
            kind=self.random.choice(["REPORT", "PETITION", "ENQUIRY"]),
            due_on=came + timedelta(days=self.random.randint(5, 60)),
            **(done if closed else {"state": "RECEIVED"}),
        )  # fmt: skip

    def old_file(self) -> None:
        """Of the years since 2015."""
        done, n = self.yes(), self.number()
        OldFile.objects.create(
            no=f"LN-{n}", district=self.cast.district, office=self.random.choice(self.offices),
            year=2017, programme=self.random.choice(MONTHLY), old_no=f"旧{n}", head_name=f"旧户{n}",
            state="DONE" if done else "LISTED", done_on=ON if done else None,
        )  # fmt: skip

    def sheet(self) -> None:
        """A phone call that was answered, in part, or not at all."""
        benefit, day, n = self.random.choice(self.benefits), self.day(), self.number()
        answers = {code: {"answer": self.random.choice("0123"), "note": ""}
                   for code in ("SATISFIED", "AWARE") if self.yes(0.8)}  # fmt: skip
        if "SATISFIED" in answers and self.yes():
            answers["SATISFIED"]["answer"] = "4"
        Sheet.objects.create(
            no=f"JC-{n}", **self.place(benefit.household), kind="PHONE", benefit=benefit,
            opened_on=day, checked_on=day, checked_by_id=self.ground.person("supervisor"),
            answers=answers, verdict="NONE", finished_on=day if self.yes(0.8) else None,
        )  # fmt: skip

    def sample(self) -> None:
        """Some of the new cases were drawn, and some of those were looked at."""
        sample = Sample.objects.create(
            no="CC-1", district=self.cast.district, kind="NEW", state="DRAWN", seed="s",
            period_from=date(2025, 1, 1), period_to=date(2026, 10, 31), percent=30, seed_event=1,
            opened_on=date(2026, 11, 2), opened_by_id=self.ground.person("supervisor"),
            frame_sha256="0" * 64, drawn_on=date(2026, 11, 2),
        )  # fmt: skip
        drawn = [c for c in self.cases if c.state == "APPROVED" and self.yes()]
        for n, case in enumerate(drawn):
            SampleItem.objects.create(
                sample=sample, number=case.no, stratum="甲", rank="", place=n, quota=1,
                why="DRAWN", case=case, household=case.household, office=case.office,
                village=case.village, state=self.random.choice(["DONE", "WAITING"]),
            )  # fmt: skip

    def allocation(self) -> None:
        """Money was sent down."""
        n = self.number()
        grant = ledger.Grant(
            office_id=self.random.choice(self.offices).pk, programme=self.random.choice(MONTHLY),
            source="CITY", year=2026, amount_fen=self.random.randint(1, 9) * 10_000_00,
            document=f"玉财社〔2026〕{n} 号", reason="演练",
        )  # fmt: skip
        day = self.day(date(2026, 1, 5))
        ledger.allocate(grant, key=f"k{n}", actor=self.cast.supervisor, on=day)

    def batch(self, month: date, programme: str, village: Unit) -> PayoutBatch:
        """A list of up to five lines in all states; its sums are kept."""
        office = village.parent
        assert office is not None
        made = self.ground.batch(office=office, month=month, programme=programme, state="OPEN",
                                 serial=1, closed_on=None)  # fmt: skip
        for _ in range(self.random.randint(1, 5)):
            benefit = self.ground.benefit(village=village, programme=programme, start_month=month,
                                          paid_with=month, end_month=month, visited=None,
                                          persons=self.random.randint(1, 4))  # fmt: skip
            state = self.random.choice(["PAID", "PAID", "PAID", "RETURNED", "PENDING"])
            day = month.replace(day=self.random.randint(5, 14)) if state == "PAID" else None
            line = self.ground.line(made, benefit, state=state, paid_on=day,
                                    amount_fen=self.random.randint(100_00, 999_00))  # fmt: skip
            if self.yes(0.2):
                self.money_papers(line)
        self.beside(made, benefit)
        settle(made, self.random.choice(["OPEN", "LOCKED", "APPROVED", "SENT", "CLOSED", "CLOSED"]))
        return made

    def beside(self, batch: PayoutBatch, benefit: Benefit) -> None:
        """What a list pays beside the month itself: the care of it, and a month before."""
        earlier = (batch.month - timedelta(days=1)).replace(day=1)
        self.ground.line(batch, benefit, kind="BACK_PAY", month=earlier, amount_fen=77_00)
        if batch.programme.endswith("DESTITUTE"):
            self.ground.line(batch, benefit, kind="CARE", amount_fen=55_00)

    def money_papers(self, line: Any) -> None:
        """A recovery and a proof that hang on a line."""
        n, day = self.number(), self.day()
        place = {"district": self.cast.district, "office": line.office}
        got = self.random.choice([0, line.amount_fen // 3, line.amount_fen])
        Recovery.objects.create(
            no=f"ZJ-{n}", **place, state="TOLD", state_since=day, opened_on=day, told_on=day,
            told_how="DIRECT", told_to="本人", reason="多发",
            benefit=line.benefit, household=line.household,
            amount_fen=line.amount_fen, received_fen=got,
        )  # fmt: skip
        if FlowProof.objects.filter(office=line.office, month=line.month).exists():
            return
        FlowProof.objects.create(
            no=f"LS-{n}", **place, state="SENT", state_since=day, opened_on=day, due_on=day,
            month=line.month, family="ALLOWANCE", line=line, seed="s", frame_count=1,
            frame_sha256="0" * 64, place=0,
        )  # fmt: skip
        sent = day + timedelta(days=self.random.choice([-1, 0, 2]))
        record("proof", f"LS-{n}", "send", actor=ROBOT, on=sent)


@contextmanager
def standing(blocker: Any, name: str, seed: int, size: int = 1) -> Iterator[District]:
    """The district in a database of its own, made once for tests that only read, on its day."""
    database = databases.clone(f"relief_{name}_{os.getpid()}_district")
    with blocker.unblock(), databases.connected_to(database), at(ON):
        with transaction.atomic():
            made = District(make_cast(), seed, size)
        yield made
    databases.drop(database)


def settle(batch: PayoutBatch, state: str) -> None:
    """An open list goes to a state with the sums of its lines; one that waits cannot be closed."""
    rows = list(batch.lines.values_list("state", "amount_fen"))
    paid = [fen for s, fen in rows if s == "PAID"]
    back = [fen for s, fen in rows if s == "RETURNED"]
    if state == "CLOSED" and len(paid) + len(back) < len(rows):
        state = "SENT"
    values = {
        "state": state, "file_sha256": "" if state == "OPEN" else "0" * 64, "line_count": len(rows),
        "total_fen": sum(fen for _, fen in rows), "household_count": len(rows),
        "paid_count": len(paid), "paid_fen": sum(paid), "returned_count": len(back),
        "returned_fen": sum(back), "closed_on": ON if state == "CLOSED" else None,
    }  # fmt: skip
    PayoutBatch.objects.filter(pk=batch.pk).update(**values)
    keep_sums(batch.pk)
