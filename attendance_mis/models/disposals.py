"""The certificates of what was deleted: they stay when what they are about is gone."""

from django.db import models

from attendance_mis.models.audit import AppendOnlyLog


class Disposal(AppendOnlyLog):
    """What was deleted by a rule of retention, who approved it, and what proves that the rest is whole.

    `transaction` is PostgreSQL's number of the transaction that wrote this row: in that one, and in no other, the
    database lets rows of an append-only log go (`database.append_only_but_for_disposals`).
    """

    at = models.DateTimeField()
    number = models.PositiveIntegerField(help_text="Counts up at each school.")
    category = models.CharField(max_length=20)
    rule = models.TextField(help_text="In words, as it was on the day.")
    made_before = models.DateField(help_text="What was made on this day or later was kept.")
    removed = models.JSONField(help_text="Rows by kind.")
    left = models.JSONField(help_text="Rows by kind that are still held.")
    blocks = models.JSONField(default=list, help_text="The sealed blocks whose rows are gone.")
    approved_at = models.DateTimeField()
    approved_by_id = models.IntegerField(null=True)
    approved_by_name = models.CharField(max_length=100)
    approved_by_position = models.CharField(max_length=100)
    by_name = models.CharField(max_length=100)
    by_position = models.CharField(max_length=100)
    transaction = models.BigIntegerField()

    class Meta(AppendOnlyLog.Meta):
        constraints = [models.UniqueConstraint(fields=["school", "number"], name="disposal_number_once")]

    def __str__(self) -> str:
        return f"Certificate of deletion {self.number}"
