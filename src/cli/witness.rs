//! `qonys witness`: a small witness for other people's logs, to be run by another organisation than the log's.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use qonys_verify::note::{Algorithm, VerifierKey};
use tokio::net::TcpListener;

use super::{Failure, output, relay::asked_to_end};
use crate::{
    clock::{Clock, Entropy},
    proof::key::NoteKey,
    witness::Witness,
};

/// The file of the key in the witness's directory.
const KEY: &str = "key";

/// Options of `qonys witness`.
#[derive(Args)]
pub(super) struct Serve {
    /// Directory of the witness: its key and the last checkpoint of each log. Never put it back from a backup.
    #[arg(long, default_value = "qonys-witness")]
    dir: PathBuf,
    /// Name of the witness, such as `prosecutor.example/w1`; needed once, when its key is made.
    #[arg(long)]
    name: Option<String>,
    /// A public key of a log that it watches; may be given several times.
    #[arg(long = "log", required = true)]
    logs: Vec<VerifierKey>,
    /// Address and port to listen on.
    #[arg(long, default_value = "127.0.0.1:8090")]
    addr: SocketAddr,
}

/// Runs a witness until it is told to end.
pub(super) async fn run(serve: Serve) -> Result<(), Failure> {
    let path = serve.dir.join(KEY);
    let key = match NoteKey::read(&path)? {
        Some(key) => key,
        None => {
            let name = serve
                .name
                .as_deref()
                .ok_or_else(|| Failure::usage("a new witness needs a name (--name)"))?;
            let key = NoteKey::generate(name, Algorithm::Cosignature, &Entropy::System);
            let key = key.ok_or_else(|| Failure::usage("a name has no blanks and no plus"))?;
            key.write(&path)?;
            key
        }
    };
    if key.public().algorithm() != Algorithm::Cosignature {
        return Err(Failure::error(format!(
            "{} is not a witness's key",
            path.display()
        )));
    }
    let witness = Witness::new(key, serve.logs, &serve.dir, Clock::System);
    let listener = TcpListener::bind(serve.addr)
        .await
        .map_err(|e| Failure::unavailable(format!("{}: {e}", serve.addr)))?;
    output::line(&witness.public().to_string())?;
    output::complain(&format!("witnessing at http://{}/", listener.local_addr()?));
    crate::http::serve_plain(listener, witness.router(), asked_to_end()).await;
    Ok(())
}
