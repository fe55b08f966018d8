"""Who a session belongs to is read by one statement, and nothing of it outlives the request."""

import psycopg
import pytest
from django.db import connection
from django.template import Context, Template
from django.utils import timezone
from django.utils.safestring import mark_safe

from attendance_mis.models import Membership, User

pytestmark = pytest.mark.django_db


def test_a_person_and_all_she_is_are_read_by_one_statement(cast, django_assert_num_queries):
    from attendance_mis.signed_in import Backend

    user = cast.client("office").get("/account/").wsgi_request.user
    with django_assert_num_queries(1):
        found = Backend().get_user(user.pk)
        memberships = found.current_memberships()
        names = [(m.user.name, m.school.urn, m.school.am_register, m.school.address) for m in memberships]
    asked = Membership.objects.filter(user=user, ended_at=None).select_related("user", "school").order_by("pk")
    assert names == [(m.user.name, m.school.urn, m.school.am_register, m.school.address) for m in asked]
    assert found == user
    assert found.get_session_auth_hash() == user.get_session_auth_hash()


def test_a_role_that_ended_and_an_account_that_was_closed_end_at_the_next_request(cast):
    office = cast.client("office")
    page = f"/s/{cast.school.urn}/registers/"
    assert office.get(page).status_code == 200
    user = office.get("/account/").wsgi_request.user
    Membership.objects.filter(user=user).update(ended_at=timezone.now())
    assert office.get(page).status_code == 404
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert office.get(page).status_code == 302


def test_what_is_kept_of_a_page_sees_only_what_it_names():
    template = Template("{% load kept %}{% kept items %}{{ items|join:',' }}{{ person }}{% endkept %} {{ person }}")
    assert template.render(Context({"items": ["<a>", "b"], "person": "Ann"})) == "&lt;a&gt;,b Ann"
    assert template.render(Context({"items": ["<a>", "b"], "person": "Bob"})) == "&lt;a&gt;,b Bob"
    assert template.render(Context({"items": ["c"], "person": "Bob"})) == "c Bob"


def test_what_differs_from_page_to_page_fills_the_holes_of_what_is_kept():
    template = Template(
        "{% load kept %}{% kept is_open with name=user.name csrf_token %}"
        "{% if is_open %}{{ name }}{% else %}-{% endif %}{% csrf_token %}{{ user }}{% endkept %}"
    )
    field = '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'.format
    for name, token in (("<Ann>", "1a"), ("Bob", "2b")):
        context = Context({"is_open": True, "user": {"name": name}, "csrf_token": token})
        assert template.render(context) == name.replace("<", "&lt;").replace(">", "&gt;") + field(token)
    closed = Context({"is_open": False, "user": {"name": "Cem"}, "csrf_token": "3c"})
    assert template.render(closed) == "-" + field("3c")


@pytest.mark.parametrize("value", [object(), mark_safe("<b>"), [{"of": object()}]], ids=["a row", "HTML", "within"])
def test_only_plain_values_are_kept_by(value):
    with pytest.raises(TypeError, match="kept: name texts"):
        Template("{% load kept %}{% kept value %}{{ value }}{% endkept %}").render(Context({"value": value}))


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_opened_anew():
    assert connection.is_usable()
    with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": None}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    assert not connection.is_usable()
    connection.close()
    assert User.objects.count() == 0
