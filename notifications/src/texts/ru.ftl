### Русские тексты. Заголовок сообщения; .detail: что говорится только на полном уровне; .was: и что было прежде.

## Общий уровень: ни о ком ничего не сказано.

generic = В дневнике есть новости
    .detail = Откройте приложение, чтобы посмотреть.
more = Подробности в приложении.
of-child = { $child }: { $text }

## Оценки

grade-created = Новая оценка: { $subject }
    .detail = { $value }
    .was = { $before } → { $value }
grade-changed = Оценка изменена: { $subject }
    .detail = { $value }
    .was = { $before } → { $value }
grade-removed = Оценка убрана: { $subject }
    .detail = прежняя оценка: { $value }
status-graded = поставлено
status-exempt = освобождение
status-not-submitted = не сдано
status-not-assessed = не оценено

## Домашние задания

homework-created = Домашнее задание: { $subject }
    .detail = на { $date }: { $text }
homework-changed = Домашнее задание изменено: { $subject }
    .detail = на { $date }: { $text }
homework-removed = Домашнее задание отменено: { $subject }
    .detail = было на { $date }: { $text }

## Расписание

schedule-created = Новый урок в расписании: { $subject }
    .detail = { $when }
schedule-changed = Изменение в расписании: { $subject }
    .detail = { $when }
schedule-removed = Урок убран из расписания: { $subject }
    .detail = { $when }
lesson-substituted = Урок проведёт другой учитель: { $subject }
    .detail = { $when }. { $teacher }
lesson-cancelled = Урока не будет: { $subject }
    .detail = { $when }
lesson-moved = Урок перенесён: { $subject }
    .detail = теперь { $when }
    .was = теперь { $when } (было: { $before })
room = кабинет { $room }

## Посещение

attendance-created = Посещение урока: { $subject }
    .detail = { $date }, { $number }-й урок: { $presence }
attendance-changed = Отметка о посещении исправлена: { $subject }
    .detail = { $date }, { $number }-й урок: { $presence }
attendance-removed = Отметка о посещении убрана: { $subject }
    .detail = { $date }, { $number }-й урок (было: { $presence })
presence-present = присутствие на уроке
presence-absent = отсутствие на уроке
presence-ill = отсутствие по болезни
presence-excused = отсутствие по уважительной причине
presence-late = опоздание
presence-late-by = { $count ->
    [one] опоздание на { $count } минуту
    [few] опоздание на { $count } минуты
   *[many] опоздание на { $count } минут
}

## Предстоящие работы

assessment-created = { $work ->
    [section] Будет СОР: { $subject }
    [term] Будет СОЧ: { $subject }
    [exam] Будет экзамен: { $subject }
   *[other] Будет работа на оценку: { $subject }
}
    .detail = { $date }. { $title }
    .was = { $date } (было: { $before }). { $title }
assessment-changed = { $work ->
    [section] Изменения в СОР: { $subject }
    [term] Изменения в СОЧ: { $subject }
    [exam] Изменения в экзамене: { $subject }
   *[other] Изменения в работе на оценку: { $subject }
}
    .detail = { $date }. { $title }
    .was = { $date } (было: { $before }). { $title }
assessment-removed = { $work ->
    [section] СОР не будет: { $subject }
    [term] СОЧ не будет: { $subject }
    [exam] Экзамена не будет: { $subject }
   *[other] Работы на оценку не будет: { $subject }
}
    .detail = { $date }. { $title }

## Табель

report-card-created = Табель: { $subject }
    .detail = { $what }: { $value }
    .was = { $what }: { $before } → { $value }
report-card-changed = Изменение в табеле: { $subject }
    .detail = { $what }: { $value }
    .was = { $what }: { $before } → { $value }
report-card-removed = Оценка убрана из табеля: { $subject }
    .detail = { $what }, было: { $value }
report-card-period = оценка за период
report-card-year = оценка за год
report-card-exam = оценка за экзамен
report-card-final = итоговая оценка

## Из школы

news-created = Новость школы
    .detail = { $title }
