"""Papers of supervision on their way, one in each state worth seeing; through operations only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from cases.models import Case
from supervision import acts
from supervision.models import Finding
from supervision.operations import (
    bulletins,
    complaints,
    findings,
    liability,
    mending,
    partners,
    policy,
    sampling,
    sheets,
    statistics,
    training,
)
from supervision.rules.sheets import KINDS
from tests import road
from tests.browser.axe import Place
from tests.browser.house import House
from tests.cast import Cast

LAST_YEAR, LAST_MONTH = date(2026, 1, 1), date(2026, 9, 1)
QUIZ = "公示几天\n5 天\n*7 天\n\n谁评议\n*村（居）民代表\n经办人"


@dataclass(kw_only=True)
class Supervision:
    """Numbers of papers that stand in different states."""

    findings: list[str]  # the system's, open, answered, so and counted, demanded, mended
    complaints: list[str]  # received, with the office, found, closed
    bulletins: list[str]  # draft, to be signed, issued and read
    mendings: list[str]  # open, more time asked, sent, back
    referrals: list[str]  # to be signed, sent
    liabilities: list[str]  # heard and exempted, proposed, decided
    samples: list[str]  # not drawn, by visits, by phone
    sheets: list[str]  # half filled, called in vain, in disguise, money, closed
    contracts: list[str]
    tasks: list[str]  # given with a photo, reported, back, dropped
    courses: list[str]  # today, to come
    publications: list[str]  # in force, ended
    simulations: list[str]
    stat_reports: list[str]  # locked, draft


@dataclass(frozen=True)
class Desk:
    """Whose house it is, on which day, and the case that it is about."""

    cast: Cast
    on: date
    case: Case

    def by(self, name: str, *, signs: bool = False) -> dict[str, Any]:
        """Somebody acts today, perhaps with a signature."""
        taken: dict[str, Any] = {"actor": self.cast.actors[name], "on": self.on}
        return taken | {"proof": self.cast.proof(name)} if signs else taken


def build(house: House, on: date, case: Case) -> dict[str, list[str]]:
    """Make it; the names are those of Supervision."""
    desk = Desk(house.cast, on, case)
    found = [of_the_system(desk), *(registered(desk, n) for n in range(1, 9))]
    return {
        "findings": judged(desk, found),
        **demanded(desk, found[5:]),
        "complaints": told(desk),
        "liabilities": held(desk, found[3]),
        **checked(desk),
        **outside(desk),
        "courses": taught(desk),
        **published(desk),
    }


def of_the_system(desk: Desk) -> str:
    """What the night's checks found, of the office."""
    mine = Finding.objects.filter(source="SYSTEM", office=desk.cast.office)
    return mine.order_by("no").values_list("no", flat=True)[0]


def registered(desk: Desk, n: int) -> str:
    """One thing that somebody found."""
    what = findings.Registered(
        source="SITE", severity="HML"[n % 3], cites="9", subject_kind="case",
        subject_key=desk.case.no, what=f"公示栏没有照片（第 {n} 处）",
        office_id=desk.case.office_id, evidence={"照片": False, "公示日期": "2026-09-30"},
    )  # fmt: skip
    return findings.register(what, **desk.by("supervisor")).no


def judged(desk: Desk, found: list[str]) -> list[str]:
    """The first two stand open; then answered, so and counted, a false alarm."""
    for no in found[2:4]:
        findings.answer(no, note="照片丢失，已补拍", **desk.by("staff"))
    wrong = findings.Verdict(code="confirm", note="情况属实，请整改", is_error=True)
    findings.judge(found[3], wrong, **desk.by("supervisor"))
    alarm = findings.Verdict(code="false_alarm", note="照片在纸质档案里")
    findings.judge(found[4], alarm, **desk.by("supervisor"))
    return found[:6]


def demanded(desk: Desk, found: list[str]) -> dict[str, list[str]]:
    """A draft, one that waits for its signature, one that was issued and is being mended."""
    words = bulletins.Words(
        title="2026 年 10 月社会救助工作通报", period_from=LAST_MONTH, period_to=desk.on,
        text="本月检查情况如下。\n请各镇、街道对照整改。", demand="逐项整改，附照片。",
    )  # fmt: skip
    issued = bulletins.open_bulletin(words, found, **desk.by("supervisor")).no
    bulletins.perform(issued, "submit", **desk.by("supervisor"))
    acts.issue(issued, **desk.by("bureau", signs=True))
    bulletins.take_note(issued, **desk.by("staff"))
    rows = [registered(desk, n) for n in (11, 12)]
    draft, waiting = (bulletins.open_bulletin(words, [n], **desk.by("supervisor")) for n in rows)
    bulletins.perform(waiting.no, "submit", **desk.by("supervisor"))
    return {
        "bulletins": [draft.no, waiting.no, issued],
        "mendings": mended(desk, found),
        "referrals": referred(desk, found[0]),
    }


