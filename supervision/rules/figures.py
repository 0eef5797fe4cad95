"""Every figure of supervision, defined once (domain 12): the board, its lists, exports, tables
and the interface all read these definitions, so that one number cannot be two.

A figure counts rows of a population in a scope and a period. `hit` are those that the number is
about, `whole` those that it is a share of; without `whole` it is a plain count. `day` is the day
by which a row falls into the period; "" for what is as it stands: of a day that is over as it
stood on that day, where the chain tells it (`past`), else as it stands now.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from supervision.rules.checks.populations import FAMILY, IN_PROCESS, MONTHLY, RELIEF, seen
from supervision.rules.sampling import OUTSIDE_BENEFIT

RUNS_NOW = (
    f"b.programme IN {MONTHLY} AND b.start_month <= %(month)s::date"
    " AND (b.end_month IS NULL OR b.end_month >= %(month)s::date)"
)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure. `agg`: what is added up; `key`, `name`: a row of its list and where it leads."""

    code: str
    label: str
    unit: str
    cites: str
    numerator: str
    denominator: str = ""
    tables: str
    where: str = "true"
    hit: str = "true"
    whole: str = ""
    agg: str = "count(*)"
    whole_agg: str = ""  # of the denominator, where it adds up something else
    district: str
    office: str
    programme: str = ""
    day: str = ""
    key: str
    name: str
    url: str
    link: str = ""  # what stands in the address, where it is not the key
    row: str = ""  # what a row of the list is, where several rows are counted as one
    open_to: str = "true"  # of whose rows who looks may know at all
    is_of_district: bool = False  # its pages are not an office's: there rows are no links
    due: str = "c.due_on"  # of a case in process
    past: Mapping[str, str] = field(default_factory=dict)  # what is otherwise of a day that is over
    opened_by: str = ""  # capabilities of which its pages need one; "": none beyond the board's
    target: float | None = None  # as a share
    low_is_good: bool = False
    is_people: bool = True  # counts of households or persons: small groups are not told outside
    count: str = ""  # of what is no count of households: how many, or their lines, are behind it
    homes: str = ""  # and, where the same come every month: at least so many households
    counted: str = ""  # what is behind the part, where it is not `hit`
    rest: str = ""  # and behind the rest of a share, where it is not what is no `hit`

    @property
    def is_share(self) -> bool:
        """Whether it is a share of something."""
        return bool(self.whole)

    @property
    def is_guarded(self) -> bool:
        """Whether it tells something of households: of a few of them it is not told outside."""
        return self.is_people or bool(self.count)

    @property
    def comes_again(self) -> bool:
        """Whether months have the same households, so that two months are not twice as many."""
        return bool(self.homes)

    @property
    def is_money(self) -> bool:
        """Whether it is an amount (fen)."""
        return self.unit == "fen"

    @property
    def as_it_was(self) -> "Figure":
        """The same of a day that is over: by the chain, where the rows say only what is now."""
        return replace(self, **self.past, past={}) if self.past else self  # type: ignore[arg-type]


def _cases(**rest: object) -> Figure:
    values = {
        "tables": "cases_case c JOIN cases_household u ON u.id = c.household_id",
        "where": "c.state <> 'DRAFT'", "district": "c.district_id", "office": "c.office_id",
        "programme": "c.programme", "key": "c.no", "name": "u.head_name", "url": "/cases/{key}/",
        "unit": "件",
    }  # fmt: skip
    return Figure(**values | rest)  # type: ignore[arg-type] # a table of keywords


def _benefits(**rest: object) -> Figure:
    values = {
        "tables": "cases_benefit b JOIN cases_household u ON u.id = b.household_id",
        "where": RUNS_NOW, "district": "b.district_id", "office": "b.office_id",
        "programme": "b.programme", "key": "b.key", "name": "u.head_name",
        "url": "/roster/{key}/", "unit": "户",
    }  # fmt: skip
    return Figure(**values | rest)  # type: ignore[arg-type]


