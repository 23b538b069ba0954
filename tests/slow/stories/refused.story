The application is refused, with a reason and whom to ask; choosing a clinic opens it anew.

$ emk mock seed --state verified -q > /dev/null
$ printf 'phone = "+79000000101"' | emk login --from - --code-command 'emk mock inbox --code' -q > /dev/null
$ emk mock scenario refusal
name	refusal
$ emk connect --accept-consent medical-data@1 --accept-consent egisz-transfer@1 -q > /dev/null
$ emk clinic choose gp-005 --yes --fields status
status	submitted
$ emk status --wait --fields status,status_name,reason,next
emk: The mock's clock was moved to …
…
status	refused
status_name	Отказано
reason	…
next	emk clinic list --near residence
[10]
$ emk notification list --limit 1 -q --query 'items[0].contact.phone'
…
$ emk card summary
emk: The card is not activated yet.
…
[5]
$ emk mock scenario happy
name	happy
$ emk next --fields why
why	the application was refused; choosing a clinic opens it anew
$ emk clinic choose gp-005 --yes --fields status
status	submitted
$ emk application list --fields status
submitted
refused
$ APPLICATION=$(emk application list --query 'items[0].id')
$ emk application cancel $APPLICATION --yes --fields status
status	cancelled
$ emk status --exit-code --fields status
status	cancelled
[10]
