"""`{% table_files "stages" %}` below the table with that id: the links that give it as a file."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from attendance_mis.requests import FILE

register = template.Library()


@register.simple_tag(takes_context=True)
def table_files(context: template.Context, table_id: str) -> SafeString:
    """The same page with the same filters, all its rows, as CSV or a spreadsheet; nothing where no page is (a PDF).

    A page answers `?file=` by itself (`middleware.TableFileMiddleware`).
    """
    request = getattr(context, "request", None)
    if request is None or request.method != "GET":
        return SafeString()
    query = request.GET.copy()
    query.pop("page", None)
    links = []
    for kind in ("csv", "xlsx"):
        query[FILE] = f"{table_id}.{kind}"
        links.append(f"?{query.urlencode()}")
    about = table_id.replace("-", " ")
    return format_html(
        '<p class="govuk-body app-small app-screen">This table as '
        '<a class="govuk-link" href="{}">CSV<span class="govuk-visually-hidden">: {}</span></a>, '
        '<a class="govuk-link" href="{}">spreadsheet<span class="govuk-visually-hidden">: {}</span></a></p>',
        links[0], about, links[1], about,
    )  # fmt: skip
