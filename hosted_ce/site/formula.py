"""Values that may be written as a ClassAd expression over the pilot's attributes instead: `= xcount * 2`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from hosted_ce.site import text
from hosted_ce.site.errors import BadValue

FORMULA_PATTERN = "^ *=[^=].*$"


@dataclass(frozen=True, slots=True)
class Formula:
    """A ClassAd expression that decides a value for each pilot."""

    text: str

    def __str__(self) -> str:
        return f"= {self.text}"


@dataclass(frozen=True, slots=True)
class OrFormula:
    """Annotation: what the type says, or text that begins with `=`."""

    plain: Any

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(
            _read,
            handler.generate_schema(self.plain),
            serialization=core_schema.wrap_serializer_function_ser_schema(_write, when_used="json"),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        plain = handler(schema)
        described = {key: plain.pop(key) for key in ("examples",) if key in plain}
        return {"anyOf": [plain, {"type": "string", "pattern": FORMULA_PATTERN}], **described}


def _read(value: Any, plain: core_schema.ValidatorFunctionWrapHandler) -> Any:
    if isinstance(value, Formula) or not (isinstance(value, str) and value.lstrip().startswith("=")):
        return value if isinstance(value, Formula) else plain(value)
    written = value.strip().removeprefix("=").strip()
    if not written:
        raise BadValue("there is no expression behind the =", "write it as in = xcount * 2")
    return Formula(text.check_expression(written))


def _write(value: Any, plain: core_schema.SerializerFunctionWrapHandler) -> Any:
    return str(value) if isinstance(value, Formula) else plain(value)
