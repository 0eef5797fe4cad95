"""The family is found otherwise while it is looked into: roles end and begin on a day (3(1))."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cases.invariants import broken
from cases.models import (
    Benefit,
    Case,
    IncomeAccount,
    IncomeLine,
    Member,
    PayeeAccount,
    PropertyItem,
)
from cases.models.checks import check_facts
from cases.models.record import CaseRecord
from cases.operations import family, notices
from cases.operations.family import FamilyNow, NewAccount, Restated, restate_family
from cases.rules.allowance import _registered_objections
from cases.rules.application import ApplicantMember
from cases.rules.checks import hits
from cases.rules.settlement import replay
from tests import road, road_relief
from tests import road_household as homes
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.models import Event, Person

START = road.START  # 21 September
SINCE, ON = date(2026, 9, 25), date(2026, 9, 28)
BEFORE = SINCE - timedelta(days=1)
NEW_ACCOUNT = NewAccount(bank="演练银行", holder="演练乙", number="6228480000000000117")


@pytest.fixture
def case(cast: Cast) -> Case:
    """A family of three under investigation: 演练甲 (head), 演练乙 (wife), 演练丙 (child)."""
    return road.accepted(cast, members=homes.three())


def stated(case: Case, by_name: dict[str, dict[str, Any]]) -> list[Restated]:
    """Every member as on record, but for what is said of them."""
    found = []
    for row in case.household.members.filter(left_on__isnull=True).order_by("id"):
        values = {field: getattr(row, field) for field in family.ROLE}
        found.append(Restated(member_id=row.pk, **values | by_name.get(row.name, {})))
    return found


def joiner(name: str = "演练母", serial: int = 500, **changes: Any) -> ApplicantMember:
    """Somebody who joins, insured and counted."""
    values: dict[str, Any] = {
        "name": name,
        "identity": identity_numbers.clean(road.number(serial), today=ON),
        "relation": "PARENT",
        "counts_for_income": True,
        "is_insured": True,
        "incomes": (),
    }
    return ApplicantMember(**values | changes)


def restate(
    cast: Cast,
    case: Case,
    by_name: dict[str, dict[str, Any]] | None = None,
    who: str = "clerk",
    on: date = ON,
    **more: Any,
) -> Case:
    """The family as it is now."""
    values: dict[str, Any] = {"since": SINCE, "members": stated(case, by_name or {})}
    now = FamilyNow(**values | more)
    restate_family(case.no, now, note="入户核实", actor=cast.actors[who], on=on)
    return road.fresh(case)


def living(case: Case, day: date) -> dict[str, str]:
    """Name → health of who belongs to the family on the day."""
    rows = Member.objects.filter(household=case.household).living_on(day)
    return dict(rows.values_list("name", "condition"))


HEALTHY = {"演练甲": "DISABLED_1", "演练乙": "HEALTHY", "演练丙": "HEALTHY"}


# ------------------------------------------------------------------ what ends and what begins


@pytest.mark.parametrize("who", ["clerk", "staff"])
def test_a_role_ends_and_the_next_one_begins_on_the_day(cast: Cast, case: Case, who: str) -> None:
    restate(cast, case, {"演练丙": {"condition": "ILL"}}, who)
    assert living(case, START - timedelta(days=1)) == {}
    assert living(case, BEFORE) == HEALTHY
    assert living(case, SINCE) == living(case, ON) == HEALTHY | {"演练丙": "ILL"}
    old, new = Member.objects.filter(household=case.household, name="演练丙").order_by("id")
    assert (old.left_on, old.left_reason, old.condition) == (SINCE, "CORRECTED", "HEALTHY")
    assert (new.joined_on, new.left_on, new.id_no) == (SINCE, None, old.id_no)


@pytest.mark.parametrize(
    ("role", "value"),
    [("relation", "OTHER"), ("registered", "ELSEWHERE"), ("is_insured", False)],
)
def test_each_part_of_a_role_is_dated(cast: Cast, case: Case, role: str, value: object) -> None:
    restate(cast, case, {"演练乙": {role: value}})
    rows = Member.objects.filter(household=case.household, name="演练乙").order_by("id")
    assert [getattr(row, role) == value for row in rows] == [False, True]
    assert Member.objects.filter(household=case.household).count() == 4  # nobody else is touched


def test_who_left_belongs_until_the_day_before(cast: Cast, case: Case) -> None:
    restate(cast, case, {"演练丙": {"left": "MARRIED"}})
    assert set(living(case, BEFORE)) == {"演练甲", "演练乙", "演练丙"}
    assert set(living(case, SINCE)) == {"演练甲", "演练乙"}
    gone = Member.objects.get(household=case.household, name="演练丙")
    assert (gone.left_on, gone.left_reason) == (SINCE, "MARRIED")


def test_a_day_before_the_application_counts_from_the_application(cast: Cast, case: Case) -> None:
    restate(cast, case, {"演练丙": {"condition": "ILL"}}, since=date(2026, 1, 1))
    assert living(case, START) == HEALTHY | {"演练丙": "ILL"}


def test_incomes_and_property_go_with_the_person(cast: Cast, case: Case) -> None:
    wife = homes.member(case.household, "演练乙")
    PropertyItem.objects.create(case=case, member=wife, kind="MONEY", note="存款", value_fen=100)
    restate(cast, case, {"演练乙": {"condition": "ILL"}})
    now = homes.member(case.household, "演练乙")
    assert now.pk != wife.pk
    assert IncomeLine.objects.get(case=case, declared_fen=6000_00).member == now
    assert PropertyItem.objects.get(case=case).member == now


def test_another_head(cast: Cast, case: Case) -> None:
    case = restate(cast, case, {"演练甲": {"relation": "SPOUSE"}, "演练乙": {"relation": "SELF"}})
    assert case.household.head_name == "演练乙"
    assert set(living(case, SINCE)) == {"演练甲", "演练乙", "演练丙"}


def test_the_head_dies_and_another_account_takes_the_place_of_theirs(
    cast: Cast, case: Case
) -> None:
    died = {"演练甲": {"left": "DIED"}, "演练乙": {"relation": "SELF"}}
    case = restate(cast, case, died, account=NEW_ACCOUNT)
    assert case.household.head_name == "演练乙"
    assert set(living(case, SINCE)) == {"演练乙", "演练丙"}
    old, new = PayeeAccount.objects.filter(household=case.household).order_by("id")
    assert (old.holder, old.is_current) == ("演练甲", False)
    assert (new.holder, new.is_current, new.valid_from) == ("演练乙", True, ON)
    assert (new.number_digest, new.number_tail) == (digest(NEW_ACCOUNT.number), "0117")


def test_somebody_joins(cast: Cast, case: Case) -> None:
    case = restate(cast, case, joins=[joiner()])
    row = homes.member(case.household, "演练母")
    assert (row.joined_on, row.relation, row.id_tail) == (SINCE, "PARENT", row.id_no[-4:])
    assert set(living(case, BEFORE)) == {"演练甲", "演练乙", "演练丙"}
    assert set(living(case, SINCE)) == {"演练甲", "演练乙", "演练丙", "演练母"}
    assert case.kin_found is False


def test_who_joins_and_holds_a_post_makes_it_a_case_of_kin(cast: Cast, case: Case) -> None:
    Person.objects.filter(pk=cast.head.human_id).update(id_digest=digest(road.number(500)))
    assert restate(cast, case, joins=[joiner()]).kin_found is True


def test_twin_without_the_look_the_kin_is_not_found(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    Person.objects.filter(pk=cast.head.human_id).update(id_digest=digest(road.number(500)))
    monkeypatch.setattr(family, "known", lambda *_, **__: (set(), set()))
    assert restate(cast, case, joins=[joiner()]).kin_found is False


def test_what_changed_and_why_is_in_the_chain_of_events(cast: Cast, case: Case) -> None:
    wife = homes.member(case.household, "演练乙")
    case = restate(cast, case, {"演练乙": {"condition": "ILL"}}, joins=[joiner()])
    event = Event.objects.of("case", case.no).filter(action="restate_family").get()
    mother = homes.member(case.household, "演练母")
    assert (event.body["changed"], event.body["joined"]) == ([wife.pk], [mother.pk])
    assert (event.note, event.after, case.must_resettle) == ("入户核实", "INVESTIGATING", True)
    assert list(broken()) == []


# ------------------------------------------------------------------ settled again


def post(cast: Cast, case: Case) -> None:
    """The first notice hangs."""
    notices.post_notice(
        case.no,
        "post_review_notice",
        place="公示栏",
        photo=road.photo(),
        actor=cast.clerk,
        on=ON,
    )


def test_after_a_change_the_account_is_settled_again_before_the_notice(cast: Cast) -> None:
    case = road.investigated(cast, members=homes.three())
    restate(cast, case, {"演练丙": {"left": "MARRIED"}})
    with pytest.raises(Refused, match="还没有核算收入"):
        post(cast, case)
    road.settle(cast, case, ON)
    post(cast, case)
    figures = IncomeAccount.objects.filter(case=case).order_by("id")
    assert list(figures.values_list("persons", "monthly_fen")) == [(3, 1023_00), (2, 182_00)]


def test_twin_without_the_flag_the_old_sum_would_be_published(cast: Cast) -> None:
    case = road.investigated(cast, members=homes.three())
    restate(cast, case, {"演练丙": {"left": "MARRIED"}})
    Case.objects.filter(pk=case.pk).update(must_resettle=False)
    post(cast, case)
    assert IncomeAccount.objects.get(case=case).persons == 3


def test_restated_before_anything_is_done_the_road_goes_on_to_the_benefit(
    cast: Cast, case: Case
) -> None:
    homes.rates(DISABLED=30, MINOR=20)
    died = {"演练甲": {"left": "DIED"}, "演练乙": {"relation": "SELF"}}
    case = restate(cast, case, died, account=NEW_ACCOUNT)
    case = homes.to_desk(cast, homes.evidence(cast, case, ON), ON)
    benefit = homes.approve(cast, case)
    assert (benefit.persons, benefit.monthly_fen, benefit.supplement_fen) == (2, 1182_00, 168_20)
    assert (benefit.continues, list(broken())) == (None, [])


def test_incomes_of_who_left_are_settled_and_count_for_nothing(cast: Cast) -> None:
    case = road.investigated(cast, members=homes.three())
    restate(cast, case, {"演练乙": {"left": "DIVORCED"}})
    road.settle(cast, case, ON)
    account = IncomeAccount.objects.filter(case=case).latest("id")
    assert (account.persons, account.annual_fen) == (2, 12000_00)
    figures = {name: getattr(account, name) for name in IncomeAccount.FIGURES.split()}
    assert replay(account.facts, figures).differences == ()


# ------------------------------------------------------------------ refused


TWO_HEADS = {"演练乙": {"relation": "SELF"}}
REFUSED = [
    ({}, "没有变化，不用更正"),
    ({"演练甲": {"left": "DIED"}}, "家庭须有一位户主"),
    ({"演练甲": {"relation": "SPOUSE"}}, "家庭须有一位户主"),
    (TWO_HEADS, "家庭须有一位户主"),
    ({"演练丙": {"left": "GONE"}}, "请选择离开的原因"),
    ({"演练丙": {"counts_for_income": False}}, "保障对象应当计入家庭人口"),
    (
        {"演练丙": {"counts_for_income": False, "is_insured": False}},
        "不计入家庭人口的，请选择理由",
    ),
    ({name: {"is_insured": False} for name in HEALTHY}, "请至少保留一位保障对象"),
    (
        {"演练甲": {"left": "DIED"}, "演练乙": {"relation": "SELF"}},
        "收款账户的户名不是家庭成员，请填写新的收款账户",
    ),
]


@pytest.mark.parametrize(("by_name", "said"), REFUSED)
def test_what_does_not_fit_is_refused_and_leaves_everything(
    cast: Cast, case: Case, by_name: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refused) as refused:
        restate(cast, case, by_name)
    assert refused.value.reason.startswith(said)
    assert living(case, ON) == HEALTHY
    assert Member.objects.filter(household=case.household).count() == 3
    assert road.fresh(case).must_resettle is False


def test_a_new_account_is_of_somebody_of_the_family(cast: Cast, case: Case) -> None:
    stranger = NewAccount(bank="演练银行", holder="旁人", number=NEW_ACCOUNT.number)
    with pytest.raises(Refused, match="收款账户的户名不是家庭成员"):
        restate(cast, case, account=stranger)
    restate(cast, case, account=NEW_ACCOUNT)  # the control: an account alone is a change


def test_a_day_to_come_is_refused(cast: Cast, case: Case) -> None:
    with pytest.raises(Refused, match="变化日期不能晚于今天，请核对"):
        restate(cast, case, {"演练丙": {"condition": "ILL"}}, since=ON + timedelta(days=1))


def test_a_page_that_is_out_of_date_is_refused(cast: Cast, case: Case) -> None:
    stale = stated(case, {"演练丙": {"condition": "ILL"}})
    restate(cast, case, members=stale)
    with pytest.raises(Refused, match="家庭成员有变化，请刷新页面后重新填写"):
        restate(cast, case, members=stale)
    with pytest.raises(Refused, match="请刷新页面"):
        restate(cast, case, members=stated(case, {})[:2])


@pytest.mark.parametrize("elsewhere", ["applies", "in benefit"])
def test_who_applies_or_is_in_benefit_elsewhere_does_not_join(
    cast: Cast, case: Case, elsewhere: str
) -> None:
    if elsewhere == "applies":
        road.submitted(cast, 250)  # 演练甲 of that family has the number 500
    else:
        homes.on_the_roster(cast, 500)
    with pytest.raises(Refused, match="加入的人已有在办申请或正在享受救助，请先核对是否重复"):
        restate(cast, case, joins=[joiner()])
    assert not Member.objects.filter(household=case.household, name="演练母").exists()


def test_twin_without_the_look_the_invariant_names_the_two(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes.on_the_roster(cast, 500)
    monkeypatch.setattr(family, "known", lambda *_, **__: (set(), set()))
    restate(cast, case, joins=[joiner()])
    (said,) = broken()
    assert said.startswith("同一人同时在两个在办或在享家庭")


def test_who_is_a_member_already_does_not_join(cast: Cast, case: Case) -> None:
    wife = homes.member(case.household, "演练乙")
    again = joiner("演练乙", identity=identity_numbers.clean(wife.id_no, today=ON))
    with pytest.raises(Refused, match="加入的人已"):
        restate(cast, case, joins=[again])


def test_of_the_destitute_the_applicant_stays(cast: Cast) -> None:
    case = road_relief.destitute(cast)
    left = {"演练丙": {"left": "DIED"}}
    with pytest.raises(Refused, match="特困供养按人申请，不能更换申请人；其他人请各自申请"):
        restate(cast, case, left, joins=[joiner(relation="SELF")])
    with pytest.raises(Refused, match="特困供养的保障对象只能是申请人本人"):
        restate(cast, case, joins=[joiner(relation="SIBLING")])
    case = restate(cast, case, joins=[joiner(relation="SIBLING", is_insured=False)])
    assert set(living(case, ON)) == {"演练丙", "演练母"}


def test_after_the_notice_hangs_nothing_is_restated(cast: Cast) -> None:
    case = road.investigated(cast, members=homes.three())
    post(cast, case)
    with pytest.raises(Refused):
        restate(cast, case, {"演练丙": {"condition": "ILL"}})


def test_without_a_reason_nothing_is_restated(cast: Cast, case: Case) -> None:
    now = FamilyNow(since=SINCE, members=stated(case, {"演练丙": {"condition": "ILL"}}))
    with pytest.raises(Refused, match="更正家庭成员须写明理由"):
        restate_family(case.no, now, note=" ", actor=cast.clerk, on=ON)


@pytest.mark.parametrize("who", ["leader", "head", "bureau", "supervisor", "auditor"])
def test_other_posts_restate_nothing(cast: Cast, case: Case, who: str) -> None:
    with pytest.raises(PermissionDenied):
        restate(cast, case, {"演练丙": {"condition": "ILL"}}, who)


@pytest.mark.parametrize("who", ["neighbour_clerk", "foreign_clerk", "foreign_staff"])
def test_elsewhere_the_case_is_not_there(cast: Cast, case: Case, who: str) -> None:
    with pytest.raises(Case.DoesNotExist):
        restate(cast, case, {"演练丙": {"condition": "ILL"}}, who)


def found(case: Case) -> list[str]:
    """What the system's checks say of the case."""
    return [hit.text for hit in hits(check_facts(CaseRecord(case, ON)))]


