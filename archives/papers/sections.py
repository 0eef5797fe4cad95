"""Forms that are made of sections: pairs, tables and sentences out of the record (domain 8.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.timezone import localtime

from cases.rules.destitution import OBLIGOR_GROUNDS
from cases.rules.kin import RELATIONS as KIN
from cases.rules.programmes import SUPPORT_MODES, Family
from yuquan_relief.kernel.inputs.money import capital, show

from .reading import CaseSheet

INSTITUTIONS = (
    "公安、人力资源和社会保障、民政、不动产登记、市场监督管理、税务、住房公积金、车辆管理、"
    "银行、证券、保险、殡葬"
)


@dataclass(frozen=True)
class Section:
    """One part of a form: pairs of label and value, or a table, or sentences; then who signs."""

    title: str = ""
    pairs: list[tuple[str, str]] = field(default_factory=list)
    head: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()
    text: list[str] = field(default_factory=list)
    signs: tuple[str, ...] = ()


def more(*sections: Section) -> dict[str, Any]:
    """The context of the template."""
    return {"sections": [s for s in sections if s.pairs or s.head or s.text or s.signs]}


def _person(r: CaseSheet) -> Section:
    head = r.head
    return Section(
        "申请人",
        [
            ("姓名", head.name if head else ""),
            ("性别、年龄", f"{head.sex}，{head.age} 岁" if head else ""),
            ("身份证号", head.id_no if head else ""),
            ("住址", r.case.household.address),
            ("所在村（社区）", f"{r.case.office.name}{r.case.village.name}"),
            ("申请日期", str(r.applied_on)),
        ],
    )


def _members(r: CaseSheet) -> Section:
    rows = [(p.name, p.relation, p.sex, str(p.age), p.id_no) for p in r.persons]
    return Section("家庭成员", head=("姓名", "关系", "性别", "年龄", "身份证号"), rows=rows)


def _obligors(r: CaseSheet) -> Section:
    rows = [
        (
            o.name,
            o.get_relation_display(),
            str(o.persons),
            show(o.month_fen),
            OBLIGOR_GROUNDS[o.ground_in_force],
            show(o.support_fen if o.adopted_fen is None else o.adopted_fen),
        )
        for o in r.record.obligors
    ]
    heads = ("姓名", "关系", "家庭人口", "家庭月收入（元）", "情况", "年应付（元）")
    return Section("法定赡养、抚养、扶养义务人", head=heads, rows=rows)


def members_form(r: CaseSheet) -> dict[str, Any]:
    """F02: everybody of the family, what they are in it, and what they earn."""
    year: dict[str, int] = {}
    for line in r.record.lines:
        fen = next(
            v for v in (line.adopted_fen, line.checked_fen, line.declared_fen) if v is not None
        )
        year[line.member.id_no] = year.get(line.member.id_no, 0) + fen
    rows = [
        (p.name, p.relation, p.sex, str(p.age), p.id_no, p.registered, p.condition, p.role,
         show(year.get(p.id_no, 0)))
        for p in r.persons
    ]  # fmt: skip
    heads = ("姓名", "关系", "性别", "年龄", "身份证号", "户籍", "健康", "身份", "年收入（元）")
    return more(
        _person(r),
        Section("家庭成员", head=heads, rows=rows),
        Section(signs=("申请人签字", "经办人签字")),
    )


def _arrangement(r: CaseSheet) -> list[tuple[str, str]]:
    """Who cares for the person: institution and bed, or the carer and the agreement."""
    kept = r.record.care
    if kept is None:
        return []
    if kept.institution:
        return [
            ("供养机构", kept.institution.name),
            ("床位、入住日", f"{kept.bed}，{kept.began_on}"),
        ]
    return [
        ("照料人", f"{kept.carer_name}（{kept.carer_relation or '关系未填'}）"),
        ("照料协议", f"{kept.agreed_on} 签订，每月 {show(kept.month_fen)} 元"),
    ]


def obligors(r: CaseSheet) -> dict[str, Any]:
    """F03."""
    return more(_person(r), _obligors(r), Section(signs=("申请人签字", "经办人签字")))


def authorisation(r: CaseSheet) -> dict[str, Any]:
    """F04: every adult of the family and every obligor signs."""
    rows = [(p.name, p.relation, p.id_no, "") for p in r.persons if p.age >= 18]
    rows += [(o.name, o.get_relation_display(), "", "") for o in r.record.obligors]
    return more(
        _person(r),
        Section(
            "授权",
            text=[
                f"我（们）申请{r.programme_name}，授权民政部门及其委托的核对机构向"
                f"{INSTITUTIONS}等部门和机构查询、核对本人及家庭成员的户籍、收入、财产和救助信息。",
                "授权自签字之日起，到本次救助终止之日止；可以书面撤回，撤回后不能继续核对的，"
                "按拒绝核对处理。",
                "我（们）承诺所填内容和所交材料真实；隐瞒、虚报的，愿意退回所得并承担法律责任。",
            ],
        ),
        Section("签字", head=("姓名", "关系", "身份证号", "签字、指印"), rows=rows),
    )


def corrections(r: CaseSheet) -> dict[str, Any]:
    """F05: what is missing, once and completely."""
    items = [line for line in r.case.corrections.splitlines() if line.strip()]
    return more(
        _person(r),
        Section(
            "需要补正的内容",
            text=[
                *(f"{n}. {line}" for n, line in enumerate(items, start=1)),
                "以上内容一次性告知（民发〔2021〕57号第十条）。补齐后提交，即予受理；"
                "补正时间不计入办理时限。",
            ],
        ),
        Section(signs=("申请人签收", f"{r.case.office.name}（盖章）")),
    )


def _note_of(r: CaseSheet, action: str) -> str:
    return next((e.note for e in r.record.events if e.action == action), "")


def declined(r: CaseSheet) -> dict[str, Any]:
    """F07."""
    return more(
        _person(r),
        Section(
            "决定",
            text=[
                f"您提交的{r.programme_name}申请，经审查不予受理。",
                f"理由：{_note_of(r, 'decline')}",
                "如不服，可以自收到本通知之日起六十日内申请行政复议，或者在六个月内提起行政诉讼。",
            ],
        ),
        Section(signs=("申请人签收", f"{r.case.office.name}（盖章）")),
    )


def means_request(r: CaseSheet) -> dict[str, Any]:
    """F08."""
    check = r.means
    assert check is not None  # the form is not ready before
    return more(
        Section(
            "委托",
            [
                ("案件编号", r.case.no),
                ("申请事项", r.programme_name),
                ("委托日期", str(check.requested_on)),
                ("委托单位", r.case.office.name),
                ("第几次核对", str(check.attempt)),
                ("申请人异议", check.objection or "无"),
            ],
        ),
        _members(r),
        _obligors(r),
        Section("核对范围", text=[f"{INSTITUTIONS}。已取得全部成年成员和义务人的书面授权。"]),
        Section(signs=("经办人签字", f"{r.case.office.name}（盖章）")),
    )


def objections(r: CaseSheet) -> dict[str, Any]:
    """F14: who objects is not named, whether known or not."""
    rows = [
        (
            notice.get_kind_display(),
            str(o.received_on),
            o.channel,
            o.content,
            o.answer or "还没有答复",
            {True: "成立", False: "不成立", None: ""}[o.is_upheld],
        )
        for notice in r.notices.values()
        for o in notice.objections.all()
    ]
    heads = ("公示", "收到日期", "方式", "内容", "调查结果和答复", "结论")
    return more(
        _person(r),
        Section("异议及处理", head=heads, rows=rows),
        Section(signs=("调查人签字", "负责人签字")),
    )


def certificate(r: CaseSheet) -> dict[str, Any]:
    """F19."""
    b = r.benefit
    assert b is not None
    return more(
        Section(
            "证件",
            [
                ("证号", b.certificate_no),
                ("类别", b.programme_label),
                ("户主", r.case.household.head_name),
                ("保障人数", f"{b.persons} 人"),
                ("每月金额", f"{show(b.monthly_fen + b.supplement_fen)} 元"),
                ("起始年月", f"{b.start_month:%Y年%m月}"),
            ],
        ),
        _members(r),
        Section("年审和变更记录", head=("日期", "内容", "经办人"), rows=[("", "", "")] * 4),
        Section(signs=(f"{r.case.office.name}（盖章）",)),
    )


def _opinions(r: CaseSheet) -> list[Section]:
    """What each stage signed, with name, post and time as of then."""
    labels = {
        "survey": "入户调查意见",
        "relieve": "先行救助",
        "witness": "民主评议意见",
        "propose": "社救办审核意见",
        "decide": "审批意见",
    }
    return [
        Section(
            labels[stage],
            text=[
                f"{s.opinion or s.statement}　{s.name}（{s.unit}{s.post}）"
                f"{localtime(s.signed_at):%Y-%m-%d %H:%M}"
                for s in signed
            ],
            signs=(labels[stage][:-2] + "签章",),
        )
        for stage, signed in r.signatures.items()
        if stage in labels
    ]


def _account(r: CaseSheet) -> Section:
    account = r.account
    if account is None:
        return Section()
    return Section("认定依据和金额", text=[str(sentence) for sentence in account.sentences])


def destitute_form(r: CaseSheet) -> dict[str, Any]:
    """F23."""
    care = r.record.self_care
    decision = r.decision
    result = Section()
    if decision and decision.outcome == "APPROVED":
        month = decision.start_month
        result = Section(
            "批准内容",
            [
                ("供养方式", SUPPORT_MODES.get(r.case.support, "")),
                ("供养证号", r.benefit.certificate_no if r.benefit else ""),
                ("基本生活费", f"每月 {show(decision.monthly_fen)} 元"),
                ("照料护理费", f"每月 {show(decision.supplement_fen)} 元"),
                ("合计", f"每月 {show(decision.total_fen)} 元（{capital(decision.total_fen)}）"),
                ("起始年月", f"{month:%Y年%m月}" if month else ""),
            ],
        )
    return more(
        _person(r),
        _obligors(r),
        Section(
            "自理能力",
            [("档次", care.get_tier_display()), ("评估", f"{care.assessor} {care.assessed_on}")]
            if care
            else [],
        ),
        Section("照料安排", _arrangement(r)),
        _account(r),
        *_opinions(r),
        result,
    )


def self_care(r: CaseSheet) -> dict[str, Any]:
    """F24."""
    care = r.record.self_care
    assert care is not None
    rows = [(label, "能够自主完成" if able else "不能自主完成") for label, able in care.items]
    return more(
        _person(r),
        Section("六项评估", head=("项目", "结果"), rows=rows),
        Section(
            "结果",
            [
                ("不能自主完成", f"{care.failed} 项"),
                ("自理能力", care.get_tier_display()),
                ("评估日期", str(care.assessed_on)),
                ("评估人或机构", care.assessor),
                ("备注", care.note or "无"),
            ],
        ),
        Section(signs=("评估人签字", "本人或家属签字")),
    )


def care_agreement(r: CaseSheet) -> dict[str, Any]:
    """F25: for 分散供养, to be signed by the three parties."""
    name = r.head.name if r.head else ""
    return more(
        _person(r),
        Section("照料人", _arrangement(r)),
        Section(
            "约定",
            text=[
                f"甲方（{r.case.office.name}）委托乙方照料特困人员{name}的日常生活。",
                "乙方保证其吃、穿、住，生病时送医陪护，定期报告身体和生活情况，不得虐待、遗弃。",
                "照料护理费按月发放，金额以审批决定为准；乙方不履行约定的，甲方停止支付并另行安排。",
                f"{r.case.village.name}负责定期走访，发现问题及时报告。",
            ],
        ),
        Section(signs=("甲方（盖章）", "乙方（照料人）签字", "特困人员签字")),
    )


def relief_form(r: CaseSheet) -> dict[str, Any]:
    """F27."""
    claim, first = r.record.claim, r.record.first_relief
    assert claim is not None
    pairs = [
        ("类型", r.programme_name),
        ("困难原因", claim.get_cause_display()),
        ("发生时间、地点", f"{claim.happened_on} {claim.place}"),
        ("家庭类别", claim.get_household_class_display()),
        ("总支出", f"{show(claim.total_fen)} 元"),
        ("报销和补偿", f"{show(claim.covered_fen)} 元"),
        ("申请金额", f"{show(claim.asked_fen)} 元"),
    ]
    if first:
        at = localtime(first.approved_at)
        pairs.append(
            (
                "先行救助",
                f"{show(first.amount_fen)} 元，{first.approver_name}"
                f"{first.get_how_display()}批准，{at:%Y-%m-%d %H:%M}",
            )
        )
    rows = [
        (str(h.handed_on), h.get_method_display(), show(h.amount_fen), h.what or "", h.receiver,
         h.cash_reason)
        for h in r.record.hand_overs
    ]  # fmt: skip
    heads = ("日期", "方式", "金额（元）", "物品或转介", "签收人", "现金理由")
    return more(
        _person(r),
        _members(r),
        Section("事由", pairs),
        _account(r),
        *_opinions(r),
        Section("发放", head=heads, rows=rows),
        Section(signs=("领款人签字", "经办人签字")),
    )


def ending_form(r: CaseSheet) -> dict[str, Any]:
    """F26: 特困 is meant to end: on which ground, how it was told, who agrees."""
    notice = r.notices.get("ENDING")
    told = "还没有张贴"
    if notice:
        told = f"{notice.first_day} 至 {notice.last_day}，{notice.place}"
        told += f"，异议 {notice.objections.count()} 件"
    return more(
        _person(r),
        Section(
            "拟终止",
            [
                ("供养证号", r.benefit.certificate_no if r.benefit else ""),
                ("供养方式", SUPPORT_MODES.get(r.case.support, "")),
                ("情形（民发〔2021〕43号第二十四条）", r.case.get_ending_display()),
                ("核实情况和依据", _note_of(r, "propose_ending")),
                ("公示", told),
            ],
        ),
        Section("镇（街道）意见", signs=("经办人签字", "负责人签字")),
        Section("区民政局意见", signs=("负责人签字（盖章）",)),
        Section("告知", text=["决定送达以前，待遇照常发放。"], signs=("本人或监护人签收",)),
    )


def kin_record(r: CaseSheet) -> dict[str, Any]:
    """F28."""
    checks = r.case.bureau_checks.order_by("id")
    return more(
        _person(r),
        Section(
            "近亲属情况",
            [
                ("本人申报", "有" if r.case.kin_declared else "没有"),
                ("系统比对", "有" if r.case.kin_found else "没有"),
                ("说明", r.case.kin_note or "无"),
                ("近亲属范围", "、".join(KIN.values())),
            ],
        ),
        Section(
            "区民政局入户核查",
            head=("日期", "核查人", "结论", "情况"),
            rows=[
                (str(c.checked_on), c.checkers, "没有发现问题" if c.is_sound else "发现问题",
                 c.finding)
                for c in checks
            ],
        ),
        Section(signs=(f"{r.case.office.name}（盖章）",)),
    )  # fmt: skip


def is_of(r: CaseSheet, *families: Family) -> bool:
    """Whether the case belongs to one of the families."""
    return r.record.family in families
