"""Forms sent with too little or with nonsense: who, where, which button, what was typed."""

from playwright.sync_api import Page

Typed = dict[str, str]  # how the name of the field begins → what is typed
SAID = {"note": "演练：说明还没有写完"}
MISTAKES: list[tuple[str, str, str, Typed]] = [
    ("staff", "/cases/{submitted}/decline/", "不予受理", {}),
    ("clerk", "/cases/{investigating}/record_survey/", "登记入户调查", {"present": "演练甲"}),
    ("clerk", "/cases/{investigating}/record_appraisal/", "登记民主评议", {"expected": "九"}),
    ("verifier", "/cases/{investigating}/return_means_check/", "返回核对报告", {"report_no": "1"}),
    ("staff", "/cases/{to_propose}/propose/", "提出审核意见", {"opinion": "建议批准"}),
    ("staff", "/cases/{approved}/serve_letter/", "登记文书送达", {"receiver": "演练甲"}),
    ("staff", "/cases/{lacking}/defer_document/", "容缺受理一份材料", SAID),
    ("staff", "/cases/{owned}/settle_income/", "核算收入", {"adopted-": "一万二"}),
    ("staff", "/cases/{owned}/recheck_means/", "申请复核核对结果", {}),
    ("staff", "/cases/{investigating}/record_failure/", "登记核对平台情况", SAID),
    ("leader", "/cases/{investigating}/extend/", "延长办理时限", SAID),
    (
        "supervisor",
        "/cases/{investigating}/bureau_visit/",
        "登记区局入户核查",
        {"checkers": "演练"},
    ),
    ("supervisor", "/cases/{approved}/recheck/", "登记审批复核", {"finding": "手续齐全"}),
    ("clerk", "/cases/{destitute}/assess_self_care/", "登记自理能力评估", {"assessor": "演练机构"}),
    ("staff", "/cases/{assessed}/settle_standing/", "认定供养条件", {"adopted-": "一千五"}),
    ("staff", "/cases/{expense}/settle_relief/", "提出救助金额", {"amount": "八千"}),
    ("staff", "/cases/{urgent}/relieve_first/", "先行救助", {"approved_at": "25:99"}),
    ("staff", "/cases/{relieved}/hand_over/", "登记发放", {"what": "棉被两床"}),
    ("clerk", "/households/{rostered}/change/head/", "登记变更户主", {"note": "户主病故"}),
    ("clerk", "/households/{rostered}/change/split/", "登记分户", {"happened_on": "明天"}),
    ("clerk", "/households/{rostered}/change/merge/", "登记并户", {"other_id_no": "1234"}),
    ("staff", "/households/{rostered}/change/move/", "登记迁移", SAID),
    ("clerk", "/cases/{investigating}/restate_family/", "更正家庭成员", {"join-name": "演练庚"}),
    ("staff", "/cases/{urgent}/restate_family/", "更正家庭成员", {"number": "6228", **SAID}),
    ("clerk", "/cases/{destitute}/arrange_care/", "登记照料安排", {"month_pay": "三百"}),
    ("clerk", "/cases/{cared}/report_care_change/", "登记自理能力变化", {"reported_on": "明天"}),
    ("staff", "/cases/{worse}/reassess_self_care/", "登记重新评估", {"assessor": "演练机构"}),
    ("supervisor", "/institutions/", "保存机构", {"name": "演练新院", "beds": "十张"}),
    ("supervisor", "/institutions/?edit={homes[0]}", "保存机构", {"phone": "12"}),
    ("clerk", "/roster/{seen}/", "登记", {"met": "演练甲", "on_day": "明天"}),
    ("clerk", "/roster/{seen}/change/phone/", "登记变化", {"value": "12", "note": "换号"}),
    ("clerk", "/roster/{seen}/change/account/", "登记变化", {"bank": "演练银行", **SAID}),
    ("staff", "/adjustments/{reviews[0]}/", "核算待遇", {"annual": "一万五"}),
    ("staff", "/adjustments/{reviews[3]}/", "登记告知", {"told_on": "明天"}),
    ("staff", "/standards/", "测算", {"valid_from": "明天"}),
    ("supervisor", "/deaths/", "导入死亡信息", {}),
    ("verifier", "/checks/", "导入核对报告", {}),
    ("clerk", "/kin/", "登记近亲属备案", {"name": "演练亲属", "id_no": "1234"}),
    ("clerk", "/leads/", "登记", {"difficulty": "丈夫住院", "phone": "12"}),
    ("clerk", "/notices/standing/", "登记张贴长期公示", {}),
    ("leader", "/desk/delegate/", "登记授权代签", {"basis": "会议记录", "ends_on": "明天"}),
    ("visitor", "/public/notices/{public_key}/", "提出异议", {"contact": "19900000000"}),
    ("clerk", "/apply/{empty_draft}/applicant/", "保存，继续下一项", {"phone": "12"}),
    ("clerk", "/apply/{empty_draft}/account/", "保存，继续下一项", {"bank": "演练银行"}),
    ("clerk", "/apply/{empty_draft}/members/", "保存，继续下一项", {"members-0-id_no": "12"}),
    ("clerk", "/apply/{empty_draft}/property/", "保存，继续下一项", {"property-0-value": "一万"}),
    ("clerk", "/apply/{empty_draft}/obligors/", "保存，继续下一项", {"obligors-0-name": "演练丁"}),
    ("clerk", "/apply/{drafts[1]}/support/", "保存，继续下一项", {}),
    ("clerk", "/apply/{drafts[3]}/claim/", "保存，继续下一项", {"claim_place": "甲一社区"}),
    ("clerk", "/apply/{drafts[5]}/claim/", "保存，继续下一项", {"claim_total": "六万"}),
    ("clerk", "/apply/{empty_draft}/check/", "提交申请", {}),
    ("clerk", "/notices/{review_notice}/", "登记异议", {}),
    ("staff", "/roster/import/", "上传", {}),
    ("supervisor", "/funds/", "登记拨付", {"document": "测民发"}),
    ("supervisor", "/funds/plan/", "测算新方案", {"name": "方案", "growth": "很多"}),
    ("supervisor", "/funds/supplements/", "登记", {"name": "生活补贴", "amount": "五百"}),
    ("staff", "/imprest/", "登记请款", {"amount": "一万", "reason": "冬季"}),
    ("staff", "/pay/2026-10/new/", "生成名单", {"months": "九"}),
    ("staff", "/funds/papers/{papers[0]}/", "登记收回", {"voucher_no": "JK-9", "amount": "很多"}),
    ("staff", "/funds/papers/{papers[1]}/", "上传流水、凭证", {}),
    ("staff", "/funds/papers/{papers[2]}/", "调整预算", {"asked": "很多"}),
    ("supervisor", "/funds/papers/{papers[3]}/", "拨付备用金", {"document": "玉财社"}),
    ("bureau", "/funds/papers/{papers[4]}/", "签发上报", {}),
    ("supervisor", "/settings/calendar/", "", {}),
    ("supervisor", "/settings/rules/notice.days/", "", {}),
    ("secadmin", "/settings/people/", "", {}),
    ("staff", "/archive/{dossier}/?seal=1", "签字封存", {}),
    ("clerk", "/me/", "修改密码", {}),
    ("clerk", "/me/", "设置签批码", {}),
]


def send(page: Page, button: str, typed: Typed) -> None:
    """Type it and press the button; another page comes."""
    form = page.locator("main")
    for name, text in typed.items():
        form.locator(f"[name^='{name}']").first.fill(text)
    named = form.get_by_role("button", name=button, exact=button != "上传")
    with page.expect_navigation():
        (named.first if button else form.locator(".btn-primary").first).click()


def lost(page: Page, typed: Typed) -> list[str]:
    """Names of fields in which what was typed no longer stands."""
    fields = page.locator("main")
    return [
        name
        for name, text in typed.items()
        if fields.locator(f"[name^='{name}']").first.input_value() != text
    ]


def dead_links(page: Page) -> list[str]:
    """Sentences of the summary that lead to no field on the page."""
    hrefs = [a.get_attribute("href") or "" for a in page.locator("#error-summary a").all()]
    here = [href.partition("#")[2] for href in hrefs if "/apply/" not in href]
    return [target for target in here if page.locator(f"[id='{target}']").count() != 1]
