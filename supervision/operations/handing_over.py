"""What supervision has in a post's hands when it is left, and what it keeps in the archives (6.4).

What belongs to the unit is told as a count, not one by one: who takes the post finds it on the
desk, and of complaints nothing more may be told. A check that was begun is the person's own and
goes to who takes.
"""

from collections.abc import Iterator

from django.db.models import Q

from archives.models import Dossier, Handover
from archives.operations.handover import MORE, PASSED_ON, Thing
from archives.operations.keeping import KEEPERS
from cases.models import Benefit
from supervision.models import Complaint, Finding, Liability, Mending, Sample, Sheet
from supervision.operations.sheets import why_not_take
from yuquan_relief.kernel.models import Post


def things(post: Post) -> Iterator[Thing]:
    """Checks that the person began, and how much of the unit's is not done with."""
    if post.role not in ("office_staff", "supervisor"):
        return
    for sheet in Sheet.objects.filter(checked_by=post.person_id, finished_on=None).order_by("no"):
        yield "SHEET", sheet.no, "填写中的检查表", f"/checks/sheets/{sheet.no}/"
    is_bureau = post.role == "supervisor"
    of_unit = {"district" if is_bureau else "office": post.unit_id}
    found = Finding.objects.open().filter(**of_unit)
    mine = Complaint.objects.open().filter(handler=post.unit_id)
    counted = (
        ("FINDING", found if is_bureau else found.filter(owner=post.role), "/supervise/"),
        ("MENDING", Mending.objects.open().filter(**of_unit), "/rectify/"),
        ("COMPLAINT", mine.exclude(subjects__person=post.person_id), "/petitions/"),
    )
    for kind, open_ones, url in counted:
        if count := open_ones.count():
            yield kind, str(post.unit_id), f"列清单时 {count} 项", url
    if is_bureau:
        for sample in Sample.objects.filter(**of_unit).exclude(state="CLOSED").order_by("no"):
            yield "SAMPLE", sample.no, sample.get_kind_display(), f"/samples/{sample.no}/"


def pass_on(row: Handover) -> dict[str, int]:
    """Who takes goes on with the checks on the list; returns how many."""
    begun = row.items.filter(kind="SHEET").values("key")
    sheets = Sheet.objects.filter(no__in=begun, checked_by=row.giver_id, finished_on=None)
    taken = 0
    for sheet in sheets.select_for_update(of=("self",)).order_by("no"):
        # What the taker must not check waits for somebody who takes it over on its page.
        if not why_not_take(sheet, row.taker_id, row.done_on or row.opened_on):
            sheet.checked_by_id = row.taker_id
            sheet.save(update_fields=["checked_by"])
            taken += 1
    return {"sheets": taken}


def why_kept(dossier: Dossier) -> str:
    """A file stays while what it proves is looked into; in words that tell nobody more."""
    case = dossier.case
    benefits = Benefit.objects.filter(source_case=case).values("key")
    # A finding of the system names its subject; one of a person perhaps only the household.
    about = (
        Q(household=dossier.household_id)
        | Q(subject_kind="case", subject_key=case.no)
        | Q(subject_kind="benefit", subject_key__in=benefits)
    )
    found = Finding.objects.filter(about)
    papers = (
        found.open(),
        Complaint.objects.open().filter(case=case),
        Liability.objects.open().filter(Q(finding__in=found) | Q(complaint__case=case)),
    )
    return "还有没办结的监督事项" if any(rows.exists() for rows in papers) else ""


MORE.append(things)
PASSED_ON.append(pass_on)
KEEPERS.append(why_kept)