def mended(desk: Desk, found: list[str]) -> list[str]:
    """Of four that must be mended: nothing done, time asked, sent, sent and not enough."""
    rows = list(mending.Mending.objects.filter(finding__no__in=found).order_by("no"))
    first, asked, sent, back = (row.no for row in rows)
    until = desk.on + timedelta(days=60)
    mending.ask_time(asked, until, note="照片要重新冲印", **desk.by("staff"))
    for no in (sent, back):
        mending.prove(no, road.photo((9, 9, len(no))), title="公示照片", **desk.by("staff"))
        mending.send(no, note="已补拍张贴", **desk.by("staff"))
    mending.return_(back, note="照片看不清", **desk.by("supervisor"))
    return [first, asked, sent, back]


def referred(desk: Desk, finding: str) -> list[str]:
    """One waits for its signature, one has gone."""
    handed = mending.Handed(authority="DISCIPLINE", facts="涉嫌收受财物", finding_no=finding)
    waiting, sent = (mending.open_referral(handed, **desk.by("supervisor")).no for _ in range(2))
    mending.send_referral(sent, **desk.by("bureau", signs=True))
    return [waiting, sent]


def told(desk: Desk) -> list[str]:
    """Four matters about the other office; the boxes of this one."""
    cast = desk.cast
    words = {"kind": "REPORT", "received_on": desk.on, "office_id": cast.other_office.pk}
    rows = [
        complaints.receive(
            complaints.Told(channel=channel, content=f"{content}，请核实", **words | who),
            **desk.by("supervisor"),
        ).no
        for channel, content, who in (
            (
                "BOX",
                "收礼才给办",
                {"is_anonymous": True, "case_no": desk.case.no, "office_id": None},
            ),
            ("VISIT", "有车还吃低保", {"name": "演练辛", "contact": "19900000009"}),
            ("HOTLINE", "评议没有开会", {"name": "演练壬"}),
            ("LETTER", "迟迟不办", {"name": "演练癸"}),
        )
    ]
    for no in rows[1:]:
        complaints.assign(no, cast.office.pk, **desk.by("supervisor"))
    complaints.perform(rows[1], "note", note="已约谈", **desk.by("staff"))
    complaints.add_file(
        rows[1], road.photo((3, 2, 1)), title="来信", **desk.by("staff")
    )  # fmt: skip
    for no in rows[2:]:
        outcome = complaints.Outcome(result="PARTLY", finding="会议记录不全")
        complaints.find(no, outcome, **desk.by("staff"))
    feedback = complaints.Feedback(how="PHONE", on=desk.on, words="本人认可")
    complaints.close(rows[3], feedback, **desk.by("supervisor"))
    for kind, place in (("BOX", "大厅东侧"), ("HOTLINE", "0471-0000000")):
        box = complaints.register_box(
            cast.office.pk, kind, place, since=LAST_YEAR, **desk.by("staff")
        )
        if kind == "BOX":
            second = cast.leader.human_id
            complaints.open_box(
                box.pk, second_id=second, letters=2, note="都已登记", **desk.by("staff")
            )
    return rows


def held(desk: Desk, finding: str) -> list[str]:
    """Three against the village: heard, proposed, decided."""
    made = []
    for n in range(3):
        clue = liability.Clue(
            clause="17(5)", unit_id=desk.cast.village.pk, happened_on=desk.on,
            facts=f"第 {n + 1} 次没有按规定公示", person_id=desk.cast.clerk.human_id,
            finding_no=finding,
        )  # fmt: skip
        no = liability.open_liability(clue, **desk.by("supervisor")).no
        liability.state(no, note="当时停电", **desk.by("supervisor"))
        made.append(no)
    judged_ = liability.Judged(clause="20(2)", verdict="REJECTED", note="停电只有两小时")
    liability.exempt(made[0], judged_, **desk.by("supervisor"))
    measures = liability.Measures(for_person=["WRITTEN"], for_unit=["APPRAISAL"], note="建议")
    for no in made[1:]:
        for waiting in liability.Exemption.objects.filter(liability__no=no, verdict="WAITING"):
            looked = liability.Judged(clause=waiting.clause, verdict="REJECTED", note="不成立")
            liability.exempt(no, looked, **desk.by("supervisor"))
        liability.propose(no, measures, **desk.by("supervisor"))
    liability.decide(made[2], **desk.by("bureau", signs=True))
    return made


