"""A village over the years: everything happens through operations, by one seed.

Households of the roster and of decisions made here; people leave, are born, die and find work; who
is due is reviewed; letters are served sooner or later; standards rise each January and are told in
spring; every month's list is made, signed, sent and answered by the bank.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from cases.models import Benefit, DeathRecord, Member, Review
from cases.models.review_record import ReviewRecord
from cases.operations import (
    change_reports,
    contacts,
    deaths,
    review_settlement,
    reviews,
    roster,
    standards,
    telling,
)
from cases.operations.reported_values import Reported
from cases.operations.review_rounds import open_happenings
from cases.operations.review_settlement import Found
from cases.rules.months import next_month
from funds.models import PayoutBatch
from funds.operations import batches, building, ledger
from tests import road
from tests.benefit import walks
from tests.cases.days import at
from tests.cast import Cast
from tests.funds import payouts
from tests.imports.rosters import as_csv, line
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.duties import run_all
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.operations.rulebook import confirm_value, enter_value
from yuquan_relief.kernel.rulebook_values import rules

PROGRAMME = "URBAN_ALLOWANCE"
FIRST = date(2026, 1, 1)
STANDARDS = {2026: 861_00, 2027: 886_50, 2028: 912_33}


class Village:
    """One village with its clerk, its office and its leader. `done`: what happened, by kind."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.dice, self.done = cast, random.Random(seed), Counter[str]()
        self.serial = 0

    def live(self, months: int, *, first: date = FIRST) -> None:
        """So many months, one after another."""
        self._begin(first)
        month = first
        for _ in range(months):
            self._month(month)
            month = next_month(month)

    def _begin(self, first: date) -> None:
        rows = [
            line(n, 发放年月=f"{first.year - 1}-12", 救助类别="城市低保", 保障人口数=str(1 + n % 3),
                 **{"救助金额(基本)": f"{400 + 13 * n}.00", "分类施保金额": f"{n % 4 * 20}.00",
                    "发放合计": f"{400 + 13 * n + n % 4 * 20}.00"})
            for n in range(1, 31)
        ]  # fmt: skip
        with at(first):
            roster.import_roster(as_csv(rows), name="名册.csv", actor=self.cast.staff, on=first)

    def _month(self, month: date) -> None:
        """From the first of the month to the bank's answer, a few days of work."""
        if month.month == 1:
            self._money(month)
        with at(month.replace(day=2)):
            self._list(month)
        for day in (5, 12, 19, 26):
            on = month.replace(day=day)
            with at(on):
                run_all(on)
                self._lives(on)
                self._work(on)
        if month.month == 4:
            self._raise(month.replace(day=27))
        if month.month in (2, 5, 8, 11) and self.dice.random() < 0.9:
            self._apply(month.replace(day=4))

    def _money(self, month: date) -> None:
        grant = ledger.Grant(
            office_id=self.cast.office.pk,
            programme=PROGRAMME,
            source="CITY",
            year=month.year,
            amount_fen=60_000_000,
            document=f"玉财社〔{month.year}〕1 号",
            reason="演练",
        )
        ledger.allocate(grant, key=f"money-{month.year}", actor=self.cast.supervisor, on=month)

    def _list(self, month: date) -> None:
        """The list of the month is there since the 22nd; it is paid."""
        cast, on = self.cast, month.replace(day=2)
        run_all(on)
        batch = PayoutBatch.objects.filter(month=month, programme=PROGRAMME).first()
        if batch is None:
            return
        self._bury(on)
        building.rebuild(batch.no, actor=cast.staff, on=on)
        batches.lock(batch.no, actor=cast.staff, on=on, proof=cast.proof("staff"))
        batches.approve(batch.no, actor=cast.leader, on=on, proof=cast.proof("leader"))
        batches.take_file(batch.no, actor=cast.accountant, on=on, proof=cast.proof("accountant"))
        paid = [
            row | {"交易时间": f"{month:%Y-%m}-03 10:30:00"}
            for row in payouts.answers(payouts.fresh(batch))
        ]
        payouts.imported(cast, batch, paid, month.replace(day=4))
        self.done["lists"] += 1

    def _bury(self, on: date) -> None:
        """No list is locked with somebody dead in it (R10): their reviews are ended first."""
        gone = DeathRecord.objects.filter(died_on__lt=on.replace(day=1)).values("id_digest")
        dead = Member.objects.filter(id_digest__in=gone, left_on__isnull=True)
        month = Benefit.objects.in_month(on.replace(day=1))
        for benefit in month.filter(household__members__in=dead).order_by("id"):
            review = benefit.reviews.exclude(state__in=("ENDED", "WITHDRAWN")).first()
            if review is None:
                open_happenings(on)
                review = benefit.reviews.get(state="OPEN")
            self._end_of(walks.fresh(review), on)

    def _end_of(self, review: Review, on: date) -> None:
        """Whatever was under way, it comes to a stop for death."""
        cast = self.cast
        if review.state == "TO_DECIDE":
            reviews.send_back(review.no, note="已死亡", actor=cast.leader, on=on)
        if review.state == "TO_TELL":
            reviews.reopen(review.no, note="已死亡", actor=cast.staff, on=on)
        record = DeathRecord.objects.get(
            id_digest__in=review.benefit.household.members.values("id_digest")
        )
        found = Found(how="STOP", ground="DIED", reason="殡葬信息", happened_on=record.died_on)
        review_settlement.settle(review.no, found, actor=cast.staff, on=on)
        reviews.propose(review.no, actor=cast.staff, on=on, proof=cast.proof("staff"))
        reviews.agree(review.no, actor=cast.leader, on=on, proof=cast.proof("leader"))
        told = telling.Told(told_on=on, method="NOBODY", receiver="社区主任见证")
        telling.tell(review.no, told, actor=cast.clerk, on=on)
        self.done["STOP"] += 1

    def _running(self) -> list[Benefit]:
        found = Benefit.objects.filter(end_month__isnull=True).select_related("household")
        return list(found.order_by("id"))

    def _lives(self, on: date) -> None:
        """Each household may have something happen to it."""
        for benefit in self._running():
            chance = self.dice.random()
            if chance < 0.01:
                self._dies(benefit, on)
            elif chance < 0.03:
                self._reports(benefit, "INCOME", on)
            elif chance < 0.045:
                self._born(benefit, on)
            elif chance < 0.2:
                kind = self.dice.choice(("SIGN_IN", "REPORT"))
                self._try(lambda b=benefit, k=kind: walks.visited(self.cast, b, on, kind=k,
                                                                  means="PHONE"))  # fmt: skip

    def _try(self, act: Any) -> bool:
        """The act, unless it is lawfully refused; which refusals, `done` tells."""
        try:
            act()
        except Refused as refused:
            self.done[f"refused: {refused.code}"] += 1
            return False
        return True

    def _dies(self, benefit: Benefit, on: date) -> None:
        members = benefit.household.members.filter(left_on__isnull=True)
        head = members.get(relation="SELF")
        if members.count() > 1:
            return
        died_on = on.replace(day=1)
        text = f"姓名,身份证号,死亡日期,来源\n{head.name},{head.id_no},{died_on},殡葬\n"
        deaths.import_deaths(text.encode(), name="死亡.csv", actor=self.cast.supervisor, on=on)
        self.done["deaths"] += 1

    def _reports(self, benefit: Benefit, kind: str, on: date, **more: Any) -> None:
        told = Reported(**{"kind": kind, "note": "演练", "happened_on": on, "known_on": on, **more})

        def act() -> None:
            row = change_reports.report_change(benefit.key, told, actor=self.cast.clerk, on=on)
            change_reports.check_report(
                row.pk, is_true=True, answer="属实", actor=self.cast.staff, on=on
            )

        if self._try(act):
            self.done[kind] += 1

    def _born(self, benefit: Benefit, on: date) -> None:
        self.serial += 1
        new = {
            "name": "演练幼",
            "id_no": road.number(7000 + self.serial, born=on.replace(day=1)),
            "relation": "CHILD",
            "condition": "HEALTHY",
        }
        self._reports(benefit, "JOINED", on, new=new)

    def _work(self, on: date) -> None:
        """Reviews that are open go a step further, some of them later than others."""
        for review in Review.objects.exclude(state__in=("ENDED", "WITHDRAWN")).order_by("id"):
            if self.dice.random() < 0.35:
                continue
            {"OPEN": self._review, "TO_DECIDE": self._decide, "TO_TELL": self._tell}[review.state](
                walks.fresh(review), on
            )

    def _review(self, review: Review, on: date) -> None:
        seen = contacts.Seen(kind="VISIT", on_day=on, means="HOME", place="家中", met="演练甲",
                             companion="社区主任")  # fmt: skip
        self._try(
            lambda: contacts.record_contact(review.benefit.key, seen, actor=self.cast.clerk, on=on)
        )
        found = self._found(review, on)
        if self._try(
            lambda: review_settlement.settle(review.no, found, actor=self.cast.staff, on=on)
        ):
            self._try(
                lambda: reviews.propose(
                    review.no, actor=self.cast.staff, on=on, proof=self.cast.proof("staff")
                )
            )

    def _found(self, review: Review, on: date) -> Found:
        """Death stops; else incomes as they turn out, a stop by own wish, or 渐退 now and then."""
        if review.trigger == "DEATH":
            died_on = on.replace(day=1)
            return Found(how="STOP", ground="DIED", reason="殡葬信息", happened_on=died_on)
        chance = self.dice.random()
        if chance < 0.06:
            return Found(how="STOP", ground="OWN", reason="自愿退出", **self._figures(review))
        if chance < 0.14:
            months = self.dice.randint(1, 6)
            return Found(how="EXIT", exit_months=months, reason="就业", **self._figures(review))
        back = on.replace(day=1) if chance < 0.3 else None
        return Found(happened_on=back, reason="按月核实", **self._figures(review))

    def _figures(self, review: Review) -> dict[str, Any]:
        return self._same(review) if self.dice.random() < 0.4 else self._other(review)

    def _same(self, review: Review) -> dict[str, Any]:
        """As it was: the income that gives today's sum again."""
        record = ReviewRecord(review, today())
        if record.case is not None:
            there = {m.pk for m in record.members}
            lines = [x for x in record.last_facts["lines"] if x["member"] in there]
            return {"lines": tuple(lines)}
        now = record.now
        standard = rules(today())[f"standard.{PROGRAMME}"]
        return {
            "persons": now.persons,
            "insured": now.persons,
            "annual_fen": max(12 * (now.persons * standard - now.monthly_fen), 0),
            "supplement_fen": now.supplement_fen,
        }

    def _other(self, review: Review) -> dict[str, Any]:
        """As it turned out to be."""
        if review.benefit.source_case_id is None:
            persons = max(review.benefit.persons, review.benefit.household.members.filter(
                left_on__isnull=True).count())  # fmt: skip
            return {
                "persons": persons,
                "insured": persons,
                "annual_fen": self.dice.randrange(0, 9_000_00) * persons,
                "supplement_fen": self.dice.choice((0, 50_00, 80_00)),
            }
        lines = [
            {"member": m.pk, "kind": "WAGES", "fen": self.dice.randrange(0, 9_000_00),
             "counted": True}
            for m in Member.objects.filter(
                household=review.benefit.household, left_on__isnull=True).order_by("id")
        ]  # fmt: skip
        return {"lines": tuple(lines)}

    def _decide(self, review: Review, on: date) -> None:
        act = reviews.keep if review.outcome == "KEEP" else reviews.agree
        if self.dice.random() < 0.1:
            reviews.send_back(review.no, note="再核实", actor=self.cast.leader, on=on)
            return
        proof = self.cast.proof("leader")
        if self._try(lambda: act(review.no, actor=self.cast.leader, on=on, proof=proof)):
            self.done[review.outcome] += 1

    def _tell(self, review: Review, on: date) -> None:
        method = "NOBODY" if review.ground == "DIED" else "DIRECT"
        told = telling.Told(told_on=on, method=method, receiver="演练甲")
        if not self._try(lambda: telling.tell(review.no, told, actor=self.cast.clerk, on=on)):
            reviews.reopen(review.no, note="情况有变化", actor=self.cast.staff, on=on)

    def _raise(self, on: date) -> None:
        """The year's standard, from January; computed, signed and told in spring."""
        january = date(on.year, 1, 1)
        cast = self.cast
        with at(on):
            entered = enter_value(
                f"standard.{PROGRAMME}", rule_set="*", valid_from=january,
                value=STANDARDS[on.year], unit="分", source=f"玉政发〔{on.year}〕1 号", note="",
                actor=cast.supervisor,
            )  # fmt: skip
            confirm_value(entered.pk, actor=cast.supervisor2)
            run = standards.open_run(PROGRAMME, valid_from=january, actor=cast.staff, on=on)
            standards.propose(run.no, actor=cast.staff, on=on, proof=cast.proof("staff"))
            standards.agree(run.no, actor=cast.leader, on=on, proof=cast.proof("leader"))
            posted = standards.Posted(told_on=on, place="公示栏", photo=walks.PHOTO)
            standards.tell(run.no, posted, actor=cast.clerk, on=on)
        self.done["standards"] += 1

    def _apply(self, on: date) -> None:
        """Somebody applies and is approved, as the procedure wants it."""
        self.serial += 1
        with at(on):
            road.approved(self.cast, 300 + self.serial, on)
        self.done["approved"] += 1


def months_of(first: date, count: int) -> Iterator[date]:
    """First days of so many months."""
    for _ in range(count):
        yield first
        first = next_month(first)
