What a cron job does every day: it prints only what is new, and tells the rest by its exit code.

$ emk mock seed --state verified --fields phone
phone	+79000000101
$ printf 'phone = "+79000000101"' | emk login --from - --code-command 'emk mock inbox --code' -q --fields trust
trust	confirmed
$ emk status --if-changed --exit-code
emk: There is no application yet.
hint: emk connect
[3]
$ emk connect --accept-consent medical-data@1 --accept-consent egisz-transfer@1 -q --fields status
status	draft
$ emk clinic choose gp-005 --yes -q --fields status
status	submitted
$ emk status --if-changed --exit-code --fields status
status	submitted
[9]
$ emk status --if-changed --exit-code
[9]
$ emk mock clock advance 7h > /dev/null
$ emk status --if-changed --exit-code --fields status
status	in_progress
[9]
$ emk mock clock advance 48h > /dev/null
$ emk status --if-changed --exit-code --fields status
status	activated
$ emk status --if-changed --exit-code
$ test $(emk card labs --new | wc -l) -gt 100
$ emk card labs --new --exit-code
[3]
$ emk card labs --since 2w --new --exit-code -o json --query items
[]
[3]
$ emk notification list --new -q > /dev/null
$ emk notification list --new --exit-code
[3]
$ EMK_READ_ONLY=1 emk logout
…
$ emk logout -q
…
$ emk card labs --new
emk: Nobody is logged in.
hint: emk login
[4]
