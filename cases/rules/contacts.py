"""In what ways somebody in benefit is seen or heard of, and by when it should be (4(1).2)."""

from datetime import date

KINDS = {
    "VISIT": "入户走访",
    "SIGN_IN": "签到",
    "CERTIFY": "认证",
    "REPORT": "定期报告",
}
MEANS = {
    "HOME": "入户",
    "OFFICE": "村（居）办公室",
    "PHONE": "电话",
    "VIDEO": "视频",
    "ONLINE": "网上",
}
# What each kind may be done by: a visit is a visit; a sign-in can be by telephone or picture.
MEANS_OF = {
    "VISIT": frozenset({"HOME", "VIDEO"}),
    "SIGN_IN": frozenset({"OFFICE", "PHONE", "VIDEO", "ONLINE", "HOME"}),
    "CERTIFY": frozenset({"OFFICE", "VIDEO", "ONLINE", "HOME"}),
    "REPORT": frozenset({"OFFICE", "PHONE", "ONLINE", "HOME"}),
}


def expected_share(on: date) -> float:
    """The share of the year's visits that should be done by the end of `on`, between 0 and 1: the
    expected line of the 100 % visits (4(1).2)."""
    first = date(on.year, 1, 1)
    days = (date(on.year + 1, 1, 1) - first).days
    return ((on - first).days + 1) / days


def weekly_pace(missing: int, on: date) -> int:
    """How many visits a week are needed so that none is missing at the end of the year."""
    weeks = max(((date(on.year, 12, 31) - on).days + 1) / 7, 1)
    return -int(-missing // weeks)
