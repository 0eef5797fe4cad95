"""Shapes of the statistics; no logic. Amounts are whole fen; no personal data."""

from rest_framework import serializers


class StatValueSerializer(serializers.Serializer[object]):
    """One figure of one group. `value` is a share, a count or fen; null where it is suppressed or
    where there is nothing to divide by."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # a field, not the label of one
    unit = serializers.CharField(help_text="share、fen，或者件、户、人等")
    group = serializers.CharField(allow_blank=True, help_text="单位代码、类别或月份；不分组时为空")
    group_label = serializers.CharField(allow_blank=True)
    value = serializers.FloatField(allow_null=True)
    numerator = serializers.IntegerField(allow_null=True)
    denominator = serializers.IntegerField(allow_null=True)
    suppressed = serializers.BooleanField(help_text="基数太小，不提供数值")
    cites = serializers.CharField(help_text="《办法》条款")


class StatsSerializer(serializers.Serializer[object]):
    """A group of figures with what it was asked for and when."""

    group = serializers.CharField()
    first = serializers.DateField()
    last = serializers.DateField()
    by = serializers.CharField(allow_blank=True)
    office = serializers.CharField(allow_blank=True)
    programme = serializers.CharField(allow_blank=True)
    as_of = serializers.DateField()
    rule_version = serializers.CharField()
    values = StatValueSerializer(many=True)
