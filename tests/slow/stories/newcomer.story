Somebody who has never used emk goes from nothing to an open card, one command at a time.

$ emk next
command	emk register
why	nobody is logged in; register opens an account, emk login is for an account you have
$ emk register
emk: Missing: last_name, first_name, birth_date, sex, snils, phone, email, …
hint: name a person file: --from person.toml (emk register --template prints one)
[2]
$ emk register --template > person.toml
$ emk register --from person.toml --fields trust,phone,next
emk: No keyring: the demo session is kept in a file only you can read; it opens nothing.
trust	simplified
phone	+7 *** ***-**-01
next	emk verify --passport-scan FILE --selfie FILE
$ emk connect
emk: The account is not confirmed yet: pass the verification.
hint: emk verify --passport-scan FILE --selfie FILE
[5]
$ emk verify --passport-scan passport.png --selfie selfie.jpg --code-command 'emk mock inbox --code' --fields trust,next
emk: A code was sent to +7 *** ***-**-01. Tell it to nobody.
trust	standard
next	emk verify --wait
$ emk verify --wait --fields trust,next
emk: The mock's clock was moved to …
trust	confirmed
next	emk connect
$ emk connect
emk: Consents are needed, each by its own act: medical-data@1, egisz-transfer@1.
hint: emk connect --accept-consent medical-data@1 --accept-consent egisz-transfer@1
[5]
$ emk connect --accept-consent medical-data@1 --accept-consent egisz-transfer@1 --fields status,next
status	draft
next	emk clinic list --near residence
$ CLINIC=$(emk clinic list --near residence --accepts adults --limit 1 -q | cut -f1)
$ emk card summary
emk: The card is not activated yet.
hint: emk next
[5]
$ emk clinic choose $CLINIC
emk: This needs a confirmation and may not ask.
hint: pass --yes
[2]
$ DOCTOR=$(emk doctor list --clinic $CLINIC --specialty therapist --query 'items[?panel_open]|[0].id')
$ emk clinic choose $CLINIC --doctor $DOCTOR --yes --fields status,next
status	submitted
next	emk status --wait
$ emk card labs
emk: The card is not activated yet; expected by …
hint: emk status
[5]
$ emk status --wait --fields status,next
emk: The mock's clock was moved to …
…
status	activated
next	emk card summary
$ emk card labs --limit 1 | wc -l
showing 1 of …
1
$ emk request create prescription --medicine Аторвастатин --yes --fields medicine,status
medicine	Аторвастатин
status	submitted
$ emk notification list --unread --limit 1 --fields title
Электронная медицинская карта активирована
showing 1 of …
$ emk next --fields command
command	emk card summary
