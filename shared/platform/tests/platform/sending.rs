//! The pace of providers, and how many texts a shop sends on a day.

use crate::sample::{now, shop};
use futures::future::join_all;
use posthorn_domain::{
    notification_type::Channel,
    pace::{SlotRequest, Urgency},
};
use posthorn_platform::{
    store::pace::{PaceStore, TextCounter},
    testing::{self, Dynamo},
};

#[tokio::test]
async fn of_two_that_take_slots_at_once_one_has_to_look_again() {
    let dynamo = Dynamo::start().await;
    let store = PaceStore::new(&dynamo.aws(), &testing::config()).unwrap();
    let before = store.load_pace(Channel::Email).await.unwrap();
    let mut taken = before.state;
    let want = SlotRequest {
        urgency: Urgency::Usual,
        place: None,
    };
    taken.grant_slots(&[want], 14.0, now());
    let replace = || store.replace_pace(Channel::Email, &taken, before.version);
    assert!(replace().await.unwrap());
    assert!(!replace().await.unwrap());
    let there = store.load_pace(Channel::Email).await.unwrap();
    assert_eq!((there.state, there.version), (taken, 1));
    assert_eq!(store.load_pace(Channel::Sms).await.unwrap().version, 0);
}

#[tokio::test]
async fn a_shop_s_texts_of_a_day_are_counted_up_to_its_number_by_any_worker() {
    let dynamo = Dynamo::start().await;
    let store = PaceStore::new(&dynamo.aws(), &testing::config()).unwrap();
    let count = async |day: &str, n: usize| {
        let counts = (0..n).map(|_| async {
            store
                .count_text(TextCounter::Shop(&shop()), day, 5)
                .await
                .unwrap()
        });
        let counted = join_all(counts).await;
        counted.into_iter().filter(|is_counted| *is_counted).count()
    };
    assert_eq!(count("2026-11-22", 8).await, 5);
    assert_eq!(count("2026-11-22", 2).await, 0);
    assert_eq!(count("2026-11-23", 2).await, 2, "another day");
    assert_eq!(count("2026-11-22", 1).await, 0, "which does not come again");
    assert!(
        !store
            .count_text(TextCounter::Shop(&shop()), "2026-11-24", 0)
            .await
            .unwrap()
    );
    let day = "2026-11-23";
    let mut abroad = Vec::new();
    for _ in 0..3 {
        abroad.push(
            store
                .count_text(TextCounter::Abroad(&shop()), day, 2)
                .await
                .unwrap(),
        );
    }
    assert_eq!(abroad, [true, true, false], "which are counted apart");
    assert_eq!(count(day, 4).await, 3);
}

/// A server answers one call on a connection, promises to keep it, and has forgotten it
/// by the next call.
#[test]
fn a_call_without_retries_goes_over_a_connection_of_its_own() {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let n_read = stream.read(&mut [0; 8192]).unwrap();
            assert!(n_read > 0);
            let answer = "HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\n{}";
            stream.write_all(answer.as_bytes()).unwrap();
            // Whatever comes next over it is answered by a reset.
            std::thread::spawn(move || stream.read(&mut [0; 1]).map(|_| ()));
        }
    });
    let sdk = aws_config::SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::v2026_01_12())
        .region(aws_config::Region::from_static("eu-central-1"))
        .credentials_provider(
            aws_credential_types::provider::SharedCredentialsProvider::new(
                aws_credential_types::Credentials::new("test", "test", None, None, "test"),
            ),
        )
        .endpoint_url(endpoint)
        .build();
    let ses = posthorn_platform::Aws::new(sdk).sesv2_without_retries();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        for _ in 0..5 {
            assert!(ses.get_account().send().await.is_ok());
        }
    });
}
