"""Shapes of the interface to lists; no logic. Amounts are whole fen."""

from rest_framework import serializers


class PayoutSerializer(serializers.Serializer[object]):
    """One list as the board shows it. `no` is empty while it has not been made."""

    no = serializers.CharField()
    name = serializers.CharField(source="slug")
    kind = serializers.CharField()
    title = serializers.CharField()
    office_code = serializers.CharField()
    office_name = serializers.CharField()
    programme = serializers.CharField()
    programme_label = serializers.CharField()
    state = serializers.CharField()
    state_label = serializers.CharField()
    households = serializers.IntegerField()
    persons = serializers.IntegerField()
    lines = serializers.IntegerField()
    total_fen = serializers.IntegerField()
    paid_fen = serializers.IntegerField()
    returned_count = serializers.IntegerField()
    returned_fen = serializers.IntegerField()
    available_fen = serializers.IntegerField()
    open_exceptions = serializers.IntegerField()
    pay_by = serializers.DateField(allow_null=True)
    is_late = serializers.BooleanField()
    version = serializers.IntegerField()
    content_sha256 = serializers.CharField()


class PayoutMonthSerializer(serializers.Serializer[object]):
    """The lists of a month in the caller's scope."""

    month = serializers.CharField()
    lists = PayoutSerializer(many=True)


class ResultExceptionSerializer(serializers.Serializer[object]):
    """A difference of the bank's answer; `id` names it in the verdict."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.CharField()
    row_number = serializers.IntegerField()
    detail = serializers.CharField()
    resolved_on = serializers.DateField(allow_null=True)


class PayoutStepSerializer(serializers.Serializer[object]):
    """What a step brings; each step reads what it needs."""

    version = serializers.IntegerField(required=False, min_value=0)
    sign_code = serializers.CharField(required=False, max_length=64, trim_whitespace=False)
    content_sha256 = serializers.RegexField("^[0-9a-f]{64}$", required=False)
    opinion = serializers.CharField(required=False, allow_blank=True, max_length=500)
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)
    name = serializers.CharField(required=False, max_length=100)
    content_base64 = serializers.CharField(required=False)
    file = serializers.FileField(required=False, allow_empty_file=True)


class PayoutActSerializer(serializers.Serializer[object]):
    """What is so after a step."""

    message = serializers.CharField()
    payout = PayoutSerializer()
