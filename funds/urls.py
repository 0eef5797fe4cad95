"""Addresses of funds."""

from datetime import date

from django.urls import path, register_converter

from funds.views import batch, benefits, board, books, files, ledger, lists, papers


class MonthConverter:
    """`2026-12` ↔ the first day of the month; another spelling is no address."""

    regex = "20[0-9]{2}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> date:
        """The first day of the month."""
        year, month = value.split("-")
        return date(int(year), int(month), 1)

    def to_url(self, value: date) -> str:
        """The month as it stands in the address."""
        return f"{value:%Y-%m}"


register_converter(MonthConverter, "month")

LIST = "pay/<month:month>/<str:office_code>/<str:programme>/"

urlpatterns = [
    path("pay/", board.current, name="pay"),
    path("pay/returns/", lists.returned, name="pay_returns"),
    path("pay/<month:month>/", board.month_board, name="pay_month"),
    path(LIST, batch.page, name="pay_batch"),
    path(f"{LIST}open/", board.open_list, name="pay_open"),
    path(f"{LIST}nudge/", board.nudge, name="pay_nudge"),
    path(f"{LIST}file/", files.bank_file, name="pay_file"),
    path(f"{LIST}voucher/", files.voucher, name="pay_voucher"),
    path(f"{LIST}exceptions/<int:pk>/", batch.resolve, name="pay_resolve"),
    path(f"{LIST}lines/<int:line_no>/give_up/", lists.give_up, name="pay_give_up"),
    path(f"{LIST}<str:code>/", batch.step, name="pay_step"),
    path("funds/", ledger.ledger, name="funds"),
    path("funds/recoveries/", papers.recoveries, name="recoveries"),
    path("funds/proofs/", papers.proofs, name="proofs"),
    path("funds/plan/", papers.plans, name="plans"),
    path("budget/", papers.budgets, name="budgets"),
    path("imprest/", papers.imprest, name="imprest"),
    path("funds/papers/<str:no>/", papers.paper, name="paper"),
    path("funds/papers/<str:no>/<str:code>/", papers.step, name="paper_step"),
    path("funds/books/", books.books, name="books"),
    path("funds/supplements/", books.supplements, name="supplements"),
    path("pay/<month:month>/new/", lists.new, name="pay_new"),
    path("funds/benefits/<str:key>/", benefits.benefit, name="benefit_months"),
]
