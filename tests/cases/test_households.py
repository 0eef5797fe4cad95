"""A household becomes another: 变更户主、分户、并户、迁移, and what may not be (domain 3.10)."""

from datetime import date

import pytest

from cases.invariants import broken
from cases.models import Benefit, Case, Draft, Household, HouseholdChange, Member
from cases.models.people import known
from cases.operations import applications, decisions
from cases.rules.application import ApplicationErrors
from funds import tasks
from funds.models import PayoutLine
from tests import road
from tests import road_household as homes
from tests.access.world import casts
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import Event

ON = homes.ON
DIED = homes.DIED
EVERY_MONTH = [1] * 8  # July to February
SUBMITTED = {**homes.ACCOUNT, "members__1__relation": "CHILD"}


def sound() -> bool:
    """Nothing is otherwise than it must be."""
    assert list(broken()) == []
    return True


# ------------------------------------------------------------------ golden (a): the head dies


@pytest.fixture
def household(cast: Cast) -> Household:
    """Three in benefit since July; head disabled, child a minor, both with an add-on."""
    homes.rates(DISABLED=30, MINOR=20)
    return homes.in_benefit(cast)


@pytest.fixture
def draft(cast: Cast, household: Household) -> Draft:
    """The head died on 16 July and the wife is head."""
    return homes.draft_of(homes.head_died(cast, household))


def test_golden_everybody_keeps_the_own_health_and_the_account_goes_with_the_dead(
    draft: Draft,
) -> None:
    assert homes.people_in(draft) == [("演练乙", "SELF", "HEALTHY"), ("演练丙", "", "HEALTHY")]
    assert draft.answers["members-0-incomes-0-annual"] == "6,000.00"
    assert not [name for name in draft.answers if name in homes.ACCOUNT]
    assert not [text for text in draft.answers.values() if text in ("DISABLED_1", "12,000.00")]
    assert draft.answers["phone"] == "19900000000"
    assert draft.answers["reason"] == "变更户主接续：演练情况"


def test_the_account_of_somebody_who_goes_on_is_kept(cast: Cast) -> None:
    home = homes.in_benefit(cast, holder="演练乙")
    answers = homes.draft_of(homes.head_died(cast, home)).answers
    assert {answers[name] for name in ("holder", "account_number")} == {
        "演练乙",
        "6228480000000000018",
    }


def test_golden_what_the_draft_leaves_open_is_asked(cast: Cast, draft: Draft) -> None:
    with pytest.raises(ApplicationErrors) as missing:
        homes.submit(cast, draft)
    fields = {error.field for error in missing.value.errors}
    assert fields >= {"members-1-relation", "account_number"}


@pytest.mark.clause("4(1).1")
@pytest.mark.parametrize(
    ("decided_on", "last", "first"),
    [
        (None, date(2026, 8, 1), date(2026, 9, 1)),  # 5 August
        (date(2026, 8, 20), date(2026, 8, 1), date(2026, 9, 1)),
        (date(2026, 8, 21), date(2026, 9, 1), date(2026, 10, 1)),
        (date(2026, 12, 31), date(2027, 1, 1), date(2027, 2, 1)),
    ],
)
def test_golden_the_old_benefit_runs_until_the_new_one_begins(
    cast: Cast, draft: Draft, decided_on: date | None, last: date, first: date
) -> None:
    case = homes.to_decide(cast, draft, **SUBMITTED)
    new = homes.approve(cast, case, decided_on)
    old = Benefit.objects.exclude(pk=new.pk).get()
    assert (old.end_month, new.start_month, new.paid_with) == (last, first, first)
    assert new.continues == old
    months = homes.benefits_of("演练乙"), homes.benefits_of("演练丙")
    assert months == (EVERY_MONTH, EVERY_MONTH)
    assert sound()


