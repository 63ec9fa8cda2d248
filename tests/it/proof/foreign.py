"""Glue for verifiers that nobody here wrote: `witness-log` and `sigstore` from PyPI, signatures by `cryptography`.

Reads one JSON object per line and answers each with one. Every hash, proof and signature rule is theirs; what stands here
only takes our texts apart, by the words of C2SP signed-note, tlog-checkpoint and tlog-proof.
"""

import base64
import hashlib
import json
import sys
from types import SimpleNamespace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sigstore._internal import merkle
from sigstore.errors import VerificationError
from witness_log import WitnessService, verify_inclusion


def signed(note: str, vkey: str) -> bool:
    """Whether a note has a good Ed25519 signature by the key."""
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    assert key[0] == 1, "an Ed25519 key"
    text, signatures = note.rsplit("\n\n", 1)
    for line in signatures.splitlines():
        mark, by, bytes_ = line.split(" ")
        bytes_ = base64.b64decode(bytes_)
        if (mark, by, bytes_[:4].hex()) == ("\u2014", name, key_id):
            try:
                Ed25519PublicKey.from_public_bytes(key[1:]).verify(bytes_[4:], (text + "\n").encode())
                return True
            except InvalidSignature:
                return False
    return False


def receipt(text: str, vkey: str) -> dict:
    """What each library makes of a receipt."""
    head, note = text.split("\n\n", 1)
    lines = head.splitlines()
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    entry = base64.b64decode(lines[1].removeprefix("extra "))
    index = int(lines[2].removeprefix("index "))
    path = [base64.b64decode(line) for line in lines[3:]]
    _, size, root = note.splitlines()[:3]
    size, root = int(size), base64.b64decode(root)
    leaf = hashlib.sha256(b"\x00" + entry).hexdigest()
    proof = SimpleNamespace(log_index=index, tree_size=size, hashes=path, root_hash=root)
    try:
        inner = SimpleNamespace(inclusion_proof=proof, canonicalized_body=entry)
        merkle.verify_merkle_inclusion(SimpleNamespace(_inner=inner))
        theirs = True
    except VerificationError:
        theirs = False
    return {
        "signature": signed(note, vkey),
        "sigstore": theirs,
        "witness-log": verify_inclusion(leaf, index, size, [step.hex() for step in path], root.hex()),
    }


def witness(origin: str, vkey: str, requests: list[str]) -> dict:
    """The answers of a witness that knows the log."""
    service = WitnessService.new("witness.example/w", bytes(range(32)))
    service.add_log(origin, vkey)
    answers = [service.handle_add_checkpoint(body) for body in requests]
    text = [body if isinstance(body, str) else bytes(body).decode() for _, body in answers]
    return {"key": service.vkey(), "status": [status for status, _ in answers], "body": text}


for line in sys.stdin:
    asked = json.loads(line)
    what = asked.pop("what")
    print(json.dumps({"receipt": receipt, "witness": witness}[what](**asked)), flush=True)
