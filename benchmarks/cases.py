"""Lists and steps of cases against bare Django doing the like in the same run.

./.venv/bin/python -m benchmarks.cases --size 100000
"""

import argparse
import json
from collections.abc import Callable
from datetime import date
from typing import Any

from benchmarks.places import fresh_database, middle

ROWS = """
INSERT INTO cases_household (key, head_name, district_id, office_id, village_id, address, phone,
                             phone_tail, created_at, registered_address, registered_kind)
SELECT 'BH' || n, '户主' || n, %(district)s, %(office)s, %(village)s, '', '', '', now(),
       '', 'RESIDENT'
  FROM generate_series(1, %(size)s) n;
INSERT INTO cases_member (household_id, name, initials, sort_key, id_no, id_digest, id_tail,
                          birth_on, is_male, relation, counts_for_income, is_insured, joined_on,
                          not_counted, condition, registered, left_reason)
SELECT id, head_name, 'HZ', key, '', md5(key), '0001', '1960-01-01', true, 'SELF', true, true,
       '2026-01-05', '', 'HEALTHY', 'HERE', ''
  FROM cases_household WHERE key LIKE 'BH%%';
INSERT INTO cases_case (no, programme, household_id, district_id, office_id, village_id, state,
                        round, version, rule_set, submitted_on, accepted_on, due_on,
                        due_is_provisional, corrections, reason, kin_declared, kin_found, kin_note,
                        is_by_proxy, submission_key, state_since, created_at,
                        for_incapable, proxy_name, support, above_office, extension,
                        is_opposed, has_deferrals, mend, held_note, part, must_recheck,
                        must_resettle, ending)
SELECT 'YQ-DB-BENCH-' || lpad(id::text, 8, '0'), 'URBAN_ALLOWANCE', id, district_id, office_id,
       village_id, (ARRAY['INVESTIGATING', 'TO_PROPOSE', 'TO_DECIDE'])[1 + id %% 3], 1, 1,
       'YQ-2020', '2026-01-05', '2026-01-06', '2026-12-21', false, '', '', false, false, '', false,
       'bench-' || id, '2026-01-06', now(), false, '', '', false, '', false, false, '',
       '', '', false, false, ''
  FROM cases_household WHERE key LIKE 'BH%%';
"""


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=60)
    options = parser.parse_args()
    with fresh_database() as name:
        run(name, options.size, options.rounds)


def run(name: str, size: int, rounds: int) -> None:
    """Every measurement on one district with `size` cases."""
    from django.db import connection

    from tests import databases
    from tests.cast import make_cast

    cast = make_cast()
    where = {
        "district": cast.district.pk,
        "office": cast.office.pk,
        "village": cast.village.pk,
        "size": size,
    }
    with connection.cursor() as cursor:
        for statement in ROWS.split(";\n"):
            if statement.strip():
                cursor.execute(statement, where)
    databases.as_owner("VACUUM ANALYZE", database=name)  # as autovacuum does by night
    print(f"{size} 件案件")
    lists(cast, size, rounds)
    new_cases(cast, rounds)
    steps(cast, rounds)


def statements(run: Callable[[], object]) -> int:
    """How many statements the run sends."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        run()
    return len(captured)


def bare_list(office_id: int) -> Callable[[], object]:
    """Fifty rows by bare Django: a view, one query with its joins, JSON; no login, no page."""
    from django.http import HttpRequest, HttpResponse, JsonResponse
    from django.test import Client, override_settings
    from django.urls import path

    from cases.models import Case

    def view(request: HttpRequest) -> HttpResponse:
        cases = Case.objects.filter(office_id=office_id, state="TO_DECIDE")
        rows = cases.select_related("household", "village").order_by("-pk")[:50]
        return JsonResponse(
            {"rows": [[c.no, c.household.head_name, c.village.name, c.state] for c in rows]}
        )

    urlconf = type("bare", (), {"urlpatterns": [path("bare/", view)]})
    with override_settings(
        ROOT_URLCONF=urlconf, MIDDLEWARE=["django.middleware.common.CommonMiddleware"]
    ):
        client = Client()
        client.get("/bare/")  # the client keeps the middleware that it was made with

    def get() -> None:
        with override_settings(ROOT_URLCONF=urlconf):
            assert client.get("/bare/").status_code == 200

    return get


def lists(cast: Any, size: int, rounds: int) -> None:
    """The list page with login, scope and filters; page 1, page 2,000, API."""
    from cases.models import Case

    client = cast.client("staff")
    newest = Case.objects.order_by("-pk").values_list("pk", flat=True)
    deep = newest[min(1999 * 50, size - 60)]

    def page(url: str) -> Callable[[], object]:
        def get() -> None:
            assert client.get(url).status_code == 200

        return get

    first = page("/cases/?state=TO_DECIDE")
    one, far = page("/cases/"), page(f"/cases/?after={deep}")
    api = token_client(cast, "staff")

    def interface() -> None:
        assert api.get("/api/v1/cases/?state=TO_DECIDE").status_code == 200

    first()
    bare, ours, by_api, page_1, page_2000 = middle(
        rounds, bare_list(cast.office.pk), first, interface, one, far
    )
    show("清单 50 行（网页，含登录、范围、筛选）", ours, bare, "裸 Django", 4)
    show("清单 50 行（接口）", by_api, bare, "裸 Django", 4)
    show(f"第 {min(2000, size // 50)} 页", page_2000, page_1, "第 1 页", 1.3)
    print(f"  语句数：网页 {statements(first)}，接口 {statements(interface)}，上限 6")


def token_client(cast: Any, name: str) -> Any:
    """A program with a token, as the interface's clients are."""
    from django.test import Client

    from yuquan_relief.kernel.fields import digest
    from yuquan_relief.kernel.models import ApiClient

    ApiClient.objects.create(
        name=f"bench {name}",
        token_digest=digest(f"bench-{name}"),
        account=cast.accounts[name],
        post_id=cast.actors[name].post_id,
        scopes="read act",
        expires_on=date(2099, 1, 1),
    )
    return Client(headers={"Authorization": f"Token bench-{name}"})


