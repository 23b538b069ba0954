"""The least that a bulk download does: httpx, orjson, one line for each resource, into one file.

python -m bench.floor URL FILE
"""

import sys

import httpx
import orjson


def main(url: str, target: str) -> None:
    link = f"{url}/Patient/p1/$everything?_count=200"
    with httpx.Client() as client, open(target, "wb") as file:  # noqa: PTH123 - the shortest there is
        while link:
            bundle = orjson.loads(client.get(link).content)
            for entry in bundle["entry"]:
                file.write(orjson.dumps(entry["resource"]) + b"\n")
            link = next((one["url"] for one in bundle["link"] if one["relation"] == "next"), None)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
