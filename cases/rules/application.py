"""Reading an application: what was typed or sent becomes clean values, or errors by field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from yuquan_relief.kernel.inputs import (
    bank_accounts,
    counts,
    identity_numbers,
    money,
    names,
    phones,
)

from .declarations import (
    DeclaredClaim,
    DeclaredObligor,
    DeclaredProperty,
    read_claim,
    read_obligors,
    read_property,
)
from .programmes import (
    ALL_INCOMES,
    CONDITIONS,
    NOT_COUNTED,
    REGISTER_KINDS,
    REGISTERED,
    RELATIONS,
    SUPPORT_MODES,
    Family,
    Programme,
)
from .reading import ApplicationErrors, FieldError, Reader, text_of

__all__ = ["Application", "ApplicationErrors", "FieldError", "nest", "read_application"]

MOST_MEMBERS = 30
Kind = Literal["card", "passbook"]


@dataclass(frozen=True)
class DeclaredIncome:
    """What a member says to have earned in a year."""

    kind: str
    annual_fen: int
    months: int = 12  # of the last twelve, in which it was earned
    evidence: str = ""


@dataclass(frozen=True)
class ApplicantMember:
    """One person of the household, clean."""

    name: str
    identity: identity_numbers.IdentityNumber
    relation: str
    counts_for_income: bool
    is_insured: bool
    incomes: tuple[DeclaredIncome, ...]
    condition: str = "HEALTHY"
    not_counted: str = ""  # why not, for somebody who is not counted
    registered: str = "HERE"  # 户籍所在


@dataclass(frozen=True, kw_only=True)
class Application:
    """A clean application."""

    programme: Programme
    members: tuple[ApplicantMember, ...]
    phone: str
    address: str
    reason: str
    kin_declared: bool
    kin_note: str
    is_by_proxy: bool
    bank: str
    holder: str
    account_kind: str
    account_number: str
    registered_address: str = ""  # "": the same as the address
    registered_kind: str = "RESIDENT"
    support: str = ""  # 集中 or 分散, for 特困
    for_incapable: bool = False  # the committee applies for somebody without capacity (3(3))
    proxy_name: str = ""
    obligors: tuple[DeclaredObligor, ...] = ()
    owned: tuple[DeclaredProperty, ...] = ()
    claim: DeclaredClaim | None = None

    @property
    def head(self) -> ApplicantMember:
        """The applicant."""
        return next(m for m in self.members if m.relation == "SELF")


def nest(flat: Mapping[str, str]) -> dict[str, Any]:
    """A draft's answers (`members-0-incomes-1-kind` → text) as nested lists and dicts."""
    nested: dict[str, Any] = {"members": []}
    members: dict[int, dict[str, Any]] = {}
    for table in TABLES:
        nested[table] = _rows_of(table, flat)
    for name, value in flat.items():
        if name.partition("-")[0] in TABLES:
            continue
        match = re.fullmatch(r"members-([0-9]{1,2})-(?:incomes-([0-9])-)?(\w+)", name)
        if not match:
            nested[name] = value
            continue
        member = members.setdefault(int(match[1]), {"incomes": {}})
        if match[2] is None:
            member[match[3]] = value
        else:
            member["incomes"].setdefault(int(match[2]), {})[match[3]] = value
    for _, member in sorted(members.items()):
        member["incomes"] = [line for _, line in sorted(member["incomes"].items())]
        nested["members"].append(member)
    while nested["members"] and not _is_filled(nested["members"][-1]):
        nested["members"].pop()
    return nested


TABLES = ("obligors", "property")


def _rows_of(table: str, flat: Mapping[str, str]) -> list[dict[str, str]]:
    """The rows of `obligors-0-name` and its like, in order, without a gap at the end."""
    rows: dict[int, dict[str, str]] = {}
    for name, value in flat.items():
        if match := re.fullmatch(rf"{table}-([0-9]{{1,2}})-(\w+)", name):
            rows.setdefault(int(match[1]), {})[match[2]] = value
    last = max((i for i, row in rows.items() if any(row.values())), default=-1)
    return [rows.get(i, {}) for i in range(last + 1)]


def _is_filled(member: Mapping[str, Any]) -> bool:
    """Whether anything was typed in the row; ticked boxes alone are a row's defaults."""
    return any(str(member.get(name, "")).strip() for name in ("name", "id_no", "relation"))


