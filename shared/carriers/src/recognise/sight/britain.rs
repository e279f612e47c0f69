//! Carriers of Britain and Ireland.

use super::{Sight, sight};

pub(super) const SIGHTS: &[Sight] = &[
    sight(
        "royal_mail",
        "Royal Mail",
        &["GB"],
        "https://www.royalmail.com/track-your-item#/tracking-results/{number}",
        &["royalmail", "royal mail tracked"],
        &["royalmail.com"],
    ),
    sight(
        "parcelforce",
        "Parcelforce",
        &["GB"],
        "https://www.parcelforce.com/track-trace?trackNumber={number}",
        &["parcelforce worldwide", "parcel force"],
        &["parcelforce.com"],
    ),
    sight(
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
    sight(
        "yodel",
        "Yodel",
        &["GB"],
        "https://www.yodel.co.uk/tracking/{number}",
        &["yodel direct", "collect+", "collectplus"],
        &["yodel.co.uk", "collectplus.co.uk"],
    ),
    sight(
        "dx",
        "DX",
        &["GB", "IE"],
        "https://my.dxdelivery.com/?tracking={number}",
        &["dx delivery", "dx express"],
        &["dxdelivery.com", "thedx.co.uk"],
    ),
    sight(
        "apc",
        "APC Overnight",
        &["GB"],
        "https://apc-overnight.com/receiving-a-parcel/tracking",
        &["apc"],
        &["apc-overnight.com"],
    ),
    sight(
        "tuffnells",
        "Tuffnells",
        &["GB"],
        "",
        &[],
        &["tuffnells.co.uk"],
    ),
    sight("whistl", "Whistl", &["GB"], "", &[], &["whistl.co.uk"]),
    sight(
        "an_post",
        "An Post",
        &["IE"],
        "https://www.anpost.com/Post-Parcels/Track/History?item={number}",
        &["anpost"],
        &["anpost.com", "anpost.ie"],
    ),
];
