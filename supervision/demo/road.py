"""Driving one demo case through the operations, step by planned step."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.timezone import get_default_timezone

from cases.models import Case, IncomeLine, Notice, Objection
from cases.operations import (
    applications,
    decisions,
    destitution,
    investigation,
    notices,
    relief,
    settlement,
)
from cases.operations.steps import perform
from cases.rules.destitution import SELF_CARE
from yuquan_relief.kernel.operations.attachments import attach

from .families import family
from .photos import photo
from .schedule import Planned
from .staff import Cast, Desk

PAPERS = {"id_card": "身份证", "household_book": "户口簿", "authorisation": "核对授权书"}
OF_PROGRAMME = {
    "DESTITUTE": {"statement": "书面声明"},
    "EXPENSE_RELIEF": {"cost_proof": "支出凭据"},
    "URGENT_RELIEF": {"event_proof": "急难情形证明"},
}
EXTRA = {"bank_card": "银行账户复印件", "income_proof": "收入证明"}
REFUSAL = "公示期间核实，户主名下有经营性用房一处，家庭财产超过规定，不符合低保条件。"


@dataclass(frozen=True, kw_only=True)
class Household:
    """Whose case it is and who works on it."""

    serial: int
    desk: Desk
    village: int  # 0 or 1: which of the desk's two villages
    programme: str
    seed: int

    def login(self, suffix: str) -> str:
        """The login of a person of the office."""
        return f"{self.desk.prefix}_{suffix}"

    @property
    def clerk(self) -> str:
        """The clerk of the household's village."""
        return self.login(f"jingban{self.village + 1}")

    @property
    def head(self) -> str:
        """The head of the committee of the household's village."""
        return self.login(f"zhuren{self.village + 1}")


