"""Every procedure of supervision by its subject."""

from .bulletins import MENDING, REFERRAL
from .bulletins import PROCEDURE as BULLETIN
from .complaints import PROCEDURE as COMPLAINT
from .findings import PROCEDURE as FINDING
from .liability import PROCEDURE as LIABILITY
from .partners import CONTRACT, TASK
from .procedure import Procedure

PROCEDURES: dict[str, Procedure] = {
    procedure.subject: procedure
    for procedure in (
        FINDING, COMPLAINT, BULLETIN, MENDING, REFERRAL, LIABILITY, CONTRACT, TASK,
    )
}  # fmt: skip