def test_golden_sums_survivors_keep_their_add_ons_and_the_dead_ones_are_gone(
    cast: Cast, draft: Draft
) -> None:
    new = homes.approve(cast, homes.to_decide(cast, draft, **SUBMITTED))
    old = Benefit.objects.exclude(pk=new.pk).get()
    assert (old.persons, old.monthly_fen, old.supplement_fen) == (3, 1023_00, 252_30 + 168_20)
    assert (new.persons, new.monthly_fen, new.supplement_fen) == (2, 1182_00, 168_20)


def test_twin_with_the_dead_ones_health_the_add_on_would_go_on(cast: Cast, draft: Draft) -> None:
    stolen = SUBMITTED | {"members__0__condition": "DISABLED_1"}
    new = homes.approve(cast, homes.to_decide(cast, draft, **stolen))
    assert new.supplement_fen == 252_30 + 168_20


def test_golden_the_old_file_rests_and_nobody_is_lost(
    cast: Cast, household: Household, draft: Draft
) -> None:
    assert homes.names(household, date(2026, 7, 15)) == ["演练甲", "演练乙", "演练丙"]
    assert homes.names(household, DIED) == ["演练乙", "演练丙"]
    new = homes.approve(cast, homes.to_decide(cast, draft, **SUBMITTED))
    household.refresh_from_db()
    assert (household.closed_on, household.head_name) == (date(2026, 8, 5), "演练甲")
    assert homes.names(household, date(2026, 8, 5)) == []
    left = dict(Member.objects.filter(household=household).values_list("name", "left_reason"))
    assert left == {"演练甲": "DIED", "演练乙": "CHANGED", "演练丙": "CHANGED"}
    assert homes.names(new.household, date(2026, 8, 5)) == ["演练乙", "演练丙"]
    assert new.household.change == HouseholdChange.objects.get()


def test_golden_at_each_stage_everything_is_as_it_must_be(cast: Cast, draft: Draft) -> None:
    assert sound()
    case = homes.submit(cast, draft, **SUBMITTED)
    assert sound()
    case = homes.investigate(cast, case)
    assert sound()
    case = homes.to_desk(cast, case)
    assert sound()
    homes.approve(cast, case)
    assert sound()


def test_golden_the_survivors_are_no_duplicates_but_of_themselves_elsewhere(
    cast: Cast, household: Household, draft: Draft
) -> None:
    people = [digest(m["id_no"]) for m in homes.three()[1:]]
    assert known(people, ON, besides=[household.pk])[0] == set()
    assert known(people, ON)[0] == set(people)  # to anybody else they are in benefit
    homes.submit(cast, draft, **SUBMITTED)
    with pytest.raises(ApplicationErrors) as duplicate:
        road.submitted(cast, 5, members=homes.three())
    assert {e.code for e in duplicate.value.errors} == {"duplicate_person"}


def test_twin_without_the_predecessor_the_survivors_would_be_duplicates(
    cast: Cast, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applications, "known", lambda people, on, **_: known(people, on))
    with pytest.raises(ApplicationErrors) as duplicate:
        homes.submit(cast, draft, **SUBMITTED)
    assert {e.code for e in duplicate.value.errors} == {"duplicate_person"}


def test_twin_without_taking_over_the_invariant_names_both_households(
    cast: Cast, household: Household, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "take_over", lambda *_: None)
    new = homes.approve(cast, homes.to_decide(cast, draft, **SUBMITTED))
    (said,) = broken()
    assert said.startswith("同一人同时在两个在办或在享家庭")
    assert household.key in said
    assert new.household.key in said
    assert 2 in homes.benefits_of("演练乙")


def test_twin_a_closed_household_with_members_is_named(cast: Cast) -> None:
    home = homes.roster(cast)
    assert sound()
    Household.objects.filter(pk=home.pk).update(closed_on=ON)
    assert list(broken()) == [f"{home.key} 已由接续的户取代，却还有在享待遇或成员"]


