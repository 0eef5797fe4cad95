"""How the snapshot of a finding reads: names of its values, and words for their codes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Asia/Shanghai")


LABELS = {
    "abstain": "弃权", "accepted_on": "受理日期", "account_tail": "账户尾号", "addresses": "登录地址数",
    "after_fen": "改后金额", "after_supplement_fen": "改后分类施保金", "age": "年龄", "agree": "同意",
    "all_approved": "全区批准", "all_decided": "全区决定", "all_mean_fen": "全区人均", "amount_fen": "金额",
    "answered_on": "银行答复日期", "approved": "批准", "area": "面积（平方米）", "assessed_on": "评估日期",
    "at": "时间", "attended": "实到", "base_fen": "名单基本金额", "batch_fen": "名单成功金额",
    "before_fen": "改前金额", "before_supplement_fen": "改前分类施保金", "benefit_fen": "保障金",
    "benefit_supplement_fen": "分类施保金", "benefits": "在享户数", "beside_fen": "应发分类施保金",
    "birth_on": "出生日期", "cases": "件数", "category": "复核类别", "cause": "事由",
    "changed_fen": "变动后金额", "checked_fen": "核对金额", "closed_on": "结束日期", "code": "情形",
    "complaints": "举报件数", "conclusion": "核对结论", "condition": "身体状况", "counted": "实数",
    "data_upto": "数据截止", "day": "日期", "days": "天数", "decided": "决定件数",
    "decided_fen": "批准金额", "decided_on": "决定日期", "decided_supplement_fen": "批准的分类施保金",
    "declared_fen": "申报金额", "detail": "差异内容", "died_on": "死亡日期", "drawn": "已抽",
    "due_fen": "应发金额", "due_on": "到期日", "earlier": "前一环节日期", "earlier_case": "以前的案件",
    "earlier_on": "以前的日期", "end_month": "终止月", "ended_on": "办结日期", "exit_months": "渐退月数",
    "expected": "应到", "failed": "不能完成的项数", "failure": "退回原因", "fen": "金额合计",
    "found_on": "发现日期", "frame": "抽取范围", "from_month": "执行月", "from_report": "来自核对报告",
    "ground": "停减情形", "handed_on": "发放日期", "happened_on": "发生日期", "held_on": "评议日期",
    "history_date": "改动时间", "holder": "户名", "homes": "住房处数", "hour": "时段",
    "household_class": "家庭类别", "id_tail": "证号后四位", "in_benefit": "在享户数",
    "in_force_fen": "执行标准", "insured": "保障人数", "is_male": "登记为男性", "joined_on": "加入日期",
    "kin_note": "近亲属情况", "kind": "类别", "known_on": "知道日期", "last": "最近一次",
    "last_day": "公示末日", "last_login": "最近登录", "last_month": "最后月份", "last_paid": "最后发放月",
    "later": "后一环节日期", "ledger_fen": "台账金额", "left_on": "离开日期", "left_reason": "离开原因",
    "line_count": "签批笔数", "line_no": "序号", "lines": "名单笔数", "lines_fen": "各笔合计",
    "looks": "查看件数", "luxury": "高消费", "mean_fen": "人均", "metres": "相距（米）", "month": "月份",
    "month_fen": "每月金额", "monthly_fen": "月保障金", "months": "月数", "not_counted": "不计入情形",
    "note": "说明", "notice": "公示编号", "office_most": "镇街上限（分）", "once_fen": "救助金额",
    "oppose": "反对", "other_batch": "另一份名单", "other_benefit": "另一份保障",
    "other_line_no": "另一笔序号", "other_programme": "另一份类别", "other_start": "另一份起始月",
    "outcome": "结果", "p95_fen": "本镇街 95% 户低于", "paid_lines_fen": "到户金额",
    "paid_on": "到账日期", "paid_tier": "发放的档次", "paid_with": "首次发放月",
    "papers_until": "证件到期日", "pay_by": "应到户日期", "per_capita_fen": "月人均收入",
    "persons": "人数", "phone_tail": "电话尾号", "picked": "不在抽中位置的户数",
    "posted_on": "张贴日期", "programme": "救助类别", "proof": "流水凭证", "recorded_on": "登记日期",
    "refused_case": "不予批准的案件", "refused_on": "不予批准日期", "registered": "户籍",
    "relation": "关系", "relieved_on": "先行救助日期", "report_returned": "报告返回日期",
    "requested_on": "委托日期", "review_due_on": "复核到期日", "role": "岗位", "round": "轮次",
    "seconds": "用时（秒）", "seed": "种子", "sent_on": "报送日期", "serial": "银行流水号",
    "served_on": "送达日期", "settled_fen": "核算金额", "settled_on": "核算日期", "signs": "疑点数",
    "slot": "材料", "source": "来源", "spent_on": "最近使用日期", "stage": "签字环节",
    "stages": "签字环节", "standard_fen": "标准", "start_month": "起始月", "state": "状态",
    "state_since": "进入本状态日期", "studies_until": "毕业日期", "submitted_on": "提交日期",
    "supplement_fen": "分类施保金", "surveys": "调查户数", "taken_at": "拍摄时间", "target": "应抽",
    "three_months_fen": "三个月用量", "tier": "档次", "times": "次数", "told_on": "告知日期",
    "total_fen": "签批总额", "utilities_fen": "水电气话费", "valid_from": "生效日期",
    "valid_until": "有效期至", "value_fen": "价值", "visited_on": "入户日期", "wrong": "认定不准",
    "year": "年度", "sheet": "检查表", "question": "检查项",
}  # fmt: skip
# Keys of rows and digests: they name what was meant for an audit, and nobody reads them.
HIDDEN = frozenset(
    [
        "account",
        "appraisal",
        "attachment",
        "case",
        "check",
        "entitlement",
        "exception",
        "investigator",
        "look",
        "member",
        "obligor",
        "other_member",
        "person",
        "property",
        "relative",
        "report",
        "run",
        "seed_event",
        "sha256",
        "locked_sha256",
        "staff",
        "survey",
        "unit",
        "village",
    ]
)


def read(evidence: Mapping[str, Any], codes: Mapping[str, str]) -> list[tuple[str, str]]:
    """The snapshot as (name, value) in words; amounts in yuan. `codes`: words of states and kinds."""
    return [
        (LABELS[name].replace("（分）", ""), shown(name, value, codes))
        for name, value in evidence.items()
        if name in LABELS
    ]


def shown(name: str, value: Any, codes: Mapping[str, str]) -> str:
    """One value: `1,234.50 元`, `是`, a word for a code, a dash for nothing."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if name.endswith("_fen") or name in ("fen", "office_most"):
        return f"{round(float(value)) / 100:,.2f} 元"
    if isinstance(value, list):
        return "、".join(codes.get(str(item), str(item)) for item in value)
    text = codes.get(str(value), str(value))
    return _moment(text) if name in ("at", "hour", "taken_at", "history_date") else text


def _moment(text: str) -> str:
    """A day as it is; an instant, which the database writes in UTC, as the clock here had it."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        return text[:16].replace("T", " ")
    return f"{at.astimezone(HERE):%Y-%m-%d %H:%M}"
