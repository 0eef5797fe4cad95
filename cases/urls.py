"""Addresses of cases."""

from django.urls import path

from cases.views import apply, bureau, case, checks, desk, documents, home, notices, roster, steps

urlpatterns = [
    path("", home.home, name="home"),
    path("inbox/", home.inbox, name="inbox"),
    path("search/", home.search, name="search"),
    path("apply/", apply.start, name="apply"),
    path("apply/<str:key>/", apply.draft_page, name="draft"),
    path("apply/<str:key>/save/", apply.autosave, name="autosave"),
    path("apply/<str:key>/discard/", apply.discard, name="discard_draft"),
    path("apply/<str:key>/check/", apply.check, name="draft_check"),
    path("apply/<str:key>/done/", apply.done, name="draft_done"),
    path("apply/<str:key>/documents/", documents.draft_documents, name="draft_documents"),
    path("apply/<str:key>/documents/upload/", documents.upload_to_draft, name="draft_upload"),
    path("apply/<str:key>/<str:name>/", apply.topic, name="draft_topic"),
    path("files/<int:pk>/withdraw/", documents.withdraw, name="file_withdraw"),
    path("cases/", case.case_list, name="case_list"),
    path("cases/<str:no>/", case.overview, name="case"),
    path("cases/<str:no>/family/", case.family, name="case_family"),
    path("cases/<str:no>/family/reveal/", case.reveal, name="case_reveal"),
    path("cases/<str:no>/evidence/", documents.case_documents, name="case_evidence"),
    path("cases/<str:no>/evidence/upload/", documents.upload_to_case, name="case_upload"),
    path("cases/<str:no>/field/", case.field, name="case_field"),
    path("cases/<str:no>/notice/", case.notice, name="case_notice"),
    path("cases/<str:no>/decision/", case.decision, name="case_decision"),
    path("cases/<str:no>/timeline/", case.timeline, name="case_timeline"),
    path("cases/<str:no>/<str:code>/", steps.take_step, name="case_step"),
    path("rechecks/", bureau.queue, name="rechecks"),
    path("checks/", checks.queue, name="checks"),
    path("notices/", notices.notice_list, name="notices"),
    path("notices/<str:no>/", notices.notice_page, name="notice"),
    path("notices/<str:no>/photo/", notices.add_photo, name="notice_photo"),
    path("notices/<str:no>/object/", notices.object_to, name="notice_object"),
    path("objections/<int:pk>/dismiss/", notices.dismiss, name="objection_dismiss"),
    path("desk/sign/", desk.desk, name="desk"),
    path("desk/signed/", desk.signed, name="desk_signed"),
    path("desk/sign/<str:no>/", desk.sign, name="desk_sign"),
    path("roster/import/", roster.upload, name="roster_import"),
    path("roster/import/<str:sha256>/", roster.preview, name="roster_preview"),
]
