"""Every figure once more, in plain Python over rows of the tables: from the definitions (domain 12,
clauses 3-20), not from the product's statements. Rows are read once for each district."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F

from archives.models import Dossier, OldFile
from cases.models import (
    Appraisal,
    Benefit,
    Case,
    Claim,
    Contact,
    Decision,
    Entitlement,
    Lead,
    Member,
    Notice,
    Review,
    Survey,
)
from funds.models import Allocation, FlowProof, PayoutBatch, PayoutLine, Recovery
from supervision.models import Complaint, Finding, Mending, SampleItem, Sheet
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.models import Event, Signature

ALLOWANCE = ("URBAN_ALLOWANCE", "RURAL_ALLOWANCE")
DESTITUTE = ("URBAN_DESTITUTE", "RURAL_DESTITUTE")
RELIEF = ("URGENT_RELIEF", "EXPENSE_RELIEF")
OVER = ("DRAFT", "DECLINED", "APPROVED", "REFUSED")  # neither of them is in process
Row = dict[str, Any]
Answer = tuple[int, int | None]


@dataclass(frozen=True)
class Question:
    """A figure's question: days both within, an office, a programme."""

    first: date
    last: date
    office: int | None = None
    programme: str = ""


def month_of(day: date) -> date:
    """Its first day."""
    return day.replace(day=1)


def before(month: date) -> date:
    """The month before."""
    return month_of(month - timedelta(days=1))


