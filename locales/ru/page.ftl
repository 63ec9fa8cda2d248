site-name = Қоныс
site-title = Реестр решений о миграции
site-city = Алматы
skip-link = Перейти к содержанию
languages = Язык
demo-notice = Демонстрация: все лица вымышлены, а вымышленные акты так и помечены.
test-notice = Тестовый реестр: ничто здесь не имеет юридической силы.

past-title = Вы смотрите на прошлое
ahead-title = Вы смотрите вперёд
past-effective = Показатели на { $day }
past-position = как было известно на позиции { $position }
past-recorded = по записям до { $instant }
past-back = Вернуться к сегодняшнему дню

ask-effective = День действия
ask-effective-hint = День, к которому относятся показатели.
ask-position = Позиция в журнале
ask-position-hint = Что реестр знал тогда. Пусто: всё, что известно сейчас.
ask-submit = Показать
ask-wrong = Показать это нельзя
ask-wrong-day = День должен быть датой, например 2024-08-24.
ask-wrong-position = Позиция должна быть целым числом.
ask-wrong-beyond = В журнале только { $position } записей.

board-title = Табло квот на { $day }
board-lead = Сколько мест допускают действующие акты, сколько зарезервировано и занято и сколько осталось. Отдельная таблица для каждой категории, года и правила счёта: между собой они не складываются.
board-empty = На этот год ни один акт не устанавливает предельное число.
board-nothing = Ни одна строка квоты ещё не записана.
group-caption = { $category }, { $year } год
group-rule = Одно место: { $rule }.
column-territory = Территория
column-limit = Предельное число
column-held = Зарезервировано
column-committed = Занято
column-remaining = Осталось
column-share = Использование
column-state = Состояние
row-national = { $territory }, объявленный итог
row-regional = Региональные строки вместе
legend = На полосах
legend-committed = занято
legend-held = зарезервировано
legend-remaining = осталось
legend-over = сверх предельного числа
bar-title = { $territory }: занято { $committed } и зарезервировано { $held } из { $limit }
bar-desc = Осталось { $remaining }.
bar-desc-over = Превышение квоты на { $over }.
no-limit = не действует

state-in-force = введено в действие
state-not-yet = вводится в действие не ранее { $day }
state-unknown = неизвестно, введён ли акт в действие
state-repealed = акт утратил силу
state-no-limit = ни один акт не устанавливает предельное число
state-over = Превышение квоты на { $over }: пока оно не устранено, места не резервируются и не занимаются
state-closed = год закрыт { $day }, не использовано { $lapsed }
state-source-gap = национальная строка вместо региональных, которых нет в источниках
total-exceeds = Региональные предельные числа превышают объявленный итог.
total-missing = Регионы определены, но строки нет (отсутствует, а не ноль): { $territories }.

acts-title = Последние акты
acts-lead = Акты, записанные последними, и их состояние на { $day }.
acts-empty = Ни один акт ещё не записан.
column-act = Акт
column-body = Кем принят
column-standing = Состояние
act-number = № { $number }
act-synthetic = вымышлен для демонстрации
standing-in-force = действует с { $day }
standing-not-yet = вводится в действие не ранее { $day }
standing-repealed = утратил силу { $day }
standing-unknown = неизвестно, введён ли в действие

tree-title = Вершина журнала
tree-lead = Каждое решение — запись в едином порядке. Корень представляет их все: кто его хранит, сможет доказать, что ни одна не изменена и не удалена.
tree-size = Записей
tree-root = Корень (RFC 6962, SHA-256)
tree-time = Последняя запись
tree-origin = Журнал
tree-empty = пока нет

machines-title = Для программ
machines-lead = Те же показатели и каждая запись байт в байт:
machines-openapi = Описание API (OpenAPI 3.1)
machines-board = Это табло в JSON
machines-acts = Акты в JSON
machines-entries = Записи
machines-head = Вершина журнала в JSON
machines-problems = Коды ошибок

footer-computed = Вычислено на позиции { $position } журнала { $origin }
footer-public = На этой странице только сводные показатели и акты, отдельных дел здесь нет.

unavailable-title = Реестр сейчас недоступен
unavailable-lead = Попробуйте ещё раз чуть позже.
