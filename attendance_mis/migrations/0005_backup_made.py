from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("attendance_mis", "0004_scheduled_runs")]

    operations = [
        migrations.CreateModel(
            name="BackupMade",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made_at", models.DateTimeField(help_text="The moment whose state it holds.")),
                ("name", models.CharField(help_text="The file's name, without its folder.", max_length=200)),
                ("size", models.BigIntegerField(help_text="In bytes.")),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={"ordering": ["-made_at", "-pk"]},
        ),
    ]
