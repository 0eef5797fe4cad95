"""In small bounds every deep proof is still run, only with fewer cases."""

from tests.deep import CASES, beyond_the_small_bounds

NODES = [f"tests/a.py::test_seeds[{seed}]" for seed in range(50)] + ["tests/a.py::test_whole"]


def test_every_deep_proof_keeps_its_cases_from_first_to_last() -> None:
    kept = [node for node in NODES if node not in beyond_the_small_bounds(NODES)]
    assert kept == [
        "tests/a.py::test_seeds[0]",
        "tests/a.py::test_seeds[49]",
        "tests/a.py::test_whole",
    ]


def test_a_proof_with_few_cases_keeps_them_all() -> None:
    assert beyond_the_small_bounds(NODES[:CASES]) == set()
