"""The editions of a schema that are generated from its 2020-12 file: other dialects, OpenAPI 3.0, and one for editors.

Pure: JSON comes in, JSON goes out. Must not read files and must not validate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]

_WIDTH = 80
_SCHEMA = "schema.json"
_STATUS = re.compile(r"\b([A-Z]+): ([^.]+)")


def draft_07(schema: Json) -> Json:
    """Draft-07, without `format`, which many tools for draft-07 assert, each in a way of its own."""
    return _renamed(schema, "draft-07", "http://json-schema.org/draft-07/schema#", "$id", _plain)


def draft_04(schema: Json) -> Json:
    """Draft-04, with each condition as a choice of two alternatives."""
    return _renamed(schema, "draft-04", "http://json-schema.org/draft-04/schema#", "id", _old)


def editor(schema: Json, rules: list[Json]) -> Json:
    """Draft-07 with what VS Code and yaml-language-server show: messages, and texts about members and statuses.

    Only one message fits into a subschema, so keywords of different rules are in different subschemas.
    """
    messages = {rule["id"]: f"{rule['title']} ({rule['id']})" for rule in rules}
    edition = _renamed(schema, "editor", "http://json-schema.org/draft-07/schema#", "$id", _plain)
    date_time = edition.pop("definitions")["date_time"] | {"errorMessage": messages["date-time"]}
    del date_time["description"]
    members = edition["properties"]
    status = members["status"]
    described = dict(_STATUS.findall(status["description"]))
    status["allOf"] = [{"type": status.pop("type"), "errorMessage": messages["status-is-string"]}]
    status["enumDescriptions"] = [described[each] for each in status["enum"]]
    status["errorMessage"] = messages["status-known"]
    members["error"]["errorMessage"] = messages["error-is-string"]
    members["start_time"], members["end_time"] = dict(date_time), dict(date_time)
    for name, member in members.items():
        about = [rule for rule in rules if any(f"/properties/{name}/" in each for each in _locations(rule))]
        texts = [f"{rule['title']}." if name == "status" else f"{rule['title']}. {rule['fix']}" for rule in about]
        member["markdownDescription"] = "\n\n".join(texts)
    for guard in edition["allOf"]:
        for then in guard["then"]["properties"].values():
            then["errorMessage"] = messages[guard["$comment"]]
    edition["allOf"].insert(0, {"type": edition.pop("type"), "errorMessage": messages["payload-is-object"]})
    edition["errorMessage"] = messages["no-unknown-members"]
    return edition


def openapi_3_1(document: Json, schema: Json) -> Json:
    """An OpenAPI document that contains the schema that it refers to as `schema.json`.

    Without `$id` and a second file: Redocly loads an `$id` once only, and Prism then checks nothing.
    """
    components = {"Status": schema["properties"]["status"], "DateTime": schema["$defs"]["date_time"]}
    references = {"#/$defs/date_time": "DateTime", f"{_SCHEMA}#/$defs/date_time": "DateTime"}
    references[f"{_SCHEMA}#/properties/status"] = "Status"

    def inside(node: Json) -> Json:
        target = node.get("$ref", "")
        if target in references:
            return {"$ref": f"#/components/schemas/{references[target]}"}
        if target.startswith(f"{_SCHEMA}#"):
            return _at(schema, target.removeprefix(f"{_SCHEMA}#"))
        return node

    info = {name: value for name, value in schema.items() if name not in ("$schema", "$id", "$defs", "examples")}
    info["properties"] = info["properties"] | {"status": {"$ref": f"{_SCHEMA}#/properties/status"}}
    schemas = document["components"]["schemas"] | components | {"Info": info}
    whole = document | {"components": document["components"] | {"schemas": schemas}}
    found: Json = _mapped(_mapped(whole, inside), _unconditional)
    return found


def openapi_3_0(document: Json) -> Json:
    """An OpenAPI 3.1 document as OpenAPI 3.0."""
    found: Json = _mapped(document | {"openapi": "3.0.3"}, _nullable)
    return found


def layout(value: Any, indent: int = 0, before: int = 0) -> str:
    """JSON in the layout of sourcemeta's `jsonschema fmt`, without a line feed at the end."""
    inner = " " * (indent + 2)
    if isinstance(value, dict) and value:
        rows = []
        for name, member in value.items():
            key = f"{json.dumps(name)}: "
            rows.append(inner + key + layout(member, indent + 2, indent + 2 + len(key)))
        return "{\n" + ",\n".join(rows) + "\n" + " " * indent + "}"
    if isinstance(value, list) and value:
        line = f"[ {', '.join(json.dumps(each) for each in value)} ]"
        if not any(isinstance(each, (dict, list)) for each in value) and before + len(line) <= _WIDTH:
            return line
        return "[\n" + ",\n".join(inner + layout(each, indent + 2) for each in value) + "\n" + " " * indent + "]"
    return json.dumps(value, ensure_ascii=False)


