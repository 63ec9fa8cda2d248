//! Just enough of HTML to ask a page of ours: its tags with their attributes, and the text between them.

use std::collections::BTreeMap;

/// A tag that begins something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) attributes: BTreeMap<String, String>,
}

impl Tag {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    pub(super) fn has_class(&self, class: &str) -> bool {
        self.get("class")
            .is_some_and(|classes| classes.split(' ').any(|found| found == class))
    }
}

/// A page.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) tags: Vec<Tag>,
    /// Text outside `code`, one piece per place.
    pub(super) texts: Vec<String>,
}

/// Elements without an end.
const VOID: [&str; 5] = ["br", "img", "input", "link", "meta"];

fn unescaped(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn attributes(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = text.trim().trim_end_matches('/').trim();
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        rest = &rest[end..];
        let value = match rest.strip_prefix("=\"") {
            Some(after) => {
                let (value, after) = after.split_once('"').expect("a value ends");
                rest = after;
                unescaped(value)
            }
            None => {
                assert!(!rest.starts_with('='), "a value stands in quotes: {text}");
                String::new()
            }
        };
        rest = rest.trim_start();
        assert!(
            found.insert(name.clone(), value).is_none(),
            "{name} stands twice in <{text}>"
        );
    }
    found
}

/// Reads a page; every element is closed where it was opened.
#[track_caller]
pub(super) fn read(html: &str) -> Page {
    let mut page = Page::default();
    let body = html
        .strip_prefix("<!DOCTYPE html>")
        .expect("a page says what it is");
    let mut open: Vec<String> = Vec::new();
    let mut rest = body;
    while let Some((text, after)) = rest.split_once('<') {
        let text = unescaped(text.trim());
        if !text.is_empty() && !open.iter().any(|name| name == "code") {
            page.texts.push(text);
        }
        let (tag, after) = after.split_once('>').expect("a tag ends");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "near {after:.120}");
            continue;
        }
        let (name, more) = tag
            .split_once(char::is_whitespace)
            .unwrap_or((tag.trim_end_matches('/'), ""));
        page.tags.push(Tag {
            name: name.to_owned(),
            attributes: attributes(more),
        });
        if !VOID.contains(&name) && !tag.ends_with('/') {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "not closed: {open:?}");
    page
}

#[test]
fn a_page_is_read() {
    let page = read(
        "<!DOCTYPE html><p class=\"a b\">x &amp; <code>y</code><br><input disabled><svg><path d=\"M0\"/></svg></p>",
    );
    let names: Vec<&str> = page.tags.iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!(names, ["p", "code", "br", "input", "svg", "path"]);
    assert_eq!(page.texts, ["x &"]);
    assert!(page.tags[0].has_class("b") && !page.tags[0].has_class("c"));
    assert_eq!(page.tags[5].get("d"), Some("M0"));
}
