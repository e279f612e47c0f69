//! Paths as API Gateway hands them over.

/// A path in which the order id is one segment again. API Gateway's HTTP APIs
/// decode a path before they hand it over, so an id that was sent as `a%2Fb`
/// comes as `a/b`.
pub(crate) fn reassemble_path<B>(mut request: http::Request<B>) -> http::Request<B> {
    let path = request.uri().path();
    let Some(rest) = path.strip_prefix("/v1/orders/") else {
        return request;
    };
    let (id, tail) = split_tail(rest);
    if !id.contains('/') {
        return request;
    }
    let path = format!("/v1/orders/{}{tail}", id.replace('/', "%2F"));
    let path_and_query = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let mut parts = request.uri().clone().into_parts();
    // A path that was one and has only gained escapes is still one.
    if let Ok(path_and_query) = path_and_query.parse() {
        parts.path_and_query = Some(path_and_query);
        if let Ok(uri) = http::Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}

/// Whether an order with this id can be found again: an id whose end is that of
/// a route, as `2026/status`, cannot be told from another order's route.
pub(crate) fn is_addressable(id: &str) -> bool {
    split_tail(id).1.is_empty()
}

/// The id of an order, and what follows it in a route.
fn split_tail(rest: &str) -> (&str, &str) {
    let n_segments = match rest.rsplit('/').next() {
        Some("shipments" | "status" | "notifications" | "contact") => 1,
        Some("reports") if rest.rsplit('/').nth(2) == Some("shipments") => 3,
        _ if rest.rsplit('/').nth(1) == Some("shipments") => 2,
        _ => return (rest, ""),
    };
    let at = rest
        .rmatch_indices('/')
        .nth(n_segments - 1)
        .map_or(rest.len(), |(at, _)| at);
    rest.split_at(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_ends_as_a_route_does_cannot_be_found_again() {
        for id in [
            "1001",
            "2026/11",
            "status",
            "a/status-2",
            "shipments/2",
            "a/b",
        ] {
            assert!(is_addressable(id), "{id}");
        }
        for id in [
            "a/status",
            "a/shipments",
            "a/contact",
            "a/b/notifications",
            "a/shipments/2",
        ] {
            assert!(!is_addressable(id), "{id}");
        }
    }

    fn path(sent: &str) -> String {
        let request = http::Request::builder().uri(sent).body(()).unwrap();
        reassemble_path(request).uri().to_string()
    }

    #[test]
    fn an_order_id_with_slashes_is_one_segment_however_it_was_decoded() {
        for (sent, expected) in [
            ("/v1/orders/1001", "/v1/orders/1001"),
            ("/v1/orders/1001/shipments/2", "/v1/orders/1001/shipments/2"),
            ("/v1/orders/2026%2F11/status", "/v1/orders/2026%2F11/status"),
            ("/v1/orders/2026/11", "/v1/orders/2026%2F11"),
            ("/v1/orders/2026/11/status", "/v1/orders/2026%2F11/status"),
            (
                "/v1/orders/a/b/shipments/2?x=1",
                "/v1/orders/a%2Fb/shipments/2?x=1",
            ),
            (
                "/v1/orders/a/b/shipments/2/reports",
                "/v1/orders/a%2Fb/shipments/2/reports",
            ),
            (
                "/v1/orders/1001/shipments/2/reports",
                "/v1/orders/1001/shipments/2/reports",
            ),
            ("/v1/reports", "/v1/reports"),
            (
                "/v1/orders/a/b/c/notifications",
                "/v1/orders/a%2Fb%2Fc/notifications",
            ),
            ("/v1/orders/status", "/v1/orders/status"),
            ("/v1/orders/shipments/2", "/v1/orders/shipments%2F2"),
            ("/v1/orders", "/v1/orders"),
            ("/v1/orders/", "/v1/orders/"),
            ("/t/abc", "/t/abc"),
        ] {
            assert_eq!(path(sent), expected);
        }
    }
}
