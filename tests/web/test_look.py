"""The look keeps its promises: contrast, weight, old browsers, a strict CSP. No database needed."""

import gzip
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict
from django.template import Context
from django.template.loader import render_to_string
from django.test import RequestFactory

from yuquan_relief.kernel.gallery import gallery_context
from yuquan_relief.kernel.templatetags import look

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "yuquan_relief" / "static"
TEMPLATES = ROOT / "templates"
COMPONENTS = sorted((TEMPLATES / "components").glob("*.html"))
# templates/forms/ is for PDF: no browser and no policy reads it
PAGES = sorted(p for p in TEMPLATES.rglob("*.html") if "forms" not in p.parts)
CSS = (STATIC / "app.css").read_text("utf-8")
JS = (STATIC / "app.js").read_text("utf-8")
TOKENS = dict(re.findall(r"--([\w-]+):(#[0-9A-F]{6})", CSS.split("}", 1)[0]))
KB = 1024


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG contrast of two tokens or colours."""
    light, dark = sorted((_luminance(TOKENS.get(c, c)) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT_ON = [
    *[
        (text, ground)
        for text in ("ink", "ink-2", "ink-3", "brand", "bad")
        for ground in ("surface", "bg")
    ],
    *[(tone, f"{tone}-tint") for tone in ("brand", "ok", "warn", "bad", "pause", "mute")],
    *[("ink", f"{tone}-tint") for tone in ("brand", "ok", "warn", "bad", "pause", "mute")],
    *[("#FFFFFF", ground) for ground in ("brand", "brand-strong", "bad-btn", "bad", "h4")],
    *[("ink", ground) for ground in ("h0", "h1", "h2", "h3")],
    ("on-bar", "brand-strong"),
    ("brand-strong", "on-bar"),
    ("bad", "bad-tint"),
    ("ink-2", "mute-tint"),
]


@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_can_be_read(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize("edge", ["line-input", "c1", "c2", "c3", "c4", "c5", "c6"])
def test_edges_and_bars_can_be_seen(edge: str) -> None:
    assert contrast(edge, "surface") >= 3


def test_focus_shows_against_both_neighbours() -> None:
    assert contrast("focus", "ink") >= 3
    assert contrast("ink", "surface") >= 3
    assert contrast("focus", "brand-strong") >= 3


def test_pages_stay_light() -> None:
    import django_htmx

    htmx = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
    assert len(gzip.compress(CSS.encode(), 9)) <= 16 * KB
    assert len(gzip.compress(JS.encode(), 9)) + len(gzip.compress(htmx.read_bytes(), 9)) <= 34 * KB
    assert (
        len(JS.encode()) <= 20 * KB
    )  # with the queue of photos (IR-20) and the desk that is ahead (ADR 0029)
    assert len((STATIC / "icons.svg").read_bytes()) <= 4 * KB


@pytest.mark.parametrize(
    "feature",
    [
        ":has(",
        ":is(",
        ":where(",
        "oklch",
        "color-mix",
        "@layer",
        "@container",
        "@import",
        "aspect-ratio",
        "subgrid",
        "dvh",
        "http:",
        "https:",
        "italic",
        "letter-spacing",
        "gradient(to",
    ],
)
def test_style_sheet_keeps_to_old_kernels(feature: str) -> None:
    assert feature not in CSS


def test_style_sheet_does_not_nest() -> None:
    depth = worst = 0
    for sign in re.findall(r"[{}]|@media|@page", CSS):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        worst = max(worst, depth)
    assert depth == 0
    assert worst == 2


@pytest.mark.parametrize(
    "feature",
    [
        "eval(",
        "new Function",
        "innerHTML",
        "outerHTML",
        "document.write",
        "localStorage",
        "??=",
        "||=",
        "?.",
        " ?? ",
        "structuredClone",
        ".at(-",
        "http:",
        "https:",
        "onclick=\\",
    ],
)
def test_script_keeps_to_old_kernels_and_the_csp(feature: str) -> None:
    assert feature not in JS


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(TEMPLATES)))
def test_templates_keep_to_the_csp(page: Path) -> None:
    text = re.sub(r"data:image/svg\+xml,[^\"]*", "", page.read_text("utf-8"))
    assert not re.search(r"<[^>]*\sstyle=", text), "inline style"
    assert not re.search(r"<[a-z][^>]*\son[a-z]+=", text), "inline handler"
    assert not re.search(r"<script(?![^>]*\ssrc=)", text), "inline script"
    assert not re.search(r"<style\b", text), "style element"
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", text), "another host"
    assert "hx-boost" not in text
    assert not re.search(r"\|\s*safe\b", text), "the safe filter"
    assert not re.search(r"\{#[^#]*\n", text), "a {# #} comment cannot run over a line"


@pytest.mark.parametrize("part", COMPONENTS, ids=lambda p: p.name)
def test_components_are_small_documented_and_shown(part: Path) -> None:
    text = part.read_text("utf-8")
    assert text.startswith("{#")
    assert len(text.splitlines()) <= 60
    shown = "".join(p.read_text("utf-8") for p in PAGES if p != part)
    assert f"components/{part.name}" in shown


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(TEMPLATES)))
def test_words_are_an_officials(page: Path) -> None:
    text = page.read_text("utf-8")
    for word in ("不能为空", "非法", "操作成功", ">确定</button>", ">提交</button>", "您没有权限"):
        assert word not in text


@pytest.fixture
def gallery_page() -> str:
    """The gallery as the lead's view renders it, for someone who has not signed in."""
    request = RequestFactory().get("/settings/ui/")
    return render_to_string("kernel/gallery.html", gallery_context(), request)


