"""Addresses of the interface to lists."""

from django.urls import path

from funds.api.views import (
    Allocations,
    PayoutDetail,
    PayoutException,
    PayoutExceptions,
    PayoutFile,
    PayoutMonth,
    PayoutStep,
    PayoutVouchers,
)

LIST = "payouts/<str:month>/<str:office_code>/<str:programme>/"

urlpatterns = [
    path("allocations/", Allocations.as_view(), name="api_allocations"),
    path("payouts/<str:month>/", PayoutMonth.as_view(), name="api_payout_month"),
    path(LIST, PayoutDetail.as_view(), name="api_payout"),
    path(f"{LIST}file/", PayoutFile.as_view(), name="api_payout_file"),
    path(f"{LIST}vouchers/", PayoutVouchers.as_view(), name="api_payout_vouchers"),
    path(f"{LIST}exceptions/", PayoutExceptions.as_view(), name="api_payout_exceptions"),
    path(f"{LIST}exceptions/<int:pk>/", PayoutException.as_view(), name="api_payout_exception"),
    path(f"{LIST}<str:step>/", PayoutStep.as_view(), name="api_payout_step"),
]
