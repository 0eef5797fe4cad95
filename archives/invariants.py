"""What must always hold of files: every reference has its bytes, every seal its package (6.3)."""

import io
import zipfile
from collections.abc import Iterator

from archives.models import Disposal, DisposalItem, Dossier, DossierItem
from archives.operations import disposal
from cases.models import Review
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.models import Attachment


def broken() -> Iterator[str]:
    """A sentence for everything that does not hold; nothing when all is well."""
    yield from _attachments()
    yield from _items()
    yield from _packages()
    yield from _destroyed()


def _attachments() -> Iterator[str]:
    gone = Dossier.objects.filter(state=Dossier.State.DESTROYED)
    files = Attachment.objects.exclude(
        subject_kind="case", subject_key__in=gone.values("case__no")
    ).exclude(subject_kind="dossier", subject_key__in=gone.values("no"))
    reviews = Review.objects.filter(benefit__source_case__in=gone.values("case"))
    files = files.exclude(subject_kind="review", subject_key__in=reviews.values("no"))
    for file in files.order_by("id").iterator(chunk_size=500):
        for sha256 in filter(None, (file.sha256, file.view_sha256, file.thumb_sha256)):
            if not file_store.is_sound(sha256):
                yield f"附件 {file.pk}（{file.subject_key}）的文件丢失或摘要不符：{sha256}"


def _items() -> Iterator[str]:
    kept = DossierItem.objects.exclude(dossier__state=Dossier.State.DESTROYED)
    for item in kept.select_related("dossier").order_by("id").iterator(500):
        if not file_store.is_sound(item.sha256):
            yield f"{item.dossier.no} 卷内“{item.title}”的文件丢失或摘要不符：{item.sha256}"


def _packages() -> Iterator[str]:
    sealed = Dossier.objects.filter(state=Dossier.State.SEALED).order_by("id")
    for dossier in sealed.iterator(chunk_size=100):
        if not file_store.is_sound(dossier.package_sha256):
            yield f"{dossier.no} 的封存包丢失或摘要不符：{dossier.package_sha256}"
            continue
        items = DossierItem.objects.filter(dossier=dossier).current()
        if sorted(packed(dossier)) != sorted(i.sha256 for i in items):
            yield f"{dossier.no} 的封存包与卷内文件不一致"


def _destroyed() -> Iterator[str]:
    """Each was on a list that is done, and its bytes are not in the store any more."""
    for row in Disposal.objects.filter(state="DONE").order_by("id"):
        if count := disposal.still_there(row):
            yield f"{row.no} 已销毁，但还有 {count} 个文件在存放中"
    listed = DisposalItem.objects.filter(disposal__state="DONE", verdict="DESTROY")
    gone = Dossier.objects.filter(state=Dossier.State.DESTROYED)
    for dossier in gone.exclude(pk__in=listed.values("dossier")).order_by("id"):
        yield f"{dossier.no} 已销毁，但不在任何办结的销毁清册里"


def packed(dossier: Dossier) -> list[str]:
    """The digests of the documents that the package's manifest names."""
    with zipfile.ZipFile(io.BytesIO(file_store.read(dossier.package_sha256))) as archive:
        name = next(n for n in archive.namelist() if n.endswith("/manifest-sha256.txt"))
        lines = archive.read(name).decode().splitlines()
    return [line[:64] for line in lines if line[66:].startswith("data/documents/")]
