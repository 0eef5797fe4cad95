"""One household file sealed, as after the decision letter was served."""

from datetime import date

from archives.operations.building import open_dossier
from archives.operations.sealing import items_digest, seal
from cases.models import Case, Letter
from yuquan_relief.kernel.signing import Proof

from .staff import Cast, Desk


def seal_first(desk: Desk, cast: Cast, *, on: date) -> str:
    """The office's oldest approved and served case has a sealed file; its number, or ""."""
    served = Letter.objects.filter(case__office__code=desk.office_code).values("case")
    case = Case.objects.filter(pk__in=served, state="APPROVED").order_by("pk").first()
    if case is None:
        return ""
    letter = Letter.objects.get(case=case)
    dossier = open_dossier(case.no, on=letter.served_on)
    archivist = f"{desk.prefix}_banshi2"
    proof = cast.proof(archivist)
    read = Proof(proof.person_id, proof.proved_at, "", items_digest(dossier))
    seal(dossier.no, actor=cast[archivist], on=min(on, letter.served_on), proof=read)
    return dossier.no
