"""Every page of the product, by address, in the states of the world.

The addresses come from the URLconf: each that answers GET with a page to some role is opened by
that role. A new address with a parameter needs a sample here.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from cases.benefit_forms import CHANGE_KINDS
from cases.operations.roster import keep_upload
from cases.rules.programmes import Programme
from cases.topic_forms import TOPICS
from funds.models import PayoutBatch
from tests.browser.axe import VISITOR, Place
from tests.browser.house import House
from tests.browser.world import TODAY, World
from tests.browser.world_supervision import other_eyes, samples_of_papers
from tests.imports.rosters import as_csv, line

ROLES = (
    *("clerk", "staff", "head", "leader", "chief", "verifier", "supervisor", "accountant"),
    *("bureau", "auditor", "sysadmin", "secadmin", "auditadmin", "worker"),
)
# Acts, data, downloads, pages that others made, and the phone's page, which lives ten minutes.
NOT_PAGES = {
    *("logout", "choose_post", "change_size", "change_password", "change_sign_code", "totp"),
    *("alive", "file", "file_view", "file_thumb", "rule_confirm", "healthz", "readyz"),
    *("autosave", "discard_draft", "draft_upload", "file_withdraw", "case_reveal", "case_upload"),
    *("notice_photo", "notice_removal", "notice_object", "objection_dismiss"),
    *("draft_capture", "case_capture", "capture_phone"),
    *("kin_withdraw", "lead", "delegate_end"),
    *("restore_draft", "change_withdraw", "checks_export", "checks_import"),
    *("pay_open", "pay_file", "pay_resolve", "pay_step", "calendar_day", "client_end"),
    *("person_post", "person_post_end", "person_account"),
    *("dossier_refresh", "dossier_upload", "dossier_seal", "dossier_package", "dossier_item"),
    *("form_pdf", "api_schema", "api_docs", "handover_answer", "handover_step"),
    *("disposal_step", "dossier_hold", "dossier_cover", "stocktake_open", "stocktake_step"),
    *("since2015_register", "since2015_assign", "old_file_step"),
    *("evidence_package", "evidence_answer", "print_many", "print_file"),
    *("contact", "no_change", "open_review", "change_check", "report_withdraw", "renewals_open"),
    *("review_step", "standard_step", "review_pdf", "benefit_pdf"),
    *("pay_give_up", "pay_nudge", "paper_step", "money_pdf"),
    *("check_run", "finding_step", "sample_step", "sheet_step", "complaint_step", "open_box"),
    *("bulletin_paper", "bulletin_step", "mending_step", "referral_step", "liability_step"),
    *("contract_step", "task_step", "course_step", "policy_end", "stat_step", "close_box"),
}


def every_place(house: House, stand: World) -> list[Place]:
    """Every page, with the first role that may open it, and the menus of all the others."""
    clients = {name: house.cast.client(name) for name in ROLES}
    found = [place_of(clients, url) for url in addresses(house, stand)]
    found += other_eyes(stand)
    for name in ROLES:
        page = clients[name].get("/", follow=True)
        nav = [entry.url for entry in page.context["shell"].nav]
        found += [Place(url, name) for url in nav]
    return list(dict.fromkeys(found))


def routes(patterns: Sequence[URLPattern | URLResolver] | None = None) -> Iterator[URLPattern]:
    """Every named address outside the interface and Django's own."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            if not str(pattern.pattern).startswith("api/"):
                yield from routes(pattern.url_patterns)
        elif pattern.name and pattern.name not in NOT_PAGES:
            yield pattern


def addresses(house: House, stand: World) -> list[str]:
    """An address for each page in each of its states."""
    samples, cast = samples_of(house, stand), house.cast
    found, unknown = [], []
    for route in routes():
        assert route.name
        try:
            found += [reverse(route.name, kwargs=kw) for kw in samples.get(route.name, [{}])]
        except NoReverseMatch:
            unknown.append(route.name)
    assert not unknown, f"no sample for {unknown}: add them to samples_of or NOT_PAGES"
    return [
        *found,
        *(f"/cases/?{query}" for query in ("state=DECLINED", "late=1")),
        f"/notices/{stand.review_notice}/?as=print",
        "/notices/standing/?as=print",
        f"/archive/{stand.dossier}/?as=print",
        f"/handover/{stand.handover}/?as=print",
        *(f"/archive/keeping/{no}/?as=print" for no in stand.disposals),
        *(f"/archive/boxes/{no}/?as=print" for no in stand.boxes[:1]),
        *(f"/archive/{no}/paper/?as=print" for no in stand.papered[:1]),
        *(f"/archive/stocktakes/{no}/?as=print" for no in stand.stocktakes[:1]),
        f"/archive/{stand.dossier}/?seal=1",
        *(f"/apply/{stand.draft}/{name}/?rows=6" for name in ("members", "property", "obligors")),
        *(f"/households/{stand.headed[0]}/?on={day}" for day in ("2026-09-25", "2019-01-01")),
        f"/institutions/?edit={stand.homes[0]}",
        *("/roster/?on=2026-03-15", "/roster/?on=2019-01", "/adjustments/?state=ENDED"),
        *(f"/public/notices/?village={v.code}" for v in (cast.village, cast.other_village)),
        *step_pages(stand),
    ]


