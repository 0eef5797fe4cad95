"""流水凭证 of clause 15: after payment one 低保 and one 特困 recipient of each office are drawn."""

from django.db import models
from django.db.models import Q

from yuquan_relief.kernel.models import Attachment

from .line import PayoutLine
from .paper import Paper, known_states

FAMILIES = {"ALLOWANCE": "低保", "DESTITUTE": "特困"}


class FlowProof(Paper):
    """One recipient of a month, drawn by a recorded seed out of a recorded frame (15).

    Anybody can draw again: of the `frame_count` lines paid to that family in that office and month,
    in the order of their ids, the one at `place` = int(sha256(seed), 16) mod frame_count.
    """

    SUBJECT = "proof"

    month = models.DateField("发放月")
    family = models.CharField("类别", max_length=10, choices=list(FAMILIES.items()))
    line = models.ForeignKey(PayoutLine, models.PROTECT, related_name="proofs")
    seed = models.CharField("种子", max_length=80)
    frame_count = models.PositiveIntegerField("抽取范围笔数")
    frame_sha256 = models.CharField("抽取范围摘要", max_length=64)
    place = models.PositiveIntegerField("抽中位置")

    class Meta:
        verbose_name = verbose_name_plural = "流水凭证"
        constraints = [
            known_states("proof", "proof_known_state"),
            models.UniqueConstraint(
                fields=["office", "month", "family"], name="proof_once_a_month"
            ),
            models.CheckConstraint(
                condition=Q(place__lt=models.F("frame_count"), month__day=1), name="proof_in_frame"
            ),
        ]


class ProofFile(models.Model):
    """One page of flow or voucher. Append-only; what came back is followed by a better one."""

    KINDS = {"FLOW": "银行流水", "VOUCHER": "支付凭证"}

    proof = models.ForeignKey(FlowProof, models.PROTECT, related_name="files")
    kind = models.CharField("种类", max_length=10, choices=list(KINDS.items()))
    attachment = models.OneToOneField(Attachment, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField("轮次")
    added_on = models.DateField("上传日期")

    class Meta:
        verbose_name = verbose_name_plural = "流水凭证文件"

    def __str__(self) -> str:
        return f"{self.proof_id} {self.kind}"