def test_a_benefit_that_has_not_begun_is_not_continued(cast: Cast, draft: Draft) -> None:
    case = homes.to_decide(cast, draft, **SUBMITTED)
    Benefit.objects.update(start_month=date(2026, 9, 1))
    with pytest.raises(Refused, match="原保障 2026-09 才开始，请在开始以后再批准接续"):
        homes.approve(cast, case)
    assert not Household.objects.exclude(closed_on=None).exists()


def test_refused_the_old_benefit_goes_on_and_may_be_changed_anew(
    cast: Cast, household: Household, draft: Draft
) -> None:
    case = homes.to_decide(cast, draft, **SUBMITTED)
    assert case.state_since is not None
    decisions.refuse(
        case.no, ground="INCOME", note="不符", actor=cast.leader,
        on=case.state_since, proof=cast.proof("leader"),
    )  # fmt: skip
    old = Benefit.objects.get()
    assert (old.household, old.end_month) == (household, None)
    assert sound()
    homes.head_died(cast, household)


def test_until_the_decision_the_list_still_names_whose_household_it_is(
    cast: Cast, draft: Draft
) -> None:
    assert draft.change is not None
    tasks.open_month_lists(date(2026, 7, 21))
    assert [line.id_no == "" for line in PayoutLine.objects.filter(month=date(2026, 8, 1))] == [
        False
    ]


# ------------------------------------------------------------------ who goes on, by reason


@pytest.mark.parametrize(
    ("reason", "people", "head_left"),
    [
        ("DIED", ["妻", "子"], True),
        ("DIVORCED", ["妻", "子"], False),
        ("APART", ["妻", "子"], False),
        ("MOVED", ["妻", "子"], False),
        ("OTHER", ["妻", "演练户1", "子"], False),
    ],
)
def test_under_another_head(cast: Cast, reason: str, people: list[str], head_left: bool) -> None:
    home = homes.roster(cast)
    wife = homes.member(home, "妻").pk
    row = homes.record(cast, home, homes.change(reason=reason, head=wife))
    found = homes.people_in(homes.draft_of(row))
    assert [name for name, *_ in found] == people
    assert [relation for _, relation, _ in found] == ["SELF", *[""] * (len(people) - 1)]
    assert Member.objects.filter(name="演练户1", left_on=DIED).exists() == head_left


def test_for_the_destitute_only_the_head_is_insured(cast: Cast) -> None:
    home = homes.roster(cast)
    heir = homes.member(home, "妻").pk
    row = homes.record(cast, home, homes.change(head=heir, programme="RURAL_DESTITUTE"))
    answers = homes.draft_of(row).answers
    assert [answers[f"members-{i}-is_insured"] for i in (0, 1)] == ["on", ""]


def test_who_recorded_it_when_and_why_is_in_the_chain_of_events(cast: Cast) -> None:
    home = homes.roster(cast)
    row = homes.head_died(cast, home, "妻")
    assert (row.recorded_by_id, row.recorded_on, row.note) == (cast.clerk.person_id, ON, "演练情况")
    event = Event.objects.of("household", home.key).get()
    assert (event.action, event.person_id) == ("change_head", cast.clerk.person_id)
    assert event.body == {
        "change": row.pk,
        "drafts": [homes.draft_of(row).key],
        "reason": "DIED",
    }


# ------------------------------------------------------------------ 分户


def both(cast: Cast) -> tuple[Case, Case]:
    """Those who stay and those who go, both on the leader's desk."""
    row = homes.split(cast, homes.in_benefit(cast), "演练乙")
    new = homes.to_decide(cast, homes.draft_of(row, "NEW"), **homes.ACCOUNT)
    return homes.to_decide(cast, homes.draft_of(row, "REST")), new