def read_application(data: Mapping[str, Any], *, today: date) -> Application:
    """A clean Application; raises ApplicationErrors naming every field that needs mending.

    `data`: programme, members (list), phone, address, registered_…, reason, kin_declared, kin_note,
    is_by_proxy, proxy_name, for_incapable, bank, holder, account_kind, account_number, and by
    programme: support, obligors (list), property (list), claim_…; all values as text.
    """
    reader = Reader()
    programme = reader.choose(
        "programme", data.get("programme"), set(Programme), ask="请选择申请事项"
    )
    members = _members(reader, data.get("members"), today)
    values = _contact(reader, data) | _kin(reader, data)
    values |= _account(reader, data, is_needed=programme != Programme.URGENT_RELIEF)
    _check_holder(reader, values["holder"], members)
    values |= {
        "obligors": read_obligors(reader, data.get("obligors")),
        "owned": read_property(reader, data.get("property")),
    }
    if programme:
        values |= _of_programme(reader, Programme(programme), data, members, today)
    if reader.errors:
        raise ApplicationErrors(reader.errors)
    return Application(programme=Programme(programme), members=members, **values)


def _of_programme(
    reader: Reader,
    programme: Programme,
    data: Mapping[str, Any],
    members: tuple[ApplicantMember, ...],
    today: date,
) -> dict[str, Any]:
    if programme.family == Family.RELIEF:
        return {"claim": read_claim(reader, programme, data, today=today)}
    if programme.family != Family.DESTITUTE:
        return {}
    if any(m.is_insured != (m.relation == "SELF") for m in members):
        at = next(i for i, m in enumerate(members) if m.is_insured != (m.relation == "SELF"))
        message = "特困供养按人申请，保障对象只能是申请人本人；其他人请各自申请"
        reader.refuse(f"members-{at}-is_insured", "one_person", message)
    support = reader.choose("support", data.get("support"), SUPPORT_MODES, ask="请选择供养方式")
    return {"support": support}


def _contact(reader: Reader, data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "phone": reader.read("phone", phones.clean, data.get("phone"), ask="请填写联系电话"),
        "address": reader.read("address", text_of(200), data.get("address"), ask="请填写居住地址"),
        "registered_address": reader.read(
            "registered_address", text_of(200), data.get("registered_address")
        )
        or "",
        "registered_kind": reader.choose(
            "registered_kind",
            data.get("registered_kind") or "RESIDENT",
            REGISTER_KINDS,
            ask="请选择户口性质",
        ),
        "reason": reader.read("reason", text_of(300), data.get("reason"), ask="请填写申请原因"),
        **_proxy(reader, data),
    }


def _proxy(reader: Reader, data: Mapping[str, Any]) -> dict[str, Any]:
    """Who applies for somebody else: with a mandate, or by duty where there is no capacity."""
    by_proxy = reader.tick("is_by_proxy", data.get("is_by_proxy"))
    incapable = reader.tick("for_incapable", data.get("for_incapable"))
    ask = "请写明谁代为申请" if incapable else ""
    name = reader.read("proxy_name", names.clean, data.get("proxy_name"), ask=ask)
    return {
        "is_by_proxy": by_proxy or incapable,
        "for_incapable": incapable,
        "proxy_name": name or "",
    }


def _kin(reader: Reader, data: Mapping[str, Any]) -> dict[str, Any]:
    declared = reader.tick("kin_declared", data.get("kin_declared"))
    ask = "请写明与谁有近亲属关系" if declared else ""
    note = reader.read("kin_note", text_of(200), data.get("kin_note"), ask=ask)
    return {"kin_declared": declared, "kin_note": note or ""}


def _account(reader: Reader, data: Mapping[str, Any], *, is_needed: bool) -> dict[str, Any]:
    """The account; help in an emergency does not wait for one, but half of one is none."""
    fields = ("bank", "holder", "account_number")
    if not (is_needed or any(str(data.get(name) or "").strip() for name in fields)):
        return {"account_kind": "card", "bank": "", "holder": "", "account_number": ""}
    kind: Kind = reader.choose(  # type: ignore[assignment] # one of the two, or refused
        "account_kind", data.get("account_kind", "card"), {"card", "passbook"}, ask="请选择账户类型"
    )
    return {
        "account_kind": kind,
        "bank": reader.read("bank", text_of(60), data.get("bank"), ask="请填写开户银行"),
        "holder": reader.read("holder", names.clean, data.get("holder"), ask="请填写户名"),
        "account_number": reader.read(
            "account_number",
            lambda text: bank_accounts.clean(text, kind=kind),
            data.get("account_number"),
            ask="请填写收款账号",
        ),
    }


def _check_holder(reader: Reader, holder: str | None, members: tuple[ApplicantMember, ...]) -> None:
    if holder and not any(bank_accounts.same_holder(holder, m.name) for m in members):
        reader.refuse("holder", "holder_not_member", "户名应当是家庭成员本人，请核对存折或银行卡")


