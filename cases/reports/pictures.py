"""Pictures of a case, for the viewer."""

from collections.abc import Iterable

from django.utils.timezone import localtime

from yuquan_relief.kernel.models import Attachment

MOST = 40


def note_of(file: Attachment) -> str:
    """When and where it was taken, if the phone said so, and when it came."""
    words = []
    if file.taken_at:
        words.append(f"{localtime(file.taken_at):%Y-%m-%d %H:%M} 拍摄")
    if file.place:
        latitude, longitude, error = file.place.split(",")
        words.append(f"位置 {latitude}，{longitude}（误差 {error} 米）")
    return "，".join([*words, f"{localtime(file.uploaded_at):%Y-%m-%d} 上传"])


def pictures(files: Iterable[Attachment], *slots: str) -> list[dict[str, str]]:
    """Those of the files that can be shown as pictures, of some slots if named."""
    shown = [f for f in files if f.thumb_sha256 and (not slots or f.slot in slots)]
    return [
        {
            "url": f"/files/{f.pk}/view/",
            "thumb_url": f"/files/{f.pk}/thumb/",
            "label": f.title,
            "note": note_of(f),
        }
        for f in shown[:MOST]
    ]
