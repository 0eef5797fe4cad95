"""Addresses of the interface to cases."""

from django.urls import path

from cases.api.papers import (
    CaseFileWithdrawal,
    NoticeObjections,
    NoticePhoto,
    ObjectionAnswer,
    RosterImport,
)
from cases.api.views import CaseDetail, CaseFiles, CaseList, CaseStep, MeansReportView

urlpatterns = [
    path("cases/", CaseList.as_view(), name="api_cases"),
    path("cases/<str:no>/", CaseDetail.as_view(), name="api_case"),
    path("cases/<str:no>/files/", CaseFiles.as_view(), name="api_case_files"),
    path(
        "cases/<str:no>/files/<int:pk>/withdraw/",
        CaseFileWithdrawal.as_view(),
        name="api_file_withdraw",
    ),
    path("cases/<str:no>/<str:step>/", CaseStep.as_view(), name="api_case_step"),
    path("notices/<str:no>/photo/", NoticePhoto.as_view(), name="api_notice_photo"),
    path("notices/<str:no>/objections/", NoticeObjections.as_view(), name="api_notice_objections"),
    path("objections/<int:pk>/answer/", ObjectionAnswer.as_view(), name="api_objection_answer"),
    path("roster/", RosterImport.as_view(), name="api_roster"),
    path("means-checks/<int:pk>/report/", MeansReportView.as_view(), name="api_means_report"),
]
