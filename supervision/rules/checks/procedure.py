"""Procedure and time: R40-R44."""

from .populations import CASES, DECIDED, OPEN_CASES, REVIEWS
from .shape import Check, Part, day

FULL = "c.programme NOT IN ('URGENT_RELIEF', 'EXPENSE_RELIEF')"  # the whole procedure
ROAD = "c.programme <> 'URGENT_RELIEF'"  # with a visit by two and a notice
WORKDAYS = "%(workdays)s::date[]"


def workdays(after: str, upto: str) -> str:
    """Working days after one day up to another, in SQL (the calendar is a sorted array)."""
    return f"(width_bucket({upto}, {WORKDAYS}) - width_bucket({after}, {WORKDAYS}))"


def is_rest(day_: str) -> str:
    """Whether a day is not a working day, in SQL."""
    return f"({WORKDAYS})[width_bucket({day_}, {WORKDAYS})] IS DISTINCT FROM {day_}"


def signed(stage: str, least: int = 1, of: str = "c.round") -> str:
    """That so many persons signed a stage of that round, in SQL."""
    return (
        "(SELECT count(DISTINCT g.person_id) FROM kernel_signature g WHERE g.subject_kind = 'case'"
        f" AND g.subject_key = c.no AND g.stage = '{stage}' AND g.round = {of}) >= {least}"
    )


def _lacks(mark: str, lack: str, when: str) -> Part:
    """A decision without something that must come before it."""
    return Part(
        of=DECIDED,
        when=f"({when})",
        mark=f"'{mark}'",
        what=f"'作出决定时没有{lack}'",
        evidence="'decided_on', d.decided_on, 'outcome', d.outcome, 'round', c.round",
    )


def _event(action: str) -> str:
    """The last event of one kind, joined."""
    return (
        f"JOIN LATERAL (SELECT e.on_day, e.at FROM kernel_event e WHERE e.subject_kind = 'case'"
        f" AND e.subject_key = c.no AND e.action = '{action}' ORDER BY e.seq DESC LIMIT 1) e ON true"
    )


def _order(mark: str, joins: str, earlier: str, later: str, words: str) -> Part:
    """Two days in the wrong order; `words` holds both, later first."""
    return Part(
        of=CASES,
        joins=joins,
        when=f"{later} < {earlier}",
        mark=f"'{mark}'",
        what=f"'{words.split(maxsplit=1)[0]} ' || {day(later)} || ' 早于{words.split()[1]} ' || {day(earlier)}",
        evidence=f"'earlier', {earlier}, 'later', {later}",
    )


# What was found in an earlier round stands until it is done again (9).
SURVEY = (
    "JOIN LATERAL (SELECT * FROM cases_survey n WHERE n.case_id = c.id"
    " ORDER BY n.round DESC LIMIT 1) n ON true"
)
APPRAISAL = (
    "JOIN LATERAL (SELECT * FROM cases_appraisal h WHERE h.case_id = c.id"
    " ORDER BY h.round DESC LIMIT 1) h ON true"
)
NOTICE = "JOIN cases_notice h ON h.case_id = c.id AND h.round = c.round AND h.kind <> 'ENDING'"
ANY_NOTICE = "JOIN cases_notice h ON h.case_id = c.id AND (h.round = c.round OR h.kind = 'ENDING')"
PHOTO = "JOIN kernel_attachment f ON f.id = h.photo_id"
TAKEN = "(f.taken_at AT TIME ZONE 'Asia/Shanghai')::date"
BY_TWO = signed("survey", 2, "(SELECT max(n.round) FROM cases_survey n WHERE n.case_id = c.id)")
REPORT = (
    "EXISTS (SELECT FROM cases_meanscheck k WHERE k.case_id = c.id"
    " AND k.returned_on <= d.decided_on)"
)

