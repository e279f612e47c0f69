//! Who bought an order, as the shop corrects it.

use super::Reading;
use crate::{
    body::{ConsentBody, ContactPatch},
    field::{Field, FieldChange, FieldPath, Issue, Issues},
    problem::ProblemCode,
    validate,
};
use posthorn_domain::{
    contact::{Consent, Contact},
    notification_type::Channel,
};

/// What the contact is to be, given what it is; what is wrong, doubtful or ignored
/// stands in `findings`.
pub(crate) fn correct_contact(
    body: ContactPatch,
    present: Contact,
    reading: Reading<'_>,
    findings: &mut Issues,
) -> Contact {
    let mut place = FieldPath::at_root(findings);
    place.add_ignored(&body.unknown);
    if is_empty(&body) {
        place.add_issue(
            Issue::new(ProblemCode::NothingToChange, "nothing to change was given").with_expected(
                "at least one of name, email, phone, country, postcode, region, time_zone, consent",
            ),
        );
    }
    let country = place.read_change("country", body.country, present.country, validate::country);
    let home = country.as_deref().unwrap_or(&reading.settings.country);
    let mut unusable = present.unusable;
    let email = parse_address(
        &mut place,
        ("email", Channel::Email),
        body.email,
        present.email,
        &mut unusable,
        validate::email,
    );
    let phone = parse_address(
        &mut place,
        ("phone", Channel::Sms),
        body.phone,
        present.phone,
        &mut unusable,
        validate::phone(home),
    );
    Contact {
        name: place.read_change("name", body.name, present.name, validate::line(200)),
        email,
        phone,
        postcode: place.read_change(
            "postcode",
            body.postcode,
            present.postcode,
            validate::line(20),
        ),
        region: place.read_change("region", body.region, present.region, validate::line(100)),
        time_zone: place.read_change(
            "time_zone",
            body.time_zone,
            present.time_zone,
            validate::time_zone,
        ),
        country,
        consent: place
            .read_nested("consent", body.consent, |body, place| {
                Some(parse_consent(body, present.consent, place))
            })
            .unwrap_or(present.consent),
        unusable,
        is_corrected: true,
    }
}

/// The address of a channel as it is to be; one that cannot be used is warned of.
fn parse_address<U>(
    place: &mut FieldPath<'_>,
    (name, channel): (&str, Channel),
    change: FieldChange<String>,
    present: Option<U>,
    unusable: &mut Vec<Channel>,
    read: impl FnOnce(&str) -> Result<U, Issue>,
) -> Option<U> {
    let given = match change {
        FieldChange::Keep => return present,
        FieldChange::Erase => Field::Absent,
        FieldChange::Set(given) => given,
    };
    unusable.retain(|known| *known != channel);
    let (address, is_unusable) = place.read_usable(name, given, read);
    if is_unusable {
        unusable.push(channel);
    }
    address
}

fn parse_consent(body: ConsentBody, present: Consent, mut place: FieldPath<'_>) -> Consent {
    place.add_ignored(&body.unknown);
    Consent {
        email: place
            .read_optional("email", body.email, Ok)
            .unwrap_or(present.email),
        sms: place
            .read_optional("sms", body.sms, Ok)
            .unwrap_or(present.sms),
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
    fields.iter().all(|field| **field == FieldChange::Keep) && matches!(body.consent, Field::Absent)
}
