"""Forms of those in benefit: F17, F18, F20, F21 of a review, F22, F35, F36 of a benefit (8.2)."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from archives.pdf import Pdf, make_pdf
from cases.models import Benefit, Contact, Member, Review
from cases.models.entitlement import amounts_of
from cases.models.review_record import ReviewRecord
from cases.rules.programmes import ALL_INCOMES, Programme
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.inputs.money import capital, show
from yuquan_relief.kernel.models import Signature

from .sections import Section, more


@dataclass(frozen=True)
class Subject:
    """Whose form it is, in the words that every sheet shows."""

    no: str
    district: Any
    office: Any
    village: Any


@dataclass(frozen=True)
class BenefitSheet:
    """What a form of somebody in benefit is made of; `review` for the forms of a review."""

    benefit: Benefit
    on: date
    review: Review | None = None

    @property
    def programme_name(self) -> str:
        """The programme's name without town or country."""
        return Programme(self.benefit.programme).kind.full_name

    @property
    def members(self) -> list[Member]:
        """Who belongs to the household now."""
        return list(self.benefit.household.members.living_on(self.on).order_by("id"))

    @property
    def record(self) -> ReviewRecord:
        """The review with what it rests on."""
        assert self.review is not None
        return ReviewRecord(self.review, self.on)


@dataclass(frozen=True)
class ReviewPage:
    """A form of a review as it stands in the household's file; `made_from` as of Sheet."""

    title: str
    formed_on: date
    html: str
    made_from: str


IN_FILE = ("F21", "F18", "F17")  # of a review, in binding order


def pages_of(sheet: BenefitSheet) -> list[tuple[str, ReviewPage]]:
    """(code, page) of each form of the review that has something to say."""
    found = []
    for code in IN_FILE:
        day = PAPERS[code].ready(sheet)
        if day is not None:
            html = make_page(sheet, code)
            digest = hashlib.sha256(html.encode()).hexdigest()
            found.append((code, ReviewPage(PAPERS[code].title, day, html, digest)))
    return found


@dataclass(frozen=True)
class BenefitPaper:
    """A form. `ready` gives its day, or None while there is nothing to print."""

    code: str
    title: str
    ready: Callable[[BenefitSheet], date | None]
    missing: str
    more: Callable[[BenefitSheet], Mapping[str, Any]]
    of_review: bool = True


def make_page(sheet: BenefitSheet, code: str) -> str:
    """The form as a page; raises Refused when there is nothing to print yet."""
    paper = PAPERS[code]
    formed_on = paper.ready(sheet)
    if formed_on is None:
        raise Refused(f"{paper.missing}，不能打印{paper.title}", code="no_evidence")
    benefit = sheet.benefit
    context = {
        "r": sheet,
        "case": Subject(
            sheet.review.no if sheet.review else benefit.certificate_no,
            benefit.district,
            benefit.office,
            benefit.village,
        ),
        "paper": paper,
        "formed_on": formed_on,
        "is_demo": settings.MODE == "demo",
        "size": "A4",
        **paper.more(sheet),
    }
    template = "forms/adjustment.html" if code == "F17" else "forms/sections.html"
    return render_to_string(template, context)


def make_paper(sheet: BenefitSheet, code: str) -> Pdf:
    """The form as PDF/A, dated when what it says was so."""
    html = make_page(sheet, code)
    day = PAPERS[code].ready(sheet)
    assert day is not None  # make_page has refused otherwise
    return make_pdf(html, made_on=day)


def _household(sheet: BenefitSheet) -> Section:
    benefit, household = sheet.benefit, sheet.benefit.household
    head = next((m for m in sheet.members if m.relation == "SELF"), None)
    return Section(
        "家庭",
        [
            ("户主", household.head_name),
            ("身份证号", head.id_no if head else ""),
            ("住址", household.address),
            ("所在村（社区）", f"{benefit.office.name}{benefit.village.name}"),
            ("证号", benefit.certificate_no),
            ("起止", f"{benefit.start_month:%Y-%m} 至 "
             + (f"{benefit.end_month:%Y-%m}" if benefit.end_month else "今")),
        ],
    )  # fmt: skip


def _people(sheet: BenefitSheet) -> Section:
    rows = [
        (
            m.name,
            m.get_relation_display(),
            "男" if m.is_male else "女",
            str(identity_numbers.age_on(m.birth_on, sheet.on)),
            m.get_condition_display(),
            "是" if m.is_insured else "否",
        )
        for m in sheet.members
    ]
    head = ("姓名", "关系", "性别", "年龄", "健康", "保障对象")
    return Section("家庭成员", head=head, rows=rows)


