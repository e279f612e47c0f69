//! Tolerant pieces of XML, because carriers change prefixes, put one element
//! where several were, and leave elements empty.
//!
//! Namespaces are ignored: elements and attributes go by their local names. A
//! document type declaration is refused, so no entity but the five of XML and
//! character references is ever replaced, and depth and size are bounded.

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesRef, Event, attributes::Attributes},
};
use std::{borrow::Cow, fmt};

/// Elements may be nested this deep.
const MAX_DEPTH: usize = 64;
/// Elements of one document.
const MAX_ELEMENTS: usize = 250_000;

/// A document, borrowed from the body as far as possible.
pub struct Document<'a> {
    /// In the order of their start tags; a parent stands before its children.
    nodes: Vec<Node<'a>>,
    /// Of all elements, in the order of the elements.
    attributes: Vec<(&'a str, Cow<'a, str>)>,
}

struct Node<'a> {
    name: &'a str,
    text: Cow<'a, str>,
    /// Where its attributes begin; they end where those of the next node begin.
    attributes: usize,
    /// The first node that is not inside this one.
    end: usize,
}

/// An element of a [`Document`].
#[derive(Clone, Copy)]
pub struct Element<'d> {
    document: &'d Document<'d>,
    at: usize,
}

impl<'a> Document<'a> {
    /// Reads a body. None if it is not well-formed, not UTF-8, declares a
    /// document type, or is deeper or larger than any carrier's answer.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let source = std::str::from_utf8(body).ok()?;
        let source = source.trim_start_matches('\u{feff}').trim_start();
        let mut reader = Reader::from_str(source);
        reader.config_mut().allow_dangling_amp = true;
        let mut document = Self {
            nodes: Vec::with_capacity(source.len() / 64),
            attributes: Vec::new(),
        };
        let mut open: Vec<usize> = Vec::new();
        let mut before = 0;
        loop {
            let event = reader.read_event().ok()?;
            let after = usize::try_from(reader.buffer_position()).ok()?;
            match event {
                Event::Start(_) => {
                    document.open_element(source.get(before + 1..after.checked_sub(1)?)?, &open)?;
                    open.push(document.nodes.len() - 1);
                }
                Event::Empty(_) => {
                    document.open_element(source.get(before + 1..after.checked_sub(2)?)?, &open)?;
                }
                Event::End(_) => document.close_element(open.pop()?),
                Event::Text(text) => document.append_text(&open, text.xml10_content().ok()?)?,
                Event::CData(text) => document.append_text(&open, text.xml10_content().ok()?)?,
                Event::GeneralRef(reference) => {
                    document.append_text(&open, resolve_reference(&reference)?)?;
                }
                Event::DocType(_) => return None,
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => break,
            }
            before = after;
        }
        (open.is_empty() && !document.nodes.is_empty()).then_some(document)
    }

    /// A start tag without its brackets, as `ns:name attribute="value"`.
    fn open_element(&mut self, tag: &'a str, open: &[usize]) -> Option<()> {
        let is_second_root = open.is_empty() && !self.nodes.is_empty();
        if is_second_root || open.len() >= MAX_DEPTH || self.nodes.len() >= MAX_ELEMENTS {
            return None;
        }
        let length = tag
            .find(|character: char| character.is_ascii_whitespace() || character == '/')
            .unwrap_or(tag.len());
        let end = self.nodes.len() + 1;
        self.nodes.push(Node {
            name: local_name(&tag[..length]),
            text: Cow::Borrowed(""),
            attributes: self.attributes.len(),
            end,
        });
        if length < tag.len() {
            let mut attributes = Attributes::new(tag, length);
            attributes.with_checks(false);
            for attribute in attributes.filter_map(Result::ok) {
                let name = std::str::from_utf8(attribute.key.into_inner()).ok()?;
                let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
                self.attributes.push((local_name(name), value));
            }
        }
        Some(())
    }

    fn close_element(&mut self, at: usize) {
        let end = self.nodes.len();
        let node = &mut self.nodes[at];
        node.end = end;
        node.text = match std::mem::take(&mut node.text) {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
    }

    /// Text of the innermost open element; none if there is text outside all.
    fn append_text(&mut self, open: &[usize], piece: Cow<'a, str>) -> Option<()> {
        let Some(&at) = open.last() else {
            return piece.trim().is_empty().then_some(());
        };
        let text = &mut self.nodes[at].text;
        if text.is_empty() {
            if !piece.trim().is_empty() {
                *text = piece;
            }
        } else {
            text.to_mut().push_str(&piece);
        }
        Some(())
    }

    /// The outermost element.
    pub fn root_element(&self) -> Element<'_> {
        Element {
            document: self,
            at: 0,
        }
    }
}

