"""The official forms: what each one says, read from the case, and its PDF."""

from .forms import PAPERS, Paper, Sheet, make_sheet, print_sheet, ready_forms
from .reading import CaseSheet, read_case

__all__ = [
    "PAPERS",
    "CaseSheet",
    "Paper",
    "Sheet",
    "make_sheet",
    "print_sheet",
    "read_case",
    "ready_forms",
]
