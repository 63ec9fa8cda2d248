//! Histories of concurrent callers, as invoke / ok / fail / info, and what is checked of them: each quota line is
//! linearizable, and the log is an append-only list of which every reader sees a prefix. The same history is written in
//! the form that Elle reads (`list-append`), so that anyone can check it again without our code.

mod elle;
mod lists;
mod quota;
mod record;
mod two_servers;
mod wgl;
