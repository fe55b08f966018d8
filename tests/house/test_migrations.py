"""A release serves beside the one before it on one schema (decision 0052): no migration takes from that one what it
reads, or asks of it what it does not write.

django-migration-linter reads the SQL of each migration. What a trigger or a CHECK newly refuses it cannot tell.
"""

import pytest
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser import PostgresqlAnalyser

from tests.house.test_upgrade import RELEASED

# Not to be served beside the version before: CHANGELOG.md says to stop that one first. None of them was ever released.
STOP_THE_OLD_ONE = {
    "attendance_mis.0007_sign_in": "sign-in was made anew: everybody signs in once more",
    "attendance_mis.0009_small_numbers": "a setting of schools that the version before does not write",
    "attendance_mis.0013_uses_only_grow": "the log of what partners read became one that only grows, and is sealed",
    "letters.0008_short_words_and_siblings": "a choice of letters that the version before does not write",
    "penalties.0004_what_changed": "the day of a threshold got the name of what it is",
    "penalties.0006_papers_of_a_pack": "a field of packs that the version before does not write",
    "registers.0014_marks_by_year": "the marks are laid apart by year",
}


def faults(*statements: str) -> list[str]:
    """What the version before cannot live with."""
    analyser = PostgresqlAnalyser([])
    analyser.analyse(statements)
    return [error.message for error in analyser.errors]


@pytest.fixture
def linter(db: None) -> MigrationLinter:
    return MigrationLinter(no_cache=True)


@pytest.mark.long
def test_an_upgrade_leaves_the_version_before_able_to_serve(linter: MigrationLinter) -> None:
    graph = linter.migration_loader.graph
    before = {each for node in RELEASED.items() for each in graph.forwards_plan(node)}
    upgrade = sorted(node for node in set(graph.nodes) - before if node[0] in RELEASED)
    found = {".".join(node): told for node in upgrade if (told := faults(*linter.get_sql(*node)))}
    assert found.keys() == STOP_THE_OLD_ONE.keys(), (
        "Give a new column a db_default or null=True; drop or rename one release after its last reader went. Or list "
        f"it here with the reason, and say in CHANGELOG.md to stop the old version first: {found}"
    )


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("ALTER TABLE registers_mark DROP COLUMN code CASCADE", ["DROPPING columns"]),
        ("ALTER TABLE registers_mark RENAME COLUMN code TO number", ["RENAMING columns"]),
        ("ALTER TABLE registers_mark RENAME TO registers_marks", ["RENAMING tables"]),
        ("DROP TABLE registers_mark", ["DROPPING table"]),
        ("ALTER TABLE registers_mark ADD COLUMN why text NOT NULL", ["NOT NULL constraint on columns"]),
        ("ALTER TABLE registers_mark ADD COLUMN why text DEFAULT '' NOT NULL", []),
        ("ALTER TABLE registers_mark ADD COLUMN why text NULL", []),
        ("CREATE TABLE registers_why (id bigint NOT NULL PRIMARY KEY)", []),
    ],
)
def test_what_the_version_before_cannot_live_with(statement: str, told: list[str]) -> None:
    assert faults(statement) == told
