"""Reading an application: what was typed or sent becomes clean values, or errors by field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from yuquan_relief.kernel.inputs import (
    InputError,
    bank_accounts,
    identity_numbers,
    money,
    names,
    phones,
)

from .programmes import INCOME_KINDS, RELATIONS, Programme

MOST_MEMBERS = 30
Kind = Literal["card", "passbook"]


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field. `field` is its name on the page: `members-0-id_no`."""

    field: str
    code: str
    message: str


class ApplicationErrors(ValueError):
    """The application cannot be submitted as it is; `errors` says why, field by field."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(f"{len(errors)} field errors")
        self.errors = errors


@dataclass(frozen=True)
class DeclaredIncome:
    """What a member says to have earned in a year."""

    kind: str
    annual_fen: int


@dataclass(frozen=True)
class ApplicantMember:
    """One person of the household, clean."""

    name: str
    identity: identity_numbers.IdentityNumber
    relation: str
    counts_for_income: bool
    is_insured: bool
    incomes: tuple[DeclaredIncome, ...]


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

    @property
    def head(self) -> ApplicantMember:
        """The applicant."""
        return next(m for m in self.members if m.relation == "SELF")


def nest(flat: Mapping[str, str]) -> dict[str, Any]:
    """A draft's answers (`members-0-incomes-1-kind` → text) as nested lists and dicts."""
    nested: dict[str, Any] = {"members": []}
    members: dict[int, dict[str, Any]] = {}
    for name, value in flat.items():
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


def _is_filled(member: Mapping[str, Any]) -> bool:
    """Whether anything was typed in the row; ticked boxes alone are a row's defaults."""
    return any(str(member.get(name, "")).strip() for name in ("name", "id_no", "relation"))


def is_true(value: Any) -> bool:
    """Whether a box is ticked: by a form's text, or by true."""
    return value is True or (isinstance(value, str) and value in TRUE_WORDS)


TRUE_WORDS = frozenset({"on", "true", "True", "1", "yes"})


@dataclass
class _Reader:
    """Collects errors while reading, so that a person sees all of them at once."""

    errors: list[FieldError] = field(default_factory=list)

    def refuse(self, name: str, code: str, message: str) -> None:
        self.errors.append(FieldError(name, code, message))

    def read(self, name: str, parse: Any, text: Any, *, ask: str = "") -> Any:
        """The parsed text; None after an error. `ask` is what to say when it is missing."""
        if text is None or (isinstance(text, str) and not text.strip()):
            if ask:
                self.refuse(name, "required", ask)
            return None
        if not isinstance(text, str):
            self.refuse(name, "text_expected", "请以文本形式填写")
            return None
        try:
            return parse(text)
        except InputError as error:
            self.refuse(name, error.code, error.message)
            return None

    def tick(self, name: str, value: Any, *, default: bool = False) -> bool:
        """A box; anything but a text or true and false is refused."""
        if value is None:
            return default
        if not isinstance(value, bool | str):
            self.refuse(name, "choice", "请填是或否")
        return is_true(value)

    def choose(self, name: str, value: Any, choices: Any, *, ask: str) -> str:
        if not isinstance(value, str) or value not in choices:
            self.refuse(name, "choice", ask)
            return ""
        return value


def read_application(data: Mapping[str, Any], *, today: date) -> Application:
    """A clean Application; raises ApplicationErrors naming every field that needs mending.

    `data`: programme, members (list), phone, address, reason, kin_declared, kin_note,
    is_by_proxy, bank, holder, account_kind, account_number; all values as text.
    """
    reader = _Reader()
    programme = reader.choose(
        "programme", data.get("programme"), set(Programme), ask="请选择申请事项"
    )
    members = _members(reader, data.get("members"), today)
    values = _contact(reader, data) | _account(reader, data) | _kin(reader, data)
    _check_holder(reader, values["holder"], members)
    if reader.errors:
        raise ApplicationErrors(reader.errors)
    return Application(programme=Programme(programme), members=members, **values)


def _contact(reader: _Reader, data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "phone": reader.read("phone", phones.clean, data.get("phone"), ask="请填写联系电话"),
        "address": reader.read("address", _text(200), data.get("address"), ask="请填写居住地址"),
        "reason": reader.read("reason", _text(300), data.get("reason"), ask="请填写申请原因"),
        "is_by_proxy": reader.tick("is_by_proxy", data.get("is_by_proxy")),
    }


def _kin(reader: _Reader, data: Mapping[str, Any]) -> dict[str, Any]:
    declared = reader.tick("kin_declared", data.get("kin_declared"))
    ask = "请写明与谁有近亲属关系" if declared else ""
    note = reader.read("kin_note", _text(200), data.get("kin_note"), ask=ask)
    return {"kin_declared": declared, "kin_note": note or ""}


def _account(reader: _Reader, data: Mapping[str, Any]) -> dict[str, Any]:
    kind: Kind = reader.choose(  # type: ignore[assignment] # one of the two, or refused
        "account_kind", data.get("account_kind", "card"), {"card", "passbook"}, ask="请选择账户类型"
    )
    return {
        "account_kind": kind,
        "bank": reader.read("bank", _text(60), data.get("bank"), ask="请填写开户银行"),
        "holder": reader.read("holder", names.clean, data.get("holder"), ask="请填写户名"),
        "account_number": reader.read(
            "account_number",
            lambda text: bank_accounts.clean(text, kind=kind),
            data.get("account_number"),
            ask="请填写收款账号",
        ),
    }


def _text(most: int) -> Any:
    return lambda text: names.clean_text(text, most=most, lines=False)


def _check_holder(
    reader: _Reader, holder: str | None, members: tuple[ApplicantMember, ...]
) -> None:
    if holder and not any(bank_accounts.same_holder(holder, m.name) for m in members):
        reader.refuse("holder", "holder_not_member", "户名应当是家庭成员本人，请核对存折或银行卡")


def _members(reader: _Reader, rows: Any, today: date) -> tuple[ApplicantMember, ...]:
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


def _member(reader: _Reader, i: int, row: Any, today: date) -> ApplicantMember | None:
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
    counts = reader.tick(at + "counts_for_income", row.get("counts_for_income"), default=True)
    insured = reader.tick(at + "is_insured", row.get("is_insured"), default=True)
    if insured and not counts:
        reader.refuse(at + "is_insured", "not_counted", "保障对象应当计入家庭人口，请核对")
    return ApplicantMember(name, identity, relation, counts, insured, incomes)


def _incomes(reader: _Reader, at: str, rows: Any) -> tuple[DeclaredIncome, ...]:
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
        kind = reader.choose(here + "kind", row.get("kind"), INCOME_KINDS, ask="请选择收入类别")
        fen = reader.read(
            here + "annual", money.parse_lenient, row.get("annual"), ask="请填金额，没有请填 0"
        )
        if kind in incomes:
            reader.refuse(here + "kind", "twice", "同一人同一类收入请合并填写")
        if kind and fen is not None:
            incomes[kind] = DeclaredIncome(kind, fen)
    return tuple(incomes.values())


def _check_together(reader: _Reader, members: tuple[ApplicantMember, ...]) -> None:
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
