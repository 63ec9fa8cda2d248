site-name = Қоныс
site-title = Көші-қон шешімдерінің тізілімі
site-city = Алматы
skip-link = Мазмұнға өту
languages = Тіл
demo-notice = Көрсетілім: барлық адам ойдан шығарылған, ойдан шығарылған актілер солай белгіленген.
test-notice = Сынақ тізілімі: мұндағы ештеңенің заңдық күші жоқ.

past-title = Сіз өткенді көріп отырсыз
ahead-title = Сіз алға қарап отырсыз
past-effective = { $day } күнгі көрсеткіштер
past-position = { $position }-позицияда белгілі болғандай
past-recorded = { $instant } дейінгі жазбалар бойынша
past-back = Бүгінге қайту

ask-effective = Қолданылу күні
ask-effective-hint = Көрсеткіштер қай күнге қатысты.
ask-position = Журналдағы позиция
ask-position-hint = Тізілім сол кезде не білгені. Бос болса: қазір белгілінің бәрі.
ask-submit = Көрсету
ask-wrong = Мұны көрсету мүмкін емес
ask-wrong-day = Күн 2024-08-24 сияқты жазылуға тиіс.
ask-wrong-position = Позиция бүтін сан болуға тиіс.
ask-wrong-beyond = Журналда тек { $position } жазба бар.

board-title = Квоталар тақтасы: { $day }
board-lead = Қолданыстағы актілер қанша орынға жол береді, қаншасы резервте және берілген, қаншасы қалды. Әр санатқа, жылға және санау қағидасына бөлек кесте: олар өзара қосылмайды.
board-empty = Бұл жылға ешбір акт шекті сан белгілемейді.
board-nothing = Әзірге бірде-бір квота жолы жазылмаған.
group-caption = { $category }, { $year } жыл
group-rule = Бір орын: { $rule }.
column-territory = Аумақ
column-limit = Шекті сан
column-held = Резервте
column-committed = Берілді
column-remaining = Қалды
column-share = Пайдалану
column-state = Жай-күйі
row-national = { $territory }, жарияланған жиынтық
row-regional = Өңірлік жолдар бірге
legend = Жолақтарда
legend-committed = берілді
legend-held = резервте
legend-remaining = қалды
legend-over = шекті саннан артық
bar-title = { $territory }: { $limit } орыннан { $committed } берілді, { $held } резервте
bar-desc = { $remaining } орын қалды.
bar-desc-over = Квотадан { $over } орынға асып кетті.
no-limit = қолданыста жоқ

state-in-force = қолданысқа енгізілген
state-not-yet = { $day } дейін қолданысқа енгізілмейді
state-unknown = актінің қолданысқа енгізілгені белгісіз
state-repealed = актінің күші жойылды
state-no-limit = ешбір акт шекті сан белгілемейді
state-over = Квотадан { $over } орынға асып кетті: жойылғанша орын резервтелмейді және берілмейді
state-closed = жыл { $day } жабылды, { $lapsed } орын пайдаланылмады
state-source-gap = дереккөздерде жоқ өңірлік жолдардың орнына ұлттық жол
total-exceeds = Өңірлік шекті сандар жарияланған жиынтықтан асады.
total-missing = Өңір айқындалған, бірақ жолы жоқ (нөл емес, жоқ): { $territories }.

acts-title = Соңғы актілер
acts-lead = Соңғы жазылған актілер және олардың { $day } күнгі жай-күйі.
acts-empty = Әзірге бірде-бір акт жазылмаған.
column-act = Акт
column-body = Кім қабылдады
column-standing = Жай-күйі
act-number = № { $number }
act-synthetic = көрсетілім үшін ойдан шығарылған
standing-in-force = { $day } бастап қолданыста
standing-not-yet = { $day } дейін қолданысқа енгізілмейді
standing-repealed = күші жойылды: { $day }
standing-unknown = қолданысқа енгізілгені белгісіз

tree-title = Журналдың басы
tree-lead = Әрбір шешім — бірыңғай реттегі жазба. Түбір олардың бәрін білдіреді: оны сақтаған адам ешқайсысының өзгертілмегенін және жойылмағанын кейін дәлелдей алады.
tree-size = Жазбалар
tree-root = Түбір (RFC 6962, SHA-256)
tree-time = Соңғы жазба
tree-origin = Журнал
tree-empty = әзірге жоқ

machines-title = Бағдарламаларға
machines-lead = Дәл осы көрсеткіштер және әр жазба байтына дейін:
machines-openapi = API сипаттамасы (OpenAPI 3.1)
machines-board = Осы тақта JSON түрінде
machines-acts = Актілер JSON түрінде
machines-entries = Жазбалар
machines-head = Журналдың басы JSON түрінде
machines-problems = Қате кодтары

footer-computed = { $origin } журналының { $position }-позициясында есептелді
footer-public = Бұл бетте жиынтық көрсеткіштер мен актілер ғана бар, жеке істер көрсетілмейді.

unavailable-title = Тізілім қазір қолжетімсіз
unavailable-lead = Сәл кейінірек қайталап көріңіз.