def checked(desk: Desk) -> dict[str, list[str]]:
    """A sample not drawn, one by visits, one by phone, and the sheets of these and of others."""
    until = desk.on - timedelta(days=1)
    made = {}
    for kind in ("RELIEF", "NEW", "PHONE"):
        plan = sampling.Plan(kind=kind, period_from=LAST_YEAR, period_to=until)
        made[kind] = sampling.open_sample(plan, **desk.by("supervisor"))
    sheet = {}
    for kind in ("NEW", "PHONE"):
        row = sampling.draw_sample(made[kind].no, **desk.by("supervisor"))
        item = row.items.filter(why="DRAWN").order_by("id").first()
        sheet[kind] = sheets.open_for_item(row.no, item.number, **desk.by("supervisor"))
    half = {"PROCEDURE": ("OK", ""), "HOUSING": ("BAD", "房屋漏雨")}
    sheets.save_answers(sheet["NEW"].no, sheets.Answers(answers=half), **desk.by("supervisor"))
    sheets.add_file(sheet["NEW"].no, road.photo((8, 8, 1)), **desk.by("supervisor"))
    sheets.record_call(sheet["PHONE"].no, "EMPTY", "号码不存在", **desk.by("supervisor"))
    covert = sheets.open_covert(desk.cast.office.pk, **desk.by("supervisor"))
    fund = sheets.open_fund_check(desk.cast.office.pk, LAST_MONTH, **desk.by("supervisor"))
    shown = [*sheet.values(), covert, fund, rechecked(desk)]
    return {
        "samples": [row.no for row in made.values()],
        "sheets": [row.no for row in shown],
    }


def rechecked(desk: Desk) -> Any:
    """A sheet that was signed and closed, with a finding."""
    row = sheets.open_recheck(desk.case.no, **desk.by("supervisor"))
    said = {q.code: ("OK", "") for q in KINDS["RECHECK"].questions} | {"FILE": ("BAD", "缺照片")}
    whole = sheets.Answers(answers=said, verdict="RIGHT", summary="手续齐全")
    sheets.save_answers(row.no, whole, **desk.by("supervisor"))
    return sheets.finish(row.no, **desk.by("supervisor", signs=True))


def outside(desk: Desk) -> dict[str, list[str]]:
    """A contract, and what its worker was sent to do."""
    terms = partners.Terms(
        party="演练社会工作服务中心", credit_code="91150104MA00000000", tender="玉民采〔2026〕1 号",
        scope="入户走访", amount_fen=200_000_00, starts_on=LAST_YEAR,
        ends_on=desk.on + timedelta(days=20),
    )  # fmt: skip
    contract = partners.open_contract(terms, **desk.by("supervisor")).no
    order = partners.Order(
        worker_id=desk.cast.worker.human_id, kind="VISIT", office_id=desk.cast.office.pk, count=4,
        due_on=desk.on + timedelta(days=10), what="看住房和身体",
    )  # fmt: skip
    rows = partners.give_tasks(contract, order, **desk.by("supervisor"))
    given, reported, back, dropped = (row.no for row in rows)
    for n, no in enumerate((given, reported, back)):
        partners.add_photo(no, road.photo((n, 7, 7)), title="入户照片", **desk.by("worker"))
    for no in (reported, back):
        partners.report(no, note="本人在家，住房安全", **desk.by("worker"))
    partners.return_task(back, note="照片看不清", **desk.by("supervisor"))
    partners.TASKS.perform(dropped, "drop", note="户已迁出", **desk.by("supervisor"))
    partners.score(contract, score=92, note="按期完成", **desk.by("supervisor"))
    return {"contracts": [contract], "tasks": [given, reported, back, dropped]}


