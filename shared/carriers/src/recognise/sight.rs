//! The carriers that we know by sight: by how storefronts call them and where
//! their tracking pages are.
//!
//! Many of them have a module of their own and can be asked; of the others a
//! customer gets the link. Names are in lower case.

mod americas;
mod asia;
mod britain;
mod europe;
mod northeast;
mod world;

use super::posts::POSTS;

/// A carrier that we know by sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CarrierListing {
    /// Its id, also that of its module if it has one.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Where it is at home (ISO 3166-1 alpha-2); nothing if it is everywhere.
    pub countries: &'static [&'static str],
    /// Its page for people; `{number}` stands for the number.
    pub tracking_url: Option<&'static str>,
    /// Further names under which storefronts know it, in lower case.
    pub names: &'static [&'static str],
    /// Hosts of its tracking pages, without `www.`.
    pub hosts: &'static [&'static str],
}

/// A post as the Universal Postal Union knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PostalOperator {
    pub(super) country: &'static str,
    pub(super) carrier: &'static str,
    pub(super) name: &'static str,
}

static SIGHTS: &[&[CarrierListing]] = &[
    world::SIGHTS,
    britain::SIGHTS,
    europe::SIGHTS,
    northeast::SIGHTS,
    americas::SIGHTS,
    asia::SIGHTS,
];

const fn listing(
    id: &'static str,
    name: &'static str,
    countries: &'static [&'static str],
    tracking_url: &'static str,
    names: &'static [&'static str],
    hosts: &'static [&'static str],
) -> CarrierListing {
    CarrierListing {
        id,
        name,
        countries,
        tracking_url: if tracking_url.is_empty() {
            None
        } else {
            Some(tracking_url)
        },
        names,
        hosts,
    }
}

/// Every carrier that we know more of than its name.
pub fn all_listings() -> impl Iterator<Item = &'static CarrierListing> {
    SIGHTS.iter().copied().flatten()
}

/// The carrier with this id, if it is one of [`all_listings`].
pub fn find_listing(id: &str) -> Option<&'static CarrierListing> {
    all_listings().find(|sight| sight.id == id)
}

/// What people call the carrier with this id.
pub fn carrier_name(id: &str) -> Option<&'static str> {
    let modules = crate::PROFILES.iter();
    modules
        .filter(|profile| profile.id == id)
        .map(|profile| profile.name)
        .next()
        .or_else(|| find_listing(id).map(|sight| sight.name))
        .or_else(|| {
            let post = POSTS.iter().find(|post| post.carrier == id)?;
            Some(post.name)
        })
}

/// The page for people about `number` of the carrier with this id.
pub fn tracking_page(id: &str, number: &str) -> Option<String> {
    let module = crate::PROFILES
        .iter()
        .find(|profile| profile.id == id)
        .and_then(|profile| profile.tracking_url);
    let number = match id {
        "fedex" => crate::carriers::fedex::on_label(number),
        _ => number,
    };
    module
        .or_else(|| find_listing(id)?.tracking_url)
        .map(|template| template.replace("{number}", number))
}

/// Where a carrier is at home; nothing if it is everywhere or we do not know.
pub(super) fn is_at_home(id: &str, country: &str) -> Option<bool> {
    let is_country = |code: &str| code.eq_ignore_ascii_case(country);
    if let Some(sight) = find_listing(id) {
        return (!sight.countries.is_empty())
            .then(|| sight.countries.iter().any(|code| is_country(code)));
    }
    let posts = || POSTS.iter().filter(|post| post.carrier == id);
    posts()
        .next()
        .is_some()
        .then(|| posts().any(|post| is_country(post.country)))
}

/// The ids of the carriers that a storefront may mean by `text`: by id or name,
/// alone or with a product after it, as `UPS Ground`. Of several names the
/// longest counts: `DHL Express` is not `DHL`. `DHL` may be any of its divisions.
pub fn find_by_name(text: &str) -> Vec<&'static str> {
    let text = fold_name(text);
    let length_of = |name: &str| matched_length(&text, name);
    let known = all_listings().flat_map(|sight| {
        let names = [sight.id, sight.name].into_iter();
        names
            .chain(sight.names.iter().copied())
            .map(|name| (sight.id, name))
    });
    let modules = crate::PROFILES
        .iter()
        .filter(|profile| profile.id != "manual")
        .flat_map(|profile| [(profile.id, profile.id), (profile.id, profile.name)]);
    let posts = POSTS.iter().filter_map(|post| {
        // The id is the name without accents.
        let plain = post.carrier.replace('_', " ");
        let length = length_of(post.name).max(length_of(&plain))?;
        Some((post.carrier, length))
    });
    longest_matches(
        known
            .chain(modules)
            .filter_map(|(id, name)| Some((id, length_of(name)?)))
            .chain(posts),
    )
}

/// Whether `text` is the id or the name of this carrier, alone or with a product
/// after it. `DHL` means each of DHL's carriers, but it is the name of one.
pub(super) fn is_its_name(id: &str, text: &str) -> bool {
    let text = fold_name(text);
    let is_name = |name: &str| matched_length(&text, name).is_some();
    is_name(id) || carrier_name(id).is_some_and(is_name)
}

fn fold_name(text: &str) -> String {
    text.trim().to_lowercase().replace(['®', '™'], "")
}

/// The length of `name`, if the folded `text` is it, alone or with a product after it.
fn matched_length(text: &str, name: &str) -> Option<usize> {
    let name = name.to_lowercase();
    let rest = text.strip_prefix(&name)?;
    let is_end = rest.is_empty() || rest.starts_with([' ', '-', '(', ',', '/', ':']);
    (is_end && !name.is_empty()).then_some(name.len())
}

/// The ids of the carriers whose tracking pages are where `url` leads.
pub fn find_by_host(url: &str) -> Vec<&'static str> {
    let Some(host) = url_host(url) else {
        return Vec::new();
    };
    let length_of = |known: &str| {
        let before = host.strip_suffix(known)?;
        (before.is_empty() || before.ends_with('.')).then_some(known.len())
    };
    longest_matches(all_listings().flat_map(|sight| {
        let hosts = sight.hosts.iter();
        hosts.filter_map(|host| Some((sight.id, length_of(host)?)))
    }))
}

fn url_host(url: &str) -> Option<String> {
    let url = url::Url::parse(url.trim()).ok()?;
    Some(url.host_str()?.to_lowercase())
}

/// The ids with the greatest length, each once.
fn longest_matches(found: impl Iterator<Item = (&'static str, usize)>) -> Vec<&'static str> {
    let mut greatest = 0;
    let mut ids = Vec::new();
    for (id, length) in found {
        if length > greatest {
            greatest = length;
            ids.clear();
        }
        if length == greatest && !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}
