//! `qonys reasons`: the catalogue of what blocks a command, in the language that is asked for.

use clap::Args;

use super::{Failure, output};
use crate::{
    http::problems,
    locale::{Lang, Said},
};
use qonys_domain::blocked::Code;

/// Options of `qonys reasons`.
#[derive(Args)]
pub(super) struct Reasons {
    /// The code; without one every code is listed.
    code: Option<String>,
    /// The language of the sentences.
    #[arg(long, value_enum, default_value = "en")]
    lang: Lang,
    /// Prints JSON with all languages, one code per line.
    #[arg(long)]
    json: bool,
}

/// Prints the catalogue, or one code of it.
pub(super) fn run(asked: &Reasons) -> Result<(), Failure> {
    let wanted: Vec<Code> = match &asked.code {
        None => Code::ALL.to_vec(),
        Some(name) => {
            let found = Code::ALL.iter().find(|code| code.as_str() == name);
            let code = found.ok_or_else(|| {
                Failure::usage(format!(
                    "{name} blocks nothing: `qonys reasons` lists what does"
                ))
            })?;
            vec![*code]
        }
    };
    if asked.json {
        let known = problems().filter(|known| wanted.iter().any(|c| c.as_str() == known.code));
        for known in known {
            output::json(&known)?;
        }
        return Ok(());
    }
    for code in wanted {
        let Said { says, next } = asked.lang.reason(code);
        output::line(&format!("{} ({})", code.as_str(), code.rests().as_str()))?;
        output::line(&format!("    {says}"))?;
        output::line(&format!("    {next}"))?;
    }
    Ok(())
}
