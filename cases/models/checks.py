"""Reading a case into the facts of the system's checks: what is on record, and other cases."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils.timezone import localdate

from cases.rules.checks import BUNCHED, CheckedMember, CheckedNotice, CheckFacts, blocking, hits
from cases.rules.programmes import Family
from yuquan_relief.kernel.inputs import InputError, identity_numbers, places
from yuquan_relief.kernel.models import Event

from .assessment import settled_again
from .household import Member
from .limits import limit_of
from .record import SUBJECT, CaseRecord

# One statement looks at all other cases: of the same people, with the same pictures, and of the
# same investigators. Each part is found by an index, whatever the number of cases.
ELSEWHERE = """
SELECT 'R02', '有成员同时在其他家庭享受救助（' || b.certificate_no || '），请退回核对'
  FROM cases_member m JOIN cases_benefit b ON b.household_id = m.household_id
 WHERE m.id_digest = ANY(%(insured)s) AND m.left_on IS NULL AND m.is_insured
   AND (b.end_month IS NULL OR b.end_month > date_trunc('month', %(on)s::date))
   AND m.household_id <> ALL(%(mine)s::bigint[]) AND %(monthly)s
UNION
SELECT 'R03', m.name || '同时是另一个在享家庭的成员（' || b.certificate_no || '）'
  FROM cases_member m JOIN cases_benefit b ON b.household_id = m.household_id
 WHERE m.id_digest = ANY(%(people)s) AND m.left_on IS NULL AND NOT m.is_insured
   AND (b.end_month IS NULL OR b.end_month > date_trunc('month', %(on)s::date))
   AND m.household_id <> ALL(%(mine)s::bigint[]) AND %(monthly)s
UNION
SELECT 'R05', m.name || ' ' || to_char(d.decided_on, 'YYYY-MM-DD') || ' 曾不予批准（' || c.no
              || '）：' || d.reason
  FROM cases_member m JOIN cases_case c ON c.household_id = m.household_id
  JOIN cases_decision d ON d.case_id = c.id
 WHERE m.id_digest = ANY(%(people)s) AND c.id <> %(case)s AND d.outcome = 'REFUSED'
   AND d.decided_on > %(on)s::date - 180
UNION
SELECT 'R06', m.name || '与另一人同名、同日出生，证号不同，请核对是否同一人'
  FROM unnest(%(people)s, %(names)s, %(births)s::date[]) AS mine(id_digest, name, birth_on)
  JOIN cases_member m ON m.birth_on = mine.birth_on AND m.name = mine.name
 WHERE m.id_digest <> mine.id_digest AND m.left_on IS NULL
UNION
SELECT 'R45', f.title || '在别的案件里用过（' || min(o.subject_key) || '）'
  FROM kernel_attachment f
  JOIN kernel_attachment o ON o.sha256 = f.sha256 AND o.subject_key <> f.subject_key
   AND o.subject_kind = 'case'
 WHERE f.subject_kind = 'case' AND f.subject_key = %(no)s AND f.withdrawn_at IS NULL
   AND f.slot <> 'notice_photo'
 GROUP BY f.id, f.title
UNION
SELECT 'R41P', '公示张贴照片在别的案件里用过（' || min(o.subject_key) || '）'
  FROM cases_notice n
  JOIN kernel_attachment p ON p.id = n.photo_id
  JOIN kernel_attachment o ON o.sha256 = p.sha256 AND o.subject_key <> p.subject_key
   AND o.subject_kind = 'case'
 WHERE n.case_id = %(case)s AND n.round = %(round)s
 GROUP BY n.id
UNION
SELECT 'R46N', m.name || '是在岗工作人员的备案近亲属，受理后才发现，请按近亲属案件办理'
  FROM unnest(%(people)s, %(names)s) AS m(id_digest, name)
 WHERE NOT %(is_kin)s AND EXISTS (
       SELECT FROM cases_staffrelative r
         JOIN kernel_post o ON o.person_id = r.staff_id
          AND o.starts_on <= %(on)s AND coalesce(o.ends_on, %(on)s) >= %(on)s
        WHERE r.id_digest = m.id_digest AND r.withdraws_id IS NULL
          AND NOT EXISTS (SELECT FROM cases_staffrelative w WHERE w.withdraws_id = r.id))
UNION
SELECT 'R28', '水电气话费每月 ' || round(mine.utilities_fen / 100.0, 2)
              || ' 元，高于本镇街 95%% 的调查户'
  FROM cases_survey mine
 WHERE mine.id = %(survey)s AND mine.utilities_fen > (
       SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY s.utilities_fen)
         FROM cases_survey s JOIN cases_case c ON c.id = s.case_id
        WHERE c.office_id = %(office)s AND s.utilities_fen IS NOT NULL
          AND s.visited_on > %(on)s::date - 365
       HAVING count(*) >= %(enough)s)
