"""A walk with the client that openapi-python-client generated: its models, and no JSON of our own."""

import json
import sys
from io import BytesIO

from emk_client import AuthenticatedClient, Client
from emk_client.api.identity import challenge, token
from emk_client.api.mock import inbox, seed
from emk_client.api.portal import applications, clinics, notifications, register, upload_verification
from emk_client.models import (
    Application,
    Challenge,
    Clinic,
    Grant,
    GrantGrantType,
    InboxMessage,
    Login,
    LoginMethod,
    Notification,
    PersonData,
    Problem,
    Registration,
    Seed,
    SeededPerson,
    SeedState,
    Tokens,
    UploadedPart,
    UploadVerificationPart,
)
from emk_client.types import File

url, somebody = sys.argv[1:]
nobody = Client(base_url=url)

person = seed.sync(client=nobody, body=Seed(state=SeedState.ACTIVATED))
assert isinstance(person, SeededPerson), person
sent = challenge.sync(client=nobody, body=Login(method=LoginMethod.SMS, login=person.phone))
assert isinstance(sent, Challenge), sent
messages = inbox.sync(client=nobody).items
assert all(isinstance(message, InboxMessage) for message in messages)
code = next(message.code for message in messages if message.code)
grant = Grant(grant_type=GrantGrantType.URNEMKGRANT_TYPESMS_CODE, challenge_id=sent.id, code=code)
tokens = token.sync(client=nobody, body=grant)
assert isinstance(tokens, Tokens), tokens

client = AuthenticatedClient(base_url=url, token=tokens.access_token)
nearby = clinics.sync(client=client, page_size=2)
assert all(isinstance(clinic, Clinic) for clinic in nearby.items)
mine = applications.sync(client=client)
assert all(isinstance(application, Application) for application in mine.items)
told = notifications.sync(client=client)
assert all(isinstance(notification, Notification) for notification in told.items)
refused = clinics.sync(client=nobody)
assert isinstance(refused, Problem), refused

newcomer = register.sync(client=nobody, body=PersonData.from_dict(json.loads(somebody)))
assert isinstance(newcomer, Registration), newcomer
limited = AuthenticatedClient(base_url=url, token=newcomer.tokens.access_token)
picture = File(payload=BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(64)))
received = upload_verification.sync(UploadVerificationPart.SELFIE, client=limited, body=picture)
assert isinstance(received, UploadedPart), received

walked = {
    "person": person.person_id,
    "clinics": [clinic.short_name for clinic in nearby.items],
    "total": nearby.total,
    "applications": [application.status.value for application in mine.items],
    "notifications": [notification.at.isoformat() for notification in told.items],
    "refused": refused.code,
    "bytes": received.bytes_,
}
json.dump(walked, sys.stdout)
