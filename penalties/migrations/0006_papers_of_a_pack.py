import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import attendance_mis.tenancy
from attendance_mis.database import same_school


class Migration(migrations.Migration):
    dependencies = [
        ("attendance_mis", "0006_authorisation"),
        ("penalties", "0005_authorised_signer"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="packitem",
            name="document",
            field=attendance_mis.tenancy.SameSchoolKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="penalties.document",
            ),
        ),
        same_school("penalties_packitem", "document_id", "penalties_document"),
        migrations.AddField(
            model_name="packitem",
            name="received",
            field=models.CharField(blank=True, help_text="Name and SHA-256 of the file as it came.", max_length=300),
        ),
        migrations.AlterField(
            model_name="packitem",
            name="text",
            field=models.TextField(blank=True),
        ),
        migrations.AddConstraint(
            model_name="packitem",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("text", ""), _negated=True), ("document__isnull", False), _connector="OR"),
                name="pack_item_says_something",
            ),
        ),
    ]