def test_a_split_makes_two_drafts(cast: Cast) -> None:
    row = homes.split(cast, homes.in_benefit(cast), "演练丙", "演练乙")
    rest, new = homes.draft_of(row, "REST"), homes.draft_of(row, "NEW")
    assert homes.people_in(rest) == [("演练甲", "SELF", "DISABLED_1")]
    assert homes.people_in(new) == [("演练丙", "SELF", "HEALTHY"), ("演练乙", "", "HEALTHY")]
    assert ("holder" in rest.answers, "holder" in new.answers) == (True, False)
    assert rest.answers["members-0-incomes-0-annual"] == "12,000.00"
    assert new.answers["members-1-incomes-0-annual"] == "6,000.00"


def test_both_parts_apply_beside_the_old_benefit(cast: Cast) -> None:
    both(cast)
    assert sound()


def test_who_goes_is_not_approved_before_those_who_stay(cast: Cast) -> None:
    rest, new = both(cast)
    with pytest.raises(Refused, match="原户的接续申请还没有办结，请先办结原户，再批准分出的户"):
        homes.approve(cast, new)
    homes.approve(cast, rest)
    homes.approve(cast, new)
    assert [homes.benefits_of(f"演练{x}") for x in "甲乙丙"] == [EVERY_MONTH] * 3
    assert sound()


def test_between_the_two_decisions_everything_is_as_it_must_be(cast: Cast) -> None:
    rest, new = both(cast)
    homes.approve(cast, rest)
    assert sound()
    assert road.fresh(new).state == "TO_DECIDE"