class Oracle:
    """The rows of one district, and what each figure is by them."""

    def __init__(self, district: int) -> None:
        mine = {"district": district}
        self.cases = {c["no"]: c for c in Case.objects.filter(**mine).values()}
        keys = {c["id"]: c for c in self.cases.values()}
        for row in Decision.objects.filter(case__district=district).values():
            keys[row["case_id"]]["decision"] = row
        chain = Event.objects.filter(subject_kind="case", due_on__isnull=False).order_by("seq")
        self.due = dict(chain.values_list("subject_key", "due_on"))  # the last one stays
        self.chain: dict[str, list[Event]] = defaultdict(list)  # by case or finding, in order
        for e in Event.objects.filter(subject_kind__in=("case", "finding")).order_by("seq"):
            self.chain[e.subject_key].append(e)
        self.head: dict[int, str] = {}  # who lives, or else came last
        heads = Member.objects.filter(relation="SELF").order_by("id")
        for m in sorted(heads, key=lambda m: m.left_on is None):
            self.head[m.household_id] = m.id_digest
        self.keys = keys
        self.benefits = list(Benefit.objects.filter(**mine).values())
        self.entitled = list(Entitlement.objects.order_by("id").values())
        self.visits = set(Contact.objects.filter(means="HOME").values_list("benefit_id", "on_day"))
        self.surveys = set(Survey.objects.values_list("case_id", "visited_on"))
        self.reviews = list(Review.objects.filter(**mine).values())
        self.programme_of = {b["id"]: b["programme"] for b in self.benefits}
        self.notices = list(Notice.objects.filter(case__district=district).values())
        self.meetings = list(Appraisal.objects.filter(case__district=district).values())
        self.checked = set(
            SampleItem.objects.filter(state="DONE").values_list("case_id", flat=True)
        )
        self.lines = list(PayoutLine.objects.filter(batch__district=district).values(
            "amount_fen", "persons", "paid_on", "office_id", "state", "kind", "month",
            "benefit_id", "case_id", list=F("batch__state"), day=F("batch__month"),
            programme=F("batch__programme"), until=F("batch__pay_by"),
            sort=F("batch__kind")))  # fmt: skip
        self.papers = {
            model: list(model.objects.filter(**mine).values())  # type: ignore[attr-defined]
            for model in (Finding, Mending, Complaint, Sheet, OldFile, Dossier, Recovery, FlowProof)
        }
        self.sent_down = list(Allocation.objects.filter(office__parent=district).values())
        self._name_programmes()

    def _name_programmes(self) -> None:
        """Each paper has the programme of the case, benefit, list or review that it is about."""
        of_benefit = self.programme_of
        known = {("case", no): c["programme"] for no, c in self.cases.items()}
        known |= {("benefit", b["key"]): b["programme"] for b in self.benefits}
        known |= {("review", r["no"]): of_benefit[r["benefit_id"]] for r in self.reviews}
        lists = PayoutBatch.objects.values_list("no", "programme")
        known |= {("batch", no): programme for no, programme in lists}
        for f in self.papers[Finding]:
            f["programme"] = known.get((f["subject_kind"], f["subject_key"]), "")
        of_finding = {f["id"]: f["programme"] for f in self.papers[Finding]}
        for z in self.papers[Mending]:
            z["programme"] = of_finding[z["finding_id"]]
        for r in self.papers[Recovery]:
            r["programme"] = of_benefit[r["benefit_id"]]
        for row in [*self.papers[Sheet], *self.papers[Complaint]]:
            case = self.keys.get(row["case_id"], {}).get("programme", "")
            row["programme"] = case or of_benefit.get(row.get("benefit_id"), "")

    # ------------------------------------------------------------------ choosing

    def within(
        self, asked: Question, rows: Iterable[Row], day: Callable[[Row], date | None] | None = None
    ) -> list[Row]:
        """Rows of the office and the programme (of those that have one), whose day is asked for."""
        found = []
        for row in rows:
            is_there = asked.office is None or row["office_id"] == asked.office
            named = row.get("programme", asked.programme)
            if not is_there or (asked.programme and named != asked.programme):
                continue
            when = day(row) if day else asked.last
            if day is None or (when is not None and asked.first <= when <= asked.last):
                found.append(row)
        return found

    def answer(self, code: str, asked: Question) -> Answer:
        """Numerator and denominator (None: a plain count)."""
        found: Answer = getattr(self, code)(asked)
        return found

    @staticmethod
    def part(rows: list[Row], holds: Callable[[Row], bool]) -> Answer:
        """How many of them, and how many they are."""
        return sum(1 for row in rows if holds(row)), len(rows)

    # ------------------------------------------------------------------ cases

    def open(self, asked: Question) -> Answer:
        """In process."""
        rows = self.within(asked, self.cases.values())
        return sum(1 for c in rows if c["state"] not in OVER), None

    def late(self, asked: Question) -> Answer:
        """In process and due before the last day; of a day that is over, as the chain told it."""
        rows = self.within(asked, self.cases.values())
        if asked.last < today():
            due = [self.due_then(c, asked.last) for c in rows]
        else:
            due = [c["due_on"] for c in rows if c["state"] not in OVER]
        return sum(1 for day in due if day and day < asked.last), None

    def due_then(self, case: Row, on: date) -> date | None:
        """The due day that stood on a day; None for what was not in process or had no clock."""
        is_over = case["decided_on"] and case["decided_on"] <= on
        if case["state"] == "DRAFT" or case["submitted_on"] > on or is_over:
            return None
        due = None
        for event in self.chain[case["no"]]:
            if event.on_day <= on and (event.due_on or event.after):
                due = event.due_on
        return due

    def over(self, asked: Question) -> list[Row]:
        """Decided in the period."""
        decided = [c for c in self.cases.values() if "decision" in c]
        return self.within(asked, decided, lambda c: c["decision"]["decided_on"])

    def decided(self, asked: Question) -> Answer:
        """The same as a count."""
        return len(self.over(asked)), None

    def decided_in_time(self, asked: Question) -> Answer:
        """Not after the day that the chain has as due."""
        return self.part(
            self.over(asked), lambda c: c["decision"]["decided_on"] <= self.due[c["no"]]
        )

    def new(self, asked: Question, programmes: tuple[str, ...]) -> list[Row]:
        """Approved in the period."""
        return [c for c in self.over(asked)
                if c["state"] == "APPROVED" and c["programme"] in programmes]  # fmt: skip

    def approved_by_cut_off(self, asked: Question) -> Answer:
        """By the 20th of the month before the first one that is paid (4(1).1)."""
        return self.part(
            self.new(asked, ALLOWANCE + DESTITUTE),
            lambda c: (
                c["decision"]["decided_on"] <= before(c["decision"]["start_month"]).replace(day=20)
            ),
        )

    def rechecked(self, asked: Question) -> Answer:
        """The bureau looked at it again (5(9))."""
        return self.part(self.over(asked), lambda c: c["rechecked_on"] is not None)

    def sampled_new(self, asked: Question) -> Answer:
        """Visited by the bureau, of new 低保 and 特困."""
        rows = self.new(asked, ALLOWANCE + DESTITUTE)
        return self.part(rows, lambda c: c["id"] in self.checked)

    def sampled_relief(self, asked: Question) -> Answer:
        """The same of 临时救助 of households that have no other relief."""
        covered = set(Claim.objects.filter(household_class__in=("ALLOWANCE", "DESTITUTE"))
                      .values_list("case_id", flat=True))  # fmt: skip
        rows = [c for c in self.new(asked, RELIEF) if c["id"] not in covered]
        return self.part(rows, lambda c: c["id"] in self.checked)

    def found_actively(self, asked: Question) -> Answer:
        """Applications that came of a lead (3(3))."""
        led = set(Lead.objects.values_list("draft__case_no", flat=True))
        rows = [c for c in self.cases.values() if c["state"] != "DRAFT"]
        return self.part(
            self.within(asked, rows, lambda c: c["submitted_on"]), lambda c: c["no"] in led
        )

    def notices_sound(self, asked: Question) -> Answer:
        """Seven full days, a photo, a place."""
        rows = [n | {"programme": c["programme"], "office_id": c["office_id"]}
                for n in self.notices if (c := self.keys[n["case_id"]])]  # fmt: skip

        def holds(n: Row) -> bool:
            days = (n["last_day"] - n["first_day"]).days + 1
            return bool(
                days >= 7 and n["closed_on"] > n["last_day"] and n["photo_id"] and n["place"]
            )

        return self.part(self.within(asked, rows, lambda n: n["closed_on"]), holds)

    def appraisals_sound(self, asked: Question) -> Answer:
        """Two thirds came, the votes add up, the head of the village signed that round."""
        signed = set(Signature.objects.filter(subject_kind="case", stage="witness")
                     .values_list("subject_key", "round"))  # fmt: skip
        rows = [m | {"programme": c["programme"], "office_id": c["office_id"], "no": c["no"]}
                for m in self.meetings if (c := self.keys[m["case_id"]])]  # fmt: skip
        return self.part(
            self.within(asked, rows, lambda m: m["held_on"]),
            lambda m: (
                m["attended"] / m["expected"] >= 2 / 3
                and m["agree"] + m["oppose"] + m["abstain"] == m["attended"]
                and (m["no"], m["round"]) in signed
            ),
        )

    # ------------------------------------------------------------------ benefits

    def running(self, asked: Question) -> list[Row]:
        """In benefit in the last day's month."""
        month = month_of(asked.last)
        return [
            b for b in self.within(asked, self.benefits)
            if b["start_month"] <= month and (b["end_month"] is None or b["end_month"] >= month)
        ]  # fmt: skip

    def in_benefit(self, asked: Question) -> Answer:
        """Households."""
        return len(self.running(asked)), None

    def persons(self, asked: Question) -> Answer:
        """Persons by the latest entitlement that has begun."""
        count = {b["id"]: b["persons"] for b in self.running(asked)}
        for row in self.entitled:
            if row["benefit_id"] in count and row["from_month"] <= month_of(asked.last):
                count[row["benefit_id"]] = row["persons"]
        return sum(count.values()), None

    def visited(self, asked: Question) -> Answer:
        """Visited at home in the year, up to the last day, or surveyed; also what was before it."""

        def in_time(found: set[tuple[int, date]]) -> set[int]:
            return {key for key, day in found
                    if day.year == asked.last.year and day <= asked.last}  # fmt: skip

        visited, surveyed = in_time(self.visits), in_time(self.surveys)
        seen = {b["id"] for b in self.benefits
                if b["id"] in visited or b["source_case_id"] in surveyed}  # fmt: skip
        return self.part(
            self.running(asked), lambda b: b["id"] in seen or b["continues_id"] in seen
        )

    def review_late(self, asked: Question) -> Answer:
        """The day of the next review has passed."""
        days = [b["review_due_on"] for b in self.running(asked)]
        return sum(1 for day in days if day and day < asked.last), None

    def reviews_in_time(self, asked: Question) -> Answer:
        """Ended by the day on which they were due."""
        rows = [r | {"programme": self.programme_of[r["benefit_id"]]} for r in self.reviews
                if r["state"] != "WITHDRAWN"]  # fmt: skip
        return self.part(
            self.within(asked, rows, lambda r: r["due_on"]),
            lambda r: r["state"] == "ENDED" and r["ended_on"] <= r["due_on"],
        )

    def told(self, asked: Question) -> Answer:
        """Families that were told of a change."""
        rows = [r | {"programme": self.programme_of[r["benefit_id"]]} for r in self.reviews
                if r["state"] == "ENDED" and r["outcome"] not in ("", "KEEP")]  # fmt: skip
        rows = self.within(asked, rows, lambda r: r["ended_on"])
        return self.part(rows, lambda r: r["told_on"] is not None)

    # ------------------------------------------------------------------ money

    def money(self, asked: Question, name: str, holds: Callable[[Row], bool]) -> int:
        """What lines of lists of the period come to."""
        rows = self.within(asked, self.lines, lambda x: x["day"])
        return sum(row[name] if name else 1 for row in rows if holds(row))

    def paid(self, asked: Question) -> Answer:
        """Fen in the households' accounts."""
        return self.money(asked, "amount_fen", lambda x: x["state"] == "PAID"), None

    def paid_lines(self, asked: Question) -> Answer:
        """Payments."""
        return self.money(asked, "", lambda x: x["state"] == "PAID"), None

    def person_months(self, asked: Question) -> Answer:
        """Persons of each benefit's month once, when it is paid first, and of each single sum."""
        rows = self.within(asked, self.lines, lambda x: x["day"])
        paid = [x for x in rows if x["state"] == "PAID"]
        months = {
            (x["benefit_id"], x["month"], x["office_id"]): x["persons"]
            for x in paid if x["benefit_id"] and x["kind"] not in ("ARREARS", "CARE", "ONE_OFF")
        }  # fmt: skip
        return sum(months.values()) + sum(x["persons"] for x in paid if x["case_id"]), None

    def returned(self, asked: Question) -> Answer:
        """Fen that came back."""
        return self.money(asked, "amount_fen", lambda x: x["state"] == "RETURNED"), None

    def returned_lines(self, asked: Question) -> Answer:
        """How many came back."""
        return self.money(asked, "", lambda x: x["state"] == "RETURNED"), None

    @staticmethod
    def _due(asked: Question) -> Callable[[Row], bool]:
        """Of a month's list that was approved, or should have been: its day has passed."""
        return lambda x: (
            x["sort"] == "NORMAL"
            and (x["list"] not in ("OPEN", "LOCKED") or x["until"] < asked.last)
        )

    def paid_in_time(self, asked: Question) -> Answer:
        """By the list's day, of what was due."""
        due = self._due(asked)
        paid = self.money(
            asked, "", lambda x: due(x) and x["state"] == "PAID" and x["paid_on"] <= x["until"]
        )
        return paid, self.money(asked, "", due)

    def paid_in_full(self, asked: Question) -> Answer:
        """Fen paid of fen due."""
        due = self._due(asked)
        paid = self.money(asked, "amount_fen", lambda x: due(x) and x["state"] == "PAID")
        return paid, self.money(asked, "amount_fen", due)

    def recovered(self, asked: Question) -> Answer:
        """Fen that came back of fen asked for (20(1))."""
        rows = self.within(asked, self.papers[Recovery], lambda r: r["opened_on"])
        return sum(r["received_fen"] for r in rows), sum(r["amount_fen"] for r in rows)

    def allocated(self, asked: Question) -> Answer:
        """Fen sent down."""
        rows = self.within(asked, self.sent_down, lambda r: r["allocated_on"])
        return sum(r["amount_fen"] for r in rows), None

    # ------------------------------------------------------------------ papers

    def proofs_in_time(self, asked: Question) -> Answer:
        """Sent by the day (15)."""
        sent = dict(Event.objects.filter(subject_kind="proof", action="send").order_by("-seq")
                    .values_list("subject_key", "on_day"))  # fmt: skip
        rows = self.within(asked, self.papers[FlowProof], lambda r: r["due_on"])
        return self.part(rows, lambda r: r["no"] in sent and sent[r["no"]] <= r["due_on"])

    def errors(self, asked: Question) -> Answer:
        """Families, not findings nor applications, of those that were approved (18(4))."""
        wrong = [
            f for f in self.papers[Finding] if f["is_error"] and f["outcome"] in ("TRUE", "MENDED")
        ]
        found = self.within(asked, wrong, lambda f: f["judged_on"] or f["opened_on"])
        good = [c for c in self.over(asked) if c["state"] == "APPROVED"]
        wrong_ones, all_ones = self.families(found), self.families(good)
        return len(wrong_ones), len(all_ones)

    def families(self, rows: list[Row]) -> set[Any]:
        """Whose the rows are: by the number of the head, or else the household."""
        return {self.head.get(row["household_id"], row["household_id"]) for row in rows}

    def _phone(self, asked: Question, code: str, good: str) -> Answer:
        rows = [s for s in self.papers[Sheet] if s["kind"] == "PHONE" and s["finished_on"]
                and code in s["answers"]]  # fmt: skip
        return self.part(
            self.within(asked, rows, lambda s: s["checked_on"]),
            lambda s: s["answers"][code]["answer"] in good,
        )

    def satisfied(self, asked: Question) -> Answer:
        """Content or very content (10)."""
        return self._phone(asked, "SATISFIED", "34")

    def aware(self, asked: Question) -> Answer:
        """Knows the policy, or some of it (10)."""
        return self._phone(asked, "AWARE", "23")

    def files_complete(self, asked: Question) -> Answer:
        """Nothing that must be there lacks."""
        rows = [d | {"programme": self.keys[d["case_id"]]["programme"]}
                for d in self.papers[Dossier] if d["state"] != "DESTROYED"]  # fmt: skip
        return self.part(
            self.within(asked, rows, lambda d: d["opened_on"]),
            lambda d: d["required_present"] == d["required_total"],
        )

    def old_files(self, asked: Question) -> Answer:
        """Looked at (16)."""
        rows = self.within(asked, self.papers[OldFile])
        return self.part(rows, lambda f: f["state"] == "DONE")

    def findings_open(self, asked: Question) -> Answer:
        """Not done with; of a day that is over, by what the chain had told by then."""
        rows = self.within(asked, self.papers[Finding])
        if asked.last >= today():
            return sum(1 for f in rows if f["state"] != "DONE"), None
        count = 0
        for f in rows:
            told = [e.after for e in self.chain[f["no"]] if e.on_day <= asked.last and e.after]
            count += f["opened_on"] <= asked.last and told[-1:] != ["DONE"]
        return count, None

    def mended(self, asked: Question) -> Answer:
        """Passed by the day (16)."""
        kept = [z for z in self.papers[Mending] if z["state"] != "DROPPED"]
        rows = self.within(asked, kept, lambda z: z["due_on"])
        return self.part(rows, lambda z: z["state"] == "DONE" and z["passed_on"] <= z["due_on"])

    def complaints(self) -> list[Row]:
        """By the office that looks into it: whom it is about is not told of it (7.2)."""
        return [
            q | {"office_id": q["handler_id"] or q["district_id"]} for q in self.papers[Complaint]
        ]

    def petitions(self, asked: Question) -> Answer:
        """Came in; enquiries are none."""
        rows = self.within(asked, self.complaints(), lambda q: q["received_on"])
        return sum(1 for q in rows if q["kind"] != "ENQUIRY"), None

    def petitions_in_time(self, asked: Question) -> Answer:
        """Closed by the day (7.2)."""
        rows = self.within(asked, self.complaints(), lambda q: q["due_on"])
        return self.part(rows, lambda q: q["state"] == "CLOSED" and q["closed_on"] <= q["due_on"])
