"""Counting what a person does, as the task budgets count it (ux 4.1).

An action is a click, a key chord or the commit of a field; typed characters are counted apart. A
file costs two: the click that opens the chooser, and the choice in it. The signing code and the
sign-in are no part of a task.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.sync_api import FilePayload, Locator, Page, expect

SHOWN = """() => Array.from(document.querySelectorAll('main input, main select, main textarea'))
  .filter((i) => !/hidden|file|submit/.test(i.type) && i.name && i.checkVisibility())
  .map((i) => i.name)"""


@dataclass
class Tally:
    """One person at one page; every helper does the thing and counts it."""

    page: Page
    clicks: int = 0
    chords: int = 0
    commits: int = 0
    characters: int = 0
    typed: list[tuple[str, str]] = field(default_factory=list)  # (name of the field, value)
    shown: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Choosers are caught from now on, not only when one is awaited."""
        self.page.on("filechooser", lambda chooser: None)

    @property
    def actions(self) -> int:
        """Clicks, chords and commits."""
        return self.clicks + self.chords + self.commits

    @property
    def repeated(self) -> dict[str, list[str]]:
        """Values that were typed more than once → the fields."""
        often = Counter(value for _, value in self.typed)
        return {
            value: [name for name, other in self.typed if other == value]
            for value, count in often.items()
            if count > 1
        }

    def __str__(self) -> str:
        return (
            f"{self.actions} actions ({self.clicks} clicks, {self.chords} chords, {self.commits} "
            f"field commits), {self.characters} characters in {len(self.typed)} typed fields, "
            f"{len(self.shown)} fields shown, typed twice: {self.repeated or 'nothing'}"
        )

    def click(self, target: Locator) -> None:
        """One click, or one tap."""
        target.click()
        self.clicks += 1

    def go(self, target: Locator, heading: str) -> None:
        """One click, and the next page is there."""
        self.look()
        self.click(target)
        expect(self.page.get_by_role("heading", name=heading, exact=True).first).to_be_visible()
        self.look()

    def look(self) -> None:
        """Note the fields that the page shows."""
        self.shown |= set(self.page.evaluate(SHOWN))

    def fill(self, values: dict[str, str]) -> None:
        """Name of a field → what is typed in it; one commit each."""
        for name, text in values.items():
            self.page.locator(f"[name='{name}']").fill(text)
            self.commits += 1
            self.characters += len(text)
            self.typed.append((name, text))

    def choose(self, values: dict[str, str]) -> None:
        """Name of a list → the label chosen in it; one commit each."""
        for name, label in values.items():
            self.page.locator(f"[name='{name}']").select_option(label=label)
            self.commits += 1

    def attach(self, target: Locator, files: Sequence[FilePayload]) -> None:
        """The chooser is opened, and answered."""
        with self.page.expect_file_chooser() as chooser:
            self.click(target)
        chooser.value.set_files(files)
        self.commits += 1

    def press(self, key: str) -> None:
        """One chord."""
        self.page.keyboard.press(key)
        self.chords += 1

    def write(self, text: str) -> None:
        """Characters into whatever has the focus."""
        self.page.keyboard.type(text)
        self.characters += len(text)