news-changed = Новость школы изменена
news-removed = Новость школы убрана
message-created = Сообщение от учителя
message-changed = Учитель изменил сообщение
message-removed = Учитель убрал сообщение

## Аккаунт

account-signed-in = Вход в ваш аккаунт с нового устройства
    .detail = Если это не вы, сразу смените пароль.
account-token-reused = Выполнен выход из аккаунта в целях безопасности
    .detail = Возможно, кто-то воспользовался входом с одного из ваших устройств; на нём выполнен выход. Войдите снова и смените пароль.
account-child-added = В вашем дневнике появился ребёнок
    .detail = Теперь вам открыт дневник этого ребёнка.
account-child-removed = Дневник ребёнка вам больше не доступен
    .detail = Если это ошибка, свяжитесь со школой.
account-guardian-added = К дневнику вашего ребёнка получил доступ ещё один родитель или опекун
    .detail = Если вы об этом не знаете, свяжитесь со школой.
account-data-exported = Сделана копия всех данных школы
    .detail = В ней есть и дневник, который вы читаете. Такую копию делают, например, при переходе школы в другую систему. Если вам не сказали зачем, спросите в школе.

## Одно сообщение вместо многих

bundle-grades = { $count ->
    [one] { $count } новая оценка
    [few] { $count } новые оценки
   *[many] { $count } новых оценок
}
bundle-hour = { $count ->
    [one] В дневнике { $count } новость
    [few] В дневнике { $count } новости
   *[many] В дневнике { $count } новостей
}
bundle-day = { $count ->
    [one] За день в дневнике { $count } новость
    [few] За день в дневнике { $count } новости
   *[many] За день в дневнике { $count } новостей
}
bundle-week = { $count ->
    [one] За неделю в дневнике { $count } новость
    [few] За неделю в дневнике { $count } новости
   *[many] За неделю в дневнике { $count } новостей
}
count-grade = { $count ->
    [one] { $count } оценка
    [few] { $count } оценки
   *[many] { $count } оценок
}
count-homework = { $count ->
    [one] { $count } домашнее задание
    [few] { $count } домашних задания
   *[many] { $count } домашних заданий
}
count-schedule = { $count ->
    [one] { $count } изменение в расписании
    [few] { $count } изменения в расписании
   *[many] { $count } изменений в расписании
}
count-attendance = { $count ->
    [one] { $count } отметка о посещении
    [few] { $count } отметки о посещении
   *[many] { $count } отметок о посещении
}
count-assessment = { $count ->
    [one] { $count } уведомление о предстоящих работах
    [few] { $count } уведомления о предстоящих работах
   *[many] { $count } уведомлений о предстоящих работах
}
count-report-card = { $count ->
    [one] { $count } запись в табеле
    [few] { $count } записи в табеле
   *[many] { $count } записей в табеле
}
count-news = { $count ->
    [one] { $count } новость школы
    [few] { $count } новости школы
   *[many] { $count } новостей школы
}
count-message = { $count ->
    [one] { $count } сообщение от учителей
    [few] { $count } сообщения от учителей
   *[many] { $count } сообщений от учителей
}
count-account = { $count ->
    [one] { $count } сообщение об аккаунте
    [few] { $count } сообщения об аккаунте
   *[many] { $count } сообщений об аккаунте
}

## Проверка

test = Уведомления работают
    .detail = Сюда приходят уведомления дневника.

## Письмо

mail-hello = Здравствуйте!
mail-open = Открыть дневник
mail-why = Вы получили это письмо, потому что у вас включены уведомления дневника Apta.
mail-unsubscribe = Отписаться от таких писем

## Дата

date = { $day } { $month ->
    [1] января
    [2] февраля
    [3] марта
    [4] апреля
    [5] мая
    [6] июня
    [7] июля
    [8] августа
    [9] сентября
    [10] октября
    [11] ноября
   *[12] декабря
}, { $weekday ->
    [1] пн
    [2] вт
    [3] ср
    [4] чт
    [5] пт
    [6] сб
   *[7] вс
}
