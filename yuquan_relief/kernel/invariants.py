"""What must always be true, whatever crashed: used by tests, operators and the restore drill.

The ground floor's own checks stand here. Each app may have a module `<app>.invariants` with
`broken() -> Iterator[str]`, and `counted() -> str` for what it went through; the floor calls
them by name and knows nothing else of them (security.md 4).
"""

import hashlib
import importlib
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q

from . import file_store, outbox
from .clock import now
from .models import Attachment, Event, Job, Signature
from .signing import signature_hash
from .verification import verify

RECENT = 10_000  # events; the whole chain is verify_audit's task
LONGEST_UPGRADE = timedelta(hours=1)  # after which a job that no program knows needs a person


@dataclass(frozen=True)
class Check:
    """One thing that must be true: how to find what breaks it, and what was gone through."""

    name: str
    label: str
    broken: Callable[[], Iterator[str]]
    count: Callable[[], str]

    def sentences(self) -> list[str]:
        """What is broken; that it cannot be checked is broken too."""
        try:
            with transaction.atomic():
                return list(self.broken())
        except (DatabaseError, OSError, ValueError, LookupError) as error:
            return [f"无法核对：{type(error).__name__} {error}".splitlines()[0]]

    def counted(self) -> str:
        """`（已核对 33 条）`, or nothing where nothing is counted."""
        text = self.count()
        return f"（已核对 {text}）" if text else ""


CHECKS: dict[str, Check] = {}


def check(
    name: str, label: str, *, count: Callable[[], str] = lambda: ""
) -> Callable[[Callable[[], Iterator[str]]], Callable[[], Iterator[str]]]:
    """Register the decorated function: it yields a sentence for everything that is broken."""

    def register(broken: Callable[[], Iterator[str]]) -> Callable[[], Iterator[str]]:
        CHECKS[name] = Check(name, label, broken, count)
        return broken

    return register


def checks() -> list[Check]:
    """The ground floor's checks, then those of each installed app that has some."""
    return [*CHECKS.values(), *_of_apps()]


def _of_apps() -> Iterator[Check]:
    for config in apps.get_app_configs():
        name = f"{config.name}.invariants"
        if name != __name__ and importlib.util.find_spec(name):
            module = importlib.import_module(name)
            count = getattr(module, "counted", str)
            yield Check(config.label, str(config.verbose_name), module.broken, count)


# The chain


@check("chain", "操作记录", count=lambda: f"最近 {min(Event.objects.count(), RECENT)} 条")
def _chain() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(seq) FROM kernel_event_head")
        (last,) = cursor.fetchone()
    yield from map(str, verify(max(1, (last or 0) - RECENT + 1)).problems)


# Signatures: unaltered since they were given


@check("signatures", "签字", count=lambda: f"{Signature.objects.count()} 个")
def _signatures() -> Iterator[str]:
    """Each signature's hash and content agree, and it follows the one before on its subject."""
    signatures = Signature.objects.order_by("subject_kind", "subject_key", "id").iterator(1000)
    for (_, key), given in groupby(signatures, key=lambda s: (s.subject_kind, s.subject_key)):
        before = ""
        for signature in given:
            title = f"{key} 的{signature.stage}签字（{signature.pk}）"
            content = hashlib.sha256(signature.content.encode()).hexdigest()
            if signature.hash != signature_hash(signature) or signature.content_sha256 != content:
                yield f"{title}与签字时的摘要不符"
            if signature.prev != before:
                yield f"{title}与前一个签字接不上"
            before = signature.hash


# Files: there, with the bytes they came with


@check("files", "附件", count=lambda: f"{Attachment.objects.count()} 份")
def _files() -> Iterator[str]:
    """The original, and what is shown of it, stand in the store under their hash."""
    sound: set[str] = {""}
    rows = Attachment.objects.order_by("id").values_list(
        "id", "subject_key", "sha256", "view_sha256", "thumb_sha256"
    )
    for pk, key, *digests in rows.iterator(chunk_size=1000):
        for digest in {*digests} - sound:
            if file_store.is_sound(digest):
                sound.add(digest)
            else:
                yield f"{key} 的附件 {pk} 缺失或内容已变（{digest[:12]}）"


# Jobs: none forgotten, none given up in silence


@check("jobs", "后台任务", count=lambda: f"{Job.objects.count()} 个")
def _jobs() -> Iterator[str]:
    """No job waits longer than three leases; those given up need a person."""
    late = now() - 3 * outbox.LEASE
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now())
    waiting = Job.objects.filter(free, state=Job.State.WAITING, run_after__lt=late)
    failed = Job.objects.filter(state=Job.State.FAILED)
    for job in waiting.order_by("id"):
        yield f"任务 {job.listener} {job.key} 自 {job.run_after:%Y-%m-%d %H:%M} 起无人办理"
    parked = Job.objects.filter(parked_at__lt=now() - LONGEST_UPGRADE)
    for job in parked.order_by("id"):
        since = f"{job.parked_at:%Y-%m-%d %H:%M}"
        yield f"任务 {job.listener} {job.key} 自 {since} 起等待新版程序，请完成更新"
    for job in failed.order_by("id"):
        yield f"任务 {job.listener} {job.key} 试了 {job.attempts} 次未成（{job.error}），须人工处理"
    for job in Job.objects.filter(state=Job.State.DONE, attempts=0).order_by("id"):
        yield f"任务 {job.listener} {job.key} 从未有人领取，却标为完成"
    for job in Job.objects.filter(fence__lt=F("attempts")).order_by("id"):
        yield f"任务 {job.listener} {job.key} 的领取次数与序号不符"
