"""变更户主、分户、并户、迁移: recorded once, and continued in linked applications (domain 3.10).

The old file is not rewritten. Who goes on applies anew with what is known of each of them, the old
benefit runs until that is decided, and only then does the new one take its place (停旧建新).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef

from cases.models import Benefit, Case, Draft, Household, HouseholdChange, Member
from cases.rules.programmes import CHANGES, LEFT_REASONS, MONTHLY
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import Unit

from .continuing import Part, continuing_draft

SUBJECT = "household"
RUNNING = Benefit.objects.filter(end_month__isnull=True)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happened to a household. `head`: the member who is head from now on (HEAD, SPLIT);
    `goes`: who leaves with them (SPLIT); `other_id_no`: the head's number of the household that is
    joined (MERGE); `village_id`: where they move (MOVE)."""

    kind: str
    happened_on: date
    reason: str
    note: str
    programme: str
    head: int = 0
    goes: Sequence[int] = ()
    other_id_no: str = ""
    village_id: int = 0


@transaction.atomic
def record_change(key: str, change: Change, *, actor: Actor, on: date) -> HouseholdChange:
    """The change is on record, and a draft for each part that goes on holds what is known.

    Raises Household.DoesNotExist outside the actor's scope, Refused when the household is in no
    benefit, has an application or another change under way, or the change does not fit it.
    """
    _require(actor)
    household = Household.objects.visible_to(actor).get(key=key)
    other = _joined(household, change, actor)
    _hold(household, other)
    members = list(household.members.filter(left_on__isnull=True).order_by("id"))
    _check(household, members, change, on)
    if other:
        _require_in_benefit(other)
        _require_free(other)
    row = _row(household, other, change, on, actor)
    row.gone = next((m for m in members if m.relation == "SELF" and change.reason == "DIED"), None)
    row.save(force_insert=True)
    drafts = _drafts(row, change, members, actor)
    if row.gone:
        _leave([row.gone], change.happened_on, "DIED")
    body = {"change": row.pk, "drafts": [d.key for d in drafts], "reason": change.reason}
    _tell(row, f"change_{change.kind.lower()}", actor, on, row.note, body)
    return row


def _row(
    household: Household, other: Household | None, change: Change, on: date, actor: Actor
) -> HouseholdChange:
    return HouseholdChange(
        kind=change.kind,
        household=household,
        other=other,
        happened_on=change.happened_on,
        reason=change.reason,
        note=change.note.strip()[:300],
        recorded_on=on,
        recorded_by_id=actor.human_id,
    )


def _tell(
    row: HouseholdChange, action: str, actor: Actor, on: date, note: str, body: dict[str, object]
) -> None:
    home = row.household
    record(
        SUBJECT, home.key, action, actor=actor, on=on, unit_id=home.village_id, note=note, body=body
    )


def _require(actor: Actor) -> None:
    if not actor.can("cases.change_household"):
        raise PermissionDenied("cases.change_household")


def _joined(household: Household, change: Change, actor: Actor) -> Household | None:
    """The household that is joined with this one, by the number of its head."""
    if change.kind != "MERGE":
        return None
    heads = Member.objects.filter(
        id_digest=digest(change.other_id_no), relation="SELF", left_on__isnull=True
    )
    found = (
        Household.objects.visible_to(actor)
        .filter(Exists(heads.filter(household=OuterRef("pk"))), closed_on__isnull=True)
        .filter(Exists(RUNNING.filter(household=OuterRef("pk"))))
        .exclude(pk=household.pk)
        .first()
    )
    if found is None:
        raise Refused("没有找到并入的户：请填写本辖区另一在享户户主的身份证号")
    return found


def _hold(household: Household, other: Household | None) -> None:
    """Both households wait for this change, always in the same order."""
    keys = [household.pk, *([other.pk] if other else [])]
    list(Household.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))


def _require_in_benefit(household: Household) -> None:
    if not household.benefits.filter(end_month__isnull=True).exists():
        raise Refused("这户没有在享待遇，不用接续，请直接申请")


