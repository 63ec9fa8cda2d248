"""Reads a Qonys log (one entry per line) without any code of Qonys: python3 reader.py [FILE ...].

Checks form, order, types, streams, command boundaries and times of each file, and prints its size and RFC 6962 root.
With --each every file is one lone entry (the golden files): only its form is checked."""
import hashlib, json, re, sys

ORDER = """specversion id source type subject time datacontenttype dataschema entryversion position streamseq commandid
commandindex commandcount commandhash decidedon effectivefrom effectiveto actor role office onbehalfof act point wording
actnumber actlanguage purpose caseref policy engine correlation causation causationsource supersedes traceparent nonce
data""".split()
OPTIONAL = set("""decidedon effectivefrom effectiveto onbehalfof act point wording actnumber actlanguage purpose caseref
correlation causation causationsource supersedes traceparent""".split())
DIGITS = re.compile(r"0|[1-9][0-9]{0,19}")

def once(pairs):
    assert len({k for k, _ in pairs}) == len(pairs), "a member occurs twice"
    return dict(pairs)

def plain(value):
    """No null, no bare number, no control character, at any depth."""
    if isinstance(value, dict): return all(map(plain, value.values()))
    if isinstance(value, list): return all(map(plain, value))
    return isinstance(value, bool) or (isinstance(value, str) and not re.search(r"[\x00-\x1f\x7f-\x9f]", value))

def entry(line):
    assert len(line) <= 65_535, "too long"
    e = json.loads(line.decode("utf-8"), object_pairs_hook=once)
    assert list(e) == [m for m in ORDER if m in e] and not set(ORDER) - set(e) - OPTIONAL, "members"
    assert plain(e) and isinstance(e["data"], dict) and all(isinstance(e[m], str) for m in list(e)[:-1]), "values"
    assert all(DIGITS.fullmatch(e[m]) for m in ("position", "streamseq", "commandindex", "commandcount")), "digits"
    assert (e["specversion"], e["entryversion"]) == ("1.0", "1"), "version"
    assert json.dumps(e, ensure_ascii=False, separators=(",", ":")).encode() == line, "not the canonical bytes"
    return e

def read(lines):
    peaks, streams, commands, last, due = [], {}, set(), "", 1
    for size, line in enumerate(lines, 1):
        e = entry(line)
        assert int(e["position"]) == size and e["time"] > last, "order"
        assert int(e["streamseq"]) == streams.get(e["subject"], 0) + 1, "stream"
        assert int(e["commandindex"]) == due and (due > 1 or e["commandid"] not in commands), "command"
        streams[e["subject"]], last = int(e["streamseq"]), e["time"]
        commands.add(e["commandid"])
        due = 1 if e["commandindex"] == e["commandcount"] else due + 1
        node, n = hashlib.sha256(b"\0" + line).digest(), size - 1
        while n & 1:
            node, n = hashlib.sha256(b"\1" + peaks.pop() + node).digest(), n >> 1
        peaks.append(node)
    assert due == 1, "the last command is cut"
    root = peaks.pop() if peaks else hashlib.sha256(b"").digest()
    while peaks:
        root = hashlib.sha256(b"\1" + peaks.pop() + root).digest()
    return sum(streams.values()), root.hex()

if __name__ == "__main__":
    each = "--each" in sys.argv
    for name in [a for a in sys.argv[1:] if a != "--each"] or ["-"]:
        with (sys.stdin.buffer if name == "-" else open(name, "rb")) as f:
            lines = (line.rstrip(b"\n") for line in f)
            print(name, *( [len([entry(l) for l in lines]), "entry"] if each else read(lines)))