def test_twin_without_the_order_those_who_stay_lose_their_benefit(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old benefit ends with the first decision, whichever that is."""
    _, new = both(cast)
    monkeypatch.setattr(decisions, "require_next_in_line", lambda _: None)
    homes.approve(cast, new)
    assert homes.benefits_of("演练甲") == [1, 1, 0, 0, 0, 0, 0, 0]
    assert homes.benefits_of("演练乙") == EVERY_MONTH


def test_both_parts_continue_the_old_benefit_and_are_no_new_entry(cast: Cast) -> None:
    rest, new = both(cast)
    assert homes.approve(cast, rest).continues is not None
    assert homes.approve(cast, new).continues is not None


def test_decided_in_another_month_who_goes_misses_none(cast: Cast) -> None:
    rest, new = both(cast)
    homes.approve(cast, rest)
    homes.approve(cast, new, date(2026, 8, 25))
    assert homes.benefits_of("演练乙") == EVERY_MONTH


def test_nobody_is_in_both_parts(cast: Cast) -> None:
    """Who is added to one part by hand is found in the other."""
    row = homes.split(cast, homes.in_benefit(cast), "演练乙")
    homes.submit(cast, homes.draft_of(row, "REST"))
    child = homes.three()[2]
    twice = {f"members__1__{name}": child[name] for name in ("name", "id_no", "relation")}
    boxes = {"members__1__counts_for_income": "on", "members__1__is_insured": "on"}
    with pytest.raises(ApplicationErrors) as duplicate:
        homes.submit(cast, homes.draft_of(row, "NEW"), **homes.ACCOUNT, **twice, **boxes)
    assert [(e.field, e.code) for e in duplicate.value.errors] == [
        ("members-1-id_no", "duplicate_person")
    ]


# ------------------------------------------------------------------ 并户


def merged(cast: Cast) -> HouseholdChange:
    """The household of serial 1 joins that of serial 2."""
    one = homes.in_benefit(cast)
    homes.in_benefit(cast, 2, members=[homes.person("演练丁", 20, "SELF")], holder="演练丁")
    other = road.number(20, born=homes.ADULT)
    return homes.record(cast, one, homes.change("MERGE", other_id_no=other))


def test_two_households_become_one_and_both_benefits_end(cast: Cast) -> None:
    row = merged(cast)
    draft = homes.draft_of(row)
    assert [name for name, *_ in homes.people_in(draft)] == ["演练丁", "演练甲", "演练乙", "演练丙"]
    assert draft.answers["holder"] == "演练丁"
    relations = {f"members__{i}__relation": "OTHER" for i in (1, 2, 3)}
    case = homes.to_decide(cast, draft, **relations)
    assert sound()
    new = homes.approve(cast, case)
    assert row.other is not None
    gone = Household.objects.filter(pk__in=(row.household.pk, row.other.pk))
    assert gone.filter(closed_on=date(2026, 8, 5)).count() == 2
    ends = Benefit.objects.filter(household__in=gone).values_list("end_month", flat=True)
    assert list(ends) == [date(2026, 8, 1)] * 2
    assert new.continues_id is not None
    assert [homes.benefits_of(f"演练{x}") for x in "甲乙丙丁"] == [EVERY_MONTH] * 4
    assert sound()


def test_neither_household_changes_otherwise_meanwhile(cast: Cast) -> None:
    row = merged(cast)
    assert row.other is not None
    homes.add(row.other, 900, "妻", relation="SPOUSE")
    with pytest.raises(Refused, match="已登记过变更"):
        homes.head_died(cast, row.other, "妻")


def test_who_joins_states_the_relation_to_the_new_head_anew(cast: Cast) -> None:
    one, other = homes.roster(cast), homes.on_the_roster(cast, 2, "嫂")
    row = homes.record(cast, one, homes.change("MERGE", other_id_no=road.number(2)))
    relations = {name: relation for name, relation, _ in homes.people_in(homes.draft_of(row))}
    assert (relations["嫂"], relations["妻"], relations["子"]) == ("SPOUSE", "", "")
    assert row.other == other


def test_a_household_that_never_had_a_benefit_is_not_joined(cast: Cast) -> None:
    homes.without_benefit(cast, 2)
    with pytest.raises(Refused, match="没有找到并入的户"):
        homes.record(cast, homes.roster(cast), homes.change("MERGE", other_id_no=road.number(2)))


def test_the_draft_of_a_merger_lies_where_the_joined_household_lives(cast: Cast) -> None:
    homes.on_the_roster(cast, 2, village=cast.other_village)
    what = homes.change("MERGE", other_id_no=road.number(2))
    row = homes.record(cast, homes.roster(cast), what, who="staff")
    assert homes.draft_of(row).village == cast.other_village


# ------------------------------------------------------------------ 迁移


def test_who_moves_applies_where_they_live_now(cast: Cast) -> None:
    home = homes.in_benefit(cast)
    foreign = casts(cast)["foreign"]
    draft = homes.draft_of(homes.record(cast, home, homes.moved(cast.foreign_village)))
    assert draft.village == cast.foreign_village
    assert "address" not in draft.answers
    assert homes.people_in(draft)[0] == ("演练甲", "SELF", "DISABLED_1")
    with pytest.raises(Draft.DoesNotExist):
        homes.submit(cast, draft, address="乙街道演练路 2 号")
    case = homes.to_decide(foreign, draft, address="乙街道演练路 2 号")
    assert case.village == cast.foreign_village
    assert sound()
    new = homes.approve(foreign, case)
    assert new.office == cast.other_office
    assert homes.benefits_of("演练甲") == EVERY_MONTH
    assert sound()


def test_after_the_move_each_sees_the_own_household(cast: Cast) -> None:
    home = homes.in_benefit(cast)
    foreign = casts(cast)["foreign"]
    draft = homes.draft_of(homes.record(cast, home, homes.moved(cast.foreign_village)))
    homes.submit(foreign, draft, address="乙街道演练路 2 号")
    case = Case.objects.latest("pk")
    seen = {
        name: list(Household.objects.visible_to(cast.actors[name]).values_list("pk", flat=True))
        for name in ("clerk", "foreign_clerk")
    }
    assert seen == {"clerk": [home.pk], "foreign_clerk": [case.household_id]}


def test_a_move_out_of_the_district_is_no_move(cast: Cast) -> None:
    abroad = casts(cast)["abroad"]
    with pytest.raises(Refused, match="请选择迁入的村"):
        homes.record(cast, homes.roster(cast), homes.moved(abroad.village))
