"""Forms and tables: GOV.UK markup for every widget, hints and errors named by their field, a link for every fault."""

from datetime import date, time

import django_tables2 as tables
import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from lxml import html

from attendance_mis.rendering import DateInput


class Report(forms.Form):
    name = forms.CharField(help_text="As they gave it.")
    day = forms.DateField(initial=date(2025, 3, 11))
    at = forms.TimeField(initial=time(8, 55))
    code = forms.ChoiceField(choices=[("I", "Illness"), ("M", "Medical")])
    how = forms.ChoiceField(choices=[("c", "Call"), ("w", "Letter")], widget=forms.RadioSelect)
    sessions = forms.MultipleChoiceField(choices=[("AM", "AM"), ("PM", "PM")], widget=forms.CheckboxSelectMultiple)
    note = forms.CharField(max_length=50, widget=forms.Textarea, required=False)
    secret = forms.CharField(widget=forms.PasswordInput)
    file = forms.FileField(required=False)
    agreed = forms.BooleanField(help_text="By the headteacher.")
    own = forms.CharField(widget=forms.TextInput(attrs={"class": "mine"}), required=False)
    key = forms.CharField(widget=forms.HiddenInput)


def _render(form: forms.Form) -> html.HtmlElement:
    return html.fragment_fromstring(str(form), create_parent="div")


def test_every_field_has_its_class_and_its_label() -> None:
    page = _render(Report())
    for name, css in {
        "name": "govuk-input",
        "day": "govuk-input govuk-input--width-10",
        "code": "govuk-select",
        "note": "govuk-textarea govuk-js-character-count",
        "file": "govuk-file-upload",
        "agreed": "govuk-checkboxes__input",
        "own": "govuk-input mine",
    }.items():
        (field,) = page.xpath(f"//*[@name='{name}']")
        assert field.get("class") == css
        assert page.xpath(f"//label[@for='{field.get('id')}']")
    assert {field.get("class") for field in page.xpath("//*[@name='how']")} == {"govuk-radios__input"}
    assert {field.get("class") for field in page.xpath("//*[@name='sessions']")} == {"govuk-checkboxes__input"}
    assert not page.xpath("//*[@name='key']/@class")


def test_dates_and_times_are_native_and_iso() -> None:
    page = _render(Report())
    assert page.xpath("//*[@name='day'][@type='date']/@value") == ["2025-03-11"]
    assert page.xpath("//*[@name='at'][@type='time']/@value") == ["08:55"]
    assert isinstance(Report()["day"].field.widget, DateInput)
    assert type(Report.base_fields["day"].widget) is forms.DateInput


def test_a_long_note_is_counted_and_never_cut_off() -> None:
    page = _render(Report({"note": "x" * 51}))
    (note,) = page.xpath("//textarea")
    assert note.get("maxlength") is None
    assert "id_note-info" in note.get("aria-describedby")
    assert note.text.strip() == "x" * 51
    assert page.xpath("//*[@data-module='govuk-character-count']/@data-maxlength") == ["50"]


def test_every_fault_is_linked_to_its_field_and_named_by_it() -> None:
    form = Report({})
    page = _render(form)
    links = {link.get("href")[1:]: link.text for link in page.xpath("//*[contains(@class, 'error-summary')]//a")}
    assert links["id_name"] == "Name: Fill this in."
    assert links["id_how_0"] == "How: Choose one."
    for target in links:
        (field,) = page.xpath(f"//*[@id='{target}']")
        named = field.get("aria-describedby") or field.xpath("ancestor::fieldset[1]")[0].get("aria-describedby")
        assert all(page.xpath(f"//*[@id='{id_}']") for id_ in named.split())
        assert field.get("aria-invalid") == "true"
    assert page.xpath("//*[@name='name']/@class") == ["govuk-input govuk-input--error"]
    assert not page.xpath("//@required")
    assert page.xpath("//li[not(a)]")[-1].text_content() == "Fill this in."  # the hidden field


def test_only_optional_fields_say_so() -> None:
    page = _render(Report())
    optional = {label.get("for") for label in page.xpath("//label[contains(., '(optional)')]")}
    assert optional == {"id_note", "id_file", "id_own"}


class Pupils(tables.Table):
    name = tables.Column()
    absence = tables.Column(attrs={"td": {"class": "app-num"}})

    caption = "Pupils at risk"

    class Meta:
        empty_text = "No pupil is at risk."


def _table(rows: list[dict], **query: str) -> str:
    request = RequestFactory().get("/", query)
    table = Pupils(rows)
    tables.RequestConfig(request, paginate={"per_page": 2}).configure(table)
    return Template("{% load django_tables2 %}{% render_table table %}").render(
        Context({"table": table, "request": request})
    )


ROWS = [{"name": "<Zofia>", "absence": 3.5}, {"name": "Amina", "absence": 12.25}, {"name": "Rafe", "absence": 1}]


def test_a_table_sorts_pages_and_names_its_cells_on_a_phone() -> None:
    page = html.fromstring(_table(ROWS, sort="-absence", kind="O"))
    assert page.xpath("//th[@aria-sort]/@aria-sort") == ["descending"]
    assert page.xpath("//td/@data-label")[:2] == ["Name", "Absence"]
    assert [cell.text for cell in page.xpath("//td[@data-label='Name']")] == ["Amina", "<Zofia>"]
    assert page.xpath("//a[@rel='next']/@href") == ["?sort=-absence&kind=O&page=2"]
    assert page.xpath("string(//nav/span[@class='app-soft'])") == "1 to 2 of 3"


def test_an_empty_table_says_so_in_a_sentence() -> None:
    page = html.fromstring(_table([]))
    assert page.text_content().strip() == "No pupil is at risk."
    assert not page.xpath("//table")


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_nothing(name: str) -> None:
    assert "<h1" in render_to_string(f"{name}.html")
