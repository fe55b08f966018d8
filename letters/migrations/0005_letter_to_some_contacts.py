import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0004_copy_reference_of_a_school"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="letter",
            name="one_proposal_an_occasion",
        ),
        migrations.AddField(
            model_name="letter",
            name="contacts",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(),
                blank=True,
                default=list,
                help_text="Who alone gets it; empty: every parent who should.",
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "proposed")),
                fields=("school", "pupil", "occasion", "contacts"),
                name="one_proposal_an_occasion",
            ),
        ),
    ]
