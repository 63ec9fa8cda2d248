//! The pages: words in three languages, what every page keeps to, what each shows.

mod keeping;
mod markup;
mod monitoring;
mod showing;
mod words;