# A list's address (funds.rules.lists.slug).
LIST = (
    "to_char(a.month, 'YYYY-MM') || '/' || o.code || '/' || a.programme"
    " || CASE WHEN a.kind = 'NORMAL' THEN '' ELSE '.' || a.kind || '.' || a.serial END"
)
# Lines that pay persons for the first time: 补差, 照料护理费 and 一次性补贴 go to those whom
# another line pays for the same month. What came back and is sent again keeps its kind.
FIRST_KINDS = "('NORMAL', 'BACK_PAY', 'SINGLE')"
# What a month's lists owe: what was approved, and by its day also what was not.
OWED = "a.kind = 'NORMAL' AND (a.state NOT IN ('OPEN', 'LOCKED') OR a.pay_by < %(last)s::date)"

# At least so many households are behind so many sums, without looking at lines: those of one row
# are of one list and month, so of different ones; so are those of a month on the average; and help
# that is given once is another household's each time. {only}: the FILTER.
HOMES = (
    "greatest(max(s.lines) {only},"
    " sum(CASE WHEN s.kind = 'NORMAL' AND s.month = s.batch_month THEN s.lines END) {only}"
    " / ((max(s.batch_month) {only} - min(s.batch_month) {only}) / 28 + 1),"
    f" sum(CASE WHEN s.programme IN {RELIEF} THEN s.lines END) {{only}})"
)


def _sums(**rest: object) -> Figure:
    values = {
        "tables": "supervision_payoutsum s JOIN funds_payoutbatch a ON a.id = s.batch_id"
        " JOIN kernel_unit o ON o.id = s.office_id",
        "district": "s.district_id", "office": "s.office_id", "programme": "s.programme",
        "day": "s.batch_month", "key": "a.no", "name": "a.no", "url": "/pay/{key}/",
        "link": LIST, "is_people": False, "count": "sum(s.lines)", "homes": HOMES,
    }  # fmt: skip
    return Figure(**values | rest)  # type: ignore[arg-type]


# The last day by which the decision was due, as the chain has it; it is gone from a decided case.
DUE = (
    " JOIN LATERAL (SELECT e.due_on FROM kernel_event e WHERE e.subject_kind = 'case'"
    " AND e.subject_key = c.no AND e.due_on IS NOT NULL ORDER BY e.seq DESC LIMIT 1) e ON true"
)
# Of a day that is over: the last word of the chain by then. A step says the state and the due day
# (none while no clock runs), a move of the calendar only the day; other acts say neither.
WAS_DUE = (
    " JOIN LATERAL (SELECT e.due_on FROM kernel_event e WHERE e.subject_kind = 'case'"
    " AND e.subject_key = c.no AND e.on_day <= %(last)s::date"
    " AND (e.due_on IS NOT NULL OR e.after <> '') ORDER BY e.seq DESC LIMIT 1) e ON true"
)
# What the system found has no event before its first step: it was open since it was found.
WAS_FINDING = (
    " LEFT JOIN LATERAL (SELECT e.after FROM kernel_event e WHERE e.subject_kind = 'finding'"
    " AND e.subject_key = f.no AND e.on_day <= %(last)s::date"
    " AND e.after <> '' ORDER BY e.seq DESC LIMIT 1) e ON true"
)
DECISION = " JOIN cases_decision d ON d.case_id = c.id"
HOUSE = "cases_case c JOIN cases_household u ON u.id = c.household_id"
CHECKED = (
    "EXISTS (SELECT FROM supervision_sampleitem i WHERE i.case_id = c.id AND i.state = 'DONE')"
)
NEW_MONTHLY = f"c.state = 'APPROVED' AND c.programme IN {MONTHLY}"
NEW_RELIEF = f"c.state = 'APPROVED' AND c.programme IN {RELIEF} AND {OUTSIDE_BENEFIT}"
SHEETS = "supervision_sheet s JOIN kernel_unit o ON o.id = s.office_id"
PHONE = "s.kind = 'PHONE' AND s.finished_on IS NOT NULL"
# The programme of what a finding is about; '' where it is about none.
OF_FINDING = """coalesce(CASE f.subject_kind
    WHEN 'case' THEN (SELECT t.programme FROM cases_case t WHERE t.no = f.subject_key)
    WHEN 'benefit' THEN (SELECT t.programme FROM cases_benefit t WHERE t.key = f.subject_key)
    WHEN 'batch' THEN (SELECT t.programme FROM funds_payoutbatch t WHERE t.no = f.subject_key)
    WHEN 'review' THEN (SELECT t.programme FROM cases_benefit t JOIN cases_review w
                        ON w.benefit_id = t.id WHERE w.no = f.subject_key) END, '')"""