def test_the_report_does_not_know_of_who_came_after_its_data(cast: Cast) -> None:
    case = road.investigated(cast, members=homes.three())
    case = restate(cast, case, joins=[joiner()])
    said = f"核对数据截止 {START}，早于家庭变化 {SINCE}"
    assert [text for text in found(case) if said in text]


def test_nor_of_who_was_found_after_it_to_have_come_before(cast: Cast) -> None:
    case = road.investigated(cast, members=homes.three())
    case = restate(cast, case, joins=[joiner()], since=date(2026, 9, 1))
    assert "有成员加入后没有再核对，请申请复核" in found(case)


# ------------------------------------------------------------------ 户籍 (N1 第四、五条)


NOT_HERE = "家庭成员的户籍都不在本区，也没有居住证，应向户籍所在地申请"


def settled(cast: Cast, head: str, spouse: str) -> IncomeAccount:
    """The account of a family of two, registered so."""
    members = [
        homes.person("演练甲", 10, "SELF", registered=head),
        homes.person("演练乙", 11, "SPOUSE", registered=spouse),
    ]
    case = road.investigated(cast, members=members)
    return IncomeAccount.objects.get(case=case)


@pytest.mark.clause("3(1)")
@pytest.mark.parametrize(
    ("head", "spouse", "is_eligible"),
    [
        ("HERE", "ELSEWHERE", True),  # golden (k): a spouse in another province
        ("ELSEWHERE", "HERE", True),
        ("PERMIT", "ELSEWHERE", True),
        ("ELSEWHERE", "PERMIT", True),
        ("ELSEWHERE", "ELSEWHERE", False),
        ("CITY", "REGION", False),
        ("NONE", "NONE", False),
    ],
)
def test_somebody_of_the_family_is_registered_here_or_has_a_permit(
    cast: Cast, head: str, spouse: str, is_eligible: bool
) -> None:
    account = settled(cast, head, spouse)
    assert account.is_eligible == is_eligible
    assert (f"{NOT_HERE}。" in account.sentences) == (not is_eligible)
    assert (account.monthly_fen > 0) == is_eligible


