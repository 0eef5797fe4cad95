"""Kinds of payout lists: what each pays, out of which account, and how its address reads."""

from dataclasses import dataclass

from cases.rules.programmes import Family, Programme


@dataclass(frozen=True, kw_only=True)
class ListKind:
    """One kind of list. `letter`: in its number; `out_of`: the account that it is paid from."""

    label: str
    letter: str
    out_of: str = "AVAILABLE"
    pays: tuple[str, ...]  # parts of funds.models.selection
    of: str = "MONTHLY"  # those in benefit, all or DESTITUTE; RELIEF: 临时救助; BOTH
    hint: str = ""


NORMAL = "NORMAL"
LIST_KINDS: dict[str, ListKind] = {
    NORMAL: ListKind(label="正常发放", letter="", pays=("MONTH", "BACK_PAY", "ARREARS")),
    "ADVANCE": ListKind(
        label="提前发放", letter="Y", pays=("MONTHS",),
        hint="节前把几个月的保障金一次发放；以后月份的名单不再重复发",
    ),
    "BACK_PAY": ListKind(
        label="补发", letter="B", pays=("BACK_PAY",),
        hint="以前月份应发而没有进过名单的，不等下月名单",
    ),
    "RAISE": ListKind(
        label="提标补发", letter="T", pays=("ARREARS",),
        hint="提标、增发追溯到以前月份的差额，不等下月名单",
    ),
    "ONE_OFF": ListKind(
        label="一次性补贴", letter="X", pays=("ONE_OFF",),
        hint="区社救中心登记的一次性补贴，发给当月在享的对象",
    ),
    "CARE": ListKind(
        label="照料护理费", letter="H", pays=("CARE",), of="DESTITUTE",
        hint="特困人员的照料护理费，从区里约定单独列名单的月份起；以前月份漏发的一并列入",
    ),
    "REISSUE": ListKind(
        label="退回重发", letter="C", out_of="OWED", pays=("REISSUE",), of="BOTH",
        hint="银行退回的，按现在的账户重发；钱是退回时留下的",
    ),
    "SINGLE": ListKind(
        label="临时救助支付", letter="D", pays=("SINGLE",), of="RELIEF",
        hint="已经批准、还没有发放的临时救助金",
    ),
}  # fmt: skip
CHOICES = [(code, kind.label) for code, kind in LIST_KINDS.items()]
MOST_MONTHS = 3  # of an advance: longer than a festival needs is a slip of the hand


def slug(programme: str, kind: str, serial: int) -> str:
    """How a list is named in addresses: `URBAN_ALLOWANCE`, or `URBAN_ALLOWANCE.REISSUE.2`."""
    return programme if kind == NORMAL else f"{programme}.{kind}.{serial}"


def named(slug: str) -> tuple[str, str, int] | None:
    """(programme, kind, serial) of a name in an address; None when it is no name of a list."""
    programme, _, rest = slug.partition(".")
    if not rest:
        return programme, NORMAL, 1
    kind, _, serial = rest.partition(".")
    if kind not in LIST_KINDS or kind == NORMAL or not (serial.isascii() and serial.isdigit()):
        return None
    return (programme, kind, int(serial)) if len(serial) <= 4 and serial[0] != "0" else None


def number_letters(programme: str, kind: str, serial: int) -> str:
    """The end of a list's number: `C`, `NT-C2`, `LJ-D1`."""
    found = Programme(programme)
    letters = found.kind.certificate_letter or ("LJ" if found.is_urgent else "LZ")
    return letters if kind == NORMAL else f"{letters}-{LIST_KINDS[kind].letter}{serial}"


def kinds_of(programme: str) -> list[str]:
    """The kinds of list that a programme may have; of an unknown programme none."""
    if programme not in set(Programme):
        return []
    found = Programme(programme)
    mine = {"BOTH", "MONTHLY" if found.is_monthly else "RELIEF"}
    if found.family == Family.DESTITUTE:
        mine.add("DESTITUTE")
    return [code for code, kind in LIST_KINDS.items() if kind.of in mine]


def opens_ahead(kind: str) -> bool:
    """Whether the list may be of the following month: it belongs to the month's own payment."""
    return kind in (NORMAL, "ADVANCE", "CARE")