OF_SHEET = """coalesce((SELECT t.programme FROM cases_case t WHERE t.id = s.case_id),
    (SELECT t.programme FROM cases_benefit t WHERE t.id = s.benefit_id), '')"""
# Whom a complaint names does not learn of it, by no number either (7.2).
NOT_NAMED = (
    "NOT EXISTS (SELECT FROM supervision_complaintsubject w"
    " WHERE w.complaint_id = q.id AND w.person_id = %(person)s)"
)
# Nor of what came of it, nor anybody of what was found of himself.
NOT_ABOUT = (
    "NOT (f.subject_kind = 'person' AND f.subject_key = %(person)s::text) AND NOT EXISTS ("
    "SELECT FROM supervision_complaintsubject w JOIN supervision_complaint q"
    " ON q.id = w.complaint_id WHERE w.person_id = %(person)s"
    " AND (f.origin_kind = 'complaint' AND f.origin_key = q.no"
    " OR f.subject_kind = 'complaint' AND f.subject_key = q.no))"
)
PETITIONS = "supervision.complaints supervision.handle supervision.view"
# What was not given out yet is with the bureau.
TAKER = "coalesce(q.handler_id, q.district_id)"
OF_COMPLAINT = "coalesce((SELECT t.programme FROM cases_case t WHERE t.id = q.case_id), '')"
# Wrong recognitions beside approvals (18(4)); counted by families, since each application makes a
# household of its own.
ERRORS = f"""(
    SELECT {FAMILY.format(of="f")} AS family, f.district_id, f.office_id, f.household_id,
           f.no AS key, true AS wrong, coalesce(f.judged_on, f.opened_on) AS day,
           {OF_FINDING} AS programme
      FROM supervision_finding f WHERE f.is_error AND f.outcome IN ('TRUE', 'MENDED')
    UNION ALL
    SELECT {FAMILY.format(of="c")}, c.district_id, c.office_id, c.household_id,
           c.no, false, d.decided_on, c.programme
      FROM cases_case c JOIN cases_decision d ON d.case_id = c.id
     WHERE d.outcome = 'APPROVED') x JOIN cases_household u ON u.id = x.household_id"""

