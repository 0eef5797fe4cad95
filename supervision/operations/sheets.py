"""Checks on the spot, in disguise, by phone, of money, of new approvals (5(9), 9-11, 13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.models import Case
from cases.operations.bureau import BureauFinding, recheck
from supervision.models import Call, SampleItem, Sheet, SheetFile
from supervision.models.paper import district_of
from supervision.rules.sheets import CALLS, KINDS, MOST_CALLS, VERDICTS, SheetKind
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Post, Signature, Unit, next_number
from yuquan_relief.kernel.operations.attachments import attach
from yuquan_relief.kernel.signing import Proof, covers, sign

from .findings import Registered, register
from .sampling import exchange

SUBJECT = "sheet"
CAPABILITY = "supervision.check"


def _require(actor: Actor) -> None:
    if not actor.can(CAPABILITY):
        raise PermissionDenied(CAPABILITY)


def visible_sheets(actor: Actor) -> Any:
    """The sheets of the actor's district; the bureau's own, an office does not see them."""
    mine = Sheet.objects.filter(district=actor.unit_id)
    return mine if actor.can("supervision.view") else mine.none()


@transaction.atomic
def open_for_item(sample_no: str, number: str, *, actor: Actor, on: date) -> Sheet:
    """The sheet of one drawn household stands; opening it again gives the same.

    Raises SampleItem.DoesNotExist, PermissionDenied, or Refused for a checker of the checked unit.
    """
    _require(actor)
    items = SampleItem.objects.select_for_update(of=("self",)).select_related("sample")
    item = items.get(sample__no=sample_no, sample__district=actor.unit_id, number=number)
    if sheet := Sheet.objects.filter(item=item).first():
        return sheet
    if item.state == SampleItem.State.REPLACED:
        raise Refused("这一户已经换出，请打开换入的家庭")
    refuse_own_unit(actor.human_id, (item.office_id, item.village_id), on)
    kind = "PHONE" if item.sample.kind == "PHONE" else "SITE"
    return _open(
        kind, actor, on, item=item, case=item.case, benefit=item.benefit,
        office=item.office, village=item.village,
    )  # fmt: skip


@transaction.atomic
def open_covert(office_id: int, *, actor: Actor, on: date, village_id: int | None = None) -> Sheet:
    """A visit in disguise to an office stands (13). Raises DoesNotExist outside the district."""
    _require(actor)
    office = Unit.objects.offices().filter(parent_id=actor.unit_id or 0).get(pk=office_id)
    village = Unit.objects.filter(parent=office).get(pk=village_id) if village_id else None
    refuse_own_unit(actor.human_id, (office.pk, village_id), on)
    return _open("COVERT", actor, on, office=office, village=village)


@transaction.atomic
def open_fund_check(office_id: int, month: date, *, actor: Actor, on: date) -> Sheet:
    """The check of an office's money of a month stands; of one month there is one (11)."""
    _require(actor)
    offices = Unit.objects.offices().select_for_update(of=("self",))  # two at once: one sheet
    office = offices.filter(parent_id=actor.unit_id or 0).get(pk=office_id)
    if month.replace(day=1) > on:
        raise Refused("请选择已经到来的月份")
    month = month.replace(day=1)
    if sheet := Sheet.objects.filter(kind="FUND", office=office, month=month).first():
        return sheet
    refuse_own_unit(actor.human_id, (office.pk,), on)
    return _open("FUND", actor, on, office=office, month=month)


@transaction.atomic
def open_recheck(case_no: str, *, actor: Actor, on: date) -> Sheet:
    """The re-check of a new approval stands; opening it again gives the same (5(9))."""
    _require(actor)
    case = Case.objects.visible_to(actor).select_for_update(of=("self",)).get(no=case_no)
    if sheet := Sheet.objects.filter(case=case, kind="RECHECK").first():
        return sheet
    if case.state not in ("APPROVED", "REFUSED"):
        raise Refused("还没有作出决定，不用复核")
    refuse_own_unit(actor.human_id, (case.office_id, case.village_id), on)
    return _open("RECHECK", actor, on, case=case, office=case.office, village=case.village)


