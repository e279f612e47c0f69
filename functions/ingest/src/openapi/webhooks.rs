//! The webhook's operation, once for each storefront of the list.

use posthorn_storefronts::{Profile, STOREFRONTS};
use utoipa::openapi::{
    OpenApi, Required,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn},
    schema::{ObjectBuilder, Type},
};

/// Where the operation stands that is written down for all storefronts.
const TEMPLATE: &str = "/v1/webhooks/{storefront}/{shop}";

/// Puts the operation of each storefront in the place of the one for all.
pub(super) fn expand(document: &mut OpenApi) {
    let paths = &mut document.paths.paths;
    let Some(template) = paths.remove(TEMPLATE) else {
        return;
    };
    for storefront in STOREFRONTS {
        let profile = storefront.profile();
        let mut item = template.clone();
        item.post
            .iter_mut()
            .for_each(|post| describe(post, profile));
        paths.insert(TEMPLATE.replace("{storefront}", profile.id), item);
    }
}

fn describe(operation: &mut Operation, profile: &Profile) {
    let Profile { id, name, .. } = profile;
    let topics: Vec<String> = profile
        .topics
        .iter()
        .map(|topic| format!("- `{}`: {}", topic.name, topic.purpose))
        .collect();
    operation.operation_id = Some(format!("receive_{id}_webhook"));
    operation.summary = Some(format!("Accepts a webhook of a {name} shop."));
    operation.description = Some(format!(
        "Topics:\n{}\n\nOthers are answered with `ignored`. The body is {name}'s, proved with the \
         secret in the parameter store under `shops/<shop>/{id}`.",
        topics.join("\n")
    ));
    let names = &profile.headers;
    let headers = [
        (names.signature, profile.signature_format, Required::True),
        (names.topic, "What happened", Required::True),
        (names.event_id, "Identifies a repetition", Required::False),
        (
            names.triggered_at,
            "When it happened: refused if too old. Which of two is newer is judged by the body",
            Required::False,
        ),
    ];
    let headers = headers
        .into_iter()
        .filter_map(|(names, text, required)| header(names, text, required));
    let parameters = operation.parameters.get_or_insert_default();
    parameters.extend(headers.map(Into::into));
}

/// The header `names`, by the first of them. None if the storefront has no such header.
fn header(names: &[&str], text: &str, required: Required) -> Option<Parameter> {
    let (first, others) = names.split_first()?;
    let mut description = text.to_owned();
    if !others.is_empty() {
        let others: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
        description.push_str("; also sent as ");
        description.push_str(&others.join(", "));
    }
    let parameter = ParameterBuilder::new()
        .name(*first)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
    Some(parameter.build())
}
