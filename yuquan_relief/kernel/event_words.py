"""What events and states are called in the interface; each room adds its own words."""

# `<kind>.<action>` → its name in the interface. The apps above add theirs in ready().
ACTIONS: dict[str, str] = {
    "audit.verify": "核验操作记录",
    "audit.verify_failed": "核验发现问题",
    "audit.export": "导出操作记录",
    "calendar.enter_calendar": "录入工作日历",
    "case.attach": "上传材料",
    "case.withdraw_attachment": "撤下材料",
    "roster.upload_roster": "上传名册",
    "draft.attach": "上传材料",
    "draft.withdraw_attachment": "撤下材料",
    "account.change_password": "修改密码",
    "account.change_sign_code": "设置签批码",
    "account.begin_totp": "开通动态口令",
    "account.end_totp": "停用动态口令",
    "account.open_account": "开立账号",
    "account.deactivate": "停用账号",
    "account.reset_password": "重置密码",
    "account.unlock": "解除锁定",
    "account.sign_in": "登录",
    "client.register_client": "登记接口程序",
    "client.end_client": "停用接口程序",
    "person.add_person": "登记人员",
    "person.give_post": "任命",
    "person.end_post": "免去任职",
    "rulebook.load_rulebook": "载入交付的规则值",
    "rulebook.enter_rule": "录入规则值",
    "rulebook.confirm_rule": "复核规则值",
    "units.import_units": "导入单位",
}
# Codes of states, by the apps above.
STATES: dict[str, str] = {}  # `<kind>.<code>`


def action_label(kind: str, action: str) -> str:
    """What the act is called; its code where nobody has named it."""
    return ACTIONS.get(f"{kind}.{action}", action)