class Road:
    """One case on its way. Each planned step has a method of its name, or is taken plainly."""

    def __init__(self, cast: Cast, whose: Household) -> None:
        self.cast = cast
        self.whose = whose
        self.no = ""

    def drive(self, plan: list[Planned]) -> str:
        """Every step of the plan has been taken on its day; the number of the case."""
        for step in plan:
            take: Callable[[date], None] | None = getattr(self, step.code, None)
            if take is None:
                perform(self.no, step.code, actor=self.cast[self.staff], on=step.on)
            else:
                take(step.on)
        return self.no

    @property
    def staff(self) -> str:
        return self.whose.login("banshi2")

    @property
    def case(self) -> Case:
        return Case.objects.select_related("household").get(no=self.no)

    def submit(self, on: date) -> None:
        clerk = self.cast[self.whose.clerk]
        data = family(
            self.whose.serial, self.whose.programme, clerk.unit_name, seed=self.whose.seed
        )
        case = applications.submit(
            data,
            submission_key=f"demo-{self.whose.seed}-{self.whose.serial}",
            actor=clerk,
            on=on,
        )
        self.no = case.no
        extra = EXTRA if self.whose.serial % 3 == 0 else {}
        own = next((d for k, d in OF_PROGRAMME.items() if self.whose.programme.endswith(k)), {})
        for slot, title in {**PAPERS, **own, **extra}.items():
            self._attach(slot, title, "paper", title)

    def request_corrections(self, on: date) -> None:
        investigation.request_corrections(
            self.no,
            items="户口簿缺少户主页，请补拍；收入证明请写明月收入并由单位盖章。",
            actor=self.cast[self.staff],
            on=on,
        )

    def resubmit(self, on: date) -> None:
        self._attach("household_book", "户口簿（户主页）", "paper", "户口簿户主页")
        perform(self.no, "resubmit", actor=self.cast[self.whose.clerk], on=on)

    def decline(self, on: date) -> None:
        note = "申请人户籍和经常居住地均不在本区，已告知向户籍地乡镇申请。"
        perform(self.no, "decline", actor=self.cast[self.staff], on=on, note=note)

    def request_means_check(self, on: date) -> None:
        investigation.request_means_check(self.no, actor=self.cast[self.staff], on=on)

    def record_survey(self, on: date) -> None:
        self._attach("survey_photo", "入户照片（房屋外景）", "house", f"入户调查 {on}")
        self._attach("survey_photo", "入户照片（与户主交谈）", "meeting", f"入户调查 {on}")
        findings = investigation.SurveyFindings(
            visited_on=on,
            present=self.case.household.head_name,
            housing="自有住房一套，约六十平方米，砖混结构，装修简单",
            living="家中有电视、冰箱，无贵重物品；户主常年服药",
            neighbours="走访左右邻居两户，反映情况与申请一致",
            is_true=True,
        )
        clerk = self.whose.clerk
        investigation.record_survey(
            self.no, findings, actor=self.cast[clerk], on=on, proof=self.cast.proof(clerk)
        )

    def cosign_survey(self, on: date) -> None:
        who = self.whose.login("banshi1")
        investigation.cosign_survey(
            self.no, actor=self.cast[who], on=on, proof=self.cast.proof(who)
        )

    def return_means_check(self, on: date) -> None:
        report = investigation.MeansReport(
            report_no=f"HD{on:%Y%m}{self.whose.serial:04d}",
            data_upto=on - timedelta(days=5),
            valid_until=on + timedelta(days=180),
            conclusion="WITHIN",
            lines=[
                investigation.CheckedIncome(
                    member_id=line.member_id,
                    kind=line.kind,
                    annual_fen=line.declared_fen + (60000 if self._differs(line) else 0),
                )
                for line in self._lines()
            ],
        )
        investigation.return_means_check(self.no, report, actor=self.cast["qu_hedui"], on=on)

    def settle_income(self, on: date) -> None:
        adopted = [
            settlement.Adopted(
                line_id=line.pk, adopted_fen=line.checked_fen or 0, is_counted=line.is_counted
            )
            for line in self._lines()
        ]
        adoption = settlement.Adoption(lines=adopted)
        settlement.settle_income(self.no, adoption, actor=self.cast[self.staff], on=on)

    def assess_self_care(self, on: date) -> None:
        able = frozenset(list(SELF_CARE)[self.whose.serial % 5 :])
        found = destitution.Assessed(assessed_on=on, assessor="演练评估机构", able=able)
        destitution.assess_self_care(self.no, found, actor=self.cast[self.whose.clerk], on=on)

    def settle_standing(self, on: date) -> None:
        standing = destitution.Standing(
            labour_ground="AGE60",
            property_ok=True,
            support="SCATTERED",
            lines=[
                settlement.Adopted(
                    line_id=x.pk, adopted_fen=x.checked_fen or 0, is_counted=x.is_counted
                )
                for x in self._lines()
            ],
            obligors=[
                destitution.JudgedObligor(obligor_id=o.pk, ground=o.ground)
                for o in self.case.obligors.all()
            ],
        )
        destitution.settle_standing(self.no, standing, actor=self.cast[self.staff], on=on)

    def settle_relief(self, on: date) -> None:
        proposed = relief.ProposedSum(amount_fen=800_000, special="演练：区协调会议定")
        relief.settle_relief(self.no, proposed, actor=self.cast[self.staff], on=on)

    def relieve_first(self, on: date) -> None:
        who = self.whose.login("banshi1")
        leader = self.cast[self.whose.login("lingdao")]
        agreed = relief.Agreed(
            amount_fen=200_000,
            approver_id=leader.human_id,
            how="PHONE",
            approved_at=datetime.combine(on, time(0, 30), tzinfo=get_default_timezone()),
            reason="夜间失火，全家无处住宿",
        )
        relief.relieve_first(
            self.no, agreed, actor=self.cast[who], on=on, proof=self.cast.proof(who)
        )

    def hand_over(self, on: date) -> None:
        urgent = self.whose.programme == "URGENT_RELIEF"
        handed = relief.Handed(
            handed_on=on,
            method="CASH" if urgent else "BANK",
            amount_fen=200_000 if urgent else 800_000,
            receiver=self.case.household.head_name,
            cash_reason="夜间银行已下班" if urgent else "",
            receipt=photo("paper", "领款签收单", seed=self._seed("receipt")) if urgent else None,
        )
        relief.hand_over(self.no, handed, actor=self.cast[self.staff], on=on)

    def record_appraisal(self, on: date) -> None:
        against = self.whose.serial % 3
        meeting = investigation.Meeting(
            held_on=on,
            place="村（居）委会会议室",
            host=self.cast[self.whose.head].name,
            expected=11,
            attended=10,
            agree=10 - against,
            oppose=against,
            abstain=0,
            opinion="家庭情况属实，生活确有困难。",
        )
        clerk = self.cast[self.whose.clerk]
        self._attach("appraisal_photo", "评议现场照片", "meeting", f"民主评议 {on}")
        investigation.record_appraisal(self.no, meeting, actor=clerk, on=on)

    def sign_appraisal(self, on: date) -> None:
        head = self.whose.head
        proof = self.cast.proof(head, "评议程序符合规定，情况属实。")
        investigation.sign_appraisal(self.no, actor=self.cast[head], on=on, proof=proof)

    def post_review_notice(self, on: date) -> None:
        self._post("post_review_notice", on)

    def post_approval_notice(self, on: date) -> None:
        self._post("post_approval_notice", on)

    def close_review_notice(self, on: date) -> None:
        notices.close_notice(self.no, on=on)

    close_approval_notice = close_review_notice

    def object(self, on: date) -> None:
        notice = Notice.objects.filter(case__no=self.no).latest("id")
        notices.record_objection(
            notice.no,
            channel="电话",
            content="群众反映该户成年子女在外地有稳定收入，申报时没有写明。",
            actor=self.cast[self.whose.clerk],
            on=on,
        )

    def dismiss_objection(self, on: date) -> None:
        objection = Objection.objects.filter(notice__case__no=self.no).latest("id")
        notices.dismiss_objection(
            objection.pk,
            answer="已入户并电话核实：该子女三年前分户单独生活，收入已按赡养费计入，异议不成立。",
            actor=self.cast[self.staff],
            on=on,
        )

    def uphold_objection(self, on: date) -> None:
        note = "经核实，申报时漏报一名成年子女的赡养费，异议成立，重新调查核算。"
        notices.uphold_objection(self.no, note=note, actor=self.cast[self.staff], on=on)

    def propose(self, on: date) -> None:
        proof = self.cast.proof(self.staff, "调查、评议、公示程序完整，建议批准。")
        decisions.propose(self.no, actor=self.cast[self.staff], on=on, proof=proof)

    def approve(self, on: date) -> None:
        leader = self.whose.login("lingdao")
        proof = self.cast.proof(leader, "同意按审核意见办理。")
        decisions.approve(self.no, actor=self.cast[leader], on=on, proof=proof)

    def refuse(self, on: date) -> None:
        leader = self.whose.login("lingdao")
        decisions.refuse(
            self.no,
            ground="PROPERTY",
            note=REFUSAL,
            actor=self.cast[leader],
            on=on,
            proof=self.cast.proof(leader, "不予批准。"),
        )

    def send_back(self, on: date) -> None:
        note = "请补充户主住院病历，并说明医疗支出的报销情况。"
        leader = self.cast[self.whose.login("lingdao")]
        decisions.send_back(self.no, note=note, actor=leader, on=on)

    def serve_letter(self, on: date) -> None:
        decisions.serve_letter(
            self.no,
            served_on=on,
            method="DIRECT",
            receiver=self.case.household.head_name,
            actor=self.cast[self.staff],
            on=on,
        )

    def _post(self, code: str, on: date) -> None:
        notices.post_notice(
            self.no,
            code,
            place=f"{self.cast[self.whose.clerk].unit_name}公示栏",
            photo=photo("board", f"公示张贴 {on}", seed=self._seed(f"{code}{on}")),
            actor=self.cast[self.whose.clerk],
            on=on,
        )

    def _attach(self, slot: str, title: str, kind: str, caption: str) -> None:
        case = Case.objects.only("village_id", "office_id").get(no=self.no)
        attach(
            "case",
            self.no,
            slot,
            photo(kind, f"{caption} {self.whose.serial:04d}号", seed=self._seed(title)),
            title=title,
            village_id=case.village_id,
            office_id=case.office_id,
            actor=self.cast[self.whose.clerk],
        )

    def _lines(self) -> list[IncomeLine]:
        return list(IncomeLine.objects.filter(case__no=self.no).order_by("id"))

    def _differs(self, line: IncomeLine) -> bool:
        return self.whose.serial % 4 == 0 and line.kind == "WAGES"

    def _seed(self, text: str) -> int:
        return self.whose.serial * 1000 + sum(map(ord, text))
