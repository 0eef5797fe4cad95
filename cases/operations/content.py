"""What a signature covers: the exact content of each stage, as canonical data."""

from typing import Any

from cases.models.record import CaseRecord


def content_of(record: CaseRecord, stage: str) -> dict[str, Any]:
    """The content that a signature of `stage` binds, as it stands on the record.

    Identity numbers appear as digests: the signature proves them without showing them.
    """
    build = {"survey": survey_content, "witness": appraisal_content}.get(stage, whole_content)
    case = record.case
    return {"case": case.no, "programme": case.programme, "stage": stage, **build(record)}


def survey_content(record: CaseRecord) -> dict[str, Any]:
    """The latest survey and its photos."""
    fields = "round visited_on present housing living neighbours is_true note"
    return {"survey": _row(record.survey, fields), "photos": _hashes(record, "survey_photo")}


def appraisal_content(record: CaseRecord) -> dict[str, Any]:
    """The latest appraisal with its votes."""
    fields = "round held_on place host expected attended agree oppose abstain opinion"
    return {"appraisal": _row(record.appraisal, fields)}


def whole_content(record: CaseRecord) -> dict[str, Any]:
    """Everything on which the decision rests."""
    case, account, means = record.case, record.account, record.means
    assessed = "persons insured annual_fen deductions_fen per_capita_fen standard_fen monthly_fen"
    income = "member_id kind declared_fen checked_fen adopted_fen is_counted reason"
    return {
        "round": case.round,
        "household": case.household.key,
        "kin": case.kin_declared,
        "members": [
            {
                "name": m.name,
                "id": m.id_digest,
                "relation": m.relation,
                "insured": m.is_insured,
                "counted": m.counts_for_income,
            }
            for m in record.members
        ],
        "account": [record.payee.number_digest] if record.payee else [],
        "income": [_row(line, income) for line in sorted(record.lines, key=lambda x: x.pk)],
        "assessment": account and _row(account, assessed),
        "means_check": means and _row(means, "report_no returned_on data_upto conclusion"),
        "rule_set": case.rule_set,
        **survey_content(record),
        **appraisal_content(record),
        "notices": [
            _row(n, "no kind posted_on first_day last_day")
            for n in record.notices
            if n.round == case.round and n.kind == "REVIEW"
        ],
        "files": _hashes(record),
    }


def _row(row: Any, fields: str) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in fields.split()}
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in values.items()}


def _hashes(record: CaseRecord, slot: str = "") -> list[str]:
    """Digests of the files, of one slot if given; the notices' photos come and go with them."""
    kept = [f for f in record.files if f.slot != "notice_photo"]
    return sorted(f.sha256 for f in kept if not slot or f.slot == slot)
