"""A contract as progenitor can read it: it knows no text/csv and no files in forms, and one kind of success an
operation."""

import json
import sys

document = json.load(sys.stdin)
for path, item in list(document["paths"].items()):
    for method, operation in list(item.items()):
        content = operation.get("requestBody", {}).get("content", {})
        if "text/csv" in content or "multipart/form-data" in content:
            del item[method]
        if "201" in operation["responses"]:
            operation["responses"].pop("202", None)
            operation["responses"].pop("200", None)
    if not item:
        del document["paths"][path]
json.dump(document, sys.stdout)
