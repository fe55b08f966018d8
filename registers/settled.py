"""Which entries of the record can be handed out in order: none can still appear among them.

An entry's id is drawn before its transaction commits, so a slow save comes out behind later ones. Writers share the
gate of the logs from before they draw an id until they commit (`attendance_mis.seals`): while nobody holds it, every
entry there is can be seen; and what is sealed was seen in such a moment.
"""

from django.db import connection, transaction

from attendance_mis.audit import LOG_GATE
from attendance_mis.models import School
from attendance_mis.seals import last_sealed
from registers.models import Entry


def settled_entry(school: School) -> int:
    """The id up to which the school's entries are all there, now and for ever; 0 before the first.

    At most a tick of the clock behind: the gate is tried and not waited for, so that no writer waits for a reader.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s::int)", [LOG_GATE, school.pk])
        if cursor.fetchone()[0]:
            return newest_entry()
    return last_sealed(Entry._meta.db_table)


def newest_entry() -> int:
    """The highest id of an entry of the school in scope, settled or not; 0 without any."""
    return Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0
