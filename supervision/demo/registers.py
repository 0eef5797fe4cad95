"""The registers of the demo district: relatives, leads, a mandate, care, a change of head."""

from datetime import date, timedelta

from cases.models import Benefit, Case, Household
from cases.operations import care, delegations, households, kin, leads
from cases.rules.programmes import MONTHLY, Family, Programme
from yuquan_relief.kernel.inputs import identity_numbers

from .staff import Cast, Desk

INSTITUTIONS = (
    ("演练中心敬老院", "小黑河镇演练路 18 号", "0471-5950018", 40),
    ("演练第二养老服务中心", "大南街演练巷 6 号", "0471-6310006", 25),
)
NOTICED = (
    ("VISIT", "石改弟", "独居，近期摔伤，没有人照料"),
    ("WARNING", "康满仓", "一年内住院自付超过四万元，家中两名学生"),
    ("NEIGHBOUR", "闫素珍", "丈夫外出务工受伤，三个月没有收入"),
)


def fill(desk: Desk, cast: Cast, *, number: int, on: date) -> None:
    """Something stands in each register of the desk's office, all of it through operations."""
    _relatives(desk, cast, number, on)
    _leads(desk, cast, on)
    _mandate(desk, cast, on)
    _care(desk, cast, on)
    _change(desk, cast, on)


def _relatives(desk: Desk, cast: Cast, number: int, on: date) -> None:
    """Each head of a committee has declared one brother or sister."""
    for serial, (suffix, name) in enumerate((("zhuren1", "王德福"), ("zhuren2", "杨秀兰"))):
        head = cast[f"{desk.prefix}_{suffix}"]
        text = identity_numbers.synthetic(
            900 + number % 50 + serial, birth_on=date(1970, 5, 6 + serial), is_male=not serial
        )
        relative = kin.Relative(
            post_id=head.post_id or 0,
            name=name,
            relation="SIBLING",
            identity=identity_numbers.clean(text, today=on),
        )
        kin.register_relative(relative, actor=cast[f"{desk.prefix}_banshi2"], on=on)


def _leads(desk: Desk, cast: Cast, on: date) -> None:
    """One waits, one became an application, one does not qualify."""
    clerk = cast[f"{desk.prefix}_jingban1"]
    found = [
        leads.record_lead(
            leads.Noticed(
                found_on=on - timedelta(days=3),
                source=source,
                name=name,
                phone="",
                difficulty=difficulty,
            ),
            actor=clerk,
            on=on,
        )
        for source, name, difficulty in NOTICED
    ]
    leads.apply_for_lead(found[1].pk, "EXPENSE_RELIEF", actor=clerk, on=on)
    leads.explain_lead(
        found[2].pk, reason="已联系用工单位落实工伤待遇，暂不需要救助。", actor=clerk, on=on
    )


def _mandate(desk: Desk, cast: Cast, on: date) -> None:
    """The deputy leader is away next week."""
    chief = cast[f"{desk.prefix}_yibashou"]
    mandate = delegations.Mandate(
        taker_id=chief.human_id,
        starts_on=on + timedelta(days=7),
        ends_on=on + timedelta(days=11),
        programmes=[p.value for p in MONTHLY],
        basis="镇党政办公会议纪要（演练）",
    )
    delegations.delegate(mandate, actor=cast[f"{desk.prefix}_lingdao"], on=on)


def _care(desk: Desk, cast: Cast, on: date) -> None:
    """Two institutions; who is cared for at home has an agreement, and one of them got worse."""
    supervisor = cast["qu_jiuzhu1"]
    for name, address, phone, beds in INSTITUTIONS:
        facts = care.InstitutionFacts(name=name, address=address, phone=phone, beds=beds)
        care.keep_institution(facts, actor=supervisor, on=on)
    destitute = [p.value for p in Programme if p.family == Family.DESTITUTE]
    case = Case.objects.filter(
        office__code=desk.office_code, programme__in=destitute, state="APPROVED"
    ).first()
    if case is None or case.decided_on is None:
        return
    clerk = cast[f"{desk.prefix}_jingban{1 if case.village.code == desk.village_codes[0] else 2}"]
    arranged = care.Arranged(
        support="SCATTERED",
        began_on=case.decided_on,
        carer_name="郭翠花",
        carer_relation="邻居",
        month_fen=30_000,
        agreed_on=case.decided_on,
    )
    care.arrange_care(case.no, arranged, actor=clerk, on=on)
    care.report_care_change(
        case.no,
        reported_on=on - timedelta(days=2),
        what="照料人反映：近一个月不能自己上下床、如厕。",
        actor=clerk,
        on=on,
    )


def _change(desk: Desk, cast: Cast, on: date) -> None:
    """In one household the head has died; the draft for those who stay waits."""
    running = Benefit.objects.filter(
        office__code=desk.office_code,
        end_month__isnull=True,
        programme__in=("RURAL_ALLOWANCE", "URBAN_ALLOWANCE"),
        village__code__in=desk.village_codes,
    )
    for household in Household.objects.filter(pk__in=running.values("household")).order_by("pk"):
        members = list(household.members.filter(left_on__isnull=True).order_by("id"))
        others = [m for m in members if m.relation != "SELF"]
        if not others:
            continue
        village = desk.village_codes.index(household.village.code) + 1
        change = households.Change(
            kind="HEAD",
            happened_on=on - timedelta(days=9),
            reason="DIED",
            note="户主病故，有死亡证明。",
            programme=running.get(household=household).programme,
            head=others[0].pk,
        )
        clerk = cast[f"{desk.prefix}_jingban{village}"]
        households.record_change(household.key, change, actor=clerk, on=on)
        return
