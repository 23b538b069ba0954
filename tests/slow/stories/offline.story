A card is taken along: synced once, read without the server and without a session, brought up to date for cron.

$ emk mock seed -q > /dev/null
$ printf 'phone = "+79000000101"' | emk login --from - --code-command 'emk mock inbox --code' -q > /dev/null
$ emk card labs --offline
emk: This card was not synced yet.
hint: emk card sync
[3]
$ emk card sync
emk: There is no safe place for the key of the local card: …
hint: unlock a keyring; or keep the key under a passphrase: --storage encrypted-file, or name its file with EMK_PASSPHRASE_FILE; or accept a plain file: --insecure-storage
[4]
$ printf 'correct horse' > pass && chmod 600 pass
$ export EMK_PASSPHRASE_FILE=$PWD/pass
$ emk card sync --json --query '[item.added.labs, item.complete]' | tr -d ' \n'
[359,true]
$ emk card sync --if-changed
$ LAB=$(emk card labs --limit 1 -q | cut -f1)
$ printf '{"status": "entered-in-error"}' | emk api PATCH /mock/fhir/$LAB --input - > /dev/null
$ emk card sync --if-changed --fields added,changed
added	
changed	labs=1
$ emk logout -q
…
$ emk card show $LAB --offline --fields status
status	entered-in-error
$ emk card show $LAB --fields status
emk: Nobody is logged in: this is the card as it was at the last sync.
status	entered-in-error
$ emk card sync --if-changed
emk: Nobody is logged in.
hint: emk login
[4]
$ emk card export --format fhir --to card.json --offline -q > /dev/null
$ emk card import card.json -q --fields status
added
$ emk card labs --offline --json --query 'items[0].[source, length(sources)]' | tr -d ' \n'
["server",2]
$ emk card labs --backend local --json --query '[demo, total, items[0].source.file]' | tr -d ' \n'
[false,359,"card.json"]
$ emk card forget --yes
removed	true
$ emk card labs --offline
emk: This card was not synced yet.
hint: emk card sync
[3]
