A consent is withdrawn, and given again in its new version.

$ emk mock seed -q > /dev/null
$ printf 'phone = "+79000000101"' | emk login --from - --code-command 'emk mock inbox --code' -q > /dev/null
$ emk consent list --fields id,version,status
medical-data	1	accepted
egisz-transfer	1	accepted
$ emk consent export egisz-transfer | sha256sum | cut -c1-8 > before
$ emk consent revoke egisz-transfer
emk: …
[2]
$ emk consent revoke egisz-transfer --yes --fields status
status	revoked
$ emk card labs
emk: A consent is missing: egisz-transfer@1.
hint: emk connect --accept-consent egisz-transfer@1
[5]
$ emk mock scenario new-consent
name	new-consent
$ emk connect --yes
emk: There is no option --yes.…
…
[2]
$ emk connect --accept-consent egisz-transfer@1
emk: Consent egisz-transfer is in force in version 2, not 1. …
hint: emk consent show egisz-transfer
[5]
$ emk connect
emk: A consent is needed: egisz-transfer@2.
hint: emk connect --accept-consent egisz-transfer@2
[5]
$ emk connect --accept-consent egisz-transfer@2 --fields status
status	activated
$ emk consent list --fields id,version,status
medical-data	1	accepted
egisz-transfer	2	accepted
egisz-transfer	1	revoked
$ emk card labs --limit 1 -q | wc -l
1
