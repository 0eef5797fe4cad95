"""Named points at which a crash test kills the process; inert unless RELIEF_FAULT names one."""

import os
import signal

POINTS = frozenset(
    {
        "funds.open.before_insert",
        "funds.open.after_insert",
        "funds.open.before_commit",
        "funds.rebuild.before_commit",
        "funds.lock.file_kept",
        "funds.lock.before_commit",
        "funds.lock.after_commit",
        "funds.approve.before_commit",
        "funds.approve.after_commit",
        "funds.take_file.before_commit",
        "funds.take_file.after_commit",
        "funds.import_result.half",
        "funds.import_result.before_commit",
        "funds.import_result.after_commit",
        "funds.give_up.before_commit",
        "funds.hand_over.book_written",
        "funds.recovery.receive.before_commit",
        "funds.recovery.receive.after_commit",
        "funds.recovery.write_off.before_commit",
        "funds.imprest.grant.before_commit",
        "funds.imprest.grant.after_commit",
    }
)


def point(name: str) -> None:
    """The process dies here, as by `kill -9`, when the environment asks for this point."""
    if os.environ.get("RELIEF_FAULT") == name and name in POINTS:
        os.kill(os.getpid(), signal.SIGKILL)
