"""The interface for partners, declared: what each address takes, gives and wants (see `attendance_mis.api`)."""

from attendance_mis.api.door import Asked, Endpoint, Page
from attendance_mis.api.fields import MOMENT, TEXT, Field, one_of
from attendance_mis.models import School, Scope
from registers import share, summaries
from registers.api.marks import marks
from registers.api.parameters import GroupsForm, MarksForm, PagedForm, RangeForm
from registers.api.pupils import FIELDS as PUPIL_FIELDS
from registers.api.pupils import pupils
from registers.api.summaries import group_summaries, pupil_summaries

BASE = "/api/v1/"
TITLE = "School attendance for partners"
SAYS = (
    "Read-only. A token opens one school; the school asks for it, its head opens it. Follow “cursor” while “more” is "
    "true; keep the last cursor and ask with it again for what changed since. A row may come twice: take the newest."
)


def school(asked: Asked) -> Page:
    """The one school that the token opens."""
    held, token = asked.school, asked.token
    row = {
        "urn": held.urn,
        "laestab": held.laestab,
        "name": held.name,
        "phase": held.phase,
        "timezone": held.timezone,
        "partner": token.partner,
        "scopes": token.scopes,
        "expires_at": token.expires_at.astimezone(held.zone),
    }
    return Page([row])


ENDPOINTS = (
    Endpoint(
        name="school",
        path="school",
        title="The school and the token",
        says="Which school the token opens, what it may read, and until when. Every token opens it.",
        answer=school,
        fields=(
            Field("urn", TEXT, "Unique reference number."),
            Field("laestab", TEXT, "Local authority and establishment number."),
            Field("name", TEXT, "Name of the school."),
            Field("phase", one_of(School.Phase.values), "Phase of education."),
            Field("timezone", TEXT, "The school's time zone."),
            Field("partner", TEXT, "Whose token it is."),
            Field("scopes", {"type": "array", "items": one_of(Scope.values)}, "What it may read."),
            Field("expires_at", MOMENT, "When it ends."),
        ),
    ),
    Endpoint(
        name="marks",
        path="marks",
        title="Marks and their changes",
        says="Marks as the daily share has them. First those there are, pupil by pupil; then, by the same cursor, "
        "those entered, changed or taken back since that reading began, at most a minute after they were.",
        answer=marks,
        fields=share.FIELDS,
        scope=Scope.MARKS,
        form=MarksForm,
        pages=True,
    ),
    Endpoint(
        name="pupils",
        path="pupils",
        title="Pupils",
        says="The core of the admission register, leavers among them. First everybody; then, by the same cursor, "
        "whoever changed since.",
        answer=pupils,
        fields=PUPIL_FIELDS,
        scope=Scope.PUPILS,
        form=PagedForm,
        pages=True,
    ),
    Endpoint(
        name="pupil_summaries",
        path="summaries/pupils",
        title="Attendance by pupil",
        says="The sums of a range of days, a row a pupil in order of UPN, in one page.",
        answer=pupil_summaries,
        fields=summaries.PUPIL_FIELDS,
        scope=Scope.SUMMARIES,
        form=RangeForm,
    ),
    Endpoint(
        name="group_summaries",
        path="summaries/groups",
        title="Attendance by year, class or group",
        says="The sums of a range of days, a row a group, in one page. Small numbers are not hidden.",
        answer=group_summaries,
        fields=summaries.GROUP_FIELDS,
        scope=Scope.SUMMARIES,
        form=GroupsForm,
    ),
)
