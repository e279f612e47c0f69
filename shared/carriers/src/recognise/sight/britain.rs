//! Carriers of Britain and Ireland.

use super::{CarrierListing, listing};

pub(super) const SIGHTS: &[CarrierListing] = &[
    listing(
        "royal_mail",
        "Royal Mail",
        &["GB"],
        "https://www.royalmail.com/track-your-item#/tracking-results/{number}",
        &["royalmail", "royal mail tracked"],
        &["royalmail.com"],
    ),
    listing(
        "parcelforce",
        "Parcelforce",
        &["GB"],
        "https://www.parcelforce.com/track-trace?trackNumber={number}",
        &["parcelforce worldwide", "parcel force"],
        &["parcelforce.com"],
    ),
    listing(
        "evri",
        "Evri",
        &["GB"],
        "https://www.evri.com/track/parcel/{number}",
        &[
            "hermes uk",
            "myhermes",
            "myhermes uk",
            "hermes world",
            "hermes",
        ],
        &["evri.com", "myhermes.co.uk", "hermesworld.com"],
    ),
    listing(
        "yodel",
        "Yodel",
        &["GB"],
        "https://www.yodel.co.uk/tracking/{number}",
        &["yodel direct", "collect+", "collectplus"],
        &["yodel.co.uk", "collectplus.co.uk"],
    ),
    listing(
        "dx",
        "DX",
        &["GB", "IE"],
        "https://my.dxdelivery.com/?tracking={number}",
        &["dx delivery", "dx express"],
        &["dxdelivery.com", "thedx.co.uk"],
    ),
    listing(
        "apc",
        "APC Overnight",
        &["GB"],
        "https://apc-overnight.com/receiving-a-parcel/tracking",
        &["apc"],
        &["apc-overnight.com"],
    ),
    listing(
        "tuffnells",
        "Tuffnells",
        &["GB"],
        "",
        &[],
        &["tuffnells.co.uk"],
    ),
    listing("whistl", "Whistl", &["GB"], "", &[], &["whistl.co.uk"]),
    listing(
        "an_post",
        "An Post",
        &["IE"],
        "https://www.anpost.com/Post-Parcels/Track/History?item={number}",
        &["anpost"],
        &["anpost.com", "anpost.ie"],
    ),
];
