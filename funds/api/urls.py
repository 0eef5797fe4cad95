"""Addresses of the interface to lists."""

from django.urls import path

from funds.api.views import PayoutDetail, PayoutFile, PayoutMonth, PayoutStep

LIST = "payouts/<str:month>/<str:office_code>/<str:programme>/"

urlpatterns = [
    path("payouts/<str:month>/", PayoutMonth.as_view(), name="api_payout_month"),
    path(LIST, PayoutDetail.as_view(), name="api_payout"),
    path(f"{LIST}file/", PayoutFile.as_view(), name="api_payout_file"),
    path(f"{LIST}<str:step>/", PayoutStep.as_view(), name="api_payout_step"),
]