def _amounts(review: Review) -> Section:
    return Section(
        "待遇变化",
        head=("", "原来", "复核后"),
        rows=[
            ("保障人口（人）", str(review.before_persons), str(review.persons)),
            ("月保障金（元）", show(review.before_monthly_fen), show(review.monthly_fen)),
            ("分类施保或照料（元）", show(review.before_supplement_fen),
             show(review.supplement_fen)),
            ("每月合计（元）", show(review.before_fen), show(review.after_fen)),
        ],
    )  # fmt: skip


def _signed(review: Review, stage: str) -> str:
    mine = Signature.objects.filter(subject_kind="review", subject_key=review.no, stage=stage)
    s = mine.order_by("-id").first()
    return f"{s.opinion}　{s.unit}{s.post} {s.name}　{s.signed_at:%Y-%m-%d}" if s else ""


def letter(sheet: BenefitSheet) -> dict[str, Any]:
    """F17: what changes, why with figures, from when, and what can be done against it."""
    review = sheet.review
    assert review is not None
    return {
        "review": review,
        "before": show(review.before_fen),
        "after": show(review.after_fen),
        "after_capital": capital(review.after_fen),
    }


def gradual_exit(sheet: BenefitSheet) -> dict[str, Any]:
    """F18: who goes on for how long with how much."""
    review = sheet.review
    assert review is not None
    return more(
        _household(sheet),
        _people(sheet),
        Section(
            "渐退",
            [
                ("渐退月数", f"{review.exit_months} 个月（最长六个月）"),
                ("起止", _period(review)),
                ("原每月金额", f"{show(review.before_fen)} 元"),
                ("渐退期每月金额", f"{show(review.after_fen)} 元"),
                ("理由", review.reason),
            ],
        ),
        Section("经办意见", text=[_signed(review, "propose")], signs=("经办人签字",)),
        Section("审批意见", text=[_signed(review, "decide")], signs=("分管领导签字（盖章）",)),
    )


def _period(review: Review) -> str:
    if review.from_month is None:
        return "告知以后起算"
    last = f" 至 {review.last_month:%Y-%m}" if review.last_month else " 起"
    return f"{review.from_month:%Y-%m}{last}"


def members_changed(sheet: BenefitSheet) -> dict[str, Any]:
    """F20: who joined and who left since the last decision that counted."""
    review = sheet.review
    assert review is not None
    since = _last_settled(review)
    people = sheet.benefit.household.members.order_by("id")
    joined = [m for m in people if m.joined_on > since and m.left_on is None]
    left = [m for m in people if m.left_on and m.left_on > since and m.left_reason != "CORRECTED"]
    head = ("姓名", "身份证号", "关系", "健康", "日期", "原因")
    return more(
        _household(sheet),
        Section(
            "增员",
            head=head,
            rows=[
                (m.name, m.id_no, m.get_relation_display(), m.get_condition_display(),
                 str(m.joined_on), "加入") for m in joined
            ],
        ),
        Section(
            "减员",
            head=head,
            rows=[
                (m.name, m.id_no, m.get_relation_display(), m.get_condition_display(),
                 str(m.left_on), m.get_left_reason_display()) for m in left
            ],
        ),
        _amounts(review),
        Section("镇（街道）意见", signs=("经办人签字", "负责人签字（盖章）")),
    )  # fmt: skip


def _last_settled(review: Review) -> date:
    earlier = Review.objects.filter(benefit=review.benefit, state="ENDED", pk__lt=review.pk)
    last = earlier.order_by("-id").values_list("ended_on", flat=True).first()
    case = review.benefit.source_case
    return last or (case.decided_on if case and case.decided_on else review.benefit.start_month)


def review_form(sheet: BenefitSheet) -> dict[str, Any]:
    """F21: how it was reviewed, what was found, what follows, who signed."""
    review = sheet.review
    assert review is not None
    lines = review.facts.get("lines", [])
    names = {m.pk: m.name for m in sheet.members}
    return more(
        _household(sheet),
        _people(sheet),
        Section(
            "复核情况",
            [
                ("起因", f"{review.get_trigger_display()}　{review.what}"),
                ("复核办法", "入户走访、收入核算"),
                ("走访", "；".join(
                    f"{c.on_day} {c.get_means_display()} {c.recorded_by.name}"
                    for c in sheet.record.contacts) or "见走访登记"),
                ("待遇变化分类", review.outcome_label),
                ("情形", review.get_ground_display() if review.ground else ""),
                ("理由", review.reason),
                ("执行", _period(review) if review.outcome != "KEEP" else "原待遇继续"),
            ],
        ),
        Section(
            "收入（一年）",
            head=("成员", "类别", "金额（元）", "是否计入"),
            rows=[
                (names.get(x["member"], "全家"), ALL_INCOMES[x["kind"]], show(x["fen"]),
                 "计入" if x["counted"] else "不计入") for x in lines
            ],
        ),
        Section("计算", text=list(review.sentences)),
        _amounts(review),
        Section("经办意见", text=[_signed(review, "propose")], signs=("经办人签字",)),
        Section("审批意见", text=[_signed(review, "decide")], signs=("分管领导签字（盖章）",)),
    )  # fmt: skip


