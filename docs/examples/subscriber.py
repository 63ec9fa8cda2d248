"""Follows a Qonys log over NATS JetStream: python3 subscriber.py ORIGIN [NATS-URL [DATABASE [UNTIL]]]

Counts the entries of each type, exactly once each: count and position change in one SQLite transaction. Keeps the edge
of the RFC 6962 tree beside them, to tell the root that a checkpoint of the log must show. Needs `pip install nats-py`."""
import asyncio, hashlib, json, sqlite3, sys

import nats
from nats.js.api import ConsumerConfig, DeliverPolicy

TABLES = """CREATE TABLE IF NOT EXISTS counts (type TEXT PRIMARY KEY, entries INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS cursor (source TEXT PRIMARY KEY, position INTEGER NOT NULL, edge BLOB NOT NULL);"""

def names(origin):
    parts = origin.split("/")
    stream = "-".join(part.replace(".", "__").replace("-", "_-").upper() for part in parts)
    return stream, ".".join(part.replace(".", "_") for part in parts) + ".>"

def cursor(db, origin):
    return db.execute("SELECT position, edge FROM cursor WHERE source = ?", (origin,)).fetchone() or (0, b"")

def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()

def root(edge):
    top, edge = edge[-32:] or hashlib.sha256(b"").digest(), edge[:-32]
    while edge:
        top, edge = node(edge[-32:], top), edge[:-32]
    return top.hex()

def take(db, origin, sequence, body):
    """One entry: its whole effect and its position, or nothing."""
    with db:
        position, edge = cursor(db, origin)
        if sequence <= position:
            return  # a repetition
        entry = json.loads(body)
        if (sequence, entry.get("source"), entry.get("position")) != (position + 1, origin, str(sequence)):
            raise SystemExit(f"message {sequence} is not entry {position + 1} of {origin}: nothing was stored")
        leaf = hashlib.sha256(b"\0" + body).digest()
        while position & 1:
            edge, leaf, position = edge[:-32], node(edge[-32:], leaf), position >> 1
        db.execute("INSERT INTO counts VALUES (?, 1) ON CONFLICT DO UPDATE SET entries = entries + 1", (entry["type"],))
        db.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)", (origin, sequence, edge + leaf))

async def follow(origin, url="nats://127.0.0.1:4222", database="subscriber.sqlite", until=None):
    db = sqlite3.connect(database)
    db.executescript(TABLES)
    connection = await nats.connect(url)
    stream, subjects = names(origin)
    start = ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=cursor(db, origin)[0] + 1)
    messages = await connection.jetstream().subscribe(subjects, stream=stream, config=start, ordered_consumer=True)
    while until is None or cursor(db, origin)[0] < int(until):
        message = await messages.next_msg(timeout=None)
        take(db, origin, message.metadata.sequence.stream, message.data)
    await connection.close()
    print(*cursor(db, origin)[:1], root(cursor(db, origin)[1]), dict(db.execute("SELECT * FROM counts")))

if __name__ == "__main__":
    asyncio.run(follow(*sys.argv[1:]))
