"""A save that somebody overtook undoes itself: what the one statement that enters marks calls then (decision 0043)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registers", "0011_keeping")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION registers_refuse_overtaken() RETURNS void LANGUAGE plpgsql AS $$
            BEGIN
              RAISE EXCEPTION 'Somebody else changed one of these marks meanwhile.' USING ERRCODE = '40001';
            END $$;
            """,
            "DROP FUNCTION registers_refuse_overtaken()",
        )
    ]