UNION
SELECT 'R32', '同一调查人有 ' || count(*) || ' 件的月人均恰好低于标准百分之一以内'
  FROM cases_survey s
  JOIN cases_incomeaccount a ON a.case_id = s.case_id
 WHERE s.recorded_by_id = %(surveyor)s AND a.is_eligible AND a.method = 'difference'
   AND a.standard_fen - a.per_capita_fen BETWEEN 0 AND a.standard_fen / 100
HAVING count(*) >= %(bunched)s
"""
WORDS = {
    "accept": "受理",
    "record_survey": "入户调查",
    "record_appraisal": "民主评议",
    "propose": "审核意见",
}
LATE = timedelta(days=10)
DAYS_OFF = 1  # a visit near midnight
FAR_METRES = 2_000
ENOUGH = 20  # surveys of the office within a year, before one can be far above the others


def check_facts(record: CaseRecord) -> CheckFacts:
    """What the rules read of the case on the record's day."""
    case = record.case
    return CheckFacts(
        on=record.on,
        family=record.family.value,
        **_figures(record),
        members=tuple(_member(m, record) for m in record.members),
        **_declared(record),
        means=_means(record),
        findings=tuple(record.findings),
        exclusive=tuple(record.rulebook["benefit.exclusive"][record.family.value]),
        odd_photos=tuple(_odd_photos(record)),
        luxury=record.survey.luxury if record.survey else "",
        care=record.care.support if record.care else "",
        support=case.support,
        notices=_notices(record),
        appraisal=_appraisal(record),
        self_care=_self_care(record),
        signers=tuple((s.stage, s.person_id) for s in record.signatures),
        due_on=case.due_on,
        is_kin=case.is_kin,
        kin_declared=case.kin_declared,
        bureau_visited=case.bureau_visited_on is not None,
        elsewhere=_elsewhere(record),
        relief=_relief(record),
        **_times(record),
    )


def _figures(record: CaseRecord) -> dict[str, Any]:
    """The settled account beside what comes out anew."""
    account = record.account
    again = settled_again(record) if account and account.facts else None
    names = ("persons", "insured", "is_eligible", "monthly_fen", "supplement_fen", "once_fen")
    return {
        "standard_fen": account.standard_fen if account else 0,
        "account": account.facts if account else {},
        "figures": {n: getattr(account, n) for n in names} if again else {},
        "recomputed": {n: getattr(again, n) for n in names} if again else {},
        "recomputed_why": again.objections[0] if again and again.objections else "",
    }


def _declared(record: CaseRecord) -> dict[str, Any]:
    """Incomes, property and obligors as plain values."""
    return {
        "lines": tuple(
            {"member": x.member_id, "kind": x.kind, "declared": x.declared_fen,
             "checked": x.checked_fen, "reason": x.reason}
            for x in record.lines
        ),
        "property": tuple(
            {"kind": p.kind, "note": p.note, "fen": p.value_fen, "exempt": p.is_exempt}
            for p in record.property_items
        ),
        "obligors": tuple(
            {"name": o.name, "per_head": o.month_fen // o.persons,
             "support": o.support_fen if o.adopted_fen is None else o.adopted_fen}
            for o in record.obligors
        ),
    }  # fmt: skip


def against_approval(record: CaseRecord) -> list[str]:
    """What the system finds that stops an opinion or a decision (8); empty when it is right."""
    return [hit.text for hit in blocking(hits(check_facts(record)))]


def _member(member: Member, record: CaseRecord) -> CheckedMember:
    try:
        known = identity_numbers.clean(member.id_no, today=record.on)
        fits = (known.birth_on, known.is_male) == (member.birth_on, member.is_male)
    except InputError:
        fits = False
    age = identity_numbers.age_on(member.birth_on, record.on)
    return CheckedMember(
        member.pk,
        member.name,
        age,
        member.condition,
        member.is_insured,
        fits,
        member.relation == "SELF",
    )


def _means(record: CaseRecord) -> dict[str, Any]:
    means = record.means
    if means is None or means.returned_on is None:
        return {}
    joined = [m.joined_on for m in record.members if m.joined_on > means.requested_on]
    return {
        "conclusion": means.conclusion,
        "valid_until": means.valid_until,
        "data_upto": means.data_upto,
        "changed_on": max(joined, default=None),
        "unasked": record.case.must_recheck,
    }