def _check(household: Household, members: Sequence[Member], change: Change, on: date) -> None:
    if change.kind not in CHANGES or change.reason not in LEFT_REASONS:
        raise Refused("请选择变更的种类和原因")
    if change.programme not in set(MONTHLY):
        raise Refused("请选择接续申请的事项")
    if not change.note.strip():
        raise Refused("请写明变更的情况")
    if change.happened_on > on:
        raise Refused("发生日期不能晚于今天，请核对")
    _require_in_benefit(household)
    _require_free(household)
    CHECKS[change.kind](household, members, change)


def _require_free(household: Household) -> None:
    """Raise Refused while an application or another change of the household is under way."""
    mine = {"change__household": household, "change__withdrawn_at__isnull": True}
    joined = {"change__other": household, "change__withdrawn_at__isnull": True}
    drafts = Draft.objects.filter(discarded_at__isnull=True, case_no="")
    if Case.objects.open().filter(household=household, programme__in=MONTHLY).exists():
        raise Refused("这户有在办的申请，请办结后再变更")
    if drafts.filter(**mine).exists() or drafts.filter(**joined).exists():
        raise Refused("这户已登记过变更，接续申请还没有提交，请先办完或者撤销")
    cases = Case.objects.open()
    if cases.filter(**mine).exists() or cases.filter(**joined).exists():
        raise Refused("这户的接续申请正在办理，请办结后再变更")


def _check_head(household: Household, members: Sequence[Member], change: Change) -> None:
    others = {m.pk for m in members if m.relation != "SELF"}
    if not change.head and not others and only_head_is_known(household):
        return
    if change.head not in others:
        raise Refused("请在其他成员中选择新户主；只有一人的户不能变更户主")


def only_head_is_known(household: Household) -> bool:
    """Whether the household came with the district's roster, which names nobody but its head.

    Who goes on is then typed in the continuing application.
    """
    return not household.cases.exists()


def _check_split(household: Household, members: Sequence[Member], change: Change) -> None:
    others = {m.pk for m in members if m.relation != "SELF"}
    if not change.goes or not set(change.goes) <= others:
        raise Refused("请选择分出去的成员；原户主留在原户")
    if change.head not in change.goes:
        raise Refused("新户主应当是分出去的成员")
    if change.reason == "DIED":
        raise Refused("成员死亡不是分户，请选择别的原因")


def _check_merge(household: Household, members: Sequence[Member], change: Change) -> None:
    if change.reason == "DIED":
        raise Refused("成员死亡请登记变更户主，再并户")


def _check_move(household: Household, members: Sequence[Member], change: Change) -> None:
    villages = Unit.objects.filter(
        kind__in=("VILLAGE", "COMMUNITY"), parent__parent_id=household.district_id
    )
    village = villages.filter(pk=change.village_id).first()
    if village is None or village.pk == household.village_id:
        raise Refused("请选择迁入的村（社区）")
    if change.reason == "DIED":
        raise Refused("成员死亡请登记变更户主，再迁移")


def _check_class(household: Household, members: Sequence[Member], change: Change) -> None:
    """Into another programme: 低保 to 特困, town to country. It is no new entry (domain 3.10)."""
    running = RUNNING.filter(household=household).values_list("programme", flat=True)
    if change.programme in running:
        raise Refused("请选择与现在不同的事项；在同一事项里的变化请登记变化报告")
    if change.reason == "DIED":
        raise Refused("成员死亡请登记变更户主，再转类")


CHECKS = {
    "CLASS": _check_class,
    "HEAD": _check_head,
    "SPLIT": _check_split,
    "MERGE": _check_merge,
    "MOVE": _check_move,
}


def _drafts(
    row: HouseholdChange, change: Change, members: Sequence[Member], actor: Actor
) -> list[Draft]:
    """A draft for each part that goes on; who died or was divorced goes nowhere."""
    parts = PARTS_OF[change.kind](row, change, members)
    return [continuing_draft(row, part, change.programme, actor=actor) for part in parts]


def _both(row: HouseholdChange, change: Change, members: Sequence[Member]) -> list[Part]:
    gone = [m for m in members if m.pk in change.goes]
    rest = [m for m in members if m.pk not in change.goes]
    return [Part("REST", rest), Part("NEW", gone, head=change.head)]


def _together(row: HouseholdChange, change: Change, members: Sequence[Member]) -> list[Part]:
    """The head of the household that is joined stays head."""
    assert row.other is not None
    joined = list(row.other.members.filter(left_on__isnull=True).order_by("id"))
    return [Part("ALL", [*joined, *members], village_id=row.other.village_id)]