def _renamed(schema: Json, folder: str, dialect: str, identifier: str, change: Callable[[Json], Json]) -> Json:
    host, _, path = schema["$id"].removeprefix("https://").partition("/")
    head = {"$schema": dialect, identifier: f"https://{host}/{folder}/{path}"}
    found: Json = head | _mapped({name: schema[name] for name in schema if name not in ("$schema", "$id")}, change)
    return found


def _plain(node: Json) -> Json:
    """Draft-07: other names, and no format."""
    found = {{"$defs": "definitions"}.get(name, name): value for name, value in node.items() if name != "format"}
    if "$ref" in found:
        found["$ref"] = found["$ref"].replace("#/$defs/", "#/definitions/")
    return found


def _old(node: Json) -> Json:
    """Draft-04: no condition, constant, examples or comment either."""
    found = _plain(node)
    found.pop("examples", None)
    if "if" in found:
        return {"description": found["$comment"]} | _choice(found)
    return _constant(found)


def _unconditional(node: Json) -> Json:
    """A condition on the status as `not`, which generators and Redocly's check of examples understand."""
    return {"not": _joined(node["if"], _set(node["then"]))} if "if" in node else node


def _nullable(node: Json) -> Json:
    """OpenAPI 3.0: no constant, and null is not a type."""
    found = _constant(node)
    if "enum" in found:
        found = {"type": "string"} | found
    match found.get("type"):
        case [one, "null"]:
            return found | {"type": one, "nullable": True}
        case [*types]:
            return {"oneOf": [{"type": each} for each in types]}
    return found


def _choice(node: Json) -> Json:
    """A condition on the status as `anyOf`: the status is missing or one of the relevant ones, or `then` holds."""
    status = node["if"]["properties"]["status"]["not"]
    return {"anyOf": [{"properties": {"status": _constant(status)}}, node["then"]]}


def _set(node: Json) -> Json:
    """What holds if the member in a `then` is set: it is not null, so it is a string."""
    if node == {"type": "null"}:
        return {"type": "string"}
    return {
        "required": list(node["properties"]),
        "properties": {name: _set(each) for name, each in node["properties"].items()},
    }


def _joined(one: Json, other: Json) -> Json:
    """Two schemas of members as one."""
    members = one["properties"] | other["properties"]
    return {"type": "object", "required": list(members), "properties": members}


def _constant(node: Json) -> Json:
    return {"enum" if name == "const" else name: [value] if name == "const" else value for name, value in node.items()}


def _mapped(node: Any, change: Callable[[Json], Json]) -> Any:
    """A copy of a document in which every object is changed, the outer ones first."""
    if isinstance(node, dict):
        return {name: _mapped(value, change) for name, value in change(node).items()}
    return [_mapped(each, change) for each in node] if isinstance(node, list) else node


def _at(schema: Json, pointer: str) -> Json:
    node: Any = schema
    for step in pointer.split("/")[1:]:
        node = node[int(step)] if isinstance(node, list) else node[step]
    found: Json = node
    return found


def _locations(rule: Json) -> Iterator[str]:
    return (f"{keyword['keywordLocation']}/" for keyword in rule.get("keywords", ()))