def _open(kind: str, actor: Actor, on: date, **about: Any) -> Sheet:
    sheet = Sheet.objects.create(
        no=next_number(f"JC-{on:%Y}-", digits=5), district_id=district_of(actor), kind=kind,
        opened_on=on, checked_by_id=actor.human_id, **about,
    )  # fmt: skip
    _tell(sheet, "open", actor, on, {"kind": kind})
    return sheet


def refuse_own_unit(person_id: int, units: Sequence[int | None], on: date) -> None:
    """Raise Refused for somebody who has worked in the checked unit within a year (13)."""
    posts = Post.objects.filter(person_id=person_id, unit__in=[u for u in units if u])
    for post in posts.select_related("unit"):
        if post.ends_on is None or (on - post.ends_on).days < 365:
            raise Refused(f"检查人一年以内在{post.unit.short_name}任职，须回避，请换人检查")


def why_not_take(sheet: Sheet, person_id: int, on: date) -> str:
    """Why somebody cannot go on with a check that another began; "" when he can."""
    mine = Signature.objects.filter(subject_kind=SUBJECT, subject_key=sheet.no, person=person_id)
    if mine.exists():
        return "您已作为第二检查人签过字，不能接手，请由另一人接手"
    try:
        refuse_own_unit(person_id, (sheet.office_id, sheet.village_id), on)
    except Refused as refused:
        return refused.reason
    return ""


@transaction.atomic
def take_over(no: str, *, actor: Actor, on: date) -> Sheet:
    """Another goes on with a check whose checker cannot. Raises Refused for who must not."""
    sheet = _mine(no, actor)
    if sheet.checked_by_id == actor.human_id:
        raise Refused("这份检查表本来由您填写")
    if reason := why_not_take(sheet, actor.human_id, on):
        raise Refused(reason)
    before, sheet.checked_by_id = sheet.checked_by_id, actor.human_id
    sheet.version += 1
    sheet.save(update_fields=["checked_by", "version"])
    _tell(sheet, "take_over", actor, on, {"from": before})
    return sheet


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What was found: code → (answer, note); the verdict of rules.sheets; who was met."""

    answers: Mapping[str, tuple[str, str]]
    verdict: str = ""
    summary: str = ""
    met: str = ""
    checked_on: date | None = None
    consented: bool = True


@transaction.atomic
def save_answers(
    no: str, given: Answers, *, actor: Actor, on: date, version: int | None = None
) -> Sheet:
    """What was answered so far stands, a remark before its answer too; the rest can follow.

    Raises Refused for no such answer.
    """
    sheet = _mine(no, actor)
    refuse_own_unit(actor.human_id, (sheet.office_id, sheet.village_id), on)
    if version is not None and version != sheet.version:
        raise Refused("您打开后，这份检查表已有新的内容，请刷新页面看清后再填", code="stale")
    kind = KINDS[sheet.kind]
    known = {question.code: question for question in kind.questions}
    for code, (answer, _) in given.answers.items():
        if code not in known or (answer and answer not in known[code].answers):
            raise Refused("有一项答案不在选项里，请重新选择")
    if given.verdict and given.verdict not in VERDICTS:
        raise Refused("请选择判定")
    if given.checked_on and not sheet.opened_on <= given.checked_on <= on:
        raise Refused(f"检查日期应在 {sheet.opened_on} 到今天之间，请修改")
    sheet.answers = _with(sheet.answers, given.answers)
    sheet.verdict, sheet.summary = given.verdict, given.summary[:1000]
    sheet.met, sheet.consented = given.met[:100], given.consented
    sheet.checked_on = given.checked_on or sheet.checked_on or on
    sheet.version += 1
    sheet.save()
    return sheet


def _with(
    kept: Mapping[str, Any], given: Mapping[str, tuple[str, str]]
) -> dict[str, dict[str, str]]:
    """Answers with their remarks. A remark without an answer has no `answer`, so that nothing
    counts it as one."""
    found = dict(kept)
    for code, (answer, note) in given.items():
        found[code] = {"answer": answer} if answer else {}
        found[code] |= {"note": note[:300]} if answer or note else {}
    return {code: said for code, said in found.items() if said}


def _mine(no: str, actor: Actor) -> Sheet:
    _require(actor)
    found: Sheet = visible_sheets(actor).select_for_update(of=("self",)).get(no=no)
    if found.finished_on:
        raise Refused("这份检查表已经办结，不能修改")
    return found


@transaction.atomic
def add_file(no: str, content: bytes, *, actor: Actor, on: date, title: str = "照片") -> SheetFile:
    """A photo or paper of the check is kept."""
    sheet = _mine(no, actor)
    sheet.version += 1  # what the second has signed is another content: he signs again
    sheet.save(update_fields=["version"])
    kept = attach(
        SUBJECT, sheet.no, "photo", content, title=title, village_id=sheet.village_id,
        office_id=sheet.office_id, actor=actor,
    )  # fmt: skip
    return SheetFile.objects.create(sheet=sheet, attachment=kept, added_on=on)


@transaction.atomic
def record_call(no: str, result: str, note: str, *, actor: Actor, on: date) -> Call:
    """One attempt to call is kept. After three in vain the household is to be replaced (10)."""
    sheet = _mine(no, actor)
    if sheet.kind != "PHONE":
        raise Refused("只有电话抽查登记拨打记录")
    if result not in CALLS:
        raise Refused("请选择拨打结果")
    if any(c.result == "ANSWERED" for c in sheet.calls.all()):
        raise Refused("已经接通过，请填写答案")
    row = Call.objects.create(
        sheet=sheet, at=now(), number_tail=_phone_tail(sheet), result=result, note=note[:200],
        called_by_id=actor.human_id,
    )  # fmt: skip
    _tell(sheet, "call", actor, on, {"result": result})
    return row


def _phone_tail(sheet: Sheet) -> str:
    return sheet.item.household.phone_tail if sheet.item else ""


def is_given_up(sheet: Sheet) -> bool:
    """Whether the number does not exist, or three calls were in vain."""
    results = [call.result for call in sheet.calls.all()]
    if "ANSWERED" in results:
        return False
    return "EMPTY" in results or "REFUSED" in results or len(results) >= MOST_CALLS


@transaction.atomic
def give_up_call(no: str, *, actor: Actor, on: date) -> SampleItem:
    """Nobody is reached: the next of the drawn order comes in; the empty sheet stays (10)."""
    sheet = _mine(no, actor)
    if sheet.item is None or not is_given_up(sheet):
        raise Refused(f"还可以再打：空号、拒答，或者 {MOST_CALLS} 次没有接通以后才能换样")
    reasons = "、".join(CALLS[c.result] for c in sheet.calls.order_by("id"))
    sheet.verdict, sheet.checked_on, sheet.finished_on = "NONE", on, on
    sheet.summary = f"没有接通：{reasons}"
    sheet.save()
    return exchange(sheet.item, f"没有接通：{reasons}", actor=actor, on=on)


def content_of(sheet: Sheet) -> dict[str, Any]:
    """What the checkers' signatures cover."""
    return {
        "subject": SUBJECT,
        "no": sheet.no,
        "kind": sheet.kind,
        "checked_on": sheet.checked_on.isoformat() if sheet.checked_on else "",
        "answers": sheet.answers,
        "verdict": sheet.verdict,
        "summary": sheet.summary,
        "files": sorted(sheet.files.values_list("attachment__sha256", flat=True)),
    }


