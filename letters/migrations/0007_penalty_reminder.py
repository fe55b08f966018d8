from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0006_pdf_of_a_copy"),
    ]

    operations = [
        migrations.AlterField(
            model_name="letter",
            name="occasion",
            field=models.CharField(
                choices=[
                    ("first_day", "First-day absence without contact"),
                    ("unexplained_3", "Unexplained absence day 3"),
                    ("unexplained_5", "Unexplained absence day 5"),
                    ("concern", "Attendance concern"),
                    ("stage_1", "Stage 1"),
                    ("stage_2", "Stage 2"),
                    ("stage_3", "Stage 3"),
                    ("formal_warning", "Formal warning"),
                    ("meeting", "Meeting"),
                    ("improvement_meeting", "Attendance Improvement Meeting"),
                    ("lateness", "Lateness"),
                    ("illness", "Illness and medical evidence"),
                    ("meeting_notes", "Meeting notes or non-attendance"),
                    ("referral", "Referral to the welfare service"),
                    ("leave_granted", "Leave granted"),
                    ("leave_refused", "Leave refused"),
                    ("congratulation", "Improvement congratulated"),
                    ("report", "Half-termly report to parents"),
                    ("contract", "Attendance contract"),
                    ("notice_to_improve", "Notice to improve"),
                    ("penalty_warning", "Penalty warning"),
                    ("penalty_reminder", "Penalty reminder"),
                    ("legal_warning", "Legal action warning"),
                    ("return", "Return after long absence"),
                ],
                max_length=30,
            ),
        ),
        migrations.AlterField(
            model_name="lettertemplate",
            name="occasion",
            field=models.CharField(
                choices=[
                    ("first_day", "First-day absence without contact"),
                    ("unexplained_3", "Unexplained absence day 3"),
                    ("unexplained_5", "Unexplained absence day 5"),
                    ("concern", "Attendance concern"),
                    ("stage_1", "Stage 1"),
                    ("stage_2", "Stage 2"),
                    ("stage_3", "Stage 3"),
                    ("formal_warning", "Formal warning"),
                    ("meeting", "Meeting"),
                    ("improvement_meeting", "Attendance Improvement Meeting"),
                    ("lateness", "Lateness"),
                    ("illness", "Illness and medical evidence"),
                    ("meeting_notes", "Meeting notes or non-attendance"),
                    ("referral", "Referral to the welfare service"),
                    ("leave_granted", "Leave granted"),
                    ("leave_refused", "Leave refused"),
                    ("congratulation", "Improvement congratulated"),
                    ("report", "Half-termly report to parents"),
                    ("contract", "Attendance contract"),
                    ("notice_to_improve", "Notice to improve"),
                    ("penalty_warning", "Penalty warning"),
                    ("penalty_reminder", "Penalty reminder"),
                    ("legal_warning", "Legal action warning"),
                    ("return", "Return after long absence"),
                ],
                max_length=30,
            ),
        ),
    ]
