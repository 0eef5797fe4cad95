"""Supervision in the demo district: findings on their way, samples, complaints, bulletins."""

from datetime import date, timedelta

from supervision import acts
from supervision.models import Finding, Mending, SampleItem, Sheet
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
from yuquan_relief.kernel.models import Unit

from .photos import photo
from .staff import Cast

FIRST, SECOND, LEADER = "qu_jiuzhu1", "qu_jiuzhu2", "qu_fenguan"
WORKER = "fuwu_1"
QUIZ = """低保审批不含公示期的时限是多少个工作日？
20
*30
40

特困资金应在每月几日前发放到位？
*10 日
15 日
20 日"""
COMPLAINTS = (
    ("REPORT", "HOTLINE", "反映公示栏长期没有更新", False),
    ("PETITION", "VISIT", "反映低保金本月没有到账", False),
    ("REPORT", "BOX", "反映有人不符合条件仍在享受", True),
    ("ENQUIRY", "ONLINE", "咨询临时救助需要哪些材料", True),
)


def fill(cast: Cast, *, on: date) -> dict[str, int]:
    """One of everything in a telling state; how many of each kind."""
    _publish(cast, on)
    done = {"抽查": _sample(cast, on), "举报信访": _complain(cast, on)}
    done["通报"] = _follow(cast, on)
    done["服务任务"] = _partners(cast, on)
    _train(cast, on)
    done["报表"] = _report(cast, on)
    return done


def _publish(cast: Cast, on: date) -> None:
    for kind, title, text in (
        ("POLICY", "社会救助工作责任监督管理制度", "按《办法》全文执行，各镇、街道遵照落实。"),
        ("GUIDE", "低保申请需要的材料", "身份证、户口簿、核对授权书；能共享的不用重复提交。"),
        ("ANSWER", "没有本地户口能申请临时救助吗", "持居住证的可以向居住地镇、街道申请。"),
    ):
        words = policy.Text(kind=kind, title=title, text=text, effective_on=on)
        policy.publish(words, actor=cast[FIRST], on=on)


def _sample(cast: Cast, on: date) -> int:
    """Last quarter's approvals are drawn from; the first home was checked, the second is begun."""
    plan = sampling.Plan(
        kind="NEW", period_from=on - timedelta(days=120), period_to=on - timedelta(days=1)
    )
    row = sampling.open_sample(plan, actor=cast[FIRST], on=on)
    sampling.draw_sample(row.no, actor=cast[FIRST], on=on)
    for at, item in enumerate(SampleItem.objects.filter(sample=row).order_by("id")[:2]):
        sheet = sheets.open_for_item(row.no, item.number, actor=cast[FIRST], on=on)
        if not at:
            _fill_sheet(cast, sheet, on)
    return SampleItem.objects.filter(sample=row).count()


def _fill_sheet(cast: Cast, sheet: Sheet, on: date) -> None:
    """A home with one thing amiss, signed by both."""
    questions = KINDS[sheet.kind].questions
    answers = {q.code: ("OK", "") for q in questions}
    answers["NOTICE"] = ("BAD", "公示栏里没有长期公示")
    given = sheets.Answers(
        answers=answers,
        verdict="RIGHT",
        summary="家庭情况与档案一致",
        met="户主本人",
        checked_on=on,
    )
    sheets.save_answers(sheet.no, given, actor=cast[FIRST], on=on)
    sheets.add_file(
        sheet.no,
        photo("house", "入户检查", seed=sheet.pk),
        actor=cast[FIRST],
        on=on,
        title="入户照片",
    )
    sheets.cosign(sheet.no, actor=cast[SECOND], on=on, proof=cast.proof(SECOND))
    sheets.finish(sheet.no, actor=cast[FIRST], on=on, proof=cast.proof(FIRST))


def _complain(cast: Cast, on: date) -> int:
    """Four matters: one handled and answered, one being handled, two new."""
    offices = list(Unit.objects.offices().filter(parent__code="150104").order_by("code"))
    about, handler = offices[0], cast["qu_fenguan"].unit_id or 0
    numbers = []
    for kind, channel, content, anonymous in COMPLAINTS:
        told = complaints.Told(
            kind=kind, channel=channel, content=content, received_on=on, is_anonymous=anonymous,
            name="" if anonymous else "演练群众", office_id=about.pk,
        )  # fmt: skip
        numbers.append(complaints.receive(told, actor=cast[FIRST], on=on).no)
    for no in numbers[:2]:
        complaints.assign(no, handler, actor=cast[FIRST], on=on)
    outcome = complaints.Outcome(result="TRUE", finding="经现场查看属实，已要求更新")
    complaints.find(numbers[0], outcome, actor=cast[SECOND], on=on)
    told_back = complaints.Feedback(how="PHONE", on=on, words="已告知处理结果，本人满意")
    complaints.close(numbers[0], told_back, actor=cast[FIRST], on=on)
    complaints.register_box(
        about.pk, "HOTLINE", "0471-1234567", since=on.replace(day=1), actor=cast[FIRST], on=on
    )
    complaints.register_box(
        about.pk, "BOX", "便民大厅入口", since=on.replace(day=1), actor=cast[FIRST], on=on
    )
    return len(numbers)


