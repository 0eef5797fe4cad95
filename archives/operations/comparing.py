"""The three sides of one file, and which files differ (6.1)."""

from archives.models import Correction, Dossier, PaperFile
from archives.rules.comparing import Figures, Line, lines
from cases.models import Benefit, Decision, HandOver
from cases.rules.outcome import month_table
from cases.rules.programmes import Programme
from funds.models import PayoutLine


def lines_of(dossier: Dossier) -> list[Line]:
    """Every facet that at least two sides speak of."""
    return list(lines(electronic(dossier), on_paper(dossier), paid(dossier)))


def open_lines(dossier: Dossier) -> list[Line]:
    """Those that differ and that nobody has judged as they are now."""
    known = set(Correction.objects.filter(dossier=dossier).values_list("fingerprint", flat=True))
    return [x for x in lines_of(dossier) if x.differs and x.fingerprint not in known]


def electronic(dossier: Dossier) -> Figures:
    """What was decided: of a monthly programme for the first month, else the whole sum."""
    if Programme(dossier.case.programme).is_monthly:
        benefit = Benefit.objects.filter(source_case=dossier.case).first()
        if benefit is None:
            return Figures()
        start = benefit.start_month
        monthly = benefit.monthly_fen
        if benefit.year_fen:
            monthly = month_table(benefit.year_fen)[start.month - 1]
        return Figures(monthly + benefit.supplement_fen, benefit.persons, start)
    decided = Decision.objects.filter(case=dossier.case, outcome="APPROVED").first()
    return Figures(decided.once_fen if decided else None)


def on_paper(dossier: Dossier) -> Figures:
    """What the paper file says, as it was typed with the paper at hand."""
    paper = PaperFile.objects.filter(dossier=dossier).first()
    return Figures(paper.amount_fen, paper.persons, paper.month) if paper else Figures()


def paid(dossier: Dossier) -> Figures:
    """What the bank paid: of a monthly programme its first month, else everything handed over."""
    case = dossier.case
    if not Programme(case.programme).is_monthly:
        given = HandOver.objects.filter(case=case).exclude(method="REFERRAL")
        sums = [fen for (fen,) in given.values_list("amount_fen")]
        return Figures(sum(sums)) if sums else Figures()
    lines = PayoutLine.objects.filter(benefit__source_case=case, state="PAID")
    first = lines.filter(kind__in=("NORMAL", "BACK_PAY")).order_by("month", "id").first()
    if first is None:
        return Figures()
    month = lines.filter(month=first.month, kind__in=("NORMAL", "BACK_PAY", "CARE", "ARREARS"))
    fen = sum(amount for (amount,) in month.values_list("amount_fen"))
    return Figures(fen, first.persons, first.month)
