//! E-mail addresses of Japanese mobile carriers, whose local parts may have dots
//! where RFC 5321 allows none outside of quotes: `try..this.@docomo.ne.jp`.

/// The domains that handed such addresses out.
const DOMAINS: [&str; 3] = ["docomo.ne.jp", "ezweb.ne.jp", "au.com"];

/// The address with its local part in quotes, if `text` is one that needs them.
///
/// Mail servers, SES among them, take such an address in quotes only.
pub(super) fn quote_local_part(text: &str) -> Option<String> {
    let (local, domain) = text.rsplit_once('@')?;
    let domain = domain.to_ascii_lowercase();
    if text.len() > 252 || !DOMAINS.contains(&domain.as_str()) {
        return None;
    }
    let bare = local
        .strip_prefix('"')
        .and_then(|local| local.strip_suffix('"'))
        .unwrap_or(local);
    let needs_quotes = bare.starts_with('.') || bare.ends_with('.') || bare.contains("..");
    let is_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let has_letters = bare.contains(|c: char| c != '.');
    (needs_quotes && has_letters && bare.len() <= 62 && bare.chars().all(is_atom))
        .then(|| format!("\"{bare}\"@{domain}"))
}
