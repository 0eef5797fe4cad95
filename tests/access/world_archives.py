"""What stands beside a household file: lists, boxes, old files, exports, print runs."""

from typing import Any

from archives.models import (
    Box,
    Disposal,
    Dossier,
    EvidenceExport,
    Handover,
    OldFile,
    PrintRun,
    Stocktake,
)
from tests.cast import Cast
from yuquan_relief.kernel.models import Post


def of_archives(world: Any, place: str, local: Cast, dossier: Dossier) -> None:
    """One of each kind at the place of the file."""
    case, day = dossier.case, dossier.opened_on
    post = Post.objects.filter(unit_id=case.village_id, role="clerk").earliest("id")
    handover = Handover.objects.create(
        no=f"YJ-{case.pk}",
        post=post,
        unit_id=case.village_id,
        office_id=case.office_id,
        giver_id=post.person_id,
        taker_id=local.staff.human_id,
        opened_on=day,
    )
    world.put("handover", place, handover.no)
    disposal = Disposal.objects.create(no=f"XH-{case.pk}", office_id=case.office_id, opened_on=day)
    world.put("disposal", place, disposal.no)
    box = Box.objects.create(
        no=f"H-{case.pk}", office_id=case.office_id, label="演练", opened_on=day
    )
    world.put("box", place, box.no)
    stocktake = Stocktake.objects.filter(office_id=case.office_id).first()
    if stocktake is None:
        stocktake = Stocktake.objects.create(
            no=f"PD-{case.pk}", office_id=case.office_id, opened_on=day,
            opened_by_id=local.staff.human_id, closed_on=day,
        )  # fmt: skip
    world.put("stocktake", place, stocktake.no)
    old = OldFile.objects.create(
        no=f"JD-{case.pk}", district_id=case.district_id, office_id=case.office_id, year=2016,
        programme="URBAN_ALLOWANCE", old_no=f"旧-{case.pk}", head_name="演练某",
    )  # fmt: skip
    world.put("old_file", place, old.no)
    export = EvidenceExport.objects.create(
        no=f"ZJ-{case.pk}", case=case, purpose="演练", recipient="演练", asked_on=day,
        asked_by_id=local.supervisor.human_id,
    )  # fmt: skip
    world.put("export", place, export.no)
    run = PrintRun.objects.create(
        no=f"DY-{case.pk}", title="演练", keys=[dossier.no], asked_on=day,
        asked_by_id=local.staff.human_id,
    )  # fmt: skip
    world.put("print_run", place, run.no)
