"""The system's checks over everything at once (8, 12): every rule of the catalogue, R01 to R76."""

from . import conduct, identity, life, means, money, procedure, proof
from .shape import SEVERITIES, SEVERITY_ORDER, Check, Part, Population

CHECKS: dict[str, Check] = {
    check.id: check
    for table in (identity, means, procedure, proof, life, money, conduct)
    for check in table.CHECKS
}

__all__ = ["CHECKS", "SEVERITIES", "SEVERITY_ORDER", "Check", "Part", "Population"]