def _follow(cast: Cast, on: date) -> int:
    """Some findings are answered and judged; three go into a bulletin that is issued."""
    mine = Finding.objects.filter(office__code__startswith="150104", state="OPEN").order_by("id")
    staffed = [f for f in mine if f.office and _office_login(f) in ("xhh", "dnj")][:8]
    for row in staffed[:5]:
        who = f"{_office_login(row)}_{'lingdao' if row.owner == 'deputy_leader' else 'banshi2'}"
        if not findings.is_owner(row, cast[who]):
            continue
        findings.answer(row.no, note="已核实，情况说明如下，正在整改", actor=cast[who], on=on)
    answered = list(Finding.objects.filter(state="ANSWERED").order_by("id"))
    verdicts = ("confirm", "confirm", "false_alarm", "confirm")
    for row, code in zip(answered, verdicts, strict=False):
        verdict = findings.Verdict(code=code, note="已核对证据")
        findings.judge(row.no, verdict, actor=cast[FIRST], on=on)
    found = [f.no for f in Finding.objects.filter(state="MENDING").order_by("id")]
    if not found:
        return 0
    _issue(cast, found, on)
    return 1


def _office_login(row: Finding) -> str:
    codes = {"150104100": "xhh", "150104001": "dnj"}
    return codes.get(row.office.code, "") if row.office else ""


def _issue(cast: Cast, numbers: list[str], on: date) -> None:
    words = bulletins.Words(
        title=f"{on.month} 月社会救助工作通报", period_from=on.replace(day=1), period_to=on,
        text="本月系统核查、实地检查和举报信访中发现的问题，通报如下。",
        demand="各单位逐项整改，按期报送整改情况和证明。",
    )  # fmt: skip
    row = bulletins.open_bulletin(words, numbers, actor=cast[FIRST], on=on)
    bulletins.perform(row.no, "submit", actor=cast[FIRST], on=on)
    acts.issue(row.no, actor=cast[LEADER], on=on, proof=cast.proof(LEADER, "同意下发"))
    first = Mending.objects.order_by("id").first()
    if first is None or first.office is None:
        return
    login = f"{_office_login(first.finding)}_banshi2"
    mending.prove(
        first.no,
        photo("board", "整改后", seed=first.pk),
        title="整改照片",
        actor=cast[login],
        on=on,
    )
    mending.send(first.no, note="已整改到位，附照片", actor=cast[login], on=on)
    clue = liability.Clue(
        clause="18(2)", unit_id=first.office.pk, happened_on=on, finding_no=first.finding.no,
        facts="没有按规定时限办理，经核查属实",
    )  # fmt: skip
    held = liability.open_liability(clue, actor=cast[FIRST], on=on)
    liability.state(held.no, note="平台返回慢，已催办", actor=cast[FIRST], on=on)


def _partners(cast: Cast, on: date) -> int:
    """A running contract, with visits given to its worker."""
    terms = partners.Terms(
        party="演练社会工作服务中心", credit_code="52150104MJY0000001", tender="玉政采〔2026〕9 号",
        scope="协助入户走访和照料服务", amount_fen=200_000_00, starts_on=on.replace(day=1),
        ends_on=on + timedelta(days=300),
    )  # fmt: skip
    row = partners.open_contract(terms, actor=cast[FIRST], on=on)
    town = Unit.objects.get(code="150104100", valid_to=None)
    order = partners.Order(
        worker_id=cast[WORKER].human_id, kind="VISIT", office_id=town.pk, count=4,
        due_on=on + timedelta(days=20), what="看望老人，核对生活情况",
    )  # fmt: skip
    tasks = partners.give_tasks(row.no, order, actor=cast[FIRST], on=on)
    partners.add_photo(
        tasks[0].no, photo("house", "走访", seed=7), title="走访照片", actor=cast[WORKER], on=on
    )
    partners.report(tasks[0].no, note="老人身体尚好，已提醒续签", actor=cast[WORKER], on=on)
    return len(tasks)


def _train(cast: Cast, on: date) -> None:
    lesson = training.Lesson(
        title="社会救助政策业务培训", topic="《办法》逐条讲解和系统操作", held_on=on, hours=4,
        trainer="区社救中心", place="区民政局会议室", questions=QUIZ,
    )  # fmt: skip
    row = training.open_course(lesson, actor=cast[SECOND], on=on)
    training.sign_in(row.no, actor=cast["xhh_banshi1"], on=on)
    training.answer(row.no, [1, 0], actor=cast["xhh_banshi1"], on=on)


def _report(cast: Cast, on: date) -> int:
    """Last month's tables, one of them locked."""
    last = (on.replace(day=1) - timedelta(days=1)).replace(day=1)
    made = [
        acts.make_report(
            statistics.Period(table=code, period="M", year=last.year, number=last.month),
            actor=cast[FIRST], on=on,
        )
        for code in ("ALLOWANCE", "SUPERVISION")
    ]  # fmt: skip
    acts.lock_report(made[0].no, actor=cast[FIRST], on=on)
    return len(made)
