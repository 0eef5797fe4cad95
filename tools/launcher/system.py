"""System packages: installed where that is allowed, otherwise named in one line to type."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from .console import complain
from .places import VENV_PYTHON, var

PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSER = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def install(packages: tuple[str, ...]) -> bool:
    """The packages are installed by apt; False when there is no apt or no right to use it."""
    command = _apt()
    if command is None:
        return False
    log = var() / "apt.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    wanted = [*command, "install", "-y", "--no-install-recommends", *packages]
    with log.open("ab") as output:
        for words in (wanted, [*command, "update"], wanted):
            outcome = subprocess.run(
                words,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                check=False,
            )
            if words is wanted and outcome.returncode == 0:
                return True
    complain(f"系统软件包未能安装，详见 {log}。")
    return False


def line_to_type(packages: tuple[str, ...]) -> str:
    """What a person with the right to do so would type."""
    if platform.system() == "Darwin":
        return "brew install pango"
    return f"sudo apt-get install -y {' '.join(packages)}"


def ensure_pango() -> str:
    """PDF works; otherwise the sentence that says what is missing."""
    if _can_print():
        return ""
    if install(PANGO) and _can_print():
        return ""
    return f"缺少 Pango，暂不能生成 PDF（其他功能不受影响），请执行：{line_to_type(PANGO)}"


def ensure_browser() -> str:
    """Browser tests can run; otherwise the sentence that says what is missing."""
    wanted: tuple[str, ...] = ()
    if not _browser():
        wanted += ("chromium",)
    if not _has_chinese_type():
        wanted += ("fonts-noto-cjk",)
    if not wanted or install(wanted):
        return ""
    return f"缺少浏览器或中文字体，浏览器测试不能执行，请执行：{line_to_type(wanted)}"


def ensure_poppler() -> str:
    """Tests can look into PDF files; otherwise the sentence that says what is missing."""
    if shutil.which("pdftoppm") or install(("poppler-utils",)):
        return ""
    return f"缺少 pdftoppm，检查 PDF 的测试不能执行，请执行：{line_to_type(('poppler-utils',))}"


def venv_package() -> tuple[str, ...]:
    """The Debian package that lets this Python make environments."""
    return (f"python3.{sys.version_info.minor}-venv",)


def _apt() -> list[str] | None:
    apt = shutil.which("apt-get")
    if apt is None:
        return None
    if os.geteuid() == 0:
        return [apt]
    sudo = shutil.which("sudo")
    if (
        sudo
        and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return [sudo, "-n", apt]
    return None


def _can_print() -> bool:
    command: list[str | Path] = [VENV_PYTHON, "-c", "import weasyprint"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _browser() -> bool:
    return any(shutil.which(name) for name in BROWSERS) or MAC_BROWSER.exists()


def _has_chinese_type() -> bool:
    if platform.system() == "Darwin":
        return True
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    answer = subprocess.run([lister, ":lang=zh-cn", "family"], capture_output=True, check=False)
    return bool(answer.stdout.strip())
