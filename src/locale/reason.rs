//! What a blocked reason and a ground of refusal say to people, and what one can do next: a closed catalogue in three
//! languages. The code stands beside it and is never translated.

use qonys_domain::blocked::Code;
use qonys_events::term::RefusalGround;

use super::Lang;

/// Two sentences: what stands against it, and what one can do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What stands against it.
    pub says: String,
    /// What one can do next.
    pub next: String,
}

impl Lang {
    /// What a blocked reason says.
    pub fn reason(self, code: Code) -> Said {
        let code = code.as_str();
        Said {
            says: self.say(&format!("blocked-{code}")),
            next: self.say(&format!("next-{code}")),
        }
    }

    /// What a ground of refusal says.
    pub fn ground(self, ground: RefusalGround) -> Said {
        Said {
            says: self.say(&format!("ground-{ground}")),
            next: self.say(&format!("next-ground-{ground}")),
        }
    }
}