def _notices(record: CaseRecord) -> tuple[CheckedNotice, ...]:
    return tuple(
        CheckedNotice(
            n.get_kind_display(), n.place, (n.last_day - n.posted_on).days, n.photo_id is not None
        )
        for n in record.notices
        if n.round == record.case.round
    )


def _appraisal(record: CaseRecord) -> dict[str, Any]:
    held = record.appraisal
    if held is None:
        return {}
    counts = {n: getattr(held, n) for n in ("expected", "attended", "agree", "oppose", "abstain")}
    return counts | {"signed": bool(record.signatures_of("witness", held.round))}


def _self_care(record: CaseRecord) -> dict[str, Any]:
    care = record.self_care
    if care is None:
        return {}
    return {"tier": care.tier, "failed": care.failed, "assessed_on": care.assessed_on}


def _odd_photos(record: CaseRecord) -> list[str]:
    """Survey photos that were taken on another day than the visit, or far from each other."""
    if record.survey is None:
        return []
    photos = [f for f in record.files if f.slot == "survey_photo"]
    days = {localdate(f.taken_at) for f in photos if f.taken_at}
    off = sorted(d for d in days if abs((d - record.survey.visited_on).days) > DAYS_OFF)
    found = [f"入户照片拍摄于 {day}，入户日期是 {record.survey.visited_on}" for day in off]
    spots = [places.clean(f.place) for f in photos if f.place]
    far = max((a.metres_to(b) for a in spots for b in spots), default=0)
    if far > FAR_METRES:
        found.append(f"入户照片拍摄地点相距 {far / 1000:.1f} 公里")
    return found


def _elsewhere(record: CaseRecord) -> tuple[tuple[str, str], ...]:
    members = record.members
    values: dict[str, Any] = {
        "people": [m.id_digest for m in members],
        "insured": [m.id_digest for m in members if m.is_insured],
        "names": [m.name for m in members],
        "births": [m.birth_on for m in members],
        "mine": record.own_households,
        "case": record.case.pk,
        "no": record.case.no,
        "round": record.case.round,
        "on": record.on,
        "is_kin": record.case.is_kin,
        "bunched": BUNCHED,
        "monthly": record.family != Family.RELIEF,
        "survey": record.survey.pk if record.survey else None,
        "office": record.case.office_id,
        "enough": ENOUGH,
        "surveyor": record.survey.recorded_by_id if record.survey else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(ELSEWHERE, values)
        return tuple(sorted(cursor.fetchall()))


def _relief(record: CaseRecord) -> dict[str, Any]:
    case = record.case
    if record.family != Family.RELIEF:
        return {}
    due = None
    if case.relieved_on and case.is_open:
        limit = limit_of(case, record.rulebook)
        due = record.calendar.due(limit.start, limit.days, limit.unit, []).on
    days = (record.on - case.accepted_on).days if case.accepted_on and case.is_open else 0
    cash = any(h.method == "CASH" for h in record.hand_overs)
    return {
        "papers_due": due,
        "days": 0 if case.rules_of_programme.is_urgent else days,
        "cash_outside": cash and not case.rules_of_programme.is_urgent,
    }


def _times(record: CaseRecord) -> dict[str, Any]:
    """Days and moments of the acts, from the chain."""
    events = [e for e in reversed(record.events) if e.subject_kind == SUBJECT]
    acts = [e for e in events if e.action in WORDS]
    people = [e.at for e in events if e.person_id and e.action in WORDS]
    minutes = None
    if len(acts) == len(WORDS) and people:
        minutes = int((max(people) - min(people)).total_seconds() // 60)
    return {
        "step_days": tuple((WORDS[e.action], e.on_day) for e in acts),
        "rest_days": tuple(_rest_days(acts, record)),
        "late_entries": tuple(_late_entries(record)),
        "minutes": minutes,
    }


def _rest_days(acts: list[Event], record: CaseRecord) -> list[str]:
    signed = [e for e in acts if not record.calendar.is_workday(e.on_day)]
    return [f"{WORDS[e.action]} {e.on_day}" for e in signed if e.action != "record_survey"]


def _late_entries(record: CaseRecord) -> list[str]:
    """What was written down long after the day that it is about."""
    days = {e.action: e.on_day for e in record.events}
    found = []
    if (s := record.survey) and days.get("record_survey", s.visited_on) - s.visited_on > LATE:
        found.append(f"入户 {s.visited_on}，{days['record_survey']} 才登记")
    if (a := record.appraisal) and days.get("record_appraisal", a.held_on) - a.held_on > LATE:
        found.append(f"评议 {a.held_on}，{days['record_appraisal']} 才登记")
    return found
