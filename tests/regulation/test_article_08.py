"""第八条 系统监督检查."""

import pytest

from cases.models import IncomeAccount
from cases.rules.settlement import replay
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.models import Event


@pytest.mark.clause("8")
def test_amount_is_recomputed_from_the_frozen_facts(cast: Cast) -> None:
    case = road.approved(cast)
    account = IncomeAccount.objects.get(case=case)
    figures = {name: getattr(account, name) for name in IncomeAccount.FIGURES.split()}
    assert replay(account.facts, figures).differences == ()
    assert replay(account.facts, figures | {"monthly_fen": 1}).differences == (
        f"monthly_fen 当时为 1，重算为 {account.monthly_fen}",
    )


@pytest.mark.clause("8")
def test_every_step_stands_in_the_system(cast: Cast) -> None:
    case = road.approved(cast)
    steps = set(Event.objects.of("case", case.no).values_list("action", flat=True))
    assert steps >= {
        "submit", "accept", "record_survey", "cosign_survey", "request_means_check",
        "return_means_check", "settle_income", "record_appraisal", "sign_appraisal",
        "post_review_notice", "close_review_notice", "propose", "post_approval_notice",
        "close_approval_notice", "approve",
    }  # fmt: skip
