from attendance_mis.models import School
from attendance_mis.schedule import school_task
from letters.actions import messages, rendering


@school_task
def send_messages(school_id: int) -> None:
    messages.send_due(school=School.objects.get(pk=school_id))


@school_task
def ask_what_became(school_id: int) -> None:
    messages.ask_what_became(school=School.objects.get(pk=school_id))


@school_task
def render_letters(school_id: int) -> None:
    rendering.render_due(school=School.objects.get(pk=school_id))
