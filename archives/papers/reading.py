"""Reading a case once for all of its forms."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch

from cases.models import (
    Appraisal,
    Benefit,
    Case,
    Decision,
    IncomeAccount,
    IncomeLine,
    Letter,
    MeansCheck,
    Member,
    Notice,
    Objection,
    PayeeAccount,
    Survey,
)
from cases.models.record import CaseRecord
from cases.rules.programmes import ALL_INCOMES, FINDINGS, RELATIONS, Programme
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.models import Signature
from yuquan_relief.kernel.rulebook_values import Rules

STAGES = ("survey", "witness", "relieve", "propose", "decide")


@dataclass(frozen=True, kw_only=True)
class PersonLine:
    """One member as a form shows them; the age is that of the day of application."""

    name: str
    relation: str
    sex: str
    age: int
    id_no: str
    counted: bool
    insured: bool
    is_head: bool
    registered: str
    condition: str
    role: str


@dataclass(frozen=True, kw_only=True)
class IncomeRow:
    """One income: who, what kind, declared, checked and adopted for a year (fen)."""

    name: str
    kind: str
    declared_fen: int
    checked_fen: int | None
    adopted_fen: int | None
    is_counted: bool
    reason: str
    basis: str = ""  # period and evidence


@dataclass(frozen=True, kw_only=True)
class CaseSheet:
    """What is on record about a case, latest round of each; None where nothing is yet."""

    case: Case
    on: date
    rulebook: Rules
    persons: list[PersonLine]
    incomes: list[IncomeRow]
    payee: PayeeAccount | None
    survey: Survey | None
    means: MeansCheck | None
    account: IncomeAccount | None
    appraisal: Appraisal | None
    notices: dict[str, Notice]
    decision: Decision | None
    benefit: Benefit | None
    letter: Letter | None
    record: CaseRecord  # what only some forms read
    signatures: dict[str, list[Signature]] = field(default_factory=dict)

    @property
    def applied_on(self) -> date:
        """The day of application."""
        return self.case.submitted_on or self.on

    @property
    def programme_name(self) -> str:
        """The programme in full."""
        return Programme(self.case.programme).kind.full_name

    @property
    def head(self) -> PersonLine | None:
        """The applicant."""
        return next((p for p in self.persons if p.is_head), None)

    @property
    def findings(self) -> list[tuple[str, str, str]]:
        """(name, what, note) of what the latest report says of people."""
        names = {m.pk: m.name for m in self.record.members}
        return [
            (names.get(f["member"], ""), FINDINGS[f["kind"]], f["note"])
            for f in self.record.findings
        ]

    def signed(self, stage: str) -> Signature | None:
        """The signature of a stage that one person signs."""
        return next(iter(self.signatures.get(stage, [])), None)


def read_case(no: str, on: date) -> CaseSheet:
    """The record of a case as it stands; `on` matters only for a case not yet accepted."""
    case = Case.objects.select_related(
        "household", "village", "office", "district", "submitted_by"
    ).get(no=no)
    record = CaseRecord(case, on)
    applied_on = case.submitted_on or on
    notices = (
        case.notices.order_by("round")
        .select_related("posted_by")
        .prefetch_related(Prefetch("objections", Objection.objects.order_by("id")))
    )
    signatures: dict[str, list[Signature]] = {}
    for signature in record.latest_signatures(STAGES):
        signatures.setdefault(signature.stage, []).append(signature)
    return CaseSheet(
        case=case,
        on=on,
        rulebook=record.rulebook,
        persons=[_person(m, applied_on) for m in record.members],
        incomes=[_income(line) for line in record.lines],
        payee=record.payee,
        survey=record.survey,
        means=record.means,
        account=record.account,
        appraisal=record.appraisal,
        notices={n.kind: n for n in notices},
        decision=Decision.objects.filter(case=case).first(),
        benefit=Benefit.objects.filter(source_case=case).first(),
        letter=record.letter,
        record=record,
        signatures=signatures,
    )


def _person(member: Member, applied_on: date) -> PersonLine:
    return PersonLine(
        name=member.name,
        relation=RELATIONS[member.relation],
        sex="男" if member.is_male else "女",
        age=identity_numbers.age_on(member.birth_on, applied_on),
        id_no=member.id_no,
        counted=member.counts_for_income,
        insured=member.is_insured,
        is_head=member.relation == "SELF",
        registered=member.get_registered_display(),
        condition=member.get_condition_display(),
        role=member.role_label,
    )


def _income(line: IncomeLine) -> IncomeRow:
    return IncomeRow(
        name=line.member.name,
        kind=ALL_INCOMES[line.kind],
        declared_fen=line.declared_fen,
        checked_fen=line.checked_fen,
        adopted_fen=line.adopted_fen,
        is_counted=line.is_counted,
        reason=line.reason,
        basis=line.basis_text,
    )
