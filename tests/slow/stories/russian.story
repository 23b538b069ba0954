Тот же путь на русском языке: от пустого места до открытой карты.

$ export EMK_LANG=ru
$ emk next
command	emk register
why	…
$ emk register --template > person.toml
$ emk register --from person.toml --fields trust,next
emk: …
trust	simplified
next	emk verify --passport-scan FILE --selfie FILE
$ emk verify --passport-scan passport.png --selfie selfie.jpg --code-command 'emk mock inbox --code' --wait --fields trust,next
emk: …+7 *** ***-**-01…
emk: …
trust	confirmed
next	emk connect
$ emk connect
emk: …medical-data@1, egisz-transfer@1.
…emk connect --accept-consent medical-data@1 --accept-consent egisz-transfer@1
[5]
$ emk connect --accept-consent medical-data@1 --accept-consent egisz-transfer@1 --fields status,status_name
status	draft
status_name	Черновик
$ emk consent list --fields id,title,status
medical-data	Согласие на обработку персональных данных, касающихся здоровья	accepted
egisz-transfer	Согласие на передачу сведений в ЕГИСЗ	accepted
$ emk doctor list --specialty терапевт --limit 1 -q | cut -f3
Врач-терапевт участковый
$ emk clinic choose gp-005 --yes --fields status_name,clinic.name
status_name	Отправлено
clinic.name	Городская поликлиника № 905
$ emk card visits
emk: Карта ещё не активирована; ожидается до …
…emk status
[5]
$ emk status --wait --fields status_name
emk: Часы учебного сервера переведены на …
…
status_name	Активировано
$ emk notification list --limit 1 -q
…Электронная медицинская карта активирована…
$ emk card visits --limit 1 -q | wc -l
1
$ emk clinic show gp-999
emk: …
[3]