@transaction.atomic
def cosign(no: str, *, actor: Actor, on: date, proof: Proof) -> Sheet:
    """The second checker has signed what was found. Raises Refused for the first one."""
    sheet = _mine(no, actor)
    if sheet.checked_by_id == actor.human_id:
        raise Refused("第二检查人须是另一人，请由他签字")
    refuse_own_unit(actor.human_id, (sheet.office_id, sheet.village_id), on)
    if lack := _lack(sheet):
        raise Refused(lack)
    sheet.second_id = actor.human_id
    sheet.save(update_fields=["second"])
    sign(SUBJECT, sheet.no, "second", content_of(sheet), actor=actor, proof=proof,
         round=sheet.version)  # fmt: skip
    _tell(sheet, "cosign", actor, on, {})
    return sheet


def _lack(sheet: Sheet) -> str:
    """Why the sheet is not whole; "" when it is."""
    kind = KINDS[sheet.kind]
    if sheet.kind == "PHONE" and not sheet.calls.filter(result="ANSWERED").exists():
        return "还没有接通，请先登记拨打记录"
    if sheet.kind == "PHONE" and not sheet.consented:
        return "" if sheet.verdict else "请选择判定"
    open_ones = [q.text for q in kind.questions if "answer" not in sheet.answers.get(q.code, {})]
    if open_ones:
        return f"还有 {len(open_ones)} 项没有填：{open_ones[0]}"
    bare = [
        q.text for q in kind.questions
        if sheet.answers[q.code]["answer"] in q.bad and not sheet.answers[q.code]["note"]
    ]  # fmt: skip
    if bare and kind.two:
        return f"“{bare[0]}”不符合，请写明情况"
    return "" if sheet.verdict else "请选择判定"


