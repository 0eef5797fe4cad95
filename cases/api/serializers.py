"""Shapes of the interface to cases; no logic."""

from rest_framework import serializers

from cases.models import Notice


class IncomeSerializer(serializers.Serializer[object]):
    """One declared income for a year, in yuan as text."""

    kind = serializers.CharField()
    annual = serializers.CharField()


class MemberSerializer(serializers.Serializer[object]):
    """One person of the household."""

    name = serializers.CharField()
    id_no = serializers.CharField()
    relation = serializers.CharField()
    counts_for_income = serializers.BooleanField(default=True)
    is_insured = serializers.BooleanField(default=True)
    incomes = IncomeSerializer(many=True, required=False)


class ApplicationSerializer(serializers.Serializer[object]):
    """An application. `key` makes a retry harmless: the same key gives the same case."""

    key = serializers.CharField(max_length=40)
    programme = serializers.CharField()
    phone = serializers.CharField()
    address = serializers.CharField()
    reason = serializers.CharField()
    bank = serializers.CharField()
    holder = serializers.CharField()
    account_kind = serializers.CharField(default="card")
    account_number = serializers.CharField()
    is_by_proxy = serializers.BooleanField(default=False)
    kin_declared = serializers.BooleanField(default=False)
    kin_note = serializers.CharField(required=False, allow_blank=True)
    members = MemberSerializer(many=True)


class DeadlineSerializer(serializers.Serializer[object]):
    """What is left of the time."""

    text = serializers.CharField()
    date_text = serializers.CharField()
    provisional = serializers.BooleanField()


class CaseRowSerializer(serializers.Serializer[object]):
    """One line of the list."""

    no = serializers.CharField()
    name = serializers.CharField()
    id_tail = serializers.CharField()
    programme = serializers.CharField()
    village = serializers.CharField()
    submitted_on = serializers.DateField(allow_null=True)
    state = serializers.CharField()
    deadline = DeadlineSerializer(allow_null=True)


class CasePageSerializer(serializers.Serializer[object]):
    """A page of the list."""

    rows = CaseRowSerializer(many=True)
    caption = serializers.CharField()
    next_url = serializers.CharField()
    previous_url = serializers.CharField()


class ActionSerializer(serializers.Serializer[object]):
    """An act of the caller's post, or why it cannot be taken now."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # a field named so
    why_not = serializers.CharField()
    clause = serializers.CharField()
    content_sha256 = serializers.CharField(
        help_text="须签字的环节：您读到的内容的摘要，签字时原样送回；不须签字的为空"
    )


class ObjectionSerializer(serializers.Serializer[object]):
    """An objection: its number for the answer, and whether there is one."""

    id = serializers.IntegerField(source="pk")
    received_on = serializers.DateField()
    answered_on = serializers.DateField(allow_null=True)


class NoticeSerializer(serializers.Serializer[object]):
    """A notice of the case."""

    no = serializers.CharField()
    kind = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    last_day_is_provisional = serializers.BooleanField()
    closed_on = serializers.DateField(allow_null=True)
    has_photo = serializers.SerializerMethodField()
    objections = ObjectionSerializer(many=True, source="objections.all")

    def get_has_photo(self, notice: Notice) -> bool:
        """Whether the proof of posting is there."""
        return notice.photo_id is not None


class MeansCheckSerializer(serializers.Serializer[object]):
    """A means check: its number for the report, and when it came."""

    id = serializers.IntegerField(source="pk")
    requested_on = serializers.DateField()
    returned_on = serializers.DateField(allow_null=True)


class IncomeLineSerializer(serializers.Serializer[object]):
    """An income: the numbers by which report and account name it."""

    id = serializers.IntegerField(source="pk")
    member = serializers.IntegerField(source="member_id")
    kind = serializers.CharField()


class CaseSerializer(serializers.Serializer[object]):
    """One case."""

    no = serializers.CharField()
    programme = serializers.CharField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    version = serializers.IntegerField()
    rule_set = serializers.CharField()
    submitted_on = serializers.DateField(allow_null=True)
    accepted_on = serializers.DateField(allow_null=True)
    decided_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    due_is_provisional = serializers.BooleanField()
    monthly_fen = serializers.IntegerField(allow_null=True)
    notices = NoticeSerializer(many=True)
    means_checks = MeansCheckSerializer(many=True)
    incomes = IncomeLineSerializer(many=True)
    actions = ActionSerializer(many=True)


class EventSerializer(serializers.Serializer[object]):
    """The event that an act left in the chain."""

    seq = serializers.IntegerField()
    action = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
