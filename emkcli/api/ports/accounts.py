"""The port for opening an account and confirming whose it is."""

from __future__ import annotations

from typing import Any

from emkcli import models
from emkcli.api.ports.port import Port


class Accounts(Port):
    """The account of the portal: «упрощённая», then «стандартная», then «подтверждённая»."""

    def register(self, person: dict[str, Any]) -> models.Registration:
        """Open an account; the same data again give the account that is there. Needs no session.

        :param person: the fields of the person file: `birth_date` and `passport.issued_on` as ISO days, `phone` as
            `+79XXXXXXXXX`, `snils` as `XXX-XXX-XXX YY`, `sex` female or male, numbers of documents as text.
        :returns: `Registration`: the account with `trust` simplified, and the tokens of a session that may verify it.
        :raises InvalidInput: a field is unknown, absent or malformed; `details["fields"]` has name and rule, never the
            value (2).
        :raises Exists: the СНИЛС has an account with other data (6).
        :raises Conflict: the phone belongs to another account (6).
        :source: `POST /accounts`; the check number of a СНИЛС counts only above 001-001-998.
        """
        self.unsupported()

    def account(self) -> models.Account:
        """The account of the session.

        :returns: `Account`: `trust` is simplified, standard or confirmed; `snils` and `phone` are masked by the server;
            `verification.expected_by` is the time by which a review ends.
        :raises LoginRequired: nobody is logged in (4).
        :source: `GET /account`; ESIA `GET /rs/prns/{oid}`, whose `trusted` tells confirmed from all others.
        """
        self.unsupported()

    def upload(self, part: str, content: bytes, media_type: str) -> None:
        """Send one of the two pictures; sent again, it replaces the first.

        :param part: passport_scan or selfie.
        :param content: the bytes of the picture, at most 5 MB.
        :param media_type: image/png or image/jpeg, as the bytes are.
        :returns: nothing.
        :raises InvalidInput: the bytes are too many or no such picture (2).
        :raises NotFound: there is no such part (3).
        :raises Conflict: a review has begun or has ended (6).
        :source: `PUT /account/verification/{part}`.
        """
        self.unsupported()

    def request_verification(self) -> models.Challenge:
        """Have the SMS code sent, once both pictures are there.

        :returns: `Challenge` with `method` sms: `expires_at` and `resend_after` are times, `phone` is masked.
        :raises InvalidInput: a picture is missing (2).
        :raises Conflict: a review has begun or has ended (6).
        :raises RateLimited: the last code was sent less than a minute ago (8).
        :source: `POST /account/verification`.
        """
        self.unsupported()

    def confirm_verification(self, challenge: str, code: str) -> models.Account:
        """Answer with the code and so hand everything in for the review, which lasts up to an hour.

        :param challenge: the id of the challenge.
        :param code: the digits of the SMS.
        :returns: `Account`, its `trust` now standard and its `verification.status` in_review.
        :raises InvalidInput: the code is wrong or too old; `details["attempts_left"]` says how many tries remain (2).
        :raises Conflict: a review has begun or has ended (6).
        :raises RateLimited: the code was wrong three times (8).
        :source: `POST /account/verification/confirmation`; «Подтверждённая учётная запись».
        """
        self.unsupported()
