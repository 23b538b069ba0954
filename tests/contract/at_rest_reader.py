"""Opens a local card and a session without emk: `python at_rest_reader.py STATE PROFILE ADDRESS < PASSPHRASE`."""

import json
import sys
from hashlib import scrypt, sha256
from pathlib import Path

import apsw
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

state, profile, address = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
passphrase = sys.stdin.buffer.readline().rstrip(b"\r\n")


def derive(salt, n, r, p):
    return scrypt(passphrase, salt=bytes.fromhex(salt), n=n, r=r, p=p, maxmem=2**27, dklen=32)


cards = state / "cards" / profile
note = json.loads((cards / "card.key.json").read_text())
key = derive(note["salt"], **note["cost"])
with apsw.Connection(str(cards / "card.sqlite3"), flags=apsw.SQLITE_OPEN_READWRITE) as card:
    card.pragma("cipher", "chacha20")
    card.pragma("key", f"raw:{key.hex()}")
    for category, record in card.execute("SELECT category, json FROM record ORDER BY number LIMIT 1"):
        print(category, json.loads(record)["id"])

name = f"{profile}-{sha256(address.encode()).hexdigest()[:12]}.sealed"
header, newline, sealed = (state / "sessions" / name).read_bytes().partition(b"\n")
fields = json.loads(header)
key = derive(fields["salt"], fields["n"], fields["r"], fields["p"])
purpose = f"{profile} {address}".encode()
tokens = AESGCM(key).decrypt(bytes.fromhex(fields["nonce"]), sealed, header + newline + purpose)
print("access token:", "access_token" in json.loads(tokens))