_ALL: tuple[Figure, ...] = (
    # ------------------------------------------------------------ deadlines
    _cases(code="open", label="在办案件", cites="4(1).1", numerator="已提交、还没有决定的案件",
           where=f"c.state IN {IN_PROCESS}"),
    _cases(code="late", label="超期在办", cites="4(1).1 18(2)", low_is_good=True,
           numerator="截止日还在办、到期日早于截止日的案件",
           where=f"c.state IN {IN_PROCESS}", hit="c.due_on < %(last)s::date",
           past={"tables": HOUSE + WAS_DUE, "hit": "e.due_on < %(last)s::date",
                 "due": "e.due_on",
                 "where": "c.submitted_on <= %(last)s::date AND (c.decided_on IS NULL"
                 " OR c.decided_on > %(last)s::date)"}),
    _cases(code="decided", label="已决定", cites="4(1).1", numerator="期间作出决定的案件",
           tables=HOUSE + DECISION, day="d.decided_on", where="c.state IN ('APPROVED', 'REFUSED')"),
    _cases(code="decided_in_time", label="按时办结率", cites="4(1).1 18(2)", target=1.0,
           numerator="期间决定、不晚于到期日的案件", denominator="期间决定的案件",
           tables=HOUSE + DECISION + DUE, day="d.decided_on", unit="件",
           where="c.state IN ('APPROVED', 'REFUSED')", hit="d.decided_on <= e.due_on",
           whole="true"),
    _cases(code="approved_by_cut_off", label="次月新增按期审批率", cites="4(1).1", target=1.0,
           numerator="其中起始月前一月 20 日以前批准的", denominator="期间批准、按月发放的新增对象",
           tables=HOUSE + DECISION, day="d.decided_on", unit="户",
           where=f"{NEW_MONTHLY} AND d.start_month IS NOT NULL",
           hit="d.decided_on <= (d.start_month - interval '1 month')::date + 19", whole="true"),
    # ------------------------------------------------------------ stock and dynamic management
    _benefits(code="in_benefit", label="在享户数", cites="5(8)", numerator="截止月在享的家庭"),
    _benefits(code="persons", label="在享人数", cites="5(8)", numerator="截止月保障人口合计",
              unit="人", agg="sum(coalesce(t.persons, b.persons))", count="count(*)",
              tables="cases_benefit b JOIN cases_household u ON u.id = b.household_id"
              " LEFT JOIN LATERAL (SELECT t.persons FROM cases_entitlement t"
              " WHERE t.benefit_id = b.id AND t.from_month <= %(month)s::date"
              " ORDER BY t.id DESC LIMIT 1) t ON true"),
    _benefits(code="visited", label="今年入户率", cites="4(1).2", target=1.0,
              numerator="今年到截止日入过户的在享家庭", denominator="截止月在享的家庭",
              hit=seen("%(last)s"), whole="true"),
    _benefits(code="review_late", label="复核超期", cites="4(1).2 18(5)", low_is_good=True,
              numerator="复核日期早于截止日的在享家庭", hit="b.review_due_on < %(last)s::date"),
    Figure(
        code="reviews_in_time", label="复核按期率", unit="件", cites="4(1).2 18(5)", target=1.0,
        numerator="在期限以前办结的", denominator="期间应办结的复核",
        tables="cases_review v JOIN cases_benefit b ON b.id = v.benefit_id"
        " JOIN cases_household u ON u.id = b.household_id",
        where="v.state <> 'WITHDRAWN'", hit="v.state = 'ENDED' AND v.ended_on <= v.due_on",
        whole="true", district="v.district_id", office="v.office_id", programme="b.programme",
        day="v.due_on", key="v.no", name="u.head_name", url="/adjustments/{key}/",
    ),
    Figure(
        code="told", label="告知率", unit="件", cites="4(1).2", target=1.0,
        numerator="已告知家庭的", denominator="期间办结、待遇有变动的复核",
        tables="cases_review v JOIN cases_benefit b ON b.id = v.benefit_id"
        " JOIN cases_household u ON u.id = b.household_id",
        where="v.state = 'ENDED' AND v.outcome IN ('RAISE', 'REDUCE', 'STOP', 'EXIT')",
        hit="v.told_on IS NOT NULL", whole="true", district="v.district_id", office="v.office_id",
        programme="b.programme", day="v.ended_on", key="v.no", name="u.head_name",
        url="/adjustments/{key}/",
    ),
    # ------------------------------------------------------------ procedure
    Figure(
        code="notices_sound", label="公示规范率", unit="次", cites="3(4) 9", target=1.0,
        numerator="满七天、有张贴照片和地点的", denominator="期间结束的公示",
        tables="cases_notice h JOIN cases_case c ON c.id = h.case_id",
        where="h.closed_on IS NOT NULL",
        hit="h.last_day - h.posted_on >= 7 AND h.closed_on > h.last_day"
        " AND h.photo_id IS NOT NULL AND h.place <> ''",
        whole="true", district="c.district_id", office="c.office_id", programme="c.programme",
        day="h.closed_on", key="c.no", name="h.no", url="/cases/{key}/notice/",
    ),
    Figure(
        code="appraisals_sound", label="评议合规率", unit="次", cites="3(1)", target=1.0,
        numerator="到会三分之二以上、票数相符、主任或书记签字的", denominator="期间召开的评议",
        tables="cases_appraisal h JOIN cases_case c ON c.id = h.case_id",
        hit="h.attended * 3 >= h.expected * 2 AND h.agree + h.oppose + h.abstain = h.attended"
        " AND EXISTS (SELECT FROM kernel_signature g WHERE g.subject_kind = 'case'"
        " AND g.subject_key = c.no AND g.stage = 'witness' AND g.round = h.round)",
        whole="true", district="c.district_id", office="c.office_id", programme="c.programme",
        day="h.held_on", key="c.no", name="c.no", url="/cases/{key}/evidence/",
    ),
    _cases(code="rechecked", label="新批件复核率", cites="5(9)", target=1.0, unit="件",
           numerator="区局已复核的", denominator="期间作出决定的案件", tables=HOUSE + DECISION,
           day="d.decided_on", where="c.state IN ('APPROVED', 'REFUSED')",
           hit="c.rechecked_on IS NOT NULL", whole="true"),
    _cases(code="found_actively", label="主动发现率", cites="3(3)", unit="件",
           numerator="由主动发现的线索提出的", denominator="期间提交的申请", day="c.submitted_on",
           hit="EXISTS (SELECT FROM cases_lead w JOIN cases_draft y ON y.id = w.draft_id"
           " WHERE y.case_no = c.no)", whole="true"),
    # ------------------------------------------------------------ samples
    _cases(code="sampled_new", label="新增低保、特困抽查率", cites="4(1).2", target=0.3, unit="户",
           numerator="区局已入户抽查的", denominator="期间批准的新增低保、特困",
           tables=HOUSE + DECISION, day="d.decided_on", where=NEW_MONTHLY, hit=CHECKED,
           whole="true"),
    _cases(code="sampled_relief", label="临时救助抽查率", cites="4(1).2", target=0.3, unit="户",
           numerator="区局已入户抽查的", denominator="期间批准的临时救助（非低保、特困、孤儿）",
           tables=HOUSE + DECISION, day="d.decided_on", where=NEW_RELIEF, hit=CHECKED,
           whole="true"),
    Figure(
        code="errors", label="认定不准", unit="户", cites="18(4)", low_is_good=True, target=0.05,
        numerator="期间判定认定不准的家庭", denominator="期间批准的家庭", tables=ERRORS,
        hit="x.wrong", whole="NOT x.wrong", agg="count(DISTINCT x.family)",
        district="x.district_id", office="x.office_id", programme="x.programme", day="x.day",
        key="x.key",
        name="u.head_name", url="/findings/{key}/", row="x.family",
    ),
    Figure(
        code="satisfied", label="满意率", unit="人", cites="10", is_people=True,
        numerator="很满意、满意的", denominator="期间电话抽查回答了的", tables=SHEETS,
        where=f"{PHONE} AND s.answers #>> '{{SATISFIED,answer}}' IS NOT NULL",
        hit="s.answers #>> '{SATISFIED,answer}' IN ('3', '4')", whole="true",
        district="s.district_id", office="s.office_id", programme=OF_SHEET, day="s.checked_on",
        key="s.no", name="s.no", url="/checks/sheets/{key}/", is_of_district=True,
    ),
    Figure(
        code="aware", label="知晓率", unit="人", cites="10", numerator="了解、知道一些的",
        denominator="期间电话抽查回答了的", tables=SHEETS,
        where=f"{PHONE} AND s.answers #>> '{{AWARE,answer}}' IS NOT NULL",
        hit="s.answers #>> '{AWARE,answer}' IN ('2', '3')", whole="true",
        district="s.district_id", office="s.office_id", programme=OF_SHEET, day="s.checked_on",
        key="s.no", name="s.no", url="/checks/sheets/{key}/", is_of_district=True,
    ),
    # ------------------------------------------------------------ money
    _sums(code="paid_in_time", label="按时发放率", unit="笔", cites="4(1).3 11", target=1.0,
          numerator="期限以前到户的笔数", denominator="期间名单应发的笔数", agg="sum(s.lines)",
          where=OWED, hit="s.in_time",
          whole="true"),
    _sums(code="paid_in_full", label="足额发放率", unit="fen", cites="11", target=1.0,
          numerator="已到户的金额", denominator="期间名单应发的金额", agg="sum(s.fen)",
          where=OWED, hit="s.state = 'PAID'",
          whole="true"),
    _sums(code="paid", label="已发放金额", unit="fen", cites="5(2)", numerator="期间名单到户的金额",
          agg="sum(s.fen)", hit="s.state = 'PAID'"),
    _sums(code="paid_lines", label="发放笔数", unit="笔", cites="5(8)",
          numerator="期间名单到户的笔数", agg="sum(s.lines)", hit="s.state = 'PAID'"),
    _sums(code="person_months", label="发放人次", unit="人次", cites="5(8)",
          numerator="期间名单到户的人次（补差、照料护理费、一次性补贴不另计人次）",
          agg="sum(s.persons)", hit=f"s.state = 'PAID' AND s.kind IN {FIRST_KINDS}"),
    _sums(code="returned_lines", label="退票笔数", unit="笔", cites="4(1).3", low_is_good=True,
          numerator="期间名单被银行退回的笔数", agg="sum(s.lines)", hit="s.state = 'RETURNED'",
          homes=""),  # what comes back is seldom the same household's
    _sums(code="returned", label="退回金额", unit="fen", cites="4(1).3", low_is_good=True,
          numerator="期间名单被银行退回的金额", agg="sum(s.fen)", hit="s.state = 'RETURNED'",
          homes=""),
    # Papers of an office (proofs, allocations, files, findings, petitions) and what it is handed as
    # a whole tell nothing that one household got: they are told whatever their number.
    Figure(
        code="proofs_in_time", label="流水上报及时率", unit="份", cites="15", target=1.0,
        numerator="期限以前上报的", denominator="期间应上报的流水凭证", is_people=False,
        tables="funds_flowproof r LEFT JOIN LATERAL (SELECT min(e.on_day) AS day"
        " FROM kernel_event e WHERE e.subject_kind = 'proof' AND e.subject_key = r.no"
        " AND e.action = 'send') e ON true",
        hit="e.day <= r.due_on", whole="true", district="r.district_id", office="r.office_id",
        day="r.due_on", key="r.no", name="r.no", url="/funds/papers/{key}/",
    ),
    Figure(
        code="allocated", label="下拨资金", unit="fen", cites="5(2)", is_people=False,
        numerator="期间下拨的金额", tables="funds_allocation l JOIN kernel_unit o ON o.id ="
        " l.office_id", agg="sum(l.amount_fen)", district="o.parent_id", office="l.office_id",
        programme="l.programme", day="l.allocated_on", key="l.document", name="l.document",
        url="/funds/",
    ),
    Figure(
        code="recovered", label="追缴回收率", unit="fen", cites="20(1)", is_people=False,
        numerator="已收回的金额", denominator="期间立案追缴的金额",
        tables="funds_recovery r JOIN cases_benefit b ON b.id = r.benefit_id",
        agg="sum(r.received_fen)", whole_agg="sum(r.amount_fen)", hit="true", whole="true",
        count="count(DISTINCT b.household_id)", counted="r.received_fen > 0",
        rest="r.received_fen < r.amount_fen",
        district="r.district_id", office="r.office_id", programme="b.programme",
        day="r.opened_on", key="r.no", name="r.no", url="/funds/papers/{key}/",
    ),
    # ------------------------------------------------------------ archives
    Figure(
        code="files_complete", label="档案齐全率", unit="卷", cites="6.1 8", target=1.0,
        numerator="必备要件齐全的", denominator="期间立卷的档案", is_people=False,
        tables="archives_dossier d JOIN cases_case c ON c.id = d.case_id"
        " JOIN cases_household u ON u.id = d.household_id",
        where="d.state <> 'DESTROYED'", hit="d.required_present >= d.required_total",
        whole="true", district="d.district_id", office="d.office_id", programme="c.programme",
        day="d.opened_on", key="d.no", name="u.head_name", url="/archive/{key}/",
    ),
    Figure(
        code="old_files", label="2015 年以来核查", unit="卷", cites="16", target=1.0,
        numerator="已核查完成的", denominator="登记的历年档案", is_people=False,
        tables="archives_oldfile f", hit="f.state = 'DONE'", whole="true",
        district="f.district_id", office="f.office_id", programme="f.programme", key="f.no",
        name="f.head_name", url="/archive/since2015/{key}/",
    ),
    # ------------------------------------------------------------ findings, petitions, mending
    Figure(
        code="findings_open", label="未办结的核查发现", unit="项", cites="8 16", low_is_good=True,
        numerator="截止日没有办结的核查发现", tables="supervision_finding f",
        hit="f.state <> 'DONE'", open_to=NOT_ABOUT,
        past={"tables": "supervision_finding f" + WAS_FINDING,
              "where": "f.opened_on <= %(last)s::date", "hit": "coalesce(e.after, '') <> 'DONE'"},
        district="f.district_id", office="f.office_id", programme=OF_FINDING, key="f.no",
        name="f.what", url="/findings/{key}/", is_people=False,
    ),
    Figure(
        code="mended", label="问题整改率", unit="项", cites="16", target=1.0, is_people=False,
        numerator="期限以前销号的", denominator="期间到期的整改",
        tables="supervision_mending z JOIN supervision_finding f ON f.id = z.finding_id",
        where="z.state <> 'DROPPED'", open_to=NOT_ABOUT,
        hit="z.state = 'DONE' AND z.passed_on <= z.due_on", whole="true",
        district="z.district_id", office="z.office_id", programme=OF_FINDING, day="z.due_on",
        key="z.no", name="z.no", url="/rectify/{key}/",
    ),
    Figure(
        code="petitions_in_time", label="举报来访按期办结率", unit="件", cites="7.2 5(7)",
        target=1.0, numerator="期限以前办结的", denominator="期间到期的举报来访", is_people=False,
        tables="supervision_complaint q", hit="q.state = 'CLOSED' AND q.closed_on <= q.due_on",
        whole="true", district="q.district_id", office=TAKER, programme=OF_COMPLAINT,
        open_to=NOT_NAMED, day="q.due_on", key="q.no", name="q.no", url="/petitions/{key}/",
        opened_by=PETITIONS,
    ),
    Figure(
        code="petitions", label="收到举报来访", unit="件", cites="7.2", numerator="期间收到的",
        tables="supervision_complaint q", where="q.kind <> 'ENQUIRY'", district="q.district_id",
        office=TAKER, programme=OF_COMPLAINT, open_to=NOT_NAMED, day="q.received_on", key="q.no",
        name="q.no", url="/petitions/{key}/", is_people=False, opened_by=PETITIONS,
    ),
)  # fmt: skip
FIGURES: dict[str, Figure] = {figure.code: figure for figure in _ALL}

# What each address of the interface tells, and each block of the board shows.
GROUPS: dict[str, tuple[str, ...]] = {
    "overview": ("in_benefit", "persons", "open", "late", "paid", "errors", "visited"),
    "deadlines": ("open", "late", "decided", "decided_in_time", "approved_by_cut_off"),
    "payouts": (
        "paid_in_time",
        "paid_in_full",
        "paid",
        "paid_lines",
        "person_months",
        "returned_lines",
        "returned",
    ),
    "visits": ("visited", "review_late", "reviews_in_time", "told"),
    "samples": ("sampled_new", "sampled_relief", "rechecked", "satisfied", "aware"),
    "errors": ("errors", "findings_open", "mended"),
    "archives": ("files_complete", "old_files"),
    "petitions": ("petitions", "petitions_in_time"),
    "procedure": ("notices_sound", "appraisals_sound", "found_actively"),
    "funds": ("allocated", "paid", "recovered", "proofs_in_time"),
}
