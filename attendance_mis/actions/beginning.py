"""A school begins, with the person who will run it."""

from django.db import connection, transaction
from django.http import HttpResponse
from django.urls import reverse

from attendance_mis.actions.people import record_person
from attendance_mis.actions.refusing import Refused
from attendance_mis.actions.signing_in import prove, sign_in
from attendance_mis.beginning import Beginning
from attendance_mis.models import Membership, School, Trust, User
from attendance_mis.permissions import Role
from attendance_mis.requests import Request


def begin_school(
    request: Request, *, beginning: Beginning, school_name: str, name: str, email: str, password: str, **facts: str
) -> HttpResponse:
    """Add a school, `facts` being its fields, with its first technician, and sign her in; where she goes now.

    Raises `Refused` when the link was spent meanwhile, and when the address has an account of another password.
    """
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is not None:
        prove(request, email=email, password=password)
    with transaction.atomic():
        with connection.cursor() as cursor:  # a link is good for one school, whoever opened it twice
            cursor.execute(f"LOCK TABLE {School._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        if beginning.is_spent:
            raise Refused(["This link was used meanwhile. Whoever runs the server makes another."])
        user = user or User.objects.create_user(email, name, password)
        trust = Trust.objects.get_or_create(name=beginning.trust)[0] if beginning.trust else None
        school = School.objects.create(trust=trust, name=school_name, begun_with=beginning.link, **facts)
        membership = Membership.objects.create(
            user=user, school=school, role=Role.TECHNICIAN, position=Role.TECHNICIAN.label
        )
        said = f"Began the school {school.name} with {user.name} as its technician."
        record_person("begin_school", membership, membership.actor(), said)
    return sign_in(request, email=email, password=password, then=reverse("home", args=[school.urn]))
