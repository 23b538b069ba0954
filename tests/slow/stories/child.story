A parent opens the card of a child and works with it.

$ emk mock seed -q > /dev/null
$ printf 'phone = "+79000000101"' | emk login --from - --code-command 'emk mock inbox --code' -q > /dev/null
$ emk person list --fields relation,application_status
self	activated
child	
$ CHILD=$(emk person list --query "items[?relation=='child']|[0].id")
$ emk card vaccinations --person $CHILD
emk: The card is not activated yet.
hint: emk next
[5]
$ emk connect --person $CHILD --accept-consent medical-data@1 --accept-consent egisz-transfer@1 --fields status,person.id | sed "s/$CHILD/the child/"
status	draft
person.id	the child
$ emk clinic choose gp-005 --person $CHILD --yes
emk: The clinic does not accept this age group.
[6]
$ CLINIC=$(emk clinic list --near residence --accepts children --person $CHILD --limit 1 -q | cut -f1)
$ emk clinic choose $CLINIC --person $CHILD --yes --fields status
status	submitted
$ emk status --person $CHILD --wait --fields status -q
status	activated
$ emk person use $CHILD --fields relation
relation	child
$ test $(emk card vaccinations | wc -l) -gt 10
$ emk card vaccinations --json --query person.id | tr -d '"' | sed "s/$CHILD/the child/"
the child
$ emk person use self --fields relation
relation	self
$ emk status --fields status
status	activated
