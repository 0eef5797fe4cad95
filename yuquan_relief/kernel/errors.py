"""The one business error that callers expect."""


class Refused(Exception):
    """An act that the rules do not allow now; `reason` is written for the person who tried.

    Web and API answer 409 with the reason; nothing has been changed.
    """

    def __init__(self, reason: str, *, code: str = "refused") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class ContentChanged(Refused):
    """What the signer saw is no longer what would be signed."""

    def __init__(self) -> None:
        super().__init__(
            "您打开后内容有变化，请看清变化的内容再签字（第四条“谁签字，谁负责”）",
            code="content_changed",
        )
