//! The recorded deliveries of the storefronts.

use http::{HeaderMap, HeaderName};
use posthorn_storefronts::{Delivery, STOREFRONTS, Storefront, StorefrontEvent, UnreadableBody};
use std::{fs, path::PathBuf};

/// A recorded delivery.
pub(crate) struct Fixture {
    pub(crate) storefront: &'static dyn Storefront,
    /// `shopify/orders_create`.
    pub(crate) name: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Fixture {
    pub(crate) fn delivery(&self) -> Delivery {
        let names = &self.storefront.profile().headers;
        Delivery::read_headers(names, &self.headers, self.body.as_bytes())
    }

    /// Reads `body` as if it had come in this delivery.
    pub(crate) fn read(&self, body: &str) -> Result<Option<StorefrontEvent>, UnreadableBody> {
        self.storefront
            .read_delivery(&self.delivery(), body.as_bytes())
    }
}

/// Every delivery of every storefront.
pub(crate) fn load_all() -> Vec<Fixture> {
    let storefronts = STOREFRONTS.iter();
    storefronts
        .flat_map(|storefront| load(*storefront))
        .collect()
}

/// The deliveries of `storefront`, by name.
pub(crate) fn load(storefront: &'static dyn Storefront) -> Vec<Fixture> {
    let id = storefront.profile().id;
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures")).join(id);
    let files = fs::read_dir(&folder)
        .unwrap_or_else(|_| panic!("{id} has no fixtures: {}", folder.display()));
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    let fixture = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let (head, body) = text.split_once("\n\n").unwrap();
        let headers = head.lines().map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            let name = HeaderName::try_from(name).unwrap();
            (name, value.parse().unwrap())
        });
        let stem = path.file_stem().unwrap().to_str().unwrap();
        Fixture {
            storefront,
            name: format!("{id}/{stem}"),
            headers: headers.collect(),
            body: body.to_owned(),
        }
    };
    paths.into_iter().map(fixture).collect()
}
