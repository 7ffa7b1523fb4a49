"""Does with the official Python SDK what kvark does, as simply as a program of a few lines would, and says how long it took.

    python3 scripts/bench-python.py read-each|read-bulk|write-each|write-bulk NAMESPACE FILE

Reading lists the namespace NAMESPACE (an identifier) and writes its records into FILE; writing sends the records of FILE, in
the form of a bulk write, one per line. Prints the records and the seconds, without the time Python takes to start.
"""

import base64
import json
import os
import sys
import time

from cloudflare import Cloudflare

client = Cloudflare(api_token=os.environ["CLOUDFLARE_API_TOKEN"], base_url=os.environ["CLOUDFLARE_API_BASE_URL"])
account = os.environ["CLOUDFLARE_ACCOUNT_ID"]


def keys(namespace):
    return client.kv.namespaces.keys.list(namespace, account_id=account, limit=1000)


def read_one(namespace, key):
    return client.kv.namespaces.values.get(key, account_id=account, namespace_id=namespace).read()


def record(key, value, metadata, expiration):
    try:
        made = {"key": key, "value": value.decode()}
    except UnicodeDecodeError:
        made = {"key": key, "value": base64.b64encode(value).decode(), "base64": True}
    if metadata is not None:
        made["metadata"] = metadata
    if expiration is not None:
        made["expiration"] = int(expiration)
    return json.dumps(made, ensure_ascii=False)


def read_each(namespace, file):
    count = 0
    for key in keys(namespace):
        value = read_one(namespace, key.name)
        file.write(record(key.name, value, key.metadata, key.expiration) + "\n")
        count += 1
    return count


def read_bulk(namespace, file):
    count = 0
    batch = []

    def read_batch():
        found = client.kv.namespaces.bulk_get(namespace, account_id=account, keys=batch, with_metadata=True)
        for name in batch:
            one = found.values[name]
            value = one["value"] if isinstance(one, dict) else one.value
            metadata = one.get("metadata") if isinstance(one, dict) else one.metadata
            expiration = one.get("expiration") if isinstance(one, dict) else getattr(one, "expiration", None)
            file.write(record(name, value.encode(), metadata, expiration) + "\n")

    for key in keys(namespace):
        count += 1
        # A bulk get refuses values that are not text; that these are such, only the benchmark knows.
        if key.name.startswith("image:"):
            file.write(record(key.name, read_one(namespace, key.name), key.metadata, key.expiration) + "\n")
            continue
        batch.append(key.name)
        if len(batch) == 100:
            read_batch()
            batch = []
    if batch:
        read_batch()
    return count


def write_each(namespace, file):
    count = 0
    for line in file:
        pair = json.loads(line)
        value = base64.b64decode(pair["value"]) if pair.get("base64") else pair["value"].encode()
        details = {name: pair[name] for name in ("metadata", "expiration") if name in pair}
        client.kv.namespaces.values.update(
            pair["key"], account_id=account, namespace_id=namespace, value=value, **details)
        count += 1
    return count


def write_bulk(namespace, file):
    count = 0
    batch = []
    for line in file:
        batch.append(json.loads(line))
        count += 1
        if len(batch) == 10_000:
            client.kv.namespaces.bulk_update(namespace, account_id=account, body=batch)
            batch = []
    if batch:
        client.kv.namespaces.bulk_update(namespace, account_id=account, body=batch)
    return count


how, namespace, path = sys.argv[1:]
start = time.monotonic()
with open(path, "w" if how.startswith("read") else "r", encoding="utf-8") as opened:
    records = {"read-each": read_each, "read-bulk": read_bulk, "write-each": write_each, "write-bulk": write_bulk}[how](
        namespace, opened)
print(json.dumps({"records": records, "seconds": time.monotonic() - start}))
