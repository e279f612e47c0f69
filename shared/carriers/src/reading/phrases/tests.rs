use super::*;
use posthorn_domain::{
    scan::ScanMeaning::{Delay, Note, Status},
    status::{DelayReason, Reason},
};

#[track_caller]
fn check(text: &str, expected: impl Into<Option<ScanMeaning>>) {
    assert_eq!(phrase_meaning(text), expected.into(), "{text}");
}

#[test]
fn no_phrase_stands_twice_and_each_is_folded() {
    assert!(PHRASES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    for (phrase, _) in PHRASES.iter() {
        let phrase = std::str::from_utf8(phrase).unwrap();
        assert_eq!(Folded::from_text(phrase).as_bytes(), phrase.as_bytes());
    }
}

#[test]
fn a_checkpoint_of_dhl_express_is_known_by_the_beginning_of_its_text() {
    for (text, reason) in [
        ("Shipment Accepted", Reason::Accepted),
        ("Shipment picked up", Reason::Accepted),
        ("Processed at KARACHI - PAKISTAN", Reason::Moving),
        (
            "Departed Facility in DUBAI - UNITED ARAB EMIRATES",
            Reason::DepartureScan,
        ),
        (
            "Shipment has departed from a DHL facility MILAN-ITALY",
            Reason::DepartureScan,
        ),
        ("Transferred through LEIPZIG - GERMANY", Reason::Moving),
        (
            "Arrived at Sort Facility LEIPZIG - GERMANY",
            Reason::ArrivalScan,
        ),
        (
            "Arrived at Delivery Facility in SHARJAH",
            Reason::ArrivalScan,
        ),
        (
            "Arrived at DHL Delivery Facility  AUCKLAND-NEW ZEALAND",
            Reason::ArrivalScan,
        ),
        (
            "Processed for clearance at BRUSSELS - BELGIUM",
            Reason::CustomsProcessing,
        ),
        (
            "Broker notified to arrange for clearance",
            Reason::CustomsProcessing,
        ),
        (
            "Clearance processing complete at DUBAI",
            Reason::CustomsReleased,
        ),
        ("Delivered to broker as requested", Reason::CustomsReleased),
        ("With delivery courier", Reason::Today),
        ("Shipment is out with courier for delivery", Reason::Today),
        ("Scheduled for delivery as agreed", Reason::Appointment),
        ("Delivery attempted; recipient not home", Reason::NotHome),
        ("Delivery attempted; premises closed", Reason::Closed),
        ("Recipient refused delivery", Reason::Refused),
        ("Recipient moved", Reason::Moved),
        (
            "Address information needed; contact DHL",
            Reason::BadAddress,
        ),
        (
            "Awaiting collection by recipient as requested",
            Reason::Ready,
        ),
        ("Awaiting pickup by recipient as requested", Reason::Ready),
        (
            "Shipment held - Available upon receipt of payment",
            Reason::PaymentDue,
        ),
        (
            "Shipment held \u{2013} Available upon receipt of payment",
            Reason::PaymentDue,
        ),
        (
            "Forwarded for delivery \u{2013} details expected",
            Reason::Moving,
        ),
        ("Delivery arranged, no details expected", Reason::Moving),
        ("Closed shipment", Reason::ExceptionGeneric),
        ("Please contact DHL", Reason::ExceptionGeneric),
        ("Returned to shipper", Reason::Received),
        ("Delivered - Signed for by: J DOE", Reason::DeliveredGeneric),
        ("Shipment delivered", Reason::DeliveredGeneric),
    ] {
        check(text, Status(reason));
    }
    for (text, delay) in [
        ("Shipment on hold", DelayReason::Carrier),
        ("Shipment is on hold", DelayReason::Carrier),
        ("Clearance delay", DelayReason::Customs),
        (
            "Shipment arrived at wrong facility. Sent to correct destination",
            DelayReason::Carrier,
        ),
    ] {
        check(text, Delay(delay));
    }
    for text in [
        "Customs status updated",
        "Customs clearance status updated",
        "Partial delivery",
        "Payment is received and recorded for shipment related fees",
        "Shipper contacted",
    ] {
        check(text, Note);
    }
}

#[test]
fn the_words_of_dhl_ecommerce_and_parcel_uk_are_known_in_capitals() {
    for (text, reason) in [
        ("LABEL CREATED", Reason::Label),
        (
            "PACKAGE RECEIVED AT DHL ECOMMERCE DISTRIBUTION CENTER",
            Reason::Accepted,
        ),
        ("PROCESSED THROUGH SORT FACILITY", Reason::Moving),
        (
            "DEPARTURE ORIGIN DHL ECOMMERCE FACILITY",
            Reason::DepartureScan,
        ),
        (
            "ARRIVAL DESTINATION DHL ECOMMERCE FACILITY",
            Reason::ArrivalScan,
        ),
        ("TENDERED TO DELIVERY SERVICE PROVIDER", Reason::Moving),
        ("ARRIVED USPS SORT FACILITY", Reason::ArrivalScan),
        ("ARRIVAL AT POST OFFICE", Reason::ArrivalScan),
        ("OUT FOR DELIVERY", Reason::Today),
        ("NOTICE LEFT", Reason::AttemptGeneric),
        (
            "NOTICE LEFT (NO AUTHORIZED RECIPIENT AVAILABLE)",
            Reason::NotHome,
        ),
        ("NOTICE LEFT (BUSINESS CLOSED)", Reason::Closed),
        (
            "NOTICE LEFT (RECEPTACLE FULL/ITEM OVERSIZED)",
            Reason::Access,
        ),
        ("AVAILABLE FOR PICKUP AT POST OFFICE", Reason::Ready),
        ("DELIVERED", Reason::DeliveredGeneric),
        (
            "DELIVERED TO PICK-UP LOCATION  CUSTOMER NOTIFIED",
            Reason::Ready,
        ),
        ("DELIVERED TO AGENT FOR FINAL DELIVERY", Reason::Moving),
        (
            "DELIVERED - LEFT WITH NEIGHBOR/FRONT DESK/OTHER",
            Reason::Neighbor,
        ),
        ("RETURN TO SENDER", Reason::ToSender),
        ("UNDELIVERABLE - RETURNED TO SENDER", Reason::ToSender),
        ("UNDELIVERABLE - INCORRECT ADDRESS", Reason::BadAddress),
        ("MOVED, LEFT NO ADDRESS", Reason::Moved),
        ("RETURNS DELIVERED", Reason::Received),
        ("PARCEL SORTED AT HUB", Reason::Moving),
        ("COLLECTED FROM CUSTOMER", Reason::Accepted),
        ("AT DELIVERY DEPOT", Reason::ArrivalScan),
        ("ON VEHICLE FOR DELIVERY", Reason::Today),
        ("CUSTOMER CARDED", Reason::NotHome),
        ("LEFT WITH NEIGHBOUR", Reason::Neighbor),
        ("REFUSED BY CUSTOMER", Reason::Refused),
    ] {
        check(text, Status(reason));
    }
    check("MISSENT", Delay(DelayReason::Carrier));
    check("POSSIBLE DELAY", Delay(DelayReason::Carrier));
    check("CUSTOMER ALERT RECEIVED", Note);
}

#[test]
fn a_text_of_australia_post_goes_on_with_a_place_or_a_reason() {
    for (text, reason) in [
        ("Arrived at sorting facility", Reason::ArrivalScan),
        ("Item processed at facility", Reason::ArrivalScan),
        ("In transit to next facility in DARRA QLD", Reason::Moving),
        ("Onboard for delivery", Reason::Today),
        ("With Australia Post for delivery today", Reason::Today),
        ("Attempted delivery - Unable to gain access", Reason::Access),
        ("Attempted delivery - Incorrect address", Reason::BadAddress),
        ("Attempted delivery - No one in attendance", Reason::NotHome),
        ("Attempted delivery - Business closed", Reason::Closed),
        ("Attempted delivery", Reason::AttemptGeneric),
        ("Awaiting collection at INALA HEIGHTS LPO", Reason::Ready),
        ("Awaiting  collection\u{a0}at INALA", Reason::Ready),
        ("Delivered - Left in a safe place", Reason::DeliveredGeneric),
        ("Item being returned to sender", Reason::ToSender),
        (
            "Can\u{2019}t be delivered - Refused by recipient",
            Reason::Refused,
        ),
        ("Item in customs", Reason::CustomsProcessing),
        ("Item cleared by customs", Reason::CustomsReleased),
    ] {
        check(text, Status(reason));
    }
    check("Delayed due to weather", Delay(DelayReason::Weather));
    check("Receiver requested safe drop", Note);
}

#[test]
fn what_only_looks_alike_is_not_known() {
    for text in [
        "",
        " ",
        "J DOE",
        "BRAND_NEW",
        "DELIVERED_AT_MOON",
        "Deliveredness of things",
        "The shipment will be delivered soon",
        "Words of tomorrow",
        "é",
    ] {
        check(text, None);
    }
    check("will be delivered today", Status(Reason::Today));
    // As much as a carrier may write.
    check(&"é ".repeat(500), None);
}

#[test]
fn a_sentence_is_known_by_its_predicate_or_by_a_part() {
    for (text, reason) in [
        (
            "The shipment has been posted by the sender at the PACKSTATION",
            Reason::Accepted,
        ),
        (
            "Your shipment has been sorted in the delivery base",
            Reason::Moving,
        ),
        (
            "The shipment is being brought to a retail outlet for pick-up",
            Reason::Moving,
        ),
        (
            "The customs clearance is in process",
            Reason::CustomsProcessing,
        ),
        (
            "Shipment has been given a Customs release.",
            Reason::CustomsReleased,
        ),
        (
            "The shipment is ready for pick-up at the retail outlet",
            Reason::Ready,
        ),
        (
            "The shipment has been delivered for pick-up at the Packstation",
            Reason::Ready,
        ),
        ("Delivered to parcel locker", Reason::Ready),
        ("Collected at service point by recipient", Reason::Collected),
        ("COLLECTED FROM SERVICEPOINT", Reason::Collected),
        ("Picked up at Parcelshop by courier", Reason::Accepted),
        (
            "The shipment could not be delivered because the recipient was not present",
            Reason::NotHome,
        ),
        (
            "The shipment could not be delivered and is returned to the sender",
            Reason::ToSender,
        ),
        (
            "The shipment is being returned to the sender",
            Reason::ToSender,
        ),
        ("DELIVERED, TO ORIGINAL SENDER", Reason::Received),
        ("The address has been corrected", Reason::Resolved),
    ] {
        check(text, Status(reason));
    }
    check(
        "Your delivery has been delayed",
        Delay(DelayReason::Carrier),
    );
    check("Import clearance delayed", Delay(DelayReason::Customs));
    check("Possible delay - flooding", Delay(DelayReason::Weather));
}