def _elsewhere(row: HouseholdChange, change: Change, members: Sequence[Member]) -> list[Part]:
    return [Part("ALL", members, village_id=change.village_id, moves=True)]


def _under_another(row: HouseholdChange, change: Change, members: Sequence[Member]) -> list[Part]:
    leaves = change.reason in ("DIED", "DIVORCED", "APART", "MOVED")
    people = [m for m in members if change.head and not (leaves and m.relation == "SELF")]
    return [Part("ALL", people, head=change.head)]


def _as_they_are(row: HouseholdChange, change: Change, members: Sequence[Member]) -> list[Part]:
    return [Part("ALL", members)]


PARTS_OF = {
    "CLASS": _as_they_are,
    "HEAD": _under_another,
    "SPLIT": _both,
    "MERGE": _together,
    "MOVE": _elsewhere,
}


def _leave(members: Sequence[Member], day: date, reason: str) -> None:
    for member in members:
        member.left_on, member.left_reason = max(day, member.joined_on), reason
        member.save(update_fields=["left_on", "left_reason"])


@transaction.atomic
def withdraw_change(pk: int, *, actor: Actor, on: date) -> None:
    """The change was recorded by mistake: its drafts are in the bin, nobody has left.

    Raises Refused once a continuing application has been submitted.
    """
    _require(actor)
    seen = HouseholdChange.objects.filter(household__in=Household.objects.visible_to(actor))
    # Drafts first, as submission does: who comes second waits, and then sees what was done.
    drafts = Draft.objects.select_for_update(of=("self",)).filter(change_id=pk).order_by("pk")
    keys = [draft.pk for draft in drafts]
    row = seen.select_for_update(of=("self",)).get(pk=pk)
    if row.withdrawn_at:
        raise Refused("这次变更已经撤销")
    if Case.objects.filter(change=row).exists():
        raise Refused("接续申请已经提交，不能撤销；请在该申请里办理")
    row.withdrawn_at = now()
    row.save(update_fields=["withdrawn_at"])
    Draft.objects.filter(pk__in=keys, case_no="").update(discarded_at=row.withdrawn_at)
    if row.gone_id:
        Member.objects.filter(pk=row.gone_id).update(left_on=None, left_reason="")
    _tell(row, "withdraw_change", actor, on, "", {"change": row.pk})


def predecessors(case: Case) -> list[int]:
    """Ids of the households whose place the case's household takes; none for a new application."""
    if case.change_id is None:
        return []
    change = case.change
    assert change is not None
    return [i for i in (change.household_id, change.other_id) if i is not None]


def require_next_in_line(case: Case) -> None:
    """Raise Refused while those who split off are decided before those who stay.

    The old benefit ends with the decision on those who stay; until then it is for all of them.
    """
    if case.part != "NEW":
        return
    assert case.change is not None
    if case.change.household.benefits.filter(end_month__isnull=True).exists():
        raise Refused("原户的接续申请还没有办结，请先办结原户，再批准分出的户")


def take_over(case: Case, benefit: Benefit, on: date) -> None:
    """What the new benefit takes the place of has ended the month before, and its household rests.

    Raises Refused when the old benefit would end before it began.
    """
    households = predecessors(case)
    if not households:
        return
    old = list(Benefit.objects.filter(household__in=households, end_month__isnull=True))
    last = _month_before(benefit.start_month)
    for ended in old:
        if ended.start_month > last:
            raise Refused(f"原保障 {ended.start_month:%Y-%m} 才开始，请在开始以后再批准接续")
        ended.end_month = last
        ended.save(update_fields=["end_month"])
    ended_last = Benefit.objects.filter(household__in=households).order_by("-end_month", "-pk")
    benefit.continues = ended_last.first()
    benefit.save(update_fields=["continues"])
    for household in Household.objects.filter(pk__in=households, closed_on__isnull=True):
        household.closed_on = on
        household.save(update_fields=["closed_on"])
        _leave(list(household.members.filter(left_on__isnull=True)), on, "CHANGED")


def _month_before(month: date) -> date:
    return (
        month.replace(year=month.year - 1, month=12)
        if month.month == 1
        else month.replace(month=month.month - 1)
    )
