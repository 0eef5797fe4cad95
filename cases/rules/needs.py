"""What must exist before a step of a procedure, and what to say when it does not."""

from . import steps
from .facts import Facts, why_not_over

# What a leader may ask to be mended when a case is sent back.
MENDABLE = {
    "documents": "申请材料",
    "survey": "入户调查",
    "means": "经济状况核对",
    "income": "收入核算",
    "appraisal": "民主评议",
    "notice": "公示",
    "self_care": "自理能力评估",
    "sum": "救助金额",
}


# `part`: documents, evidence, notices or letter, so that no more is loaded.
Need = steps.Need[Facts]


NEEDS: dict[str, Need] = {
    "documents": Need(
        "材料齐全",
        lambda f: f"还缺：{'、'.join(f.missing_documents)}" if f.missing_documents else "",
        part="documents",
    ),
    "deferred_here": Need(
        "容缺材料已补齐",
        lambda f: f"容缺材料还没有补齐：{'、'.join(f.deferred)}" if f.deferred else "",
        part="documents",
    ),
    "documents_missing": Need(
        "有必交材料没有交",
        lambda f: "" if f.missing_documents else "必交材料已经齐全，不用容缺",
        part="documents",
    ),
    "not_asked_before": Need(
        "一次性告知",
        lambda f: "补正只能一次性告知，本件已经告知过" if f.corrections_asked else "",
        part="documents",
    ),
    "survey_this_round": Need(
        "本轮入户调查已登记",
        lambda f: "" if f.survey_this_round else "本轮还没有登记入户调查，请先登记",
    ),
    "survey_by_two": Need(
        "入户调查两人签字",
        lambda f: (
            "" if f.survey_signers >= 2 else f"入户调查须两名调查人签字，现有 {f.survey_signers} 人"
        ),
    ),
    "survey_photo": Need(
        "入户照片",
        lambda f: "" if f.survey_photos else "还没有入户照片，请先在“材料”里上传",
        part="documents",
    ),
    "means_requested": Need(
        "已委托核对", lambda f: "" if f.means_requested else "还没有委托经济状况核对"
    ),
    "means_not_requested": Need(
        "本轮未重复委托",
        lambda f: (
            ""
            if not f.means_this_round
            else "本轮核对报告已返回"
            if f.means_returned
            else "已委托核对，请等待报告"
        ),
    ),
    "means_not_returned": Need(
        "报告未返回", lambda f: "核对报告已返回，不能重复提交" if f.means_returned else ""
    ),
    "means_returned": Need(
        "核对报告已返回", lambda f: "" if f.means_returned else "经济状况核对报告还没有返回"
    ),
    "means_if_unknown": Need(
        "核对报告已返回（低保、特困对象只核实支出）",
        lambda f: "" if f.means_returned or f.is_known_class else "经济状况核对报告还没有返回",
    ),
    "self_care": Need(
        "自理能力已评估",
        lambda f: "" if f.self_care_assessed else "还没有登记自理能力评估，请先评估",
    ),
    "income": Need("收入已核算", lambda f: "" if f.income_settled else "还没有核算收入"),
    "settled": Need(
        "救助金额已提出", lambda f: "" if f.income_settled else "还没有提出救助金额，请先提出"
    ),
    "standing": Need(
        "供养条件已认定", lambda f: "" if f.income_settled else "还没有认定供养条件，请先认定"
    ),
    "survey": Need(
        "已经核查", lambda f: "" if f.survey_signers else "还没有登记核查情况，请先核查并签字"
    ),
    "not_relieved": Need(
        "没有先行救助过", lambda f: "本件已经先行救助，请补办手续" if f.is_relieved else ""
    ),
    "declinable": Need(
        "还没有办理过",
        lambda f: (
            "本件已经核查或者先行救助，不能不予受理；不符合条件的请提出不予批准意见"
            if f.is_relieved or f.is_begun or not f.is_first_round
            else ""
        ),
    ),
    "care_reported": Need(
        "已报告变化",
        lambda f: "" if f.care_reported else "没有待评估的变化，请先登记自理能力变化",
    ),
    "care_not_reported": Need(
        "没有待评估的变化",
        lambda f: "已登记过变化，请先重新评估" if f.care_reported else "",
    ),
    "held": Need("签字还没有生效", lambda f: "" if f.is_held else "没有可以取回的签字"),
    "kin_visited": Need(
        "近亲属案件区局已入户核查",
        lambda f: (
            "近亲属案件须由区民政局入户核查后再审批，请联系区社救中心"
            if f.is_kin and not f.bureau_visited
            else ""
        ),
    ),
    "not_rechecked": Need("还没有复核", lambda f: "区局已经复核过本件" if f.is_rechecked else ""),
    "not_opposed": Need(
        "社救办建议批准",
        lambda f: (
            "社救办提出的是不予批准意见，不能签字同意；不同意其意见的请退回" if f.is_opposed else ""
        ),
    ),
    "within_office_limit": Need(
        "在镇、街道审批权限内",
        lambda f: "合计超过镇、街道审批上限，须由区民政局审批" if f.needs_bureau else "",
    ),
    "above_office_limit": Need(
        "超过镇、街道审批权限",
        lambda f: "" if f.needs_bureau else "在镇、街道审批权限内，由分管领导审批",
    ),
    "something_to_hand_over": Need(
        "还有没发放的金额",
        lambda f: "" if f.to_hand_over_fen > 0 else "批准的金额已经全部发放，不能再发",
    ),
    "not_extended": Need(
        "没有延长过", lambda f: "本件的时限已经延长过一次，不能再延长" if f.is_extended else ""
    ),
    "eligible": Need(
        "按核算结果符合条件",
        lambda f: (
            "按核算结果不符合条件，请重新核算，或提出不予批准意见"
            if f.income_settled and not f.income_eligible
            else ""
        ),
    ),
    "renewed": Need(
        "退回后重新办理过",
        lambda f: (
            ""
            if f.is_renewed
            else "退回或异议成立后，还没有重新调查、核对、核算或评议，请至少重新办理一项"
        ),
    ),
    "begun": Need(
        "本轮已经开始调查",
        lambda f: "" if f.is_begun else "本轮还没有调查、核对、核算或评议，不需要重新开始",
    ),
    "looked_into": Need(
        "已调查或核对",
        lambda f: (
            ""
            if f.survey_signers >= 2 or f.means_returned
            else "还没有两人签字的入户调查，也没有核对报告，请先调查或核对"
        ),
    ),
    "appraisal_this_round": Need(
        "本轮民主评议已登记",
        lambda f: "" if f.appraisal_this_round else "本轮还没有登记民主评议，请先登记",
    ),
    "appraisal_signed": Need(
        "主任或书记已签字",
        lambda f: "" if f.appraisal_signed else "民主评议须村（居）委会主任或书记签字",
    ),
    "review_notice_over": Need(
        "审核公示期满", lambda f: why_not_over("审核公示", f.review_notice, f.on), part="notices"
    ),
    "approval_notice_absent": Need(
        "未重复张贴", lambda f: "拟批准公示已经张贴" if f.approval_notice else "", part="notices"
    ),
    "approval_notice_over": Need(
        "拟批准公示期满",
        lambda f: why_not_over("拟批准公示", f.approval_notice, f.on),
        part="notices",
    ),
    "ending_not_proposed": Need(
        "没有提出过拟终止",
        lambda f: "已经提出拟终止，请张贴公示，或者撤回" if f.ending_proposed else "",
    ),
    "ending_proposed": Need(
        "已提出拟终止", lambda f: "" if f.ending_proposed else "还没有提出拟终止，请先提出"
    ),
    "ending_notice_absent": Need(
        "未重复张贴",
        lambda f: "拟终止公示已经张贴" if f.ending_notice or f.is_ending_noticed else "",
        part="notices",
    ),
    "ending_notice_hangs": Need(
        "拟终止公示正在张贴",
        lambda f: "" if f.ending_notice else "没有正在张贴的拟终止公示",
        part="notices",
    ),
    "ending_notice_over": Need(
        "拟终止公示期满",
        lambda f: why_not_over("拟终止公示", f.ending_notice, f.on),
        part="notices",
    ),
    "letter_not_served": Need(
        "未重复送达",
        lambda f: "决定文书已经送达" if f.letter_served else "",
        part="letter",
    ),
}