def step_pages(stand: World) -> list[str]:
    """The page of every step, in a state in which it may be taken and in one in which not."""
    wanted = {
        stand.submitted: "accept decline request_corrections record_survey",
        stand.investigating: "record_survey cosign_survey request_means_check return_means_check "
        "settle_income record_appraisal sign_appraisal post_review_notice record_failure "
        "recheck_means extend bureau_visit restate_family",
        stand.objected: "uphold_objection",
        stand.to_propose: "propose propose_refusal reopen",
        stand.approved: "serve_letter post_approval_notice recheck",
        stand.owned: "settle_income recheck_means",
        stand.lacking: "defer_document",
        stand.destitute: "assess_self_care settle_standing arrange_care restate_family",
        stand.assessed: "settle_standing record_appraisal",
        stand.cared: "arrange_care end_care report_care_change reassess_self_care serve_letter "
        "propose_ending withdraw_ending post_ending_notice uphold_ending_objection",
        stand.worse: "arrange_care report_care_change reassess_self_care",
        stand.expense: "settle_relief post_review_notice",
        stand.urgent: "relieve_first settle_relief record_survey hand_over decline restate_family",
        stand.relieved: "relieve_first settle_relief hand_over bureau_visit",
    }
    return [f"/cases/{no}/{code}/" for no, codes in wanted.items() for code in codes.split()]


def samples_of(house: House, stand: World) -> dict[str, list[dict[str, Any]]]:
    """Name of an address → its parameters, once for each state worth seeing."""
    cases = (stand.submitted, stand.investigating, stand.objected, stand.to_decide, stand.approved)
    others = (stand.owned, stand.assessed, stand.relieved, stand.above_office, stand.worse)
    pay = of_list(stand.batch)
    of_draft = [{"key": stand.draft}, {"key": stand.empty_draft}]
    tabs = ("case", "case_family", "case_evidence", "case_field", "case_notice", "case_decision")
    every_month = (stand.batch.month, stand.batch.month.replace(month=1))
    desk = (stand.to_decide, stand.destitute_to_decide, stand.urgent_to_decide, stand.above_office)
    families = (stand.rostered, stand.changing, *stand.headed, *stand.split)
    return {
        "household": [{"key": key} for key in families],
        "household_change": [
            {"key": stand.rostered, "kind": kind}
            for kind in ("head", "split", "merge", "move", "class")
        ],
        "benefit": [{"key": key} for key in (stand.seen, stand.unseen)],
        "benefit_months": [{"key": key} for key in (stand.seen, stand.unseen)],
        "change_new": [{"key": stand.seen, "kind": kind.lower()} for kind in CHANGE_KINDS],
        "adjustment": [{"no": no} for no in stand.reviews],
        "standard": [{"no": no} for no in stand.runs],
        "institution": [{"pk": pk} for pk in stand.homes],
        **{tab: [{"no": no} for no in cases] for tab in (*tabs, "case_timeline")},
        **{tab: [{"no": no} for no in (*cases, *others)] for tab in ("case", "case_family")},
        "case_step": [],
        "draft": of_draft,
        "draft_check": [*of_draft, *({"key": key} for key in stand.drafts)],
        "draft_documents": of_draft[:1],
        "draft_done": [{"key": stand.done_draft}],
        "draft_topic": topics_of(stand),
        "public_notice": [{"key": stand.public_key}],
        "public_thanks": [{"key": stand.public_key}],
        "notice": [{"no": stand.review_notice}, {"no": stand.objected_notice}],
        "desk_sign": [{"no": no} for no in desk],
        "dossier": [{"no": stand.dossier}, {"no": stand.sealed}],
        "handover": [{"no": stand.handover}],
        "disposal": [{"no": no} for no in stand.disposals],
        "box": [{"no": no} for no in stand.boxes],
        "print_run": [{"no": no} for no in stand.print_runs],
        "evidence": [{"no": stand.approved}],
        "old_file": [{"no": no} for no in stand.old_files],
        "dossier_paper": [{"no": no} for no in stand.papered],
        "stocktake": [{"no": no} for no in stand.stocktakes],
        "form_list": [{"case_no": no} for no in (stand.approved, stand.submitted, stand.relieved)],
        "person": [{"pk": house.cast.accounts["clerk"].person_id}],
        "rule_entry": [{"parameter": "notice.days"}],
        "pay_month": [{"month": month} for month in every_month],
        "pay_batch": [pay, *map(of_list, stand.lists)],
        "pay_voucher": [of_list(one) for one in stand.lists if one.paid_count],
        "pay_new": [{"month": TODAY.replace(day=1)}],
        "paper": [{"no": no} for no in stand.papers],
        "roster_preview": [{"sha256": sha} for sha in rosters(house)],
        **samples_of_papers(stand),
    }


def topics_of(stand: World) -> list[dict[str, str]]:
    """Every topic, filled in and empty."""
    names = [name for name in TOPICS[Programme.URBAN_ALLOWANCE.family] if name != "documents"]
    common = [(key, name) for key in (stand.draft, stand.empty_draft) for name in names]
    return [{"key": key, "name": name} for key, name in (*common, *stand.topics)]


def of_list(batch: PayoutBatch) -> dict[str, Any]:
    """The parameters of a list's addresses."""
    return {"month": batch.month, "office_code": batch.office.code, "programme": batch.slug}


def rosters(house: House) -> list[str]:
    """Two uploaded rosters: one that can be taken over, one that cannot."""
    good = as_csv([line(71), line(72)])
    bad = as_csv([line(73, 户主姓名=""), line(74, 账号="12")])
    with house.at_work():
        return [keep_upload(x, name="名册.csv", actor=house.cast.staff) for x in (good, bad)]


def place_of(clients: dict[str, Client], url: str) -> Place:
    """The page with the first role that gets it; a visitor's, if it is open."""
    if url.startswith("/public/"):
        return Place(url, VISITOR)
    tried = {}
    for name, client in clients.items():
        answer = client.get(url)
        tried[name] = answer.status_code
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            return Place(url, name)
    raise AssertionError(f"no role gets a page at {url}: {tried}")