def _members(reader: Reader, rows: Any, today: date) -> tuple[ApplicantMember, ...]:
    if not isinstance(rows, list) or not rows:
        reader.refuse("members-0-name", "required", "请至少填写申请人一人")
        return ()
    if len(rows) > MOST_MEMBERS:
        reader.refuse("members-0-name", "max", f"家庭成员最多 {MOST_MEMBERS} 人，请核对")
        return ()
    found = [_member(reader, i, row, today) for i, row in enumerate(rows)]
    members = tuple(m for m in found if m is not None)
    if len(members) == len(rows):
        _check_together(reader, members)
    return members


def _member(reader: Reader, i: int, row: Any, today: date) -> ApplicantMember | None:
    at = f"members-{i}-"
    if not isinstance(row, Mapping):
        reader.refuse(at + "name", "object_expected", "请按成员逐项填写")
        return None
    name = reader.read(at + "name", names.clean, row.get("name"), ask="请填写姓名")
    identity = reader.read(
        at + "id_no",
        lambda text: identity_numbers.clean(text, today=today),
        row.get("id_no"),
        ask="请填写身份证号",
    )
    relation = reader.choose(
        at + "relation", row.get("relation"), RELATIONS, ask="请选择与申请人的关系"
    )
    incomes = _incomes(reader, at, row.get("incomes") or [])
    if name is None or identity is None or not relation:
        return None
    standing = _standing(reader, at, row)
    return ApplicantMember(
        name=name, identity=identity, relation=relation, incomes=incomes, **standing
    )


def _standing(reader: Reader, at: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody is in the family: counted, insured, healthy, registered; why not counted."""
    counts = reader.tick(at + "counts_for_income", row.get("counts_for_income"), default=True)
    insured = reader.tick(at + "is_insured", row.get("is_insured"), default=True)
    if insured and not counts:
        reader.refuse(at + "is_insured", "not_counted", "保障对象应当计入家庭人口，请核对")
    why = reader.choose(
        at + "not_counted",
        row.get("not_counted") or "",
        {"", *NOT_COUNTED} if counts else NOT_COUNTED,
        ask="请选择不计入家庭人口的理由",
    )
    return {
        "counts_for_income": counts,
        "is_insured": insured,
        "condition": reader.choose(
            at + "condition", row.get("condition") or "HEALTHY", CONDITIONS, ask="请选择健康状况"
        ),
        "not_counted": "" if counts else why,
        "registered": reader.choose(
            at + "registered", row.get("registered") or "HERE", REGISTERED, ask="请选择户籍所在"
        ),
    }


def _incomes(reader: Reader, at: str, rows: Any) -> tuple[DeclaredIncome, ...]:
    incomes: dict[str, DeclaredIncome] = {}
    if not isinstance(rows, list):
        reader.refuse(at + "incomes", "list_expected", "请按收入逐项填写")
        return ()
    for j, row in enumerate(rows):
        here = f"{at}incomes-{j}-"
        if not isinstance(row, Mapping):
            reader.refuse(here + "kind", "object_expected", "请按收入逐项填写")
            continue
        if not (row.get("annual") or row.get("kind")):
            continue
        kind = reader.choose(here + "kind", row.get("kind"), ALL_INCOMES, ask="请选择收入类别")
        fen = reader.read(
            here + "annual", money.parse_lenient, row.get("annual"), ask="请填金额，没有请填 0"
        )
        if kind in incomes:
            reader.refuse(here + "kind", "twice", "同一人同一类收入请合并填写")
        months = reader.read(here + "months", _months, row.get("months") or "12")
        evidence = reader.read(here + "evidence", text_of(100), row.get("evidence")) or ""
        if kind and fen is not None and months is not None:
            incomes[kind] = DeclaredIncome(kind, fen, months, evidence)
    return tuple(incomes.values())


def _months(text: str) -> int:
    return counts.clean(text, least=1, most=12)


def _check_together(reader: Reader, members: tuple[ApplicantMember, ...]) -> None:
    heads = [i for i, m in enumerate(members) if m.relation == "SELF"]
    if len(heads) != 1:
        reader.refuse("members-0-relation", "one_head", "请在成员中指明一位申请人（关系选“本人”）")
    seen: set[str] = set()
    for i, member in enumerate(members):
        if member.identity.number in seen:
            reader.refuse(f"members-{i}-id_no", "twice", "这个身份证号在本表中填了两次，请核对")
        seen.add(member.identity.number)
    if not any(m.is_insured for m in members):
        reader.refuse("members-0-is_insured", "nobody", "请至少选择一位保障对象")