/// The name behind the prefix.
fn local_name(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// What stands for a reference; one to an undeclared entity stays as it is.
fn resolve_reference<'a>(reference: &BytesRef<'_>) -> Option<Cow<'a, str>> {
    if reference.is_char_ref() {
        let character = reference.resolve_char_ref().ok().flatten()?;
        return Some(Cow::Owned(character.to_string()));
    }
    let name = reference.decode().ok()?;
    Some(match resolve_predefined_entity(&name) {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(format!("&{name};")),
    })
}

impl<'d> Element<'d> {
    fn element_node(self) -> &'d Node<'d> {
        &self.document.nodes[self.at]
    }

    /// Its name, without a prefix.
    pub fn element_name(self) -> &'d str {
        self.element_node().name
    }

    /// Its own text without the spaces around it; empty if there is none.
    pub fn own_text(self) -> &'d str {
        &self.element_node().text
    }

    /// The value of an attribute; empty if it is not there.
    pub fn attribute_value(self, name: &str) -> &'d str {
        let document = self.document;
        let end = document
            .nodes
            .get(self.at + 1)
            .map_or(document.attributes.len(), |next| next.attributes);
        document.attributes[self.element_node().attributes..end]
            .iter()
            .find(|(key, _)| *key == name)
            .map_or("", |(_, value)| value)
    }

    /// All elements directly inside it.
    pub fn child_elements(self) -> impl Iterator<Item = Element<'d>> {
        let end = self.element_node().end;
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let element = (at < end).then_some(Self { at, ..self })?;
            at = element.element_node().end;
            Some(element)
        })
    }

    /// The elements of this name directly inside it: none, one or many.
    pub fn children_named<'n>(
        self,
        name: &'n str,
    ) -> impl Iterator<Item = Element<'d>> + use<'d, 'n> {
        self.child_elements()
            .filter(move |element| element.element_name() == name)
    }

    /// The first element of this name directly inside it.
    pub fn find_child(self, name: &str) -> Option<Self> {
        self.child_elements()
            .find(|element| element.element_name() == name)
    }

    /// The element at the end of a path of first children.
    pub fn find_path(self, names: &[&str]) -> Option<Self> {
        names
            .iter()
            .try_fold(self, |element, name| element.find_child(name))
    }

    /// The text at the end of a path of first children; empty if there is none.
    pub fn text_at(self, names: &[&str]) -> &'d str {
        self.find_path(names).map_or("", Self::own_text)
    }

    /// The text of the first child of this name; empty if there is none.
    pub fn field_text(self, name: &str) -> &'d str {
        self.find_child(name).map_or("", Self::own_text)
    }

    /// The first element of this name anywhere inside it.
    pub fn find_element(self, name: &str) -> Option<Self> {
        (self.at + 1..self.element_node().end)
            .map(|at| Self { at, ..self })
            .find(|element| element.element_name() == name)
    }
}

impl fmt::Debug for Document<'_> {
    /// Without its texts: they may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("elements", &self.nodes.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Element")
            .field(&self.element_name())
            .finish()
    }
}

/// A text as it may stand between tags and in attributes.
pub fn escape_text(text: &str) -> Cow<'_, str> {
    quick_xml::escape::escape(text)
}

