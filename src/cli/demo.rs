//! `qonys demo`: a register to look at, with Rust alone. A finished demonstration is told again and not changed.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;

use super::{Failure, output, place, serve};
use crate::{
    access::Gate,
    clock::{Clock, Entropy},
    demo::{self, DEFAULT_SEED, Done, Options},
    dispatch::Dispatch,
    settings::{DEFAULT_DIRECTORY, Place, SIGNER_DIRECTORY},
};

/// Options of `qonys demo`.
#[derive(Args)]
pub(super) struct Demo {
    /// Directory of the demonstration.
    #[arg(long, env = "QONYS_DATA_DIR", default_value = DEFAULT_DIRECTORY)]
    data_dir: PathBuf,
    /// Seed of everything that is invented: same seed, same bytes.
    #[arg(long, default_value_t = DEFAULT_SEED)]
    seed: u64,
    /// Ends after the story instead of serving the register.
    #[arg(long)]
    no_serve: bool,
    /// Where the register is served afterwards; an address of this machine's loopback interface.
    #[arg(long, default_value = "127.0.0.1:8080")]
    addr: SocketAddr,
}

/// Makes, resumes or tells the demonstration.
pub(super) async fn run(demo: Demo) -> Result<(), Failure> {
    // An address that cannot be served is told before the work, not after it.
    let listener = if demo.no_serve {
        None
    } else {
        Some(serve::listen(demo.addr, &Gate::local(), false).await?)
    };
    let options = Options {
        dir: demo.data_dir,
        seed: demo.seed,
    };
    let finished = demo::run(&options).await.map_err(Failure::error)?;
    output::line(finished.told.to_string().trim_end())?;
    let done = match finished.done {
        Done::Made => "made",
        Done::Resumed => "resumed and finished",
        Done::Unchanged => "finished before; nothing was changed",
    };
    output::line(&format!(
        "\nThe demonstration in {} is {done}.",
        options.dir.display()
    ))?;
    output::line(&format!(
        "{} entries, root {}",
        finished.position, finished.root
    ))?;
    let Some(listener) = listener else {
        return Ok(());
    };
    // The demonstration's clock is simulated; whoever goes on with the log goes on in real time.
    let dispatch = Dispatch::start(
        finished.log.clone(),
        Some(finished.vault),
        Clock::System,
        Entropy::System,
    )
    .await?;
    let place = Place::Directory(options.dir.clone());
    let signer = options.dir.join(SIGNER_DIRECTORY);
    let dispatch = dispatch.recording(place::audit(&place, &signer, &finished.log).await?);
    let register = serve::Register {
        log: finished.log,
        dispatch,
        clock: Clock::System,
        signer,
        directory: options.dir,
        policy: None,
        gate: Gate::local(),
        tls: None,
    };
    serve::on(listener, register, None).await
}
