"""Addresses of the interface to cases."""

from django.urls import path

from cases.api.views import CaseDetail, CaseFiles, CaseList, CaseStep, MeansReportView

urlpatterns = [
    path("cases/", CaseList.as_view(), name="api_cases"),
    path("cases/<str:no>/", CaseDetail.as_view(), name="api_case"),
    path("cases/<str:no>/files/", CaseFiles.as_view(), name="api_case_files"),
    path("cases/<str:no>/<str:step>/", CaseStep.as_view(), name="api_case_step"),
    path("means-checks/<int:pk>/report/", MeansReportView.as_view(), name="api_means_report"),
]
