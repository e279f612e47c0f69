//! Who bought an order, as the shop corrects it.

use super::Reading;
use crate::{
    body::{ConsentBody, ContactPatch},
    given::{Change, Fault, Findings, Given, Place},
    problem::Code,
    text,
};
use posthorn_domain::{
    contact::{Consent, Contact},
    moment::Channel,
};

/// What the contact is to be, given what it is; what is wrong, doubtful or ignored
/// stands in `findings`.
pub(crate) fn corrected(
    body: ContactPatch,
    present: Contact,
    reading: Reading<'_>,
    findings: &mut Findings,
) -> Contact {
    let mut place = Place::root(findings);
    place.ignored(&body.unknown);
    if is_empty(&body) {
        place.fault(
            Fault::new(Code::NothingToChange, "nothing to change was given").expecting(
                "at least one of name, email, phone, country, postcode, region, time_zone, consent",
            ),
        );
    }
    let country = place.changed("country", body.country, present.country, text::country);
    let home = country.as_deref().unwrap_or(&reading.settings.country);
    let mut unusable = present.unusable;
    let email = address(
        &mut place,
        ("email", Channel::Email),
        body.email,
        present.email,
        &mut unusable,
        text::email,
    );
    let phone = address(
        &mut place,
        ("phone", Channel::Sms),
        body.phone,
        present.phone,
        &mut unusable,
        text::phone(home),
    );
    Contact {
        name: place.changed("name", body.name, present.name, text::line(200)),
        email,
        phone,
        postcode: place.changed("postcode", body.postcode, present.postcode, text::line(20)),
        region: place.changed("region", body.region, present.region, text::line(100)),
        time_zone: place.changed(
            "time_zone",
            body.time_zone,
            present.time_zone,
            text::time_zone,
        ),
        country,
        consent: place
            .nested("consent", body.consent, |body, place| {
                Some(consent(body, present.consent, place))
            })
            .unwrap_or(present.consent),
        unusable,
        is_corrected: true,
    }
}

/// The address of a channel as it is to be; one that cannot be used is warned of.
fn address<U>(
    place: &mut Place<'_>,
    (name, channel): (&str, Channel),
    change: Change<String>,
    present: Option<U>,
    unusable: &mut Vec<Channel>,
    read: impl FnOnce(&str) -> Result<U, Fault>,
) -> Option<U> {
    let given = match change {
        Change::Keep => return present,
        Change::Erase => Given::Absent,
        Change::Set(given) => given,
    };
    unusable.retain(|known| *known != channel);
    let (address, is_unusable) = place.usable(name, given, read);
    if is_unusable {
        unusable.push(channel);
    }
    address
}

fn consent(body: ConsentBody, present: Consent, mut place: Place<'_>) -> Consent {
    place.ignored(&body.unknown);
    Consent {
        email: place
            .optional("email", body.email, Ok)
            .unwrap_or(present.email),
        sms: place.optional("sms", body.sms, Ok).unwrap_or(present.sms),
    }
}

fn is_empty(body: &ContactPatch) -> bool {
    let fields = [
        &body.name,
        &body.email,
        &body.phone,
        &body.country,
        &body.postcode,
        &body.region,
        &body.time_zone,
    ];
    fields.iter().all(|field| **field == Change::Keep) && matches!(body.consent, Given::Absent)
}
