"""A local card as plain SQLite, without a library for its cipher: `python at_rest_pages.py CARDS < PASSPHRASE > PLAIN`."""

import json
import sys
from hashlib import scrypt
from pathlib import Path
from struct import pack, unpack

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.poly1305 import Poly1305

PAGE, RESERVED = 4096, 32
cards = Path(sys.argv[1])
note = json.loads((cards / "card.key.json").read_text())
passphrase = sys.stdin.buffer.readline().rstrip(b"\r\n")
key = scrypt(passphrase, salt=bytes.fromhex(note["salt"]), **note["cost"], maxmem=2**27, dklen=32)


def chacha20(key, counter, nonce, data):
    return Cipher(algorithms.ChaCha20(key, pack("<I", counter % 2**32) + nonce), None).encryptor().update(data)


def opened(page, number):
    body, nonce, tail, tag = page[:-RESERVED], page[-32:-20], page[-20:-16], page[-16:]
    counter = unpack("<I", tail)[0] ^ number
    once = chacha20(key, counter, nonce, bytes(64))
    Poly1305.verify_tag(once[:32], page[:-16], tag)
    clear = 24 if number == 1 else 0
    return body[:clear] + chacha20(once[32:], counter + 1, nonce, body[clear:]) + page[-RESERVED:]


content = (cards / "card.sqlite3").read_bytes()
pages = [opened(content[place : place + PAGE], place // PAGE + 1) for place in range(0, len(content), PAGE)]
# the salt goes; 1, 1 instead of 2, 2: what was in the write-ahead log is in the file once nobody has it open
pages[0] = b"SQLite format 3\0" + pages[0][16:18] + b"\1\1" + pages[0][20:]
sys.stdout.buffer.write(b"".join(pages))
