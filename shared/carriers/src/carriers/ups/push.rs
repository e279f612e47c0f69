//! Reads a Track Alert, which UPS posts by itself.
//!
//! It tells one activity, with the offset as `-04.00` where the Track API
//! writes a colon, if at all. Its `descriptionCode` is none of the status
//! codes: in UPS's own examples 17 is out for delivery and 9 delivered.

use super::{
    read,
    wire::{Activity, Address, Location, State},
};
use crate::{
    outcome::{CarrierError, Found, TrackingResult},
    wire::{compact_date, compact_time, deserialize_one, deserialize_text, present_text},
};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::{Proof, Report},
    status::ShipmentStatus,
    time::ScanTime,
    tracking_number::TrackingNumber,
};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Alert<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    tracking_number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    local_activity_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    local_activity_time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    gmt_activity_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    gmt_activity_time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    gmt_offset: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    activity_location: Address<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    activity_status: State<'a>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    scheduled_delivery_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    delivery_start_time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    delivery_end_time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    actual_delivery_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    actual_delivery_time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    received_by: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    delivery_location: Cow<'a, str>,
}

pub(super) fn read_alert(
    body: &[u8],
) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError> {
    let alert: Alert<'_> = serde_json::from_slice(body)
        .map_err(|_| CarrierError::unreadable_response("expected the JSON of a Track Alert"))?;
    let number = TrackingNumber::parse(&alert.tracking_number)
        .map_err(|_| CarrierError::unreadable_response("expected `trackingNumber`"))?;
    let report = build_report(alert, &number).ok_or_else(|| {
        CarrierError::unreadable_response("expected `localActivityDate` or a date in GMT")
    })?;
    Ok(vec![(
        number,
        TrackingResult::Found(vec![Found::new(report)]),
    )])
}

fn build_report(alert: Alert<'_>, number: &TrackingNumber) -> Option<Report> {
    let proof = read_proof(&alert);
    let eta = read_eta(&alert);
    let activity = Activity {
        date: alert.local_activity_date,
        time: alert.local_activity_time,
        gmt_date: alert.gmt_activity_date,
        gmt_time: alert.gmt_activity_time,
        gmt_offset: alert.gmt_offset,
        status: alert.activity_status,
        location: Location {
            address: alert.activity_location,
        },
        ..Activity::default()
    };
    let scan = read::read_scan(read::product_of("", number), &activity, 0)?;
    let status = scan.meaning.shipment_status();
    let is_delivered = status == Some(ShipmentStatus::Delivered);
    Some(Report {
        eta: eta.filter(|_| !is_delivered && proof.is_none()),
        proof: proof.filter(|_| is_delivered),
        is_return: status.is_some_and(ShipmentStatus::is_backward),
        scans: vec![scan],
        ..Report::default()
    })
}

fn read_eta(alert: &Alert<'_>) -> Option<Eta> {
    let day = compact_date(&alert.scheduled_delivery_date)?;
    let window =
        compact_time(&alert.delivery_start_time).zip(compact_time(&alert.delivery_end_time));
    Some(Eta {
        window: window.filter(|(from, to)| from < to),
        ..Eta::on_day(day, EtaSource::Carrier)
    })
}

fn read_proof(alert: &Alert<'_>) -> Option<Proof> {
    let at = compact_date(&alert.actual_delivery_date).map(|date| {
        match compact_time(&alert.actual_delivery_time) {
            Some(time) => ScanTime::from_local(date.to_datetime(time)),
            None => ScanTime::from_day(date),
        }
    });
    let proof = Proof {
        at,
        received_by: present_text(&alert.received_by),
        drop_off_location: present_text(&alert.delivery_location),
    };
    (proof != Proof::default()).then_some(proof)
}
