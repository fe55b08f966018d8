import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from attendance_mis.database import same_school


class Migration(migrations.Migration):
    dependencies = [
        ("attendance_mis", "0006_authorisation"),
        ("penalties", "0004_what_changed"),
        ("registers", "0009_certificates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="penaltynotice",
            name="authorisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="attendance_mis.authorisation",
            ),
        ),
        same_school("penalties_penaltynotice", "authorisation_id", "attendance_mis_authorisation"),
        migrations.AddConstraint(
            model_name="penaltynotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("issuer", "deputy or assistant headteacher"), ("source", "this school"), _negated=True),
                    ("authorisation__isnull", False),
                    _connector="OR",
                ),
                name="deputy_is_authorised",
            ),
        ),
    ]
