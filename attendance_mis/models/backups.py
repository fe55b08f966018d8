"""The backups that were made, so that a page can say how old the last one is."""

from django.db import models


class BackupMade(models.Model):
    """One encrypted file of the whole database and its files; of no school, because it holds them all."""

    made_at = models.DateTimeField(help_text="The moment whose state it holds.")
    name = models.CharField(max_length=200, help_text="The file's name, without its folder.")
    size = models.BigIntegerField(help_text="In bytes.")
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.name
