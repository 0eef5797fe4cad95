"""One act in a process of its own, which a fault point may kill: `python -m tests.funds.crash`.

Arguments: the act, and the number of a list (for `open`: the office's id). The environment says
which database and store, and at which point to die.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuquan_relief.settings")
django.setup()

from django.test import RequestFactory  # noqa: E402 - after setup

from funds.models import PayoutBatch  # noqa: E402
from funds.operations import batches, building, results  # noqa: E402
from tests.funds import payouts  # noqa: E402
from yuquan_relief.kernel.actor import ROBOT, Actor  # noqa: E402
from yuquan_relief.kernel.clock import now  # noqa: E402
from yuquan_relief.kernel.middleware import actor_for  # noqa: E402
from yuquan_relief.kernel.models import Account, Post  # noqa: E402
from yuquan_relief.kernel.signing import Proof  # noqa: E402


def person(username: str) -> tuple[Actor, Proof]:
    """A member of the cast, with a fresh proof."""
    account = Account.objects.select_related("person").get(username=username)
    post = Post.objects.select_related("unit__parent").get(person=account.person)
    return actor_for(account, post, RequestFactory().get("/")), Proof(account.person_id, now())


def act(code: str, subject: str) -> None:
    """Do it."""
    if code == "open":
        building.open_month(
            int(subject), payouts.PROGRAMME, month=payouts.MONTH, actor=ROBOT, on=payouts.OPENED
        )
    elif code == "rebuild":
        building.rebuild(subject, actor=person("staff")[0], on=payouts.LOCKED)
    elif code == "lock":
        actor, proof = person("staff")
        batches.lock(subject, actor=actor, on=payouts.LOCKED, proof=proof)
    elif code == "approve":
        actor, proof = person("leader")
        batches.approve(subject, actor=actor, on=payouts.APPROVED, proof=proof)
    elif code == "take_file":
        actor, proof = person("accountant")
        batches.take_file(subject, actor=actor, on=payouts.SENT, proof=proof)
    elif code == "import_result":
        batch = PayoutBatch.objects.get(no=subject)
        content = payouts.result_file(payouts.answers(batch))
        results.import_result(subject, content, actor=person("accountant")[0], on=payouts.PAID)


if __name__ == "__main__":
    act(sys.argv[1], sys.argv[2])