def facts(*members: tuple[str, bool]) -> dict[str, Any]:
    """Where each is registered, and whether they count."""
    return {"members": [{"registered": where, "counted": counts} for where, counts in members]}


@pytest.mark.parametrize(
    ("members", "objections"),
    [
        ([("HERE", True)], []),
        ([("HERE", False), ("ELSEWHERE", True)], [NOT_HERE]),  # who does not count does not help
        ([("PERMIT", False), ("NONE", True)], [NOT_HERE]),
        ([("HERE", True), ("ELSEWHERE", True), ("NONE", True)], []),
        ([], []),
    ],
)
def test_only_who_counts_is_asked_where_they_are_registered(
    members: list[tuple[str, bool]], objections: list[str]
) -> None:
    assert _registered_objections(facts(*members)) == objections


def test_facts_from_before_registers_were_kept_stand_as_they_were() -> None:
    assert _registered_objections({"members": [{"counted": True}]}) == []


def test_a_family_that_is_found_registered_elsewhere_is_refused_when_settled_again(
    cast: Cast, case: Case
) -> None:
    elsewhere = {"registered": "ELSEWHERE"}
    case = restate(cast, case, dict.fromkeys(HEALTHY, elsewhere))
    homes.evidence(cast, case, ON)
    account = IncomeAccount.objects.get(case=case)
    assert (account.is_eligible, f"{NOT_HERE}。" in account.sentences) == (False, True)
    assert not Benefit.objects.exists()
