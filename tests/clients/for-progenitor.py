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
        kinds = [kind for kind in ("201", "200", "202") if kind in operation["responses"]]
        for other in kinds[1:]:
            del operation["responses"][other]
    if not item:
        del document["paths"][path]
json.dump(document, sys.stdout)
