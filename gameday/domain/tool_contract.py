"""What a tool says of itself: its operations in an OpenAPI document, or an MCP server's list.

Both are read here, and changed here, so that a fault that drifts a contract and a digest that
notices it mean the same by it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Schema = dict[str, Any]
FieldPath = Sequence[str]  # the names of properties, from the outside in; lists need none

_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
# Of an MCP tool; its `_meta` is its server's own business.
_TOLD = ("name", "title", "description", "inputSchema", "outputSchema", "annotations")
_DEPTH_MAX = 20  # of schemas inside each other: a schema may hold itself


def is_openapi(document: Any) -> bool:
    return isinstance(document, dict) and "openapi" in document and "paths" in document


# --- what each tool says --------------------------------------------------------------------------


def contracts_of_openapi(document: Mapping[str, Any]) -> dict[str, Any]:
    """All that the document says of each operation, by the operation's id, else `GET /path`.

    With what the operation refers to, so that a schema that is shared changes all that use it,
    and no other.
    """
    told = {}
    for place, operation in _operations(document):
        referred: dict[str, Any] = {}
        _gather(operation, document, referred)
        told[str(operation.get("operationId") or place)] = {
            "place": place,
            "operation": operation,
            "refers": referred,
        }
    return told


def contracts_of_mcp(tools: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """All that an MCP server says of each of its tools, by name: schemas and descriptions."""
    return {
        str(tool.get("name")): {key: tool[key] for key in _TOLD if tool.get(key) is not None}
        for tool in tools
    }


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method, operation in item.items() if isinstance(item, dict) else ():
            if method in _METHODS and isinstance(operation, dict):
                yield f"{method.upper()} {path}", operation


def _gather(node: Any, document: Mapping[str, Any], into: dict[str, Any]) -> None:
    """What `node` refers to in its own document, by reference, each once."""
    if isinstance(node, list):
        for one in node:
            _gather(one, document, into)
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if isinstance(reference, str) and reference not in into:
        into[reference] = _referred(reference, document)
        _gather(into[reference], document, into)
    for one in node.values():
        _gather(one, document, into)


def _referred(reference: str, document: Mapping[str, Any]) -> Any:
    """What stands there in the same document; None for another's, or for nothing."""
    found: Any = document if reference.startswith("#/") else None
    for part in reference.removeprefix("#/").split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, dict) else None
    return found


# --- where a field stands in them -----------------------------------------------------------------


def answer_schemas(document: Mapping[str, Any]) -> list[Schema]:
    """The schemas of what the operations of an OpenAPI document answer with."""
    found: list[Schema] = []
    for _, operation in _operations(document):
        responses = operation.get("responses")
        for response in responses.values() if isinstance(responses, dict) else ():
            found += _media_schemas(response, document)
    return found


def asked_schemas(document: Mapping[str, Any]) -> list[Schema]:
    """The schemas of the bodies that they are asked with."""
    return [
        schema
        for _, operation in _operations(document)
        for schema in _media_schemas(operation.get("requestBody"), document)
    ]


def parameters(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parameters of all operations, in paths and queries."""
    listed = (operation.get("parameters") for _, operation in _operations(document))
    every = [one for parts in listed if isinstance(parts, list) for one in parts]
    return [found for one in every if isinstance(found := _resolved(one, document), dict)]


def operations(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [operation for _, operation in _operations(document)]


def _media_schemas(holder: Any, document: Mapping[str, Any]) -> list[Schema]:
    holder = _resolved(holder, document)
    content = holder.get("content") if isinstance(holder, dict) else None
    media = content.values() if isinstance(content, dict) else ()
    schemas = (one.get("schema") for one in media if isinstance(one, dict))
    return [schema for schema in schemas if isinstance(schema, dict)]


def _resolved(node: Any, document: Mapping[str, Any]) -> Any:
    reference = node.get("$ref") if isinstance(node, dict) else None
    return _referred(reference, document) if isinstance(reference, str) else node


def owners(schemas: Iterable[Schema], path: FieldPath, document: Mapping[str, Any]) -> list[Schema]:
    """The schemas of objects that have the last name of `path` as a property, each once."""
    found: dict[int, Schema] = {}
    for schema in schemas:
        for owner in _owners(schema, path, document, _DEPTH_MAX):
            found[id(owner)] = owner
    return list(found.values())


def _owners(
    schema: Any, path: FieldPath, document: Mapping[str, Any], depth: int
) -> Iterator[Schema]:
    schema = _resolved(schema, document)
    if not isinstance(schema, dict) or depth == 0:
        return
    yield from _owners(schema.get("items"), path, document, depth - 1)
    for several in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(several) or ():
            yield from _owners(part, path, document, depth - 1)
    properties = schema.get("properties")
    if not isinstance(properties, dict) or path[0] not in properties:
        return
    if len(path) == 1:
        yield schema
    else:
        yield from _owners(properties[path[0]], path[1:], document, depth - 1)


def holders(value: Any, path: FieldPath) -> Iterator[dict[str, Any]]:
    """The objects of an answer that have the last name of `path`; lists on the way are entered."""
    if isinstance(value, list):
        for one in value:
            yield from holders(one, path)
    elif isinstance(value, dict) and path[0] in value:
        if len(path) == 1:
            yield value
        else:
            yield from holders(value[path[0]], path[1:])


def rename(names: dict[str, Any], old: str, new: str) -> None:
    """Call one key another, in its place; one that is called so already gives way."""
    kept = [(name, value) for name, value in names.items() if name != new]
    renamed = {new if name == old else name: value for name, value in kept}
    names.clear()
    names.update(renamed)
