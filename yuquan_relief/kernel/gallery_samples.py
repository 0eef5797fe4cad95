"""Made-up values of lists, cases and boards for the component gallery."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
PICTURE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='640' height='480'%3E"
    "%3Cpath fill='%23BBD3F2' d='M0 0h640v480H0z'/%3E"
    "%3Cpath fill='%231450A0' d='M80 400 240 200l110 120 70-70 140 150z'/%3E%3C/svg%3E"
)


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


LISTS: dict[str, Any] = {
    "tasks": [
        {"label": "1 申请人与委托", "url": "#tasks", "status": "已完成", "tone": "ok"},
        {"label": "2 家庭成员（4 人）", "url": "#tasks", "status": "已完成", "tone": "ok"},
        {
            "label": "3 收入和财产",
            "url": "#tasks",
            "status": "填写中 2/4",
            "tone": "brand",
            "current": True,
        },
        {
            "label": "4 材料",
            "url": "#tasks",
            "status": "有问题",
            "tone": "bad",
            "hint": "授权书缺李强的签字",
        },
        {"label": "5 核对授权书", "url": "#tasks", "status": "未开始", "tone": "mute"},
        {
            "label": "6 入户调查约时间",
            "status": "还不能开始",
            "tone": "mute",
            "hint": "先完成 1、2",
        },
    ],
    "todo": [
        {
            "label": "审批签字　张秀兰",
            "url": "#todo",
            "hint": "赵志强",
            "deadline": {
                "text": "剩 3 个工作日",
                "tone": "warn",
                "date_text": "2026-11-26（周四）",
            },
        },
        {
            "label": "补交边缘证明（容缺）　巴特尔",
            "url": "#todo",
            "hint": "王桂兰",
            "deadline": {
                "text": "已超 2 个工作日",
                "tone": "bad",
                "date_text": "2026-11-19（周四）",
            },
        },
    ],
    "cases": [
        {
            "name": "张秀兰",
            "id": "150104195203154021",
            "kind": "低保（新申请）",
            "people": 4,
            "place": "昭君路街道 五里营社区",
            "fen": 182668,
            "badge": ("待审批", "brand"),
            "deadline": {
                "text": "剩 19 个工作日",
                "tone": "mute",
                "date_text": "2026-12-21（周一）",
            },
        },
        {
            "name": "额尔敦陶克陶·乌云其其格",
            "id": "150104196811023318",
            "kind": "特困（分散供养）",
            "people": 1,
            "place": "小黑河镇 后八里村",
            "fen": 118500,
            "badge": ("公示中 停表", "pause"),
            "deadline": {"text": "公示中 停表", "tone": "pause", "date_text": "公示到 11-27"},
        },
        {
            "name": "𠮷䶮",
            "id": "150104200106070027",
            "kind": "临时救助（支出型）",
            "people": 3,
            "place": "大南街街道 兴隆社区",
            "fen": 1200000,
            "badge": ("退回补正", "warn"),
            "deadline": {
                "text": "已超 2 个工作日",
                "tone": "bad",
                "date_text": "2026-11-19（周四）",
            },
        },
        {
            "name": "巴特尔",
            "id": "150104197509093014",
            "kind": "低保（年审）",
            "people": 2,
            "place": "长和廊街道 辛辛板村",
            "fen": None,
            "badge": ("已批准", "ok"),
            "deadline": {"text": "按时办结 18/30", "tone": "ok", "date_text": ""},
        },
    ],
    "pager": {
        "previous_url": "?before=1",
        "next_url": "?after=2",
        "caption": "共 137 件，这一页 20 件，按剩余工作日从少到多",
    },
    "timeline": [
        {"at": at(11, 20, 16, 20), "title": "社救办建议批准", "who": "刘敏　签字"},
        {"at": at(11, 18, 10, 12), "title": "公示期满，无异议", "is_system": True},
        {
            "at": at(11, 11, 9),
            "title": "张榜公示（五里营公示栏）",
            "who": "王桂兰",
            "attachments": [
                {"url": "#", "label": "张贴照 1"},
                {"url": "#", "label": "张贴照 2"},
            ],
        },
        {
            "at": at(11, 10, 15, 30),
            "title": "民主评议 9 人：同意 9",
            "who": "李建国（村主任）　签字",
            "note": "到会 9 人，应到 11 人；无近亲属回避。",
            "attachments": [{"url": "#", "label": "评议纪要"}],
        },
        {"at": date(2014, 6, 3), "title": "2014 年纸质档案转入", "who": "只有日期，没有时刻"},
    ],
}


MILES = [
    {"label": "受理", "date_text": "11-02", "state": "done"},
    {"label": "入户", "date_text": "11-06", "state": "done"},
    {"label": "公示", "date_text": "11-11～11-17 停 5 个工作日", "state": "pause"},
    {"label": "待审批", "date_text": "", "state": "now"},
    {"label": "发放", "date_text": "次月 10 日前", "state": "todo"},
]
CASE: dict[str, Any] = {
    "identity": {
        "name": "张秀兰",
        "facts": ["低保（新申请）", "4 人户", "昭君路街道 五里营社区"],
        "number": "YQ-DB-2026-01042",
        "id_masked": "1501…4021",
        "reveal_url": "#reveal",
        "phone_masked": "138…0021",
        "handlers": "经办 王桂兰 → 审核 刘敏 → 审批 赵志强（分管领导）",
        "badge_text": "待审批",
        "badge_tone": "brand",
    },
    "identity_long": {
        "name": "额尔敦陶克陶·乌云其其格",
        "facts": ["特困（分散供养，半护理）", "1 人户", "小黑河镇 后八里村"],
        "number": "YQ-TK-2026-00987",
        "id_masked": "1501…3318",
        "handlers": "经办 单红梅 → 审核 𠮷䶮",
        "badge_text": "公示中 停表",
        "badge_tone": "pause",
        "alert": "容缺 1 项：边缘证明 12-10 前补交",
    },
    "clock": {
        "text": "剩 19 个工作日",
        "tone": "mute",
        "date_text": "2026-12-21（周一）",
        "used": 11,
        "limit": 30,
        "milestones": MILES,
        "excused": ["核对平台延迟 3 日（第二十条第四项），只作记录，不停表。"],
        "explain": [
            "第四条：受理后 30 个工作日，不含公示期。",
            "11-11 到 11-17 公示，停 5 个工作日。",
            "节假日按 2026 年国务院安排（区民政局 2025-11-05 录入）。",
        ],
    },
    "clock_late": {
        "text": "已超 2 个工作日",
        "tone": "bad",
        "date_text": "2026-11-19（周四）",
        "used": 32,
        "limit": 30,
        "explain": [],
    },
    "clock_pause": {
        "text": "公示中 停表",
        "tone": "pause",
        "date_text": "2027-01-08（周五）",
        "provisional": True,
        "used": 8,
        "limit": 30,
    },
    "clock_draft": {"text": "受理后开始", "tone": "mute"},
    "facts": [
        {"label": "保障人数", "value": "4 人", "change_url": "#change"},
        {
            "label": "月人均收入",
            "value": "333.33 元",
            "change_url": "#change",
            "tone": "warn",
            "note": "与核对报告差 15.67 元，须写明理由",
        },
        {"label": "拟保障金额", "value": "456.67 元 × 4 人 = 1,826.68 元/月"},
        {"label": "联系电话", "value": "", "change_url": "#change"},
    ],
    "checks": [
        {"text": "材料 9/9 齐全", "tone": "ok", "url": "#checks"},
        {"text": "公示满 5 个工作日，无异议", "tone": "ok"},
        {"text": "评议 9 人，主任已签", "tone": "ok"},
        {"text": "入户 2 人，照片 6 张", "tone": "ok"},
        {"text": "授权书 3/4", "tone": "bad", "detail": "李强没有签字，不能签“同意”。"},
        {
            "text": "申报与核对人均差 15.67 元",
            "tone": "warn",
            "detail": "经办说明：务工淡季 11 月停工，附单位证明。",
            "url": "#checks",
        },
    ],
    "opinions": [
        {
            "stage": "村（居）",
            "who": "王桂兰",
            "at": at(11, 2, 10),
            "text": "情况属实，代办。",
            "verdict": "已提交",
            "tone": "ok",
        },
        {
            "stage": "民主评议",
            "who": "李建国",
            "at": at(11, 10, 15, 30),
            "text": "到会 9 人，同意 9，反对 0。",
            "verdict": "通过",
            "tone": "ok",
        },
        {
            "stage": "社救办",
            "who": "刘敏",
            "at": at(11, 20, 16, 20),
            "text": "建议批准，差额理由已核。",
            "verdict": "建议批准",
            "tone": "brand",
            "delegated_by": "赵红",
            "recalled": "11-20 16:10，理由写漏，重新签。",
        },
    ],
    "photos": [
        {
            "url": PICTURE,
            "thumb_url": PICTURE,
            "label": label,
            "note": "11-06 14:05　五里营 3 组（定位误差 12 米）",
        }
        for label in ("屋外", "屋内", "灶具", "存折", "评议纪要")
    ],
    "sign": {
        "action_url": "#sign",
        "opinion": "同意按审核意见办理。",
        "phrases": ["同意。", "请补正。", "金额请复核。"],
        "actions": [
            {"value": "agree", "label": "签字同意", "kind": "primary"},
            {"value": "return", "label": "退回补正"},
            {"value": "refuse", "label": "不予批准", "kind": "danger"},
        ],
        "note": "Ctrl+Enter 签字同意",
    },
    "confirm": {
        "title": "签字同意　张秀兰",
        "facts": "低保 4 人，1,826.68 元/月，自 2027-01 起。",
        "article": "第四条“谁签字，谁负责”",
        "action_url": "#confirm",
        "statement": "我已看完上面 4 块，对本签字负责",
        "needs_code": True,
        "submit_label": "签字，看下一件",
        "cancel_url": "#sign",
    },
    "slot_empty": {
        "id": "a",
        "label": "家庭收入凭据（李强）",
        "hint": "JPG、PNG 或者 PDF，每个不超过 20 MB",
        "upload_url": "/upload/",
        "remark": "缺",
        "remark_tone": "bad",
    },
    "slot_full": {
        "id": "b",
        "label": "户口簿",
        "upload_url": "/upload/",
        "remark": "已传 2 张",
        "remark_tone": "ok",
        "files": [
            {
                "label": "户口簿首页.jpg",
                "url": "#",
                "size_text": "312 KB",
                "who": "王桂兰",
                "at": at(11, 2, 9, 40),
                "remove_url": "#r1",
            },
            {
                "label": "这是一个名字非常长的扫描件第二页而且没有空格_20261102_093500.jpg",
                "url": "#",
                "size_text": "288 KB",
                "who": "王桂兰",
                "at": at(11, 2, 9, 41),
                "remove_url": "#r2",
            },
        ],
    },
    "steps": [
        {"label": "审批截止", "date_text": "11-20", "state": "done"},
        {"label": "名单锁定", "date_text": "11-23", "state": "done"},
        {"label": "报核算中心", "date_text": "11-27", "state": "now"},
        {"label": "发放到户", "date_text": "12-10", "state": "todo"},
    ],
}


columns = ["已超", "今天", "1–3", "4–7", "8–15", "15 以上", "公示停表"]
table = {
    "小黑河镇": (0, 1, 2, 6, 14, 21, 5),
    "昭君路街道": (0, 0, 3, 4, 9, 17, 3),
    "大南街街道": (2, 1, 4, 3, 6, 9, 1),
    "长和廊街道": (1, 0, 1, 5, 7, 12, 2),
}
BOARD: dict[str, Any] = {
    "cards": [
        {
            "label": "超期在办",
            "value": "3",
            "unit": "件",
            "url": "#cards",
            "note": "上月 5 件",
            "tone": "bad",
            "basis": "分子：到今天未办结且超过期限的在办件。第四条。",
        },
        {
            "label": "本月 10 日前发放",
            "value": "9 / 10",
            "unit": "街镇",
            "url": "#cards",
            "note": "差 大南街街道",
            "note_tone": "warn",
            "tone": "warn",
        },
        {
            "label": "今年入户",
            "value": "82.5%",
            "unit": "",
            "url": "#cards",
            "note": "4,871 / 5,902 人，按日进度 89.9%",
            "tone": "brand",
        },
        {
            "label": "认定不准",
            "value": "1.31%",
            "unit": "",
            "url": "#cards",
            "note": "11 / 842 户，红线 5%",
            "note_tone": "ok",
            "tone": "ok",
        },
    ],
    "heat": {
        "caption": "时限热表：在办件数，按剩余工作日",
        "columns": columns,
        "rows": [
            {
                "label": unit,
                "url": "#heat",
                "cells": [
                    {
                        "value": n,
                        "url": "#heat",
                        "level": 0 if n == 0 else min(4, 1 + n // 6),
                        "over": i == 0 and n > 0,
                    }
                    for i, n in enumerate(counts)
                ],
            }
            for unit, counts in table.items()
        ],
    },
    "bars": [
        {"label": "0–5", "value": 62, "url": "#bars"},
        {"label": "6–10", "value": 48},
        {"label": "11–15", "value": 33},
        {"label": "16–20", "value": 19},
        {"label": "21–25", "value": 11},
        {"label": "26–30", "value": 5, "tone": "warn"},
        {"label": "超过 30", "value": 3, "tone": "bad", "text": "3 件"},
    ],
}
