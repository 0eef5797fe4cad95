"""Addresses of archives."""

from django.urls import path

from archives.views import benefits, dossiers, fixity, forms, handover, keeping, money, shelf

urlpatterns = [
    path("audit/fixity/", fixity.fixity, name="fixity"),
    path("handover/", handover.handovers, name="handovers"),
    path("handover/<str:no>/", handover.handover, name="handover"),
    path("handover/<str:no>/answer/", handover.answer, name="handover_answer"),
    path("handover/<str:no>/<str:code>/", handover.step, name="handover_step"),
    path("archive/keeping/", keeping.keeping, name="keeping"),
    path("archive/keeping/<str:no>/", keeping.disposal, name="disposal"),
    path("archive/keeping/<str:no>/<str:code>/", keeping.disposal_step, name="disposal_step"),
    path("archive/boxes/", shelf.boxes, name="boxes"),
    path("archive/boxes/<str:no>/", shelf.box, name="box"),
    path("archive/stocktakes/", shelf.stocktake_open, name="stocktake_open"),
    path("archive/stocktakes/<str:no>/", shelf.stocktake, name="stocktake"),
    path("archive/stocktakes/<str:no>/<str:code>/", shelf.stocktake_step, name="stocktake_step"),
    path("archive/<str:no>/paper/", shelf.paper, name="paper"),
    path("archive/<str:no>/hold/", keeping.hold, name="dossier_hold"),
    path("archive/", dossiers.archive_list, name="archive_list"),
    path("archive/<str:no>/", dossiers.dossier_page, name="dossier"),
    path("archive/<str:no>/refresh/", dossiers.refresh_dossier, name="dossier_refresh"),
    path("archive/<str:no>/upload/", dossiers.upload_to_dossier, name="dossier_upload"),
    path("archive/<str:no>/seal/", dossiers.seal_dossier, name="dossier_seal"),
    path("archive/<str:no>/package.zip", dossiers.package, name="dossier_package"),
    path("archive/<str:no>/items/<int:pk>/", dossiers.item, name="dossier_item"),
    path("forms/review/<str:no>/<slug:code>.pdf", benefits.review_pdf, name="review_pdf"),
    path("forms/benefit/<str:key>/<slug:code>.pdf", benefits.benefit_pdf, name="benefit_pdf"),
    path("forms/money/<slug:code>/<str:key>.pdf", money.money_pdf, name="money_pdf"),
    path("forms/<str:case_no>/", forms.form_list, name="form_list"),
    path("forms/<str:case_no>/<slug:code>.pdf", forms.form_pdf, name="form_pdf"),
]
