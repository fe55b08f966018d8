from django.db import migrations, models

from attendance_mis.database import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("attendance_mis", "0012_webhooks"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="tokenuse", name="token_use_once_a_day"),
        migrations.AlterModelOptions(name="tokenuse", options={"base_manager_name": "objects"}),
        migrations.AlterField(
            model_name="tokenuse", name="id", field=models.BigAutoField(primary_key=True, serialize=False)
        ),
        migrations.AlterField(model_name="tokenuse", name="times", field=models.PositiveIntegerField(default=1)),
        migrations.RenameField(model_name="tokenuse", old_name="last_at", new_name="at"),
        migrations.AddIndex(
            model_name="tokenuse", index=models.Index(fields=["school", "token", "-day"], name="uses_of_token")
        ),
        append_only("attendance_mis_tokenuse"),
    ]
