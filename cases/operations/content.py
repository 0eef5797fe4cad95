"""What a signature covers: the exact content of each stage, as canonical data."""

from typing import Any

from cases.models import IncomeLine
from cases.models.record import CaseRecord
from cases.rules.programmes import Family, Programme
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.signing import canonical


def content_of(record: CaseRecord, stage: str) -> dict[str, Any]:
    """The content that a signature of `stage` binds, as it stands on the record.

    Identity numbers appear as digests: the signature proves them without showing them.
    """
    build = BUILDERS.get(stage, whole_content)
    case = record.case
    return {"case": case.no, "programme": case.programme, "stage": stage, **build(record)}


def survey_content(record: CaseRecord) -> dict[str, Any]:
    """The latest survey and its photos."""
    fields = "round visited_on present housing living neighbours is_true note"
    row = _with(record.survey, fields, "household_signer utilities_fen luxury")
    return {"survey": row, "photos": _hashes(record, "survey_photo")}


def appraisal_content(record: CaseRecord) -> dict[str, Any]:
    """The latest appraisal with its votes."""
    fields = "round held_on place host expected attended agree oppose abstain opinion"
    return {"appraisal": _with(record.appraisal, fields, "roster minutes dissent")}


ASSESSED = (
    "persons insured annual_fen deductions_fen per_capita_fen standard_fen standard_source"
    " is_eligible monthly_fen"
)
INCOME = "member_id kind declared_fen checked_fen adopted_fen is_counted reason"


def whole_content(record: CaseRecord) -> dict[str, Any]:
    """Everything on which the decision rests."""
    case = record.case
    return {
        **_only_if_there(record),
        "round": case.round,
        "application": _row(case, "reason kin_declared kin_found kin_note is_by_proxy"),
        "household": _household(record),
        "account": _row(record.payee, "bank holder kind number_digest"),
        "income": [_income(line) for line in sorted(record.lines, key=lambda x: x.pk)],
        "assessment": _row(record.account, ASSESSED),
        "means_check": _row(
            record.means, "report_no returned_on data_upto valid_until conclusion note"
        ),
        "rule_set": case.rule_set,
        **survey_content(record),
        **appraisal_content(record),
        "notices": _review_notices(record),
        "files": _hashes(record),
    }


def _income(line: IncomeLine) -> dict[str, Any]:
    """One income; the period is named when it is not a whole year, the evidence when there is."""
    more = {"months": line.months} if line.months != 12 else {}
    return (_with(line, INCOME, "evidence") or {}) | more


def self_care_content(record: CaseRecord) -> dict[str, Any]:
    """The latest assessment of self-care (F24)."""
    fields = "round assessed_on assessor eats dresses gets_up toilets walks bathes tier note"
    return {"self_care": _row(record.self_care, fields)}


def relieve_content(record: CaseRecord) -> dict[str, Any]:
    """The first help: to what sum, who agreed and how."""
    fields = "amount_fen approver_id approver_name how approved_at reason"
    return {"first_relief": _row(record.first_relief, fields), **_claim(record)}


def _claim(record: CaseRecord) -> dict[str, Any]:
    fields = "cause happened_on place household_class total_fen covered_fen asked_fen"
    return {"claim": _row(record.claim, fields)}


BUILDERS = {
    "survey": survey_content,
    "witness": appraisal_content,
    "relieve": relieve_content,
}


def _only_if_there(record: CaseRecord) -> dict[str, Any]:
    """Parts that only some cases have: what has none keeps the content that it always had."""
    case, account = record.case, record.account
    family = Programme(case.programme).family
    obligor = "name relation persons month_fen ground support_fen adopted_ground adopted_fen reason"
    owned = "member_id means_check_id kind note value_fen area is_exempt reason"
    found: dict[str, Any] = {
        "support": case.support,
        "proxy": case.proxy_name if case.for_incapable else "",
        "obligors": [_row(o, obligor) for o in record.obligors],
        "property": [_row(p, owned) for p in record.property_items],
        "facts": digest(canonical(account.facts)) if account and account.facts else "",
        "supplement_fen": account.supplement_fen if account else 0,
        "once_fen": account.once_fen if account else 0,
        "findings": record.findings,
        "care": _care(record),
    }
    if family == Family.DESTITUTE:
        found |= self_care_content(record)
    if family == Family.RELIEF:
        found |= _claim(record)
        if case.relieved_on:
            found |= relieve_content(record)
    return {name: value for name, value in found.items() if value}


def _care(record: CaseRecord) -> dict[str, Any] | None:
    fields = "support institution_id bed carer_name month_fen agreed_on began_on"
    return _row(record.care, fields)


def _household(record: CaseRecord) -> dict[str, Any]:
    household = record.case.household
    members = [
        {
            "name": m.name,
            "id": m.id_digest,
            "relation": m.relation,
            "insured": m.is_insured,
            "counted": m.counts_for_income,
        }
        | ({"condition": m.condition} if m.condition != "HEALTHY" else {})
        | ({"not_counted": m.not_counted} if m.not_counted else {})
        | ({"registered": m.registered} if m.registered != "HERE" else {})
        for m in record.members
    ]
    return {
        "key": household.key,
        "head": household.head_name,
        "address": digest(household.address),
        "members": members,
    }


def _review_notices(record: CaseRecord) -> list[dict[str, Any]]:
    """The first notice of this round; the second one hangs after the office has signed."""
    fields = "no kind place posted_on first_day last_day snapshot"
    return [
        {**(_row(n, fields) or {}), "photo": n.photo.sha256 if n.photo else ""}
        for n in record.notices
        if n.round == record.case.round and n.kind == "REVIEW"
    ]


def _with(row: Any, fields: str, more: str) -> dict[str, Any] | None:
    """The fields, and those of `more` that are not empty: older rows keep what was signed."""
    found = _row(row, fields)
    if found is None:
        return None
    return found | {name: value for name in more.split() if (value := getattr(row, name))}


def _row(row: Any, fields: str) -> dict[str, Any] | None:
    if row is None:
        return None
    values = {name: getattr(row, name) for name in fields.split()}
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in values.items()}


def _hashes(record: CaseRecord, slot: str = "") -> list[str]:
    """Digests of the files, of one slot if given; the notices' photos come and go with them."""
    kept = [f for f in record.files if f.slot != "notice_photo"]
    return sorted(f.sha256 for f in kept if not slot or f.slot == slot)