CHECKS = (
    Check(
        id="R40", severity="B", cites="4(1).1 18(2)", label="决定以前的环节齐全",
        owner="deputy_leader", advice="补正程序，必要时撤销重新办理",
        parts=(
            _lacks("ACCEPTED", "受理", "c.accepted_on IS NULL"),
            _lacks("SURVEY", "两名调查人的签字", f"{ROAD} AND NOT {BY_TWO}"
                   f" AND (d.outcome = 'APPROVED' OR NOT {REPORT})"),
            _lacks("MEANS", "核对报告", f"{FULL} AND NOT {REPORT}"
                   f" AND (d.outcome = 'APPROVED' OR NOT {BY_TWO})"),
            # 急难型 is checked by nobody: its list of papers has no authorisation
            _lacks("AUTHORISATION", "核对授权书", f"{ROAD} AND NOT EXISTS (SELECT FROM kernel_attachment f"
                   " WHERE f.subject_kind = 'case' AND f.subject_key = c.no"
                   " AND f.slot = 'authorisation' AND f.withdrawn_at IS NULL)"),
            _lacks("OPINION", "审核意见的签字", f"NOT {signed('propose')}"),
            _lacks("DECISION", "分管领导的签字", f"NOT {signed('decide')}"),
            _lacks("NOTICE", "期满的公示", f"{ROAD} AND d.outcome = 'APPROVED' AND (SELECT"
                   " count(DISTINCT h.kind) FROM cases_notice h WHERE h.case_id = c.id"
                   " AND h.round = c.round AND h.kind <> 'ENDING' AND h.last_day < d.decided_on)"
                   " < CASE c.programme WHEN 'EXPENSE_RELIEF' THEN 1 ELSE 2 END"),
            _lacks("OBJECTION", "答复异议", "EXISTS (SELECT FROM cases_objection x JOIN cases_notice h"
                   " ON h.id = x.notice_id WHERE h.case_id = c.id AND h.kind <> 'ENDING'"
                   " AND x.received_on <= d.decided_on"
                   " AND (x.answered_on IS NULL OR x.answered_on > d.decided_on))"),
        ),
    ),
    Check(
        id="R41", severity="H", cites="3(4) 9", label="公示满七天、有地点、有本件的照片",
        owner="office_staff", advice="重新公示，补拍照片",
        parts=(
            Part(
                of=CASES, joins=ANY_NOTICE,
                when="h.last_day - h.posted_on < 7 OR h.closed_on <= h.last_day"
                " AND h.kind <> 'ENDING' AND NOT c.state IN ('INVESTIGATING')",
                severity="B", mark="'SHORT:' || h.id",
                what="'公示 ' || " + day("h.first_day") + " || ' 至 ' || "
                + day("least(h.last_day, h.closed_on)") + " || '，不足七天'",
                evidence="'notice', h.no, 'posted_on', h.posted_on, 'last_day', h.last_day,"
                " 'closed_on', h.closed_on",
            ),
            Part(
                of=REVIEWS, joins="JOIN cases_notice h ON h.review_id = v.id",
                when="h.last_day - h.posted_on < 7", severity="B", mark="'SHORT:' || h.id",
                what="'拟终止公示 ' || " + day("h.first_day") + " || ' 至 ' || "
                + day("h.last_day") + " || '，不足七天'",
                evidence="'notice', h.no, 'posted_on', h.posted_on, 'last_day', h.last_day",
            ),
            Part(
                of=DECIDED, joins=NOTICE,
                when="d.outcome = 'APPROVED' AND d.decided_on <= h.last_day",
                severity="B", mark="'EARLY:' || h.id",
                what="'公示到 ' || " + day("h.last_day") + " || ' 期满，' || "
                + day("d.decided_on") + " || ' 已经作出决定'",
                evidence="'notice', h.no, 'last_day', h.last_day, 'decided_on', d.decided_on",
            ),
            Part(
                of=CASES, joins=ANY_NOTICE, when="btrim(h.place) = ''", severity="B", mark="'PLACE:' || h.id",
                what="'公示没有写明张贴地点'", evidence="'notice', h.no",
            ),
            Part(
                of=CASES, joins=NOTICE,
                when="h.photo_id IS NULL AND (h.closed_on IS NOT NULL"
                " OR h.posted_on < %(on)s::date - 1)",
                mark="'PHOTO:' || h.id", what="'公示没有张贴照片'",
                evidence="'notice', h.no, 'posted_on', h.posted_on",
            ),
            Part(
                of=CASES,
                joins=NOTICE + " JOIN kernel_attachment f ON f.id = h.photo_id",
                when="EXISTS (SELECT FROM cases_notice x JOIN kernel_attachment y"
                " ON y.id = x.photo_id WHERE y.sha256 = f.sha256"
                " AND x.case_id IS DISTINCT FROM h.case_id)",
                mark="'TWICE:' || h.id", what="'公示照片在别的案件里用过'",
                evidence="'notice', h.no, 'sha256', f.sha256",
            ),
            Part(
                of=CASES, joins=f"{NOTICE} {PHOTO}",
                when="EXISTS (SELECT FROM cases_notice x JOIN kernel_attachment y"
                " ON y.id = x.photo_id WHERE x.case_id = c.id AND x.id < h.id"
                " AND y.sha256 = f.sha256)",
                mark="'SAME:' || h.id", what="'前后两次公示用的是同一张照片'",
                evidence="'notice', h.no, 'sha256', f.sha256",
            ),
            Part(
                of=CASES,
                joins=NOTICE + " JOIN kernel_attachment f ON f.id = h.photo_id",
                when=f"{TAKEN} NOT BETWEEN h.posted_on AND h.last_day",
                mark="'TAKEN:' || h.id",
                what="'公示照片拍摄于 ' || " + day(TAKEN) + " || '，不在公示期内'",
                evidence="'notice', h.no, 'taken_at', f.taken_at, 'posted_on', h.posted_on",
            ),
            Part(
                of=CASES, joins=NOTICE
                + " JOIN jsonb_to_recordset(%(far_photos)s::jsonb) AS z(photo bigint, metres int)"
                " ON z.photo = h.photo_id",
                when="z.metres > 500", mark="'FAR:' || h.id",
                what="'公示照片的拍摄地点离本村（社区）公示栏约 ' || z.metres || ' 米'",
                evidence="'notice', h.no, 'metres', z.metres",
            ),
        ),
    ),
    Check(
        id="R42", severity="B", cites="3(1)", label="民主评议有效、签字齐全",
        owner="office_staff", advice="重新组织评议",
        parts=(
            Part(
                of=DECIDED, joins=APPRAISAL, when=f"NOT {signed('witness', 1, 'h.round')}",
                mark="'WITNESS:' || h.id",
                what="'民主评议没有主任或书记签字'",
                evidence="'appraisal', h.id, 'held_on', h.held_on",
            ),
            Part(
                of=DECIDED,
                when=f"{FULL} AND d.outcome = 'APPROVED' AND NOT EXISTS (SELECT"
                " FROM cases_appraisal h WHERE h.case_id = c.id)",
                mark="'NONE'", what="'批准以前没有民主评议'", evidence="'decided_on', d.decided_on",
            ),
            Part(
                of=CASES, joins=APPRAISAL, when="h.attended * 3 < h.expected * 2",
                mark="'QUORUM:' || h.id",
                what="'评议应到 ' || h.expected || ' 人，实到 ' || h.attended || ' 人，不足三分之二'",
                evidence="'appraisal', h.id, 'expected', h.expected, 'attended', h.attended",
            ),
            Part(
                of=CASES, joins=APPRAISAL, when="h.agree + h.oppose + h.abstain <> h.attended",
                mark="'VOTES:' || h.id", what="'评议票数与到会人数不符'",
                evidence="'appraisal', h.id, 'agree', h.agree, 'oppose', h.oppose,"
                " 'abstain', h.abstain, 'attended', h.attended",
            ),
        ),
    ),
    Check(
        id="R43", severity="H", cites="4(1).1 18(2)", label="在办理时限以内",
        owner="deputy_leader", days=1, advice="查看卡在哪一环节，尽快办结；因平台迟缓的登记依据",
        parts=(
            Part(
                of=OPEN_CASES, when="c.due_on < %(on)s::date", mark="'LATE:' || c.due_on",
                what="'已超过办理时限 ' || " + day("c.due_on") + " || '，停在“' || (%(states)s::jsonb"
                " ->> c.state) || '”自 ' || " + day("c.state_since"),
                evidence="'due_on', c.due_on, 'state', c.state, 'state_since', c.state_since",
            ),
            Part(
                of=OPEN_CASES,
                when=f"c.due_on >= %(on)s::date AND {workdays('%(on)s::date', 'c.due_on')} <= 3",
                mark="'SOON:' || c.due_on",
                what="'三个工作日内到期（' || " + day("c.due_on") + " || '），停在“'"
                " || (%(states)s::jsonb ->> c.state) || '”'",
                evidence="'due_on', c.due_on, 'state', c.state, 'state_since', c.state_since",
            ),
            Part(
                of=OPEN_CASES, when=f"{workdays('%(on)s::date', 'c.due_on')} IN (4, 5)",
                severity="M", mark="'NEAR:' || c.due_on",
                what="'五个工作日内到期（' || " + day("c.due_on") + " || '），停在“'"
                " || (%(states)s::jsonb ->> c.state) || '”'",
                evidence="'due_on', c.due_on, 'state', c.state, 'state_since', c.state_since",
            ),
        ),
    ),
    Check(
        id="R44", severity="H", cites="9 18(8)", label="各环节的日期合理，不是事后一起补的",
        owner="office_staff", advice="对照纸质原件说明日期",
        parts=(
            _order("ACCEPT", "", "c.submitted_on", "c.accepted_on", "受理 提交申请"),
            _order("SURVEY", SURVEY, "c.accepted_on", "n.visited_on", "入户 受理"),
            _order("APPRAISAL", APPRAISAL + " JOIN LATERAL (SELECT n.visited_on FROM cases_survey n"
                   " WHERE n.case_id = c.id AND n.round <= h.round ORDER BY n.round DESC"
                   " LIMIT 1) n ON true", "n.visited_on", "h.held_on", "评议 入户"),
            _order("NOTICE", APPRAISAL + " JOIN cases_notice q ON q.case_id = c.id"
                   " AND q.round = c.round AND q.kind = 'REVIEW'",
                   "h.held_on", "q.posted_on", "公示 评议"),
            _order("SECOND", "JOIN cases_notice r ON r.case_id = c.id AND r.round = c.round"
                   " AND r.kind = 'REVIEW' JOIN cases_notice q ON q.case_id = c.id"
                   " AND q.round = c.round AND q.kind = 'APPROVAL'",
                   "r.last_day + 1", "q.posted_on", "拟批准公示 审核公示期满"),
            _order("DECISION", APPRAISAL, "h.held_on", "c.decided_on", "决定 评议"),
            _order("DECIDED", SURVEY, "n.visited_on", "c.decided_on", "决定 入户"),
            _order("LETTER", "JOIN cases_letter x ON x.case_id = c.id",
                   "c.decided_on", "x.served_on", "送达 决定"),
            Part(
                of=CASES,
                when="c.accepted_on >= %(known_from)s::date AND c.programme <> 'URGENT_RELIEF'"
                f" AND {is_rest('c.accepted_on')}",
                mark="'ACCEPT_REST'",
                what="'' || " + day("c.accepted_on") + " || ' 是休息日，当天受理'",
                evidence="'accepted_on', c.accepted_on",
            ),
            Part(  # 急难型 has calendar days, and helps on a day of rest as well
                of=DECIDED,
                when=f"d.decided_on >= %(known_from)s::date AND {ROAD} AND {is_rest('d.decided_on')}",
                mark="'REST:' || d.decided_on",
                what="'' || " + day("d.decided_on") + " || ' 是休息日，当天作出决定'",
                evidence="'decided_on', d.decided_on",
            ),
            Part(
                of=CASES, joins=SURVEY + " " + _event("record_survey"),
                when="e.on_day - n.visited_on > 10", mark="'LATE_ENTRY:' || n.id",
                what="'入户 ' || " + day("n.visited_on") + " || '，' || " + day("e.on_day")
                + " || ' 才登记'",
                evidence="'survey', n.id, 'visited_on', n.visited_on, 'recorded_on', e.on_day",
            ),
            Part(
                of=CASES, joins=APPRAISAL + " " + _event("record_appraisal"),
                when="e.on_day - h.held_on > 10", mark="'LATE_MEETING:' || h.id",
                what="'评议 ' || " + day("h.held_on") + " || '，' || " + day("e.on_day")
                + " || ' 才登记'",
                evidence="'appraisal', h.id, 'held_on', h.held_on, 'recorded_on', e.on_day",
            ),
            Part(
                of=DECIDED,
                joins="JOIN LATERAL (SELECT count(DISTINCT e.action) AS acts,"
                " max(e.at) - min(e.at) AS took FROM kernel_event e WHERE e.subject_kind = 'case'"
                " AND e.subject_key = c.no AND e.person_id IS NOT NULL AND e.action IN"
                " ('accept', 'record_survey', 'record_appraisal', 'propose')) e ON true",
                when="e.acts = CASE c.programme WHEN 'EXPENSE_RELIEF' THEN 3 ELSE 4 END"
                " AND e.took <= interval '1 minute'", mark="'MINUTE'",
                what="'从受理到审核的各环节在一分钟内全部办完'",
                evidence="'seconds', extract(epoch FROM e.took)",
            ),
        ),
    ),
)  # fmt: skip
