### Қазақша мәтіндер. Хабарламаның тақырыбы; .detail: толық деңгейде ғана айтылатыны; .was: бұрын қандай болғаны да.

## Жалпы деңгей: ешкім туралы ештеңе айтылмайды.

generic = Күнделікте жаңалық бар
    .detail = Көру үшін қолданбаны ашыңыз.
more = Толығырақ қолданбада.
of-child = { $child }: { $text }

## Бағалар

grade-created = Жаңа баға: { $subject }
    .detail = { $value }
    .was = { $before } → { $value }
grade-changed = Баға өзгерді: { $subject }
    .detail = { $value }
    .was = { $before } → { $value }
grade-removed = Баға алынып тасталды: { $subject }
    .detail = бұрынғы баға: { $value }
status-graded = қойылды
status-exempt = босатылған
status-not-submitted = тапсырылмаған
status-not-assessed = бағаланбаған

## Үй тапсырмасы

homework-created = Үй тапсырмасы: { $subject }
    .detail = мерзімі { $date }: { $text }
homework-changed = Үй тапсырмасы өзгерді: { $subject }
    .detail = мерзімі { $date }: { $text }
homework-removed = Үй тапсырмасы алынып тасталды: { $subject }
    .detail = мерзімі { $date } болатын: { $text }

## Сабақ кестесі

schedule-created = Кестеге сабақ қосылды: { $subject }
    .detail = { $when }
schedule-changed = Кестеде өзгеріс: { $subject }
    .detail = { $when }
schedule-removed = Сабақ кестеден алынды: { $subject }
    .detail = { $when }
lesson-substituted = Сабақты басқа мұғалім өткізеді: { $subject }
    .detail = { $when }. { $teacher }
lesson-cancelled = Сабақ болмайды: { $subject }
    .detail = { $when }
lesson-moved = Сабақ басқа уақытқа ауыстырылды: { $subject }
    .detail = енді { $when }
    .was = енді { $when } (бұрын: { $before })
room = { $room }-кабинет

## Сабаққа қатысу

attendance-created = Сабаққа қатысу: { $subject }
    .detail = { $date }, { $number }-сабақ: { $presence }
attendance-changed = Қатысу белгісі түзетілді: { $subject }
    .detail = { $date }, { $number }-сабақ: { $presence }
attendance-removed = Қатысу белгісі алынып тасталды: { $subject }
    .detail = { $date }, { $number }-сабақ (бұрын: { $presence })
presence-present = сабақта болды
presence-absent = сабақта болмады
presence-ill = ауырып, сабақта болмады
presence-excused = себепті жағдаймен сабақта болмады
presence-late = сабаққа кешікті
presence-late-by = сабаққа { $count } минут кешікті

## Алдағы жұмыстар

assessment-created = { $work ->
    [section] БЖБ болады: { $subject }
    [term] ТЖБ болады: { $subject }
    [exam] Емтихан болады: { $subject }
   *[other] Бағаланатын жұмыс болады: { $subject }
}
    .detail = { $date }. { $title }
    .was = { $date } (бұрын: { $before }). { $title }
assessment-changed = { $work ->
    [section] БЖБ туралы өзгеріс: { $subject }
    [term] ТЖБ туралы өзгеріс: { $subject }
    [exam] Емтихан туралы өзгеріс: { $subject }
   *[other] Бағаланатын жұмыс туралы өзгеріс: { $subject }
}
    .detail = { $date }. { $title }
    .was = { $date } (бұрын: { $before }). { $title }
assessment-removed = { $work ->
    [section] БЖБ болмайды: { $subject }
    [term] ТЖБ болмайды: { $subject }
    [exam] Емтихан болмайды: { $subject }
   *[other] Бағаланатын жұмыс болмайды: { $subject }
}
    .detail = { $date }. { $title }

## Табель

report-card-created = Табель: { $subject }
    .detail = { $what }: { $value }
    .was = { $what }: { $before } → { $value }
report-card-changed = Табель өзгерді: { $subject }
    .detail = { $what }: { $value }
    .was = { $what }: { $before } → { $value }
report-card-removed = Табельден баға алынды: { $subject }
    .detail = { $what }, бұрын: { $value }
report-card-period = кезең бағасы
report-card-year = жылдық баға
report-card-exam = емтихан бағасы
report-card-final = қорытынды баға

## Мектептен

news-created = Мектеп жаңалығы
    .detail = { $title }
news-changed = Мектеп жаңалығы өзгерді
news-removed = Мектеп жаңалығы алынып тасталды
message-created = Мұғалімнен хат келді
message-changed = Мұғалім хатын өзгертті
message-removed = Мұғалім хатын алып тастады

## Аккаунт

account-signed-in = Аккаунтыңызға жаңа құрылғыдан кіру тіркелді
    .detail = Бұл сіз болмасаңыз, құпиясөзіңізді дереу өзгертіңіз.
account-token-reused = Қауіпсіздік үшін аккаунтыңыздан шығу орындалды
    .detail = Бір құрылғыңыздағы кіру деректерін басқа біреу пайдаланған болуы мүмкін; сол құрылғыда шығу орындалды. Қайта кіріп, құпиясөзіңізді өзгертіңіз.
account-child-added = Күнделігіңізге бала қосылды
    .detail = Енді оның күнделігін көре аласыз.
account-child-removed = Бала күнделігі енді сізге көрінбейді
    .detail = Бұл қате болса, мектепке хабарласыңыз.
account-guardian-added = Балаңыздың күнделігін енді тағы бір ата-ана немесе қамқоршы оқи алады
    .detail = Бұдан хабарыңыз болмаса, мектепке хабарласыңыз.
account-data-exported = Мектептің барлық деректерінің көшірмесі жасалды
    .detail = Онда сіз оқитын күнделік те бар. Мұндай көшірме, мысалы, мектеп басқа жүйеге көшкенде жасалады. Себебі айтылмаса, мектептен сұраңыз.

## Бірнеше хабардың орнына біреу. Қазақшада сан есімнен кейінгі зат есім өзгермейді.

bundle-grades = { $count } жаңа баға
bundle-hour = Күнделікте { $count } жаңалық
bundle-day = Бір күнде күнделікте { $count } жаңалық
bundle-week = Бір аптада күнделікте { $count } жаңалық
count-grade = { $count } баға
count-homework = { $count } үй тапсырмасы
count-schedule = кестеде { $count } өзгеріс
count-attendance = қатысу туралы { $count } белгі
count-assessment = алдағы жұмыстар туралы { $count } хабар
count-report-card = табельде { $count } жазба
count-news = { $count } мектеп жаңалығы
count-message = мұғалімдерден { $count } хат
count-account = аккаунт туралы { $count } хабар

## Сынақ

test = Хабарландырулар жұмыс істейді
    .detail = Күнделік хабарландырулары осы жерге келеді.

## Хат

mail-hello = Сәлеметсіз бе!
mail-open = Күнделікті ашу
mail-why = Бұл хат сізге Apta күнделігінің хабарландырулары қосулы болғандықтан келді.
mail-unsubscribe = Мұндай хаттардан бас тарту

## Күн

date = { $day } { $month ->
    [1] қаңтар
    [2] ақпан
    [3] наурыз
    [4] сәуір
    [5] мамыр
    [6] маусым
    [7] шілде
    [8] тамыз
    [9] қыркүйек
    [10] қазан
    [11] қараша
   *[12] желтоқсан
}, { $weekday ->
    [1] дс
    [2] сс
    [3] ср
    [4] бс
    [5] жм
    [6] сб
   *[7] жс
}