@transaction.atomic
def finish(no: str, *, actor: Actor, on: date, proof: Proof) -> Sheet:
    """The sheet is signed and closed; what is not as it should be stands as findings.

    Raises Refused while something is open, or the second signature does not cover what stands.
    """
    sheet = _mine(no, actor)
    kind = KINDS[sheet.kind]
    if sheet.checked_by_id != actor.human_id:
        raise Refused("请由检查人签字办结")
    refuse_own_unit(actor.human_id, (sheet.office_id, sheet.village_id), on)
    if lack := _lack(sheet):
        raise Refused(lack)
    if kind.two and not _second_covers(sheet):
        raise Refused("还没有第二检查人对现在内容的签字，请先由他签字")
    sign(SUBJECT, sheet.no, "check", content_of(sheet), actor=actor, proof=proof,
         round=sheet.version)  # fmt: skip
    sheet.finished_on = on
    sheet.save()
    if sheet.item:
        SampleItem.objects.filter(pk=sheet.item.pk).update(state=SampleItem.State.DONE)
    found = [register(r, actor=actor, on=on).no for r in _found(sheet, kind)]
    if sheet.kind == "RECHECK" and sheet.case:
        _keep_recheck(sheet, found, actor, on)
    _tell(sheet, "finish", actor, on, {"verdict": sheet.verdict, "findings": found})
    return sheet


def _second_covers(sheet: Sheet) -> bool:
    mine = Signature.objects.filter(subject_kind=SUBJECT, subject_key=sheet.no, stage="second")
    latest = mine.order_by("-id").first()
    return latest is not None and covers(latest, content_of(sheet))


def _found(sheet: Sheet, kind: SheetKind) -> list[Registered]:
    """Each answer that is not as it should be, and a wrong recognition, as findings."""
    subject = _subject(sheet)
    found = []
    for question in kind.questions:
        given = sheet.answers.get(question.code)
        if given and given.get("answer") in question.bad:
            words = f"：{given['note']}" if given["note"] else ""
            said = question.answers[given["answer"]]
            text = f"{question.text}（{said}）{words}"
            found.append(_registered(sheet, question.code, question.cites, text, subject, "M"))
    if sheet.verdict == "WRONG":
        text = f"{kind.label}判定认定不准：{sheet.summary}"
        found.append(_registered(sheet, "VERDICT", "18(4)", text, subject, "H"))
    return found


def _registered(
    sheet: Sheet, mark: str, cites: str, text: str, subject: tuple[str, str], severity: str
) -> Registered:
    return Registered(
        source=sheet.kind, severity=severity, cites=cites, subject_kind=subject[0],
        subject_key=subject[1], what=text, office_id=sheet.office_id, origin_kind=SUBJECT,
        origin_key=sheet.no, mark=mark, evidence={"sheet": sheet.no, "question": mark},
    )  # fmt: skip


def _subject(sheet: Sheet) -> tuple[str, str]:
    if sheet.case:
        return "case", sheet.case.no
    if sheet.benefit:
        return "benefit", sheet.benefit.key
    return "office", sheet.office.code


def _keep_recheck(sheet: Sheet, found: list[str], actor: Actor, on: date) -> None:
    assert sheet.case is not None
    if sheet.case.rechecked_on is not None:
        return
    checker = actor.name
    words = sheet.summary or ("没有发现问题" if not found else f"发现 {len(found)} 项")
    recheck(
        sheet.case.no,
        BureauFinding(
            checked_on=sheet.checked_on or on, checkers=checker, is_sound=not found,
            finding=words[:500],
        ),
        actor=actor,
        on=on,
    )  # fmt: skip


def _tell(sheet: Sheet, code: str, actor: Actor, on: date, body: Mapping[str, Any]) -> None:
    record(SUBJECT, sheet.no, code, actor=actor, on=on, unit_id=sheet.district_id, body=dict(body))
