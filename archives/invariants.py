"""What must always hold of files: every reference has its bytes, every seal its package (6.3)."""

import io
import zipfile
from collections.abc import Iterator

from archives.models import Dossier, DossierItem
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.models import Attachment


def broken() -> Iterator[str]:
    """A sentence for everything that does not hold; nothing when all is well."""
    yield from _attachments()
    yield from _items()
    yield from _packages()


def _attachments() -> Iterator[str]:
    for file in Attachment.objects.order_by("id").iterator(chunk_size=500):
        for sha256 in filter(None, (file.sha256, file.view_sha256, file.thumb_sha256)):
            if not file_store.is_sound(sha256):
                yield f"附件 {file.pk}（{file.subject_key}）的文件丢失或摘要不符：{sha256}"


def _items() -> Iterator[str]:
    for item in DossierItem.objects.select_related("dossier").order_by("id").iterator(500):
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


def packed(dossier: Dossier) -> list[str]:
    """The digests of the documents that the package's manifest names."""
    with zipfile.ZipFile(io.BytesIO(file_store.read(dossier.package_sha256))) as archive:
        name = next(n for n in archive.namelist() if n.endswith("/manifest-sha256.txt"))
        lines = archive.read(name).decode().splitlines()
    return [line[:64] for line in lines if line[66:].startswith("data/documents/")]
