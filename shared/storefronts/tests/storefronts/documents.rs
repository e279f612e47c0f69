//! The table of storefronts in the README is the one that the code makes, and each
//! storefront says there how it is set up.

use posthorn_storefronts::STOREFRONTS;
use std::{fmt::Write as _, fs};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");
const BEGIN: &str =
    "<!-- storefronts: UPDATE_STOREFRONTS=1 cargo test -p posthorn-storefronts -->\n";
const END: &str = "<!-- end of storefronts -->\n";

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the test, not of the product"
)]
fn the_table_in_the_readme_is_what_the_code_says() {
    let text = fs::read_to_string(README).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    let mut made = String::from("\n| storefront | topic | for |\n| --- | --- | --- |\n");
    for storefront in STOREFRONTS {
        let profile = storefront.profile();
        for topic in profile.topics {
            let (name, purpose) = (topic.name, topic.purpose);
            writeln!(made, "| {} | `{name}` | {purpose} |", profile.name).unwrap();
        }
    }
    made.push('\n');
    if std::env::var("UPDATE_STOREFRONTS").is_ok() {
        return fs::write(README, format!("{before}{BEGIN}{made}{END}{after}")).unwrap();
    }
    assert!(
        written == made,
        "README.md is out of date: run UPDATE_STOREFRONTS=1 cargo test -p posthorn-storefronts"
    );
}

#[test]
fn each_storefront_says_how_it_is_set_up() {
    let text = fs::read_to_string(README).unwrap();
    for storefront in STOREFRONTS {
        let profile = storefront.profile();
        assert!(text.contains(&format!("\n### {}\n", profile.name)));
        assert!(text.contains(&format!("/shops/acme/{}", profile.id)));
    }
}