def management_record(sheet: BenefitSheet) -> dict[str, Any]:
    """F22: everything that happened since the benefit began."""
    benefit = sheet.benefit
    now = amounts_of(benefit, sheet.on.replace(day=1))
    reviews = benefit.reviews.exclude(state="WITHDRAWN").order_by("id")
    reports = benefit.change_reports.order_by("id")
    return more(
        _household(sheet),
        _people(sheet),
        Section("现在的待遇", [("保障人口", f"{now.persons} 人"),
                         ("每月", f"{show(now.total_fen)} 元")]),
        Section(
            "复核和调整",
            head=("发起", "起因", "结论", "原来", "复核后", "告知"),
            rows=[
                (str(r.opened_on), r.get_trigger_display(), r.outcome_label or r.state_label,
                 show(r.before_fen), show(r.after_fen), str(r.told_on or "")) for r in reviews
            ],
        ),
        Section(
            "报告的变化",
            head=("报告日期", "变化", "情况", "结果"),
            rows=[
                (str(r.reported_on), r.get_kind_display(), r.note, r.get_state_display())
                for r in reports
            ],
        ),
    )  # fmt: skip


def _contacts(sheet: BenefitSheet, *kinds: str) -> list[Contact]:
    found = Contact.objects.filter(benefit=sheet.benefit, kind__in=kinds)
    return list(found.select_related("recorded_by").order_by("on_day", "id"))


def sign_ins(sheet: BenefitSheet) -> dict[str, Any]:
    """F35: sign-ins, certifications and visits with means, place and who recorded them."""
    return more(
        _household(sheet),
        Section(
            "签到、认证、走访",
            head=("日期", "种类", "方式", "地点", "见到的人", "登记人"),
            rows=[
                (str(c.on_day), c.get_kind_display(), c.get_means_display(), c.place, c.met,
                 c.recorded_by.name) for c in _contacts(sheet, "SIGN_IN", "CERTIFY", "VISIT")
            ],
        ),
    )  # fmt: skip


def household_report(sheet: BenefitSheet) -> dict[str, Any]:
    """F36: the household's own report, and those that it has made."""
    return more(
        _household(sheet),
        _people(sheet),
        Section(
            "已报告的",
            head=("日期", "方式", "报告人", "有无变化", "情况"),
            rows=[
                (str(c.on_day), c.get_means_display(), c.met, "有" if c.is_changed else "没有",
                 c.note) for c in _contacts(sheet, "REPORT")
            ],
        ),
        Section(
            "本次报告",
            text=[
                "□ 家庭人口、收入、财产没有变化。",
                "□ 有变化：",
                "以上情况属实，隐瞒、虚报的愿意承担责任。",
            ],
            signs=("报告人签字", "日期", "经办人签字"),
        ),
    )  # fmt: skip


def _when_changed(sheet: BenefitSheet) -> date | None:
    review = sheet.review
    is_change = review is not None and review.outcome not in ("", "KEEP")
    return review.decided_on if review and is_change else None


def _when_exit(sheet: BenefitSheet) -> date | None:
    review = sheet.review
    return review.proposed_on if review and review.outcome == "EXIT" else None


def _when_settled(sheet: BenefitSheet) -> date | None:
    review = sheet.review
    if review is None or not review.outcome:
        return None
    return review.decided_on or review.proposed_on or sheet.on


def _always(sheet: BenefitSheet) -> date | None:
    return sheet.on


PAPERS: dict[str, BenefitPaper] = {
    paper.code: paper
    for paper in (
        BenefitPaper("F17", "待遇调整（停发）告知书", _when_changed, "还没有签批调整", letter),
        BenefitPaper("F18", "渐退期审批表", _when_exit, "结论不是渐退，或者还没有提出意见",
                     gradual_exit),
        BenefitPaper("F20", "增减员调整表", _when_settled, "还没有核算", members_changed),
        BenefitPaper("F21", "定期复核审批表", _when_settled, "还没有核算", review_form),
        BenefitPaper("F22", "动态管理记录", _always, "", management_record, of_review=False),
        BenefitPaper("F35", "签到、认证记录", _always, "", sign_ins, of_review=False),
        BenefitPaper("F36", "定期报告", _always, "", household_report, of_review=False),
    )
}  # fmt: skip
