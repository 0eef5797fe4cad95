"""Pictures of a case, for the viewer."""

from collections.abc import Iterable

from yuquan_relief.kernel.models import Attachment

MOST = 40


def pictures(files: Iterable[Attachment], *slots: str) -> list[dict[str, str]]:
    """Those of the files that can be shown as pictures, of some slots if named."""
    shown = [f for f in files if f.thumb_sha256 and (not slots or f.slot in slots)]
    return [
        {
            "url": f"/files/{f.pk}/view/",
            "thumb_url": f"/files/{f.pk}/thumb/",
            "label": f.title,
            "note": f"{f.uploaded_at:%Y-%m-%d} 上传",
        }
        for f in shown[:MOST]
    ]