def new_cases(cast: Any, rounds: int) -> None:
    """A new case through the interface against bare lock-free create with history."""
    from tests import road

    client = token_client(cast, "clerk")
    serial = iter(range(1000, 20_000))

    def ours() -> None:
        number = next(serial)
        body = road.application(number, key=f"bench-{number}")
        answer = client.post("/api/v1/cases/", json.dumps(body), content_type="application/json")
        assert answer.status_code == 201, answer.content

    ours()
    by_us, bare = middle(rounds, ours, bare_new(cast))
    show("新案件（接口）", by_us, bare, "裸 Django 同样各行加历史", 3)
    print(f"  语句数：{statements(ours)}，上限 15")


JOINED = date(2026, 1, 5)
SOMEBODY: dict[str, Any] = {
    "name": "甲",
    "id_no": "1",
    "birth_on": date(1960, 1, 1),
    "is_male": True,
    "joined_on": JOINED,
}


def bare_new(cast: Any) -> Callable[[], object]:
    """The same rows by plain create() with simple-history, without rules, numbers or events."""
    from django.db import transaction

    from cases.models import Case, Household, IncomeLine, Member, PayeeAccount

    serial = iter(range(10**6))
    keys = {
        "district_id": cast.district.pk,
        "office_id": cast.office.pk,
        "village_id": cast.village.pk,
    }

    @transaction.atomic
    def create() -> None:
        n = next(serial)
        household = Household.objects.create(key=f"X{n}", head_name="甲", **keys)
        account = {"number": "1", "number_digest": f"x{n}", "number_tail": "1"}
        PayeeAccount.objects.create(
            household=household, holder="甲", bank="行", valid_from=JOINED, **account
        )
        members = [
            Member.objects.create(household=household, id_digest=f"x{n}-{i}", **SOMEBODY)
            for i in range(2)
        ]
        case = Case.objects.create(
            no=f"X-{n}",
            household=household,
            state="SUBMITTED",
            rule_set="YQ-2020",
            submission_key=f"x-{n}",
            programme="URBAN_ALLOWANCE",
            **keys,
        )
        IncomeLine.objects.create(case=case, member=members[0], kind="WAGES", declared_fen=1)

    return create


def steps(cast: Any, rounds: int) -> None:
    """Accepting a case against lock + save + history."""
    from cases.models import Case
    from cases.operations.steps import perform
    from tests import road

    on = road.START
    waiting = [
        road.applications.submit(
            road.application(21_000 + i), submission_key=f"s{i}", actor=cast.clerk, on=on
        )
        for i in range(rounds + 2)
    ]
    fill_documents(cast, [case.no for case in waiting])
    numbers = iter([case.no for case in waiting])
    others = iter(Case.objects.filter(no__startswith="YQ-DB-BENCH").values_list("pk", flat=True))

    def ours() -> None:
        perform(next(numbers), "accept", actor=cast.staff, on=on)

    by_us, bare = middle(rounds, ours, lambda: bare_step(next(others)))
    show("办一个环节（受理）", by_us, bare, "裸 Django 加锁、保存、写历史", 3)
    print(f"  语句数：{statements(ours)}，上限 15")


def fill_documents(cast: Any, numbers: list[str]) -> None:
    """The required documents as rows, so that accepting is what is measured."""
    from tests import road
    from yuquan_relief.kernel.models import Attachment

    Attachment.objects.bulk_create(
        Attachment(
            subject_kind="case",
            subject_key=no,
            slot=slot,
            title=title,
            village=cast.village,
            office=cast.office,
            sha256=slot,
            size=1,
            content_type="image/jpeg",
        )
        for no in numbers
        for slot, title in road.SLOTS.items()
    )


def bare_step(pk: int) -> None:
    """What a step must do at least: lock the row, save it, keep a history row."""
    from django.db import transaction

    from cases.models import Case, Household

    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=pk)
        case.version += 1
        case.save()
        Household.history.model.objects.create(
            id=case.household_id,
            key=case.no[-20:],
            head_name="甲",
            district_id=case.district_id,
            office_id=case.office_id,
            village_id=case.village_id,
            created_at=case.created_at,
            history_date=case.created_at,
            history_type="~",
        )


def show(label: str, ours: float, floor: float, name: str, limit: float) -> None:
    """One line: milliseconds, ratio, and whether it keeps to the limit."""
    ratio = ours / floor
    mark = "合格" if ratio <= limit else "超出"
    print(
        f"{label}：{ours * 1000:.2f} 毫秒；{name} {floor * 1000:.2f} 毫秒；"
        f"比值 {ratio:.2f}（上限 {limit}，{mark}）"
    )


if __name__ == "__main__":
    main()
