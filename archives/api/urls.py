"""Addresses of the interface to household files."""

from django.urls import path

from archives.api.views import (
    CaseForm,
    DossierDetail,
    DossierPackage,
    DossierRefresh,
    DossierSeal,
)

urlpatterns = [
    path("dossiers/<str:no>/", DossierDetail.as_view(), name="api_dossier"),
    path("dossiers/<str:no>/refresh/", DossierRefresh.as_view(), name="api_dossier_refresh"),
    path("dossiers/<str:no>/seal/", DossierSeal.as_view(), name="api_dossier_seal"),
    path("dossiers/<str:no>/package/", DossierPackage.as_view(), name="api_dossier_package"),
    path("cases/<str:no>/forms/<slug:code>/", CaseForm.as_view(), name="api_case_form"),
]
