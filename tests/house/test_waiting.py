"""A test waits for what it wants to see: a browser's page is never asked what it shows at this instant."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
DRIVING = [
    path for path in sorted(TESTS.rglob("*.py")) if "journeys" in path.parts or "import playwright" in path.read_text()
]
# `expect(...)` says each of these and waits; `expect(page).to_have_url(...)`.
AT_ONCE = {
    *("is_visible", "is_hidden", "is_enabled", "is_disabled", "is_checked", "is_editable", "all", "count"),
    *("all_inner_texts", "all_text_contents", "query_selector", "query_selector_all", "title", "content"),
}
# They wait for the element, but not for what it will say.
READ = {"inner_text", "inner_html", "text_content", "input_value", "get_attribute", "evaluate", "url"}
NEVER = {"wait_for_timeout", "wait_for_function"}  # time proves nothing; a promise is true before it is kept
FINDERS = ("get_by_", "locator", "page")


def test_some_tests_drive_a_browser() -> None:
    assert len(DRIVING) > 15


@pytest.mark.parametrize("path", DRIVING, ids=lambda path: path.stem)
def test_no_page_is_asked_at_once(path: Path) -> None:
    assert [f"line {line}: {name}" for line, name in asked_at_once(ast.parse(path.read_text()))] == []


def asked_at_once(tree: ast.AST) -> Iterator[tuple[int, str]]:
    asserted = {id(node) for each in ast.walk(tree) if isinstance(each, ast.Assert) for node in ast.walk(each.test)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (
            node.attr in NEVER
            or (node.attr in AT_ONCE and _is_of_a_page(node.value))
            or (node.attr in READ and id(node) in asserted and _is_of_a_page(node.value))
        ):
            yield node.lineno, node.attr


def _is_of_a_page(node: ast.expr) -> bool:
    """What a locator or a page is asked, not a queryset."""
    said = ast.unparse(node)
    return ".objects" not in said and any(finder in said for finder in FINDERS)


@pytest.mark.parametrize(
    "line",
    [
        'assert page.get_by_role("heading").is_visible()',
        'assert page.locator("li").count() == 2',
        'for each in page.get_by_role("checkbox").all(): each.check()',
        'assert "Ada" in page.locator("h1").inner_text()',
        'assert page.url.endswith("/sign-in/")',
        'assert page.evaluate("document.activeElement.id") == "find"',
        "page.wait_for_timeout(500)",
        "page.wait_for_function('async () => (await caches.keys()).length')",
    ],
)
def test_it_is_found(line: str) -> None:
    assert list(asked_at_once(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    [
        'expect(page.get_by_role("heading")).to_be_visible()',
        "assert Page.objects.count() == 2",
        'assert rows(page.locator("tr").first) and Mark.objects.filter(day=day).count() == 2',
        'href = page.get_by_role("link").get_attribute("href")',
    ],
)
def test_what_waits_is_left_alone(line: str) -> None:
    assert not list(asked_at_once(ast.parse(line)))
