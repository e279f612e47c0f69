//! What a customer reads on the tracking page.

/// The text of an HTML page as a reader sees it: no tags, no style, single spaces.
pub fn text_of(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        text.push(' ');
        let tag = &rest[start..];
        let skipped = ["style", "script", "svg", "head"]
            .iter()
            .find(|name| {
                tag[1..].starts_with(*name)
                    && !tag[1 + name.len()..].starts_with(|c: char| c.is_alphanumeric())
            })
            .and_then(|name| tag.find(&format!("</{name}>")));
        let from = skipped.unwrap_or(0);
        let Some(end) = tag[from..].find('>') else {
            break;
        };
        rest = &tag[from + end + 1..];
    }
    text.push_str(rest);
    let text = text
        .replace("&amp;", "&")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