def test_gallery_renders_without_a_shell(gallery_page: str) -> None:
    assert gallery_page.lstrip().startswith("<!doctype html>")
    assert "{%" not in gallery_page
    assert "{#" not in gallery_page
    for words in ("有 6 处需要修改", "𠮷䶮", "额尔敦陶克陶·乌云其其格", "1501…4021", "1,826.68"):
        assert words in gallery_page


def test_every_wrong_control_points_at_its_error(gallery_page: str) -> None:
    ids = set(re.findall(r'\sid="([^"]+)"', gallery_page))
    described = re.findall(r'aria-describedby="([^"]+)"', gallery_page)
    targets = re.findall(r'<li><a href="#(id_wrong[^"]+)"', gallery_page)
    assert len(described) >= len(targets) == 6, (len(described), len(targets))
    assert {*" ".join(described).split(), *targets} <= ids


def test_ids_are_unique(gallery_page: str) -> None:
    found = re.findall(r'\sid="([^"]+)"', gallery_page)
    assert sorted(found) == sorted(set(found))


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (182668, "1,826.68"),
        (0, "0.00"),
        (5, "0.05"),
        (-5, "−0.05"),
        (284631000, "2,846,310.00"),
        (None, ""),
    ],
)
def test_yuan(fen: int | None, text: str) -> None:
    assert look.yuan(fen) == text


def test_dates_are_shanghais() -> None:
    assert look.day(date(2026, 12, 21)) == "2026-12-21（周一）"
    assert look.day(datetime(2026, 12, 20, 16, 30, tzinfo=UTC)) == "2026-12-21（周一）"
    assert look.minute(datetime(2019, 3, 4, 1, 5, tzinfo=UTC)) == "2019-03-04 09:05"
    assert look.minute(date(2014, 6, 3)) == "2014-06-03"
    assert look.day(None) == look.minute(None) == ""


@pytest.mark.parametrize(
    ("filter_", "number", "text"),
    [
        (look.mask_id, "150104195203154021", "1501…4021"),
        (look.mask_phone, "13800000021", "138…0021"),
        (look.mask_account, "6217000000000129", "6217…0129"),
        (look.mask_id, "12345678", "…78"),
        (look.mask_id, "", ""),
        (look.mask_id, None, ""),
    ],
)
def test_masks_never_show_the_whole(filter_: Any, number: str | None, text: str) -> None:
    assert filter_(number) == text


def test_qs_replaces_one_parameter_and_starts_at_the_first_page() -> None:
    request = RequestFactory().get("/cases/", {"state": "待审批", "page": "3", "sort": "due"})
    told = look.qs(Context({"request": request}), sort="-due")
    assert QueryDict(told[1:]).dict() == {"state": "待审批", "sort": "-due"}
    assert QueryDict(look.qs(Context({"request": request}), state=None)[1:]).dict() == {
        "sort": "due"
    }


@pytest.mark.parametrize(
    ("value", "whole", "text"), [(64, 72, "88.9"), (5, 0, "0"), (0, 9, "0"), (90, 72, "100.0")]
)
def test_share_stays_in_the_frame(value: int, whole: int, text: str) -> None:
    assert look.share(value, whole) == text