/// What a SOAP envelope holds, of either version: the first element of its
/// body, which may be a `Fault`.
pub fn soap_body<'d>(document: &'d Document<'d>) -> Option<Element<'d>> {
    let envelope = document.root_element();
    (envelope.element_name() == "Envelope")
        .then(|| envelope.find_child("Body")?.child_elements().next())
        .flatten()
}

/// The detail of a SOAP fault, of either version; none if `content` is no fault.
pub fn fault_detail(content: Element<'_>) -> Option<Element<'_>> {
    (content.element_name() == "Fault")
        .then(|| {
            content
                .find_child("detail")
                .or_else(|| content.find_child("Detail"))
        })
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<String> {
        fn show(element: Element<'_>) -> String {
            let inner: Vec<String> = element.child_elements().map(show).collect();
            format!(
                "{}[{}]({})",
                element.element_name(),
                element.own_text(),
                inner.join(" ")
            )
        }
        Document::parse(text.as_bytes()).map(|document| show(document.root_element()))
    }

    #[test]
    fn prefixes_comments_and_spaces_do_not_matter() {
        let plain = parse("<a><b>1</b><b>2</b><c/></a>");
        let dressed = parse(
            "\u{feff} <?xml version=\"1.0\"?>\n<n:a xmlns:n=\"urn:x\">\n <n:b> 1 </n:b><!-- < -->\
             <b\n>2</b >\n <x:c x:y='1' />\n</n:a>\n",
        );
        assert_eq!(plain.as_deref(), Some("a[](b[1]() b[2]() c[]())"));
        assert_eq!(plain, dressed);
    }

    #[test]
    fn references_and_character_data_are_text() {
        assert_eq!(
            parse("<a>x &amp; &lt;y&gt; &#233;&#x20AC; <![CDATA[<b> & ]]>&nbsp; z & w</a>")
                .as_deref(),
            Some("a[x & <y> é€ <b> & &nbsp; z & w]()")
        );
    }

    #[test]
    fn attributes_go_by_their_local_names() {
        let body =
            br#"<a><i Barcode="RA1" n:Name="x &amp; &quot;y&quot;"/><i/><i Barcode=''>t</i></a>"#;
        let document = Document::parse(body).unwrap();
        let items: Vec<_> = document
            .root_element()
            .children_named("i")
            .map(|item| {
                (
                    item.attribute_value("Barcode"),
                    item.attribute_value("Name"),
                    item.own_text(),
                )
            })
            .collect();
        assert_eq!(
            items,
            [("RA1", "x & \"y\"", ""), ("", "", ""), ("", "", "t")]
        );
    }

    #[test]
    fn what_is_not_there_is_empty() {
        let document = Document::parse(b"<a><b><c>1</c></b></a>").unwrap();
        let root = document.root_element();
        assert_eq!(root.text_at(&["b", "c"]), "1");
        assert_eq!(root.text_at(&["b", "d", "e"]), "");
        assert_eq!(root.field_text("x"), "");
        assert_eq!(root.find_element("c").map(Element::own_text), Some("1"));
        assert!(root.find_element("a").is_none() && root.find_child("c").is_none());
    }

    #[test]
    fn nonsense_is_no_document() {
        for text in [
            "",
            " ",
            "x",
            "{}",
            "null",
            "<",
            "<a",
            "<a>",
            "<a></b>",
            "</a>",
            "<a/><b/>",
            "<a/>x",
            "x<a/>",
            "<a>&#0;</a>",
            "<a>&#x110000;</a>",
            "<html><br></html>",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        assert!(Document::parse(b"<a>\xff</a>").is_none());
    }

    #[test]
    fn entities_are_never_expanded() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><a>&b;</a>";
        assert_eq!(parse(bomb), None);
        assert_eq!(parse("<a>&b;</a>").as_deref(), Some("a[&b;]()"));
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(parse(&deep(MAX_DEPTH)).is_some());
        assert!(parse(&deep(MAX_DEPTH + 1)).is_none());
        assert!(Document::parse(deep(1_000_000).as_bytes()).is_none());
        let wide = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count));
        assert!(Document::parse(wide(MAX_ELEMENTS).as_bytes()).is_none());
    }
}
