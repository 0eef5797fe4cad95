"""The forms one by one: when there is something to print, its day, and what it says."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.conf import settings
from django.template.loader import render_to_string

from archives.pdf import Pdf, make_pdf
from cases.models.record import CaseRecord
from cases.operations.notices import snapshot_of
from cases.rules.programmes import Family, Kind, Programme
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs.money import show

from . import sections
from .reading import CaseSheet

REVIEW, APPROVAL, ENDING = "REVIEW", "APPROVAL", "ENDING"
Ready = Callable[[CaseSheet], date | None]
More = Callable[[CaseSheet], dict[str, Any]]


@dataclass(frozen=True)
class Paper:
    """A form. `ready` gives its day, or None while its evidence is `missing`."""

    code: str
    title: str
    template: str
    ready: Ready
    missing: str
    more: More = lambda record: {}
    on_board: bool = False  # hangs in public: masked by domain 7.2, may be printed on A3


@dataclass(frozen=True)
class Sheet:
    """A form of one case, ready to be printed; `made_from` is the digest of its page."""

    paper: Paper
    formed_on: date
    html: str
    made_from: str


def make_sheet(record: CaseSheet, code: str, *, dossier_no: str = "", size: str = "A4") -> Sheet:
    """The form as a page; raises Refused when its evidence is not there yet."""
    paper = PAPERS[code]
    formed_on = paper.ready(record)
    if formed_on is None:
        raise Refused(f"{paper.missing}，不能打印{paper.title}", code="no_evidence")
    context = {
        "r": record,
        "case": record.case,
        "paper": paper,
        "formed_on": formed_on,
        "dossier_no": dossier_no,
        "is_demo": settings.MODE == "demo",
        "size": size if paper.on_board and size == "A3" else "A4",
        **paper.more(record),
    }
    html = render_to_string(f"forms/{paper.template}", context)
    return Sheet(paper, formed_on, html, hashlib.sha256(html.encode()).hexdigest())


def ready_forms(record: CaseSheet) -> list[tuple[Paper, bool]]:
    """Each form that this kind of case has, and whether it can be printed now."""
    known = {slot["slot"] for slot in record.rulebook[_kind(record).dossier]} | {
        "acceptance", "decision",
    }  # fmt: skip
    return [
        (paper, ready)
        for paper in PAPERS.values()
        if (ready := paper.ready(record) is not None) or paper.code in known
    ]


def _kind(record: CaseSheet) -> Kind:
    return Programme(record.case.programme).kind


class Page(Protocol):
    """What can be printed: a page with its day."""

    @property
    def html(self) -> str:
        """The page."""

    @property
    def formed_on(self) -> date:
        """Its day."""


def print_sheet(sheet: Page) -> Pdf:
    """The page as PDF/A."""
    return make_pdf(sheet.html, made_on=sheet.formed_on)


def _applied(record: CaseSheet) -> date | None:
    return record.case.submitted_on


def _accepted(record: CaseSheet) -> date | None:
    """An emergency is not accepted; it is asked for and helped."""
    return None if record.case.rules_of_programme.is_urgent else record.case.accepted_on


def _approval_day(record: CaseSheet) -> date | None:
    return record.case.decided_on or record.case.accepted_on


def _allowance(record: CaseSheet) -> date | None:
    return _approval_day(record) if sections.is_of(record, Family.ALLOWANCE) else None


def _surveyed(record: CaseSheet) -> date | None:
    return record.survey.visited_on if record.survey else None


def _returned(record: CaseSheet) -> date | None:
    return record.means.returned_on if record.means else None


def _settled(record: CaseSheet) -> date | None:
    return record.account.settled_on if record.account else None


def _appraised(record: CaseSheet) -> date | None:
    return record.appraisal.held_on if record.appraisal else None


def _decided(record: CaseSheet) -> date | None:
    return record.decision.decided_on if record.decision else None


def _notice_ready(kind: str) -> Ready:
    """A notice is printed before it is posted, so the account is enough; dates stay open then."""

    def ready(record: CaseSheet) -> date | None:
        notice = record.notices.get(kind)
        return notice.posted_on if notice else _settled(record)

    return ready


def _ending_posted(record: CaseSheet) -> date | None:
    notice = record.notices.get(ENDING)
    return notice.posted_on if notice else None


def _notice(kind: str, title: str, lead: str) -> More:
    def more(record: CaseSheet) -> dict[str, Any]:
        notice, unposted = record.notices.get(kind), CaseRecord(record.case, record.on)
        return {
            "notice": notice,
            "snapshot": notice.snapshot if notice else snapshot_of(unposted),
            "days": record.rulebook["notice.days"],
            "board_title": title,
            "lead": lead,
        }

    return more


def _limit(record: CaseSheet) -> dict[str, Any]:
    limit = record.rulebook[Programme(record.case.programme).kind.limit]
    unit = "个工作日" if limit["unit"] == "workday" else "日"
    return {"limit_text": f"{limit['days']} {unit}"}


def _opinions(record: CaseSheet) -> dict[str, Any]:
    """What each stage vouches for in a sentence, from the figures that were signed."""
    decision = record.decision
    witness, propose = record.signed("witness"), record.signed("propose")
    decide = record.signed("decide")
    witnessed = proposed = decided = ""
    if witness:
        votes = json.loads(witness.content)["appraisal"]
        witnessed = (
            f"民主评议实到 {votes['attended']} 人：同意 {votes['agree']} 人，"
            f"不同意 {votes['oppose']} 人，弃权 {votes['abstain']} 人。"
        )
    if propose:
        sums = json.loads(propose.content)["assessment"]
        proposed = (
            f"经审核，建议批准，保障 {sums['insured']} 人，每月 {show(sums['monthly_fen'])} 元。"
        )
    if decide and decision and decision.outcome == "APPROVED" and decision.start_month:
        total = decision.monthly_fen + decision.supplement_fen
        start = decision.start_month
        decided = (
            f"同意。保障人口 {decision.persons} 人，月保障金 {show(decision.monthly_fen)} 元，"
            f"分类施保金 {show(decision.supplement_fen)} 元，合计每月 {show(total)} 元，"
            f"自{start.year}年{start.month}月起。"
        )
    elif decide and decision:
        decided = f"不予批准。{decision.reason}"
    return {
        "signed_witness": witness,
        "witness_text": witnessed,
        "propose": propose,
        "decide": decide,
        "propose_text": proposed,
        "decide_text": decided,
    }


def _totals(record: CaseSheet) -> dict[str, Any]:
    decision = record.decision
    total = decision.total_fen if decision else None
    return {"total_fen": total, "pay_day": record.rulebook["payout.pay_day"]}


def _always(record: CaseSheet) -> date | None:
    return record.case.submitted_on or record.on


def _told(record: CaseSheet) -> date | None:
    return record.on if record.case.corrections else None


def _declined(record: CaseSheet) -> date | None:
    return record.case.decided_on if record.case.state == "DECLINED" else None


def _requested(record: CaseSheet) -> date | None:
    return record.means.requested_on if record.means else None


def _has_obligors(record: CaseSheet) -> date | None:
    return record.case.submitted_on if record.record.obligors else None


def _objected(record: CaseSheet) -> date | None:
    dates = [o.received_on for n in record.notices.values() for o in n.objections.all()]
    return max(dates, default=None)


def _in_benefit(record: CaseSheet) -> date | None:
    return record.decision.decided_on if record.benefit and record.decision else None


def _destitute(record: CaseSheet) -> date | None:
    return _approval_day(record) if sections.is_of(record, Family.DESTITUTE) else None


def _assessed(record: CaseSheet) -> date | None:
    care = record.record.self_care
    return care.assessed_on if care else None


def _scattered(record: CaseSheet) -> date | None:
    return _approval_day(record) if record.case.support == "SCATTERED" else None


def _ending(record: CaseSheet) -> date | None:
    return record.on if record.case.ending else None


def _relief(record: CaseSheet) -> date | None:
    return _approval_day(record) if record.record.claim else None


def _kin(record: CaseSheet) -> date | None:
    return record.case.submitted_on if record.case.is_kin else None


def _made_of(code: str, title: str, ready: Ready, missing: str, build: More) -> Paper:
    return Paper(code, title, "sections.html", ready, missing, build)


PAPERS: dict[str, Paper] = {
    paper.code: paper
    for paper in (
        Paper("approval_form", "审核审批表", "approval_form.html", _allowance,
              "本件还没有受理", _opinions),
        Paper("application", "申请书", "application.html", _applied, "本件还没有提交"),
        Paper("acceptance", "受理通知书", "acceptance.html", _accepted, "本件还没有受理", _limit),
        Paper("means_report", "核对报告", "means_report.html", _returned, "核对报告还没有返回"),
        Paper("survey", "入户调查表", "survey.html", _surveyed, "还没有入户调查记录"),
        Paper("income_account", "收入核算表", "income_account.html", _settled, "还没有核算收入"),
        Paper("appraisal", "民主评议记录", "appraisal.html", _appraised,
              "还没有民主评议记录", _opinions),
        Paper("review_notice", "审核公示单", "notice.html", _notice_ready(REVIEW),
              "还没有核算收入", _notice(REVIEW, "审核公示", "经入户调查、经济状况核对和民主评议，"
              "下列家庭拟报请审核，现予公示。"), on_board=True),
        Paper("approval_notice", "拟批准公示单", "notice.html", _notice_ready(APPROVAL),
              "还没有核算收入", _notice(APPROVAL, "拟批准公示", "经审核，下列家庭拟批准给予保障，"
              "现予公示。"), on_board=True),
        Paper("ending_notice", "拟终止公示单", "notice.html", _ending_posted,
              "没有张贴拟终止公示", _notice(ENDING, "拟终止公示", "经核实，下列人员拟终止特困供养，"
              "现予公示；决定送达以前，待遇照常发放。"), on_board=True),
        Paper("decision", "决定告知书", "decision.html", _decided, "本件还没有作出决定", _totals),
        _made_of("members_form", "家庭成员表", _applied, "本件还没有提交", sections.members_form),
        _made_of("obligors", "法定义务人情况表", _has_obligors, "没有登记法定义务人",
                 sections.obligors),
        _made_of("authorisation_form", "核对授权及诚信承诺书", _always, "本件还没有提交",
                 sections.authorisation),
        _made_of("corrections", "一次性补正告知书", _told, "本件没有要求补正",
                 sections.corrections),
        _made_of("declined", "不予受理通知书", _declined, "本件没有不予受理", sections.declined),
        _made_of("means_request", "核对委托书", _requested, "还没有委托核对",
                 sections.means_request),
        _made_of("objections", "公示异议处理表", _objected, "没有收到异议", sections.objections),
        _made_of("certificate", "救助证", _in_benefit, "还没有开始享受", sections.certificate),
        _made_of("destitute_form", "审核审批表", _destitute, "本件不是特困供养，或者还没有受理",
                 sections.destitute_form),
        _made_of("self_care", "自理能力评估表", _assessed, "还没有评估自理能力",
                 sections.self_care),
        _made_of("care_agreement_form", "委托照料服务协议", _scattered, "本件不是分散供养",
                 sections.care_agreement),
        _made_of("ending_form", "特困供养终止审批表", _ending, "没有提出拟终止",
                 sections.ending_form),
        _made_of("relief_form", "审核审批表", _relief, "本件不是临时救助", sections.relief_form),
        _made_of("kin_record", "近亲属备案表", _kin, "本件没有近亲属情况", sections.kin_record),
    )
}  # fmt: skip
