//! The offline verifier: given a bundle and public keys, says whether the log is whole, unaltered and by its own rules.
//! No database, no broker, no web; it reads files that anybody may have copied.
//!
//! The formats are public and exact: RFC 6962 ([`merkle`]), C2SP signed-note ([`note`]), tlog-checkpoint ([`checkpoint`]),
//! tlog-cosignature (in [`note`]), tlog-tiles ([`tile`]), tlog-proof ([`receipt`]), tlog-policy ([`policy`]). On them stand
//! the bundle ([`bundle`]), the four levels of checking ([`check`]) and what is found ([`report`]).

pub mod archive;
pub mod bundle;
pub mod check;
pub mod checkpoint;
pub mod digest;
mod entries;
pub mod merkle;
pub mod note;
pub mod openings;
pub mod policy;
pub mod receipt;
pub mod report;
mod rules;
mod sort;
pub mod tile;
mod tree;
mod views;
mod window;
