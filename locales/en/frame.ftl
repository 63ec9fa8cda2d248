parts = Parts of the register
part-board = Quotas
part-acts = Acts
part-proposals = Proposals
ask-title = Another day, or what was known then
on-day = on { $day }
not-known = not known
as-json = This page as JSON

certainty-assumed = assumed
certainty-interpretation = interpretation
doubt-explained = No source gives the day: an official determined it. Whatever rests on it is marked as assumed.

lost-title = Nothing stands at this address
lost-lead = The address is mistyped, or nothing was recorded there at the position that was asked about.
told-front = To the quota board

office-notice = Working page for officials.
office-why = It shows single decisions, by reference only. It is not public: the register answers on this machine alone.
