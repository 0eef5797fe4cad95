"""Who may do what: the one file to review. Scope (where) is the unit of the post."""

from dataclasses import dataclass
from enum import StrEnum

Entry = tuple[str, str]  # label, address
Menu = tuple[tuple[str, tuple[Entry, ...]], ...]  # heading ("": none), entries


class Reach(StrEnum):
    """How far a post sees from its unit."""

    VILLAGE = "VILLAGE"
    OFFICE = "OFFICE"
    DISTRICT = "DISTRICT"
    NONE = "NONE"


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role: its name, how far it reaches, what it can do, what its left menu shows."""

    label: str
    reach: Reach
    can: frozenset[str]
    menu: Menu = ()

    @property
    def nav(self) -> tuple[Entry, ...]:
        """All entries of the menu, without its headings."""
        return tuple(entry for _, entries in self.menu for entry in entries)


def _menu(*rows: str | Entry) -> Menu:
    """Entries in order; a plain text is the heading of those that follow it."""
    groups: list[tuple[str, list[Entry]]] = [("", [])]
    for row in rows:
        if isinstance(row, str):
            groups.append((row, []))
        else:
            groups[-1][1].append(row)
    return tuple((heading, tuple(entries)) for heading, entries in groups if entries)


def _can(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LOOK = "cases.view files.view"

ROLES: dict[str, Role] = {
    "clerk": Role(
        label="村（居）经办",
        reach=Reach.VILLAGE,
        can=_can(
            _LOOK + " cases.submit cases.resubmit cases.investigate cases.record_appraisal"
            " cases.post_notice files.upload cases.serve cases.register_kin"
            " cases.change_household cases.report_change archives.hand_over"
        ),
        menu=_menu(
            ("工作台", "/"),
            ("代办申请", "/apply/"),
            ("我的案件", "/cases/"),
            ("在享对象", "/roster/"),
            ("复核", "/renewals/"),
            ("变化报告", "/changes/"),
            ("提标名单", "/standards/"),
            ("告知书", "/letters/"),
            ("入户进度", "/visits/progress/"),
            ("入户任务", "/visits/"),
            ("民主评议", "/reviews/"),
            ("主动发现", "/leads/"),
            ("公示", "/notices/"),
            ("近亲属备案", "/kin/"),
            ("移交", "/handover/"),
            ("工作通报", "/bulletins/"),
            ("政策", "/policy/"),
            ("培训", "/training/"),
        ),
    ),
    "committee_head": Role(
        label="村（居）主任、书记",
        reach=Reach.VILLAGE,
        can=_can(_LOOK + " cases.sign_appraisal"),
        menu=_menu(
            ("待我签字", "/"),
            ("待签评议", "/desk/witness/"),
            ("案件", "/cases/"),
            ("公示", "/notices/"),
            ("工作通报", "/bulletins/"),
            ("政策", "/policy/"),
            ("培训", "/training/"),
        ),
    ),
    "office_staff": Role(
        label="镇、街道社救办",
        reach=Reach.OFFICE,
        can=_can(
            _LOOK + " cases.accept cases.decline cases.request_corrections cases.investigate"
            " cases.request_means_check cases.settle_income cases.uphold_objection cases.propose"
            " cases.serve cases.relieve_first cases.hand_over files.upload"
            " cases.register_kin cases.change_household cases.report_change cases.review"
            " funds.view funds.prepare archives.view archives.seal archives.hand_over"
            " archives.shelve archives.watch archives.look_again cases.import_roster"
            " supervision.answer supervision.handle"
        ),
        menu=_menu(
            ("工作台", "/"),
            ("收件", "/desk/intake/"),
            ("入户任务", "/visits/"),
            ("案件", "/cases/"),
            ("公示", "/notices/"),
            "在享对象",
            ("在享对象", "/roster/"),
            ("复核", "/renewals/"),
            ("变化报告", "/changes/"),
            ("增减停发", "/adjustments/"),
            ("告知书", "/letters/"),
            ("入户进度", "/visits/progress/"),
            ("提标", "/standards/"),
            ("供养服务机构", "/institutions/"),
            ("在享名册导入", "/roster/import/"),
            "发现、备案",
            ("主动发现", "/leads/"),
            ("近亲属备案", "/kin/"),
            "资金",
            ("资金发放", "/pay/"),
            ("退回待重发", "/pay/returns/"),
            ("流水凭证", "/funds/proofs/"),
            ("季度预算", "/budget/"),
            ("备用金", "/imprest/"),
            ("追缴", "/funds/recoveries/"),
            "档案",
            ("档案", "/archive/"),
            ("档案盒、借阅、盘点", "/archive/boxes/"),
            ("2015 年以来核查", "/archive/since2015/"),
            ("移交", "/handover/"),
            "监督",
            ("督办", "/supervise/"),
            ("整改", "/rectify/"),
            ("工作通报", "/bulletins/"),
            ("举报信访", "/petitions/"),
            "政策、培训",
            ("政策", "/policy/"),
            ("培训", "/training/"),
        ),
    ),
    "deputy_leader": Role(
        label="镇、街道分管领导",
        reach=Reach.OFFICE,
        can=_can(
            _LOOK + " cases.decide cases.extend funds.view funds.approve archives.view"
            " archives.witness archives.let_go archives.look_again"
            " supervision.answer supervision.handle board.view"
        ),
        menu=_menu(
            ("待我签批", "/desk/sign/"),
            ("待签复核", "/adjustments/"),
            ("待签提标", "/standards/"),
            ("已签", "/desk/signed/"),
            ("授权代签", "/desk/delegate/"),
            ("案件", "/cases/"),
            "资金",
            ("发放月板", "/pay/"),
            ("季度预算", "/budget/"),
            ("备用金", "/imprest/"),
            ("追缴", "/funds/recoveries/"),
            "档案",
            ("档案", "/archive/"),
            ("移交", "/handover/"),
            "监督",
            ("本街镇情况", "/board/"),
            ("督办", "/supervise/"),
            ("整改", "/rectify/"),
            ("工作通报", "/bulletins/"),
            ("举报信访", "/petitions/"),
            "政策、培训",
            ("政策", "/policy/"),
            ("培训", "/training/"),
        ),
    ),
    "chief_leader": Role(
        label="镇、街道行政一把手",
        reach=Reach.OFFICE,
        can=_can(_LOOK + " funds.view archives.view board.view supervision.answer"),
        menu=_menu(
            ("本街镇情况", "/board/"),
            ("案件", "/cases/"),
            ("发放月板", "/pay/"),
            ("督办", "/supervise/"),
            ("整改", "/rectify/"),
            ("工作通报", "/bulletins/"),
            ("政策", "/policy/"),
            ("培训", "/training/"),
        ),
    ),
    "bureau_leader": Role(
        label="区民政局分管领导",
        reach=Reach.DISTRICT,
        can=_can(
            _LOOK + " cases.decide_large funds.view funds.confirm archives.view board.view"
            " archives.release archives.witness archives.look_again"
            " supervision.view supervision.issue stats.view"
        ),
        menu=_menu(
            ("待我签批", "/desk/sign/"),
            ("已签", "/desk/signed/"),
            ("看板", "/board/"),
            ("案件", "/cases/"),
            "监督检查",
            ("督办", "/supervise/"),
            ("认定不准", "/errors/"),
            ("抽查计划", "/samples/"),
            ("工作通报", "/bulletins/"),
            ("移送", "/referrals/"),
            ("举报信访", "/petitions/"),
            ("责任追究", "/liability/"),
            "资金",
            ("资金计划", "/funds/plan/"),
            ("追缴", "/funds/recoveries/"),
            "档案",
            ("档案", "/archive/"),
            ("保管和销毁", "/archive/keeping/"),
            ("证据册", "/audit/cases/"),
            ("移交", "/handover/"),
            "政策、队伍",
            ("统计报表", "/stats/"),
            ("政策", "/policy/"),
            ("政策测算", "/policy/simulations/"),
            ("第三方服务", "/thirdparty/"),
        ),
    ),
    "supervisor": Role(
        label="区社救中心",
        reach=Reach.DISTRICT,
        can=_can(
            _LOOK + " funds.view funds.allocate archives.view board.view"
            " rulebook.enter rulebook.confirm calendar.enter stats.view cases.import_roster"
            " cases.bureau_check cases.register_kin cases.keep_institutions"
            " cases.import_deaths archives.hold archives.dispose"
            " archives.check_old archives.export archives.hand_over"
            " supervision.view supervision.check supervision.complaints supervision.hold_liable"
            " supervision.handle supervision.answer"
            " supervision.partners supervision.train supervision.publish stats.make"
        ),
        menu=_menu(
            ("看板", "/board/"),
            ("督办", "/supervise/"),
            ("统计报表", "/stats/"),
            "监督检查",
            ("新批复核", "/supervise/recheck/"),
            ("抽查计划", "/samples/"),
            ("检查表", "/checks/sheets/"),
            ("认定不准", "/errors/"),
            ("工作通报", "/bulletins/"),
            ("整改", "/rectify/"),
            ("移送", "/referrals/"),
            ("举报信访", "/petitions/"),
            ("责任追究", "/liability/"),
            "对象、案件",
            ("案件", "/cases/"),
            ("在享对象", "/roster/"),
            ("复核", "/renewals/"),
            ("入户进度", "/visits/progress/"),
            ("提标", "/standards/"),
            ("死亡信息", "/deaths/"),
            ("区局核查", "/rechecks/"),
            ("供养服务机构", "/institutions/"),
            ("近亲属备案", "/kin/"),
            ("在享名册导入", "/roster/import/"),
            "资金",
            ("资金发放", "/pay/"),
            ("资金台账", "/funds/"),
            ("对账、关账", "/funds/books/"),
            ("资金计划", "/funds/plan/"),
            ("季度预算", "/budget/"),
            ("备用金", "/imprest/"),
            ("流水凭证", "/funds/proofs/"),
            ("一次性补贴", "/funds/supplements/"),
            ("追缴", "/funds/recoveries/"),
            "档案",
            ("档案", "/archive/"),
            ("保管和销毁", "/archive/keeping/"),
            ("2015 年以来核查", "/archive/since2015/"),
            ("证据册", "/audit/cases/"),
            ("移交", "/handover/"),
            "政策、队伍",
            ("政策", "/policy/"),
            ("政策测算", "/policy/simulations/"),
            ("培训", "/training/"),
            ("第三方服务", "/thirdparty/"),
            "设置",
            ("规则版本", "/settings/rules/"),
            ("工作日历", "/settings/calendar/"),
        ),
    ),
    "verification": Role(
        label="区核对中心",
        reach=Reach.DISTRICT,
        can=_can("cases.return_means_check"),
        menu=_menu(("核对队列", "/checks/")),
    ),
    "accounting": Role(
        label="区财政局核算中心",
        reach=Reach.DISTRICT,
        can=_can("funds.view funds.take_file funds.import_result supervision.answer"),
        menu=_menu(
            ("资金发放", "/pay/"),
            ("退回待重发", "/pay/returns/"),
            ("资金台账", "/funds/"),
            ("对账、关账", "/funds/books/"),
            ("督办", "/supervise/"),
        ),
    ),
    "auditor": Role(
        label="审计、纪检",
        reach=Reach.DISTRICT,
        can=_can(
            _LOOK + " funds.view archives.view audit.view board.view archives.hold"
            " archives.watch archives.look_again archives.export supervision.view stats.view"
        ),
        menu=_menu(
            ("案件", "/cases/"),
            ("操作记录", "/audit/"),
            ("查看痕迹", "/audit/access/"),
            ("证据册", "/audit/cases/"),
            ("文件核验", "/audit/fixity/"),
            ("发放", "/pay/"),
            ("档案", "/archive/"),
            ("保管和销毁", "/archive/keeping/"),
            ("看板", "/board/"),
            ("督办", "/supervise/"),
            ("抽查计划", "/samples/"),
            ("检查表", "/checks/sheets/"),
            ("认定不准", "/errors/"),
            ("工作通报", "/bulletins/"),
            ("统计报表", "/stats/"),
        ),
    ),
    "third_party": Role(
        label="第三方服务人员",
        reach=Reach.NONE,
        can=_can("partner.visit files.view"),
        menu=_menu(("我的任务", "/tasks/")),
    ),
    # Three administrators, three people, no business rights (blueprint 4).
    "system_admin": Role(
        label="系统管理员",
        reach=Reach.NONE,
        can=_can("settings.view units.edit calendar.enter clients.edit"),
        menu=_menu(
            ("单位", "/settings/units/"),
            ("工作日历", "/settings/calendar/"),
            ("接口", "/settings/clients/"),
            ("运行状况", "/settings/health/"),
            ("文件核验", "/audit/fixity/"),
            ("页面组件", "/settings/ui/"),
        ),
    ),
    "security_admin": Role(
        label="安全管理员",
        reach=Reach.NONE,
        can=_can("settings.view people.edit"),
        menu=_menu(("用户与岗位", "/settings/people/")),
    ),
    "audit_admin": Role(
        label="审计管理员",
        reach=Reach.NONE,
        can=_can("settings.view audit.view"),
        menu=_menu(("操作记录", "/audit/"), ("文件核验", "/audit/fixity/")),
    ),
}

ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})
