"""What the mock says, in both languages: titles and details of problems, messages, comments of a history."""

from __future__ import annotations

PORTAL = "ru"
"""Documents speak the portal's own language, whoever asks; only problems follow Accept-Language."""

_TEXTS: dict[str, tuple[str, str]] = {
    # titles of problems
    "title.invalid_input": ("Invalid input", "Неверные данные"),
    "title.login_required": ("Login required", "Требуется вход"),
    "title.session_lost": ("The session has ended", "Сеанс завершён"),
    "title.consent_required": ("Consent required", "Требуется согласие"),
    "title.forbidden": ("Not allowed", "Доступ запрещён"),
    "title.not_activated": ("Not activated", "Услуга не активирована"),
    "title.not_verified": ("Account not confirmed", "Учётная запись не подтверждена"),
    "title.not_found": ("Not found", "Не найдено"),
    "title.unsupported": ("Not supported", "Не поддерживается"),
    "title.conflict": ("Conflict", "Конфликт"),
    "title.exists": ("Exists already", "Уже существует"),
    "title.rate_limited": ("Too many requests", "Слишком много запросов"),
    "title.server_error": ("Server error", "Ошибка сервера"),
    "title.busy": ("Busy", "Занято"),
    "title.storage": ("Storage failed", "Сбой хранилища"),
    # wire
    "not_json": ("The body is not a JSON object.", "Тело запроса не является объектом JSON."),
    "empty_body": ("The body is empty.", "Тело запроса пусто."),
    "invalid_field": ("The field {field} did not pass the check.", "Поле {field} не прошло проверку."),
    "too_large": ("The body is larger than 5 MB.", "Тело запроса больше 5 МБ."),
    "not_found": ("There is nothing at this address.", "По этому адресу ничего нет."),
    "no_account": ("No account has the phone {phone}.", "Учётной записи с телефоном {phone} нет."),
    "no_application": ("There is no application {id}.", "Заявки {id} нет."),
    "no_clinic": ("There is no clinic {id}.", "Поликлиники {id} нет."),
    "no_consent": ("There is no consent {id}.", "Согласия {id} нет."),
    "no_doctor": ("There is no doctor {id}.", "Врача {id} нет."),
    "no_notification": ("There is no notification {id}.", "Уведомления {id} нет."),
    "no_tenant": ("There is no tenant of that name.", "Арендатора с таким именем нет."),
    "control_token": (
        "This server asks for its control token here.",
        "Здесь этот сервер спрашивает управляющий токен.",
    ),
    "tenant_in_use": ("Requests to this tenant are being answered.", "Запросы к этому арендатору ещё выполняются."),
    "tenants_in_use": ("Every tenant is in use; try again.", "Все арендаторы заняты; повторите."),
    "tenant_name": (
        "A tenant's name has small letters, digits and hyphens, 64 at most.",
        "В имени арендатора строчные латинские буквы, цифры и дефисы, не больше 64.",
    ),
    "snapshot_foreign": (
        "This is no snapshot of an emk mock; nothing was changed.",
        "Это не снимок состояния учебного сервера emk; ничего не изменено.",
    ),
    "snapshot_newer": (
        "The snapshot has version {version}, and this mock reads versions up to {known}; nothing was changed.",
        "Версия снимка {version}, а этот сервер читает версии до {known}; ничего не изменено.",
    ),
    "snapshot_damaged": (
        "The snapshot is cut or damaged; nothing was changed.",
        "Снимок обрезан или повреждён; ничего не изменено.",
    ),
    "snapshot_large": ("A snapshot is at most 64 MB.", "Снимок состояния занимает не больше 64 МБ."),
    "no_person": ("There is no person {id} in this account.", "В этой учётной записи нет человека {id}."),
    "no_request": ("There is no request {id}.", "Запроса {id} нет."),
    "no_service": ("There is no service {id}.", "Услуги {id} нет."),
    "no_transfer": ("There is no transfer {id}.", "Передачи данных {id} нет."),
    "unsupported": ("This address does not take this method.", "Этот адрес не принимает такой метод."),
    "server_error": ("The service is not available for now.", "Сервис временно недоступен."),
    "preferred": ("The request asked for this status.", "Этот статус запросил сам запрос."),
    "page_expired": (
        "The search whose pages these were does not exist any more.",
        "Поиска, чьи это страницы, больше нет.",
    ),
    "rate_limited": ("Too many requests; try later.", "Слишком много запросов, повторите позже."),
    "busy": ("The state is locked by another process.", "Состояние занято другим процессом."),
    "storage": ("The state cannot be used.", "Состояние недоступно."),
    "key_reused": (
        "The Idempotency-Key was used for another request.",
        "Этот Idempotency-Key уже использован для другого запроса.",
    ),
    # sessions and codes
    "login_required": ("Log in first.", "Сначала войдите."),
    "code_login_required": (
        "The account is confirmed: log in with a code or a signature.",
        "Учётная запись подтверждена: войдите по коду или подписи.",
    ),
    "token_invalid": ("The token is unknown.", "Токен неизвестен."),
    "token_expired": ("The token has expired.", "Срок действия токена истёк."),
    "session_revoked": ("The session was ended.", "Сеанс был завершён."),
    "refresh_reused": (
        "The refresh token was used before; the session is ended.",
        "Токен обновления уже использован, сеанс завершён.",
    ),
    "invalid_request": ("A parameter is missing: {field}.", "Не хватает параметра {field}."),
    "unsupported_grant_type": ("This grant type is not supported.", "Такой вид входа не поддерживается."),
    "challenge_unknown": ("There is no such challenge; ask for a new code.", "Запрос кода не найден, запросите новый."),
    "challenge_used": ("This challenge was answered before.", "Этот код уже использован."),
    "code_invalid": ("The code is wrong.", "Неверный код."),
    "code_expired": ("The code has expired; ask for a new one.", "Срок действия кода истёк, запросите новый."),
    "too_many_attempts": (
        "The code was entered wrongly too often; ask for a new one.",
        "Код введён неверно слишком много раз, запросите новый.",
    ),
    "resend_too_early": ("A new code can be asked for in {seconds} s.", "Новый код можно запросить через {seconds} с."),
    "signature_invalid": (
        "The signature does not belong to this challenge and account.",
        "Подпись не подходит к этому запросу и учётной записи.",
    ),
    "signature_unsupported": (
        "Signatures with this algorithm ({algorithm}) are not supported here; RSA and ECDSA are.",
        "Подписи с этим алгоритмом ({algorithm}) здесь не поддерживаются; поддерживаются RSA и ECDSA.",
    ),
    "invalid_client": ("This program is not registered here.", "Эта программа здесь не зарегистрирована."),
    "invalid_scope": (
        "None of the scopes asked for is known here, or they are more than was granted.",
        "Ни одна из запрошенных областей доступа здесь не известна, либо запрошено больше, чем было разрешено.",
    ),
    "scope_lacking": (
        "This program was not granted the scope {scope}.",
        "Этой программе не разрешена область доступа {scope}.",
    ),
    "grant_invalid": (
        "The code is wrong, used or expired, or its proof does not fit.",
        "Код неверен, использован или устарел, либо не подходит его подтверждение.",
    ),
    # the login page
    "front.title": ("emk mock", "Учебный сервер emk"),
    "front.closed": (
        "This is a mock server for programs. Its clock, people and messages are shown only to a browser on the same machine, "
        "and never where the server has a control token.",
        "Это учебный сервер для программ. Часы, людей и сообщения он показывает только браузеру на этой же машине "
        "и не показывает, если у сервера есть управляющий токен.",
    ),
    "front.foreign": (
        "Only the buttons of this server's own page work here, in a browser on the same machine.",
        "Здесь работают только кнопки собственной страницы этого сервера в браузере на той же машине.",
    ),
    "front.no_action": ("There is no such button.", "Такой кнопки нет."),
    "front.clock": ("Clock", "Часы"),
    "front.now": (
        "It is {now}. Speed of the clock: {speed}.",
        "Сейчас {now}. Скорость часов: {speed}.",
    ),
    "front.upcoming": ("Next: {what}, {at}.", "Следующее событие: {what}, {at}."),
    "front.quiet": ("Nothing is planned.", "Ничего не запланировано."),
    "front.hours_1": ("1 hour forward", "На час вперёд"),
    "front.hours_24": ("24 hours forward", "На 24 часа вперёд"),
    "front.hours_48": ("48 hours forward", "На 48 часов вперёд"),
    "front.next": ("To the next event", "К следующему событию"),
    "front.scenario": ("Scenario", "Сценарий"),
    "front.enter": ("Set", "Задать"),
    "front.people": ("People", "Люди"),
    "front.seed": ("Add somebody with an activated card", "Добавить человека с активированной картой"),
    "front.reset": ("Forget everybody", "Забыть всех"),
    "front.records": ("{count} resources", "ресурсов: {count}"),
    "front.inbox": ("Inbox: the latest messages", "Сообщения: последние"),
    "front.journal": ("Journal: the latest requests", "Журнал: последние запросы"),
    "front.nothing": ("Nothing yet.", "Пока ничего нет."),
    "front.column_name": ("Name", "Имя"),
    "front.column_phone": ("Phone", "Телефон"),
    "front.column_trust": ("Account", "Учётная запись"),
    "front.column_card": ("Card", "Карта"),
    "front.column_at": ("Time", "Время"),
    "front.column_text": ("Text", "Текст"),
    "front.column_method": ("Method", "Метод"),
    "front.column_path": ("Path", "Путь"),
    "front.column_status": ("Status", "Статус"),
    "page.title": ("Log in", "Вход"),
    "page.demo": (
        "This is a mock for trying things out: never enter real data. Its SMS codes: emk mock inbox --code",
        "Это учебный макет: не вводите настоящих данных. Коды из СМС: emk mock inbox --code",
    ),
    "page.asks": (
        "The program {client} wants you to log in. It asks for: {scope}",
        "Программа {client} просит вас войти и запрашивает: {scope}",
    ),
    "page.who": ("Phone or СНИЛС", "Телефон или СНИЛС"),
    "page.who_wrong": (
        "That is neither a phone (+7 9XX XXX-XX-XX) nor a СНИЛС (XXX-XXX-XXX XX).",
        "Это не телефон (+7 9XX XXX-XX-XX) и не СНИЛС (XXX-XXX-XXX XX).",
    ),
    "page.code": ("Code from the SMS, if there is such an account", "Код из СМС, если такая учётная запись есть"),
    "page.send": ("Send the code", "Получить код"),
    "page.enter": ("Log in", "Войти"),
    "page.again": ("Send a new code", "Отправить новый код"),
    "page.other": ("Another phone or СНИЛС", "Другой телефон или СНИЛС"),
    "page.cancel": ("Do not log in", "Не входить"),
    "page.back": ("Back to the program", "Вернуться в программу"),
    "page.gone": (
        "This login has ended or is too old. Begin anew in the program: emk login",
        "Этот вход завершён или устарел. Начните заново в программе: emk login",
    ),
    "page.left": ("You have logged out.", "Вы вышли."),
    "page.stranger": (
        "The program or its return address is not registered here; nobody was logged in.",
        "Программа или её адрес возврата здесь не зарегистрированы; вход не выполнен.",
    ),
    "page.cancelled": ("The person did not log in.", "Человек отказался от входа."),
    "page.blocked": (
        "This account is blocked. Unblock it on Gosuslugi or at a service centre.",
        "Учётная запись заблокирована. Разблокируйте её на Госуслугах или в центре обслуживания.",
    ),
    "page.unconfirmed": (
        "The program lets in confirmed accounts only, and this one is not confirmed yet.",
        "Программа пускает только с подтверждённой учётной записью, а эта ещё не подтверждена.",
    ),
    # account
    "exists": (
        "An account with this SNILS exists with other data.",
        "Учётная запись с этим СНИЛС существует с другими данными.",
    ),
    "phone_taken": ("This phone belongs to another account.", "Этот телефон принадлежит другой учётной записи."),
    "not_a_picture": ("The file is neither PNG nor JPEG.", "Файл не является изображением PNG или JPEG."),
    "pictures_missing": (
        "Upload the passport scan and the selfie first.",
        "Сначала загрузите скан паспорта и селфи.",
    ),
    "verification_started": ("The verification was handed in already.", "Проверка уже начата."),
    "not_verified": (
        "The account is not confirmed yet: pass the verification.",
        "Учётная запись ещё не подтверждена: пройдите проверку.",
    ),
    "in_review": (
        "The account is being checked; the answer comes by {expected_by}.",
        "Учётная запись проверяется; ответ будет до {expected_by}.",
    ),
    # the way to the card
    "consent_required": ("A consent is missing: {consents}.", "Не хватает согласия: {consents}."),
    "consent_changed": (
        "Another version of the text is in force: {version}.",
        "Действует другая версия текста: {version}.",
    ),
    "consent_not_given": ("This consent is not in force.", "Это согласие не действует."),
    "not_connected": ("The service is not connected yet.", "Услуга ещё не подключена."),
    "service_elsewhere": (
        "Only the Moscow service can be connected here.",
        "Здесь подключается только услуга Москвы.",
    ),
    "not_activated": ("The card is not activated yet.", "Карта ещё не активирована."),
    "activation_pending": (
        "The card is not activated yet; expected by {expected_by}.",
        "Карта ещё не активирована; ожидается до {expected_by}.",
    ),
    "access_ended": ("The access to this person has ended.", "Доступ к этому человеку прекращён."),
    "age_group": ("The clinic does not accept this age group.", "Поликлиника не принимает эту возрастную группу."),
    "not_a_polyclinic": (
        "One is attached to a polyclinic, not to a hospital.",
        "Прикрепиться можно к поликлинике, а не к больнице.",
    ),
    "panel_closed": ("The doctor takes no new patients.", "Врач не принимает новых пациентов."),
    "doctor_elsewhere": ("The doctor works in another clinic.", "Врач работает в другой поликлинике."),
    "other_clinic": (
        "An application to another clinic is under way.",
        "Уже подана заявка в другую поликлинику.",
    ),
    "attached_elsewhere": (
        "The person is attached to another clinic; a move changes it.",
        "Человек прикреплён к другой поликлинике; её меняет переезд.",
    ),
    "card_open": (
        "The card of this person is open already and keeps its size.",
        "Карта этого человека уже открыта, её размер не изменится.",
    ),
    "already_activated": ("An activated application cannot be cancelled.", "Активированную заявку отменить нельзя."),
    "already_decided": ("This was decided already.", "Решение уже принято."),
    "past_expiry": ("The expiry is in the past.", "Срок действия уже прошёл."),
    "no_record": ("There is no record {id} in the card.", "Записи {id} нет в карте."),
    "child_contacts": ("A child has no contacts of its own.", "У ребёнка нет собственных контактов."),
    # comments of a history
    "comment.taken": ("The clinic has taken the application", "Поликлиника приняла заявку"),
    "comment.sped_up": ("A physician was chosen", "Выбран врач"),
    "comment.moved": ("Another clinic after a move", "Другая поликлиника после переезда"),
    "reason.refused": (
        "The data differ from those in the register of the insured; turn to the clinic's registry.",
        "Данные не совпали с регистром застрахованных; обратитесь в регистратуру поликлиники.",
    ),
    # notifications: title and text
    "note.verified": ("The account is confirmed", "Учётная запись подтверждена"),
    "note.verified.text": (
        "Your account is confirmed. All services are open.",
        "Ваша учётная запись подтверждена. Доступны все услуги.",
    ),
    "note.submitted": ("Application {id} has been submitted", "Заявка {id} отправлена"),
    "note.submitted.text": (
        "The application goes to {clinic}. Expected by {expected_by}.",
        "Заявка направлена: {clinic}. Ожидаемый срок — до {expected_by}.",
    ),
    "note.in_progress": ("Application {id} is in progress", "Заявка {id} в работе"),
    "note.in_progress.text": (
        "{clinic} is looking at the application. Expected by {expected_by}.",
        "{clinic} рассматривает заявку. Ожидаемый срок — до {expected_by}.",
    ),
    "note.activated": ("The medical card is activated", "Электронная медицинская карта активирована"),
    "note.activated.text": (
        "Application {id}: the card is open. Clinic: {clinic}.",
        "Заявка {id}: карта открыта. Поликлиника: {clinic}.",
    ),
    "note.refused": ("Application {id} was refused", "По заявке {id} отказано"),
    "note.refused.text": (
        "The data differ from those in the register of the insured. Turn to {clinic}.",
        "Данные не совпали с регистром застрахованных. Обратитесь: {clinic}.",
    ),
    "note.cancelled": ("Application {id} was cancelled", "Заявка {id} отменена"),
    "note.cancelled.text": (
        "You have cancelled the application. It can be submitted anew.",
        "Вы отменили заявку. Её можно подать снова.",
    ),
    "note.prescribed": ("The prescription is ready", "Рецепт выписан"),
    "note.prescribed.text": (
        "Request {id}: {medicine}. The prescription is in the card.",
        "Запрос {id}: {medicine}. Рецепт — в карте.",
    ),
    "support": ("Support of the portal", "Служба поддержки портала"),
    "registry": ("Registry, {clinic}", "Регистратура, {clinic}"),
}

# Messages to a phone and the portal's words for a status are Russian whatever the reader's language.
SMS_CODE = "Код подтверждения: {code}. Никому не сообщайте код"
STATUS_NAMES = {
    "draft": "Черновик",
    "submitted": "Отправлено",
    "in_progress": "В работе",
    "activated": "Активировано",
    "refused": "Отказано",
    "cancelled": "Отменено",
}


def text(key: str, language: str, /, **names: object) -> str:
    """The text in `ru` or `en`; an unknown key is shown as it is."""
    pair = _TEXTS.get(key)
    if pair is None:
        return key
    return (pair[1] if language == "ru" else pair[0]).format(**names)
