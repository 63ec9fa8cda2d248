site-name = Qonys
site-title = Register of migration decisions
site-city = Almaty
skip-link = Skip to the content
languages = Language
demo-notice = Demonstration: every person is invented, and acts that are invented are marked so.
test-notice = Test register: nothing here has legal effect.

past-title = You are looking at the past
ahead-title = You are looking ahead
past-effective = Figures of { $day }
past-position = as known at position { $position }
past-recorded = as recorded up to { $instant }
past-back = Back to today

ask-effective = Effective day
ask-effective-hint = The day that the figures are about.
ask-position = Position in the log
ask-position-hint = As the register knew it then. Empty: all that is known now.
ask-submit = Show
ask-wrong = This cannot be shown
ask-wrong-day = The day is not a date such as 2024-08-24.
ask-wrong-position = The position is not a whole number.
ask-wrong-beyond = The log has only { $position } entries.

board-title = Quota board on { $day }
board-lead = How many places the acts in force allow, how many are held and committed, and what is left. One table for each category, year and counting rule: they are never added together.
board-empty = No act sets a limit for this year.
board-nothing = No quota line is recorded yet.
group-caption = { $category }, { $year }
group-rule = One place: { $rule }.
column-territory = Territory
column-limit = Limit
column-held = Held
column-committed = Committed
column-remaining = Left
column-share = Use
column-state = State
row-national = { $territory }, reported total
row-regional = Regional lines together
legend = In the bars
legend-committed = committed
legend-held = held
legend-remaining = left
legend-over = above the limit
bar-title = { $territory }: { $committed } committed and { $held } held of { $limit }
bar-desc = { $remaining } left.
bar-desc-over = Over-committed by { $over }.
no-limit = none in force

state-in-force = in force
state-not-yet = not in force before { $day }
state-unknown = not known whether an act is in force
state-repealed = the act was repealed
state-no-limit = no act sets a limit
state-over = Over-committed by { $over }: nothing more is held or committed until it clears
state-closed = year closed on { $day }, { $lapsed } lapsed
state-source-gap = national line in place of regional ones that the sources lack
total-exceeds = The regional limits exceed the reported total.
total-missing = Determined and without a line (missing, not zero): { $territories }.

acts-title = Latest acts
acts-lead = The acts that were recorded last, and how each stands on { $day }.
acts-empty = No act is recorded yet.
column-act = Act
column-body = Adopted by
column-standing = Standing
act-number = No { $number }
act-synthetic = invented for this demonstration
standing-in-force = in force since { $day }
standing-not-yet = not in force before { $day }
standing-repealed = repealed on { $day }
standing-unknown = not known whether it is in force

tree-title = Head of the log
tree-lead = Every decision is an entry in one order. The root stands for all of them: whoever keeps it can prove later that none was changed or removed.
tree-size = Entries
tree-root = Root (RFC 6962, SHA-256)
tree-time = Last entry
tree-origin = Log
tree-empty = none yet

machines-title = For programs
machines-lead = The same figures, and every entry byte for byte:
machines-openapi = API description (OpenAPI 3.1)
machines-board = This board as JSON
machines-acts = Acts as JSON
machines-entries = Entries
machines-head = Head of the log as JSON
machines-problems = Codes of problems

footer-computed = Computed at position { $position } of { $origin }
footer-public = This page shows aggregates and acts, never single cases.

unavailable-title = The register cannot be read now
unavailable-lead = Try again in a moment.
