//! The pages: words in three languages, what every page keeps to, what each shows.

mod keeping;
mod markup;
mod showing;
mod words;
