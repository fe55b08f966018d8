"""What stands in a row that a partner reads: name, JSON Schema, and a sentence. No Django here."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
DAY: Schema = {"type": "string", "format": "date"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
PERCENT: Schema = {"type": "number", "minimum": 0, "maximum": 100}


def one_of(values: Iterable[str]) -> Schema:
    """A text that is one of these."""
    return {"type": "string", "enum": list(values)}


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a row; `nullable` where it may not be known or not apply."""

    name: str
    schema: Schema
    says: str
    nullable: bool = False

    def as_schema(self) -> Schema:
        """Its JSON Schema, with the sentence."""
        schema = {**self.schema, "description": self.says}
        if self.nullable:
            schema["type"] = [schema["type"], "null"]
        return schema


def row_schema(fields: Iterable[Field]) -> Schema:
    """The JSON Schema of a row: every field is there, and no other."""
    fields = tuple(fields)
    return {
        "type": "object",
        "properties": {field.name: field.as_schema() for field in fields},
        "required": [field.name for field in fields],
        "additionalProperties": False,
    }