def taught(desk: Desk) -> list[str]:
    """A course today, at which the clerk is and the staff has answered; one to come."""
    made = []
    for held_on, questions in ((desk.on, QUIZ), (desk.on + timedelta(days=9), "")):
        lesson = training.Lesson(
            title="《办法》培训", topic="审核审批", held_on=held_on, hours=4, trainer="演练讲师",
            place="三楼会议室", questions=questions,
        )  # fmt: skip
        made.append(training.open_course(lesson, **desk.by("supervisor")).no)
    for name in ("clerk", "staff"):
        training.sign_in(made[0], **desk.by(name))
    training.answer(made[0], [1, 1], **desk.by("staff"))
    return made


def published(desk: Desk) -> dict[str, list[str]]:
    """Two texts, one attempt at another standard, two tables."""
    texts = [
        policy.publish(
            policy.Text(kind=kind, title=title, text="第一条\n第二条", effective_on=LAST_YEAR),
            **desk.by("supervisor"),
        ).no
        for kind, title in (("GUIDE", "低保怎样申请"), ("POLICY", "旧标准"))
    ]
    policy.end_publication(texts[1], **desk.by("supervisor"))
    changes = {"urban": 900_00, "money_months": 12, "office_most": 8_000_00}
    tried = policy.try_out("提标 7%", changes, **desk.by("supervisor"))
    tables = [
        acts.make_report(
            statistics.Period(table=table, period="M", year=2026, number=month),
            **desk.by("supervisor"),
        ).no
        for table, month in (("ALLOWANCE", 9), ("ALLOWANCE", 10), ("SUPERVISION", 10))
    ]
    acts.lock_report(tables[0], **desk.by("supervisor"))
    return {"publications": texts, "simulations": [tried.no], "stat_reports": tables}


def samples_of_papers(stand: Any) -> dict[str, list[dict[str, Any]]]:
    """Name of an address → its parameters."""
    kinds = {
        "finding": stand.findings, "complaint": stand.complaints, "bulletin": stand.bulletins,
        "mending": stand.mendings, "referral": stand.referrals, "liability": stand.liabilities,
        "sample": stand.samples, "sheet": stand.sheets, "contract": stand.contracts,
        "task": stand.tasks, "course": stand.courses, "policy": stand.publications,
        "simulation": stand.simulations, "stat_report": stand.stat_reports,
        "check_case": [stand.approved],
    }  # fmt: skip
    codes = ("late", "paid", "errors", "in_benefit", "petitions")
    return {
        **{name: [{"no": no} for no in numbers] for name, numbers in kinds.items()},
        "figure": [{"code": code} for code in codes],
    }


def other_eyes(stand: Any) -> Iterator[Place]:
    """The same papers for those who have to do something else with them."""
    for who, url, numbers in (
        ("supervisor", "/findings/", stand.findings),
        ("supervisor", "/petitions/", stand.complaints),
        ("supervisor", "/bulletins/", stand.bulletins),
        ("staff", "/bulletins/", stand.bulletins[2:]),
        ("supervisor", "/rectify/", stand.mendings[1:3]),
        ("supervisor2", "/checks/sheets/", stand.sheets[:1]),
        ("bureau", "/findings/", stand.findings[4:5]),
        ("bureau", "/bulletins/", stand.bulletins[1:2]),
        ("bureau", "/referrals/", stand.referrals[:1]),
        ("bureau", "/liability/", stand.liabilities),
        ("bureau", "/thirdparty/", stand.contracts),
        ("auditor", "/samples/", stand.samples),
        ("auditor", "/checks/sheets/", stand.sheets),
        ("auditor", "/stats/", stand.stat_reports[:1]),
        ("worker", "/tasks/", stand.tasks),
        ("clerk", "/training/", stand.courses),
        ("supervisor", "/training/", stand.courses[:1]),
    ):
        for no in numbers:
            yield Place(f"{url}{no}/?eyes={who}", who)
    more = (
        ("worker", "/tasks/?eyes=worker"), ("staff", "/petitions/?eyes=staff"),
        ("accountant", "/supervise/?eyes=accountant"), ("clerk", "/policy/?eyes=clerk"),
        ("clerk", "/bulletins/?eyes=clerk"), ("clerk", "/training/?eyes=clerk"),
        ("supervisor", "/supervise/?late=on"), ("chief", "/board/?eyes=chief"),
        ("supervisor", "/board/?month=2026-09&programme=RURAL_ALLOWANCE"),
        ("supervisor", "/figures/errors/?whole=1"),
        ("supervisor", f"/liability/?finding={stand.findings[3]}"),
    )  # fmt: skip
    for who, url in more:
        yield Place(url, who)
