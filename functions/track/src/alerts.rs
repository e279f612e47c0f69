//! What the customer should know of a parcel that does not come as it should.

use posthorn_channels::{
    outlook,
    text::{self, Support},
    words::Trouble,
};
use posthorn_domain::{shipment::Shipment, status::ShipmentStatus};
use serde::Serialize;

use crate::view::Shown;

/// Something that the customer should know of a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Alert {
    parcel: String,
    trouble: Trouble,
    delay: &'static str,
    is_late: bool,
    is_in_time: bool,
    is_stalled: bool,
    expected: String,
    was: String,
    write_to: String,
}

/// What there is to know of each parcel that is under way.
pub(crate) fn of(shown: &Shown<'_>) -> Vec<Alert> {
    if outlook::stage(shown.order, shown.shipments).is_final() {
        return Vec::new();
    }
    let (words, today) = (shown.words(), shown.today());
    let support = shown.settings.support.as_deref().and_then(Support::parse);
    let about = format!(
        "{} {}",
        words.labels().order,
        text::one_line(&shown.order.number, 64)
    );
    let write_to = support.map(|support| support.href_about(&about));
    let open = |parcel: &&Shipment| {
        !parcel.status().is_final() || parcel.status() == ShipmentStatus::Expired
    };
    let is_one = outlook::sent_out(shown.shipments).count() < 2;
    let alert = |parcel: &Shipment| {
        let url = (shown.carrier)(parcel).url;
        let has_page = url.as_deref().and_then(text::safe_url).is_some();
        let trouble = outlook::trouble(parcel).and_then(|reason| words.trouble(reason, has_page));
        let (is_late, is_stalled) = (outlook::is_late(parcel), outlook::is_stalled(parcel));
        if trouble.is_none() && !is_late && !is_stalled {
            return None;
        }
        let eta = outlook::eta(parcel, today);
        let before = outlook::late_from(parcel, today);
        let label = |eta| words.eta(&eta, today).label;
        Some(Alert {
            parcel: if is_one {
                String::new()
            } else {
                words.parcel(outlook::which(parcel, shown.shipments))
            },
            trouble: trouble.unwrap_or_default(),
            delay: parcel
                .delay()
                .map(|reason| words.delay(reason).sentence)
                .unwrap_or_default(),
            is_late,
            is_in_time: outlook::keeps_promise(shown.order, parcel, today),
            is_stalled,
            expected: eta
                .map(|eta| words.eta(&eta, today).phrase)
                .unwrap_or_default(),
            was: before.map(label).unwrap_or_default(),
            write_to: write_to.clone().unwrap_or_default(),
        })
    };
    outlook::on_the_way_out(shown.shipments)
        .filter(open)
        .filter_map(alert)
        .collect()
}
