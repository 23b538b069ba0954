"""What ESIA can tell a person: the account, the profile, the children."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from emkcli import errors, models
from emkcli.api.esia import decoding
from emkcli.api.esia.organisation import Organisation
from emkcli.api.esia.people import Document, People
from emkcli.api.ports import Accounts, Items, Portal
from emkcli.locale import N_, _

PARTS = {"contacts": N_("contacts"), "addresses": N_("addresses"), "documents": N_("documents")}


class EsiaAccounts(Accounts):
    def __init__(self, people: People, organisation: Organisation) -> None:
        self._people = people
        self._organisation = organisation

    def account(self) -> models.Account:
        self._organisation.require()
        person = self._people.person("contacts")
        try:
            contacts = list(self._people.elements("contacts", person))
        except (errors.Forbidden, errors.NotFound):
            contacts = []
        return decoding.account(self._people.oid, person, contacts)


class EsiaPortal(Portal):
    def __init__(self, people: People, organisation: Organisation, notice: Callable[[str], None]) -> None:
        self._people = people
        self._organisation = organisation
        self._notice = notice

    def persons(self) -> Items[models.Person]:
        self._organisation.require()
        oneself = _person(self._people.oid, self._people.person(), "self")
        return Items(self._family(oneself))

    def profile(self, person: str | None = None) -> models.Profile:
        self._organisation.require()
        if person not in {None, self._people.oid}:
            return self._kid_profile(person or "")
        document = self._people.person(*PARTS)
        return self._profile(self._people.oid, document, *(self._part(name, document) for name in PARTS))

    def _family(self, oneself: models.Person) -> Iterator[models.Person]:
        yield oneself
        try:
            for kid in self._people.elements("kids"):
                yield _person(decoding.ident(kid), kid, "child")
        except errors.Forbidden as refused:
            self._notice(_("Children are not shown: {reason}").format(reason=refused.message))
        except errors.NotFound:
            return

    def _kid_profile(self, ident: str) -> models.Profile:
        for kid in self._people.elements("kids"):
            if decoding.ident(kid) == ident:
                parts = (self._embedded(name, kid) for name in PARTS)
                return self._profile(ident, kid, *parts)
        raise errors.NotFound(_("There is no person {id}.").format(id=ident), hint="emk person list")

    def _part(self, name: str, person: Document) -> list[Document]:
        """A collection of the person; one the scopes do not cover is left out, and said so."""
        try:
            return list(self._people.elements(name, person))
        except errors.Forbidden as refused:
            self._notice(_("Not read ({part}): {reason}").format(part=_(PARTS[name]), reason=refused.message))
        except errors.NotFound:
            pass
        return []

    def _embedded(self, name: str, kid: Document) -> list[Document]:
        """A child's own collections are no resources of ESIA: only what came with the child."""
        collection = kid.get(name)
        elements = collection.get("elements") if isinstance(collection, dict) else None
        return [element for element in elements if isinstance(element, dict)] if isinstance(elements, list) else []

    def _profile(
        self,
        ident: str,
        person: Document,
        contacts: list[Document],
        addresses: list[Document],
        documents: list[Document],
    ) -> models.Profile:
        profile = decoding.profile(ident, person, contacts, addresses, documents)
        for kind, label in ((decoding.MOBILE, N_("phone")), (decoding.EMAIL, N_("e-mail"))):
            contact = decoding.contact(contacts, kind)
            if contact and not decoding.is_verified(contact):
                self._notice(_("Not confirmed in ESIA: {what}.").format(what=_(label)))
        return profile


def _person(ident: str | None, document: Document, relation: str) -> models.Person:
    if not ident:
        raise errors.BadResponse(_("The answer does not fit its contract ({where}).").format(where="kids.id"))
    return models.Person(
        id=ident, name=decoding.name(document), relation=relation, birth_date=decoding.birth_date(document)
    )
