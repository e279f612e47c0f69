//! Contacts, suppressed addresses, API keys and settings.

use crate::sample::{contact, key, now, shop};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use posthorn_domain::{
    id::ShopId,
    notification_type::{Channel, NotificationType},
    settings::Settings,
};
use posthorn_platform::{
    api_key,
    store::{
        contacts::{ContactStore, SuppressedAddress},
        settings::{KeyEntry, SettingsStore},
    },
    testing::{self, Dynamo},
};

fn contacts(dynamo: &Dynamo) -> ContactStore {
    ContactStore::new(&dynamo.aws(), &testing::config()).unwrap()
}

fn settings(dynamo: &Dynamo) -> SettingsStore {
    SettingsStore::new(&dynamo.aws(), &testing::config()).unwrap()
}

fn suppressed(reason: &str) -> SuppressedAddress {
    SuppressedAddress {
        reason: reason.to_owned(),
        at: now(),
        source: "ses".to_owned(),
    }
}

#[tokio::test]
async fn a_contact_is_read_as_it_was_written() {
    let dynamo = Dynamo::start().await;
    let store = contacts(&dynamo);
    assert_eq!(store.get_contact(&key()).await.unwrap(), None);
    store.put_contact(&key(), &contact()).await.unwrap();
    assert_eq!(store.get_contact(&key()).await.unwrap(), Some(contact()));
}

#[tokio::test]
async fn a_suppressed_address_keeps_its_first_reason_until_it_is_allowed_again() {
    let dynamo = Dynamo::start().await;
    let store = contacts(&dynamo);
    let (shop, email, address) = (shop(), Channel::Email, "Ann@example.com");
    for reason in ["bounce", "complaint"] {
        let entry = suppressed(reason);
        store
            .suppress_address(&shop, email, address, &entry)
            .await
            .unwrap();
    }
    let find = async |shop: &ShopId, channel, address| {
        store
            .find_suppression(shop, channel, address)
            .await
            .unwrap()
    };
    let there = find(&shop, email, "ann@EXAMPLE.com").await;
    assert_eq!(there, Some(suppressed("bounce")));
    assert_eq!(find(&shop, Channel::Sms, address).await, None);
    let other = ShopId::parse("other").unwrap();
    assert_eq!(find(&other, email, address).await, None);
    store.allow_address(&shop, email, address).await.unwrap();
    assert_eq!(find(&shop, email, address).await, None);
}

#[tokio::test]
async fn nothing_that_is_stored_about_a_suppressed_address_tells_it() {
    let dynamo = Dynamo::start().await;
    let entry = suppressed("bounce");
    contacts(&dynamo)
        .suppress_address(&shop(), Channel::Email, "ann@example.com", &entry)
        .await
        .unwrap();
    let scan = dynamo.aws().dynamodb_client().scan().table_name("Contacts");
    let items = scan.send().await.unwrap().items.unwrap();
    assert_eq!(items.len(), 1);
    assert!(!format!("{items:?}").contains("ann"));
}

#[tokio::test]
async fn a_contact_that_cannot_be_read_is_not_repeated_in_the_error() {
    let dynamo = Dynamo::start().await;
    let mut put = dynamo
        .aws()
        .dynamodb_client()
        .put_item()
        .table_name("Contacts");
    for (name, value) in [
        ("pk", "ORDER#acme#1001"),
        ("sk", "CONTACT"),
        ("consent", "ann@example.com"),
    ] {
        put = put.item(name, AttributeValue::S(value.to_owned()));
    }
    put.send().await.unwrap();
    let error = contacts(&dynamo).load_contact(&key()).await.unwrap_err();
    let error = anyhow::Error::from(error);
    assert_eq!(
        format!("{error:#}"),
        "could not read the contact of order acme/1001: unreadable: unreadable at `consent`"
    );
    assert!(!format!("{error:?}").contains("example.com"));
}

#[tokio::test]
async fn a_key_signs_its_shop_in_for_up_to_a_minute_after_it_was_revoked() {
    let dynamo = Dynamo::start().await;
    let store = settings(&dynamo);
    let (_, hash) = api_key::generate_key().unwrap();
    let sign_in = async |seconds| {
        let at = now() + SignedDuration::from_secs(seconds);
        store.shop_of_key(&hash, at).await.unwrap()
    };
    assert_eq!(sign_in(0).await, None);
    let entry = KeyEntry {
        shop: shop(),
        label: "shop floor".to_owned(),
        created_at: now(),
    };
    store.put_key(&hash, &entry).await.unwrap();
    assert_eq!(sign_in(0).await, Some(shop()));
    store.revoke_key(&hash).await.unwrap();
    assert_eq!(sign_in(59).await, Some(shop()));
    assert_eq!(sign_in(60).await, None);
}

#[tokio::test]
async fn a_shop_without_settings_has_the_defaults_and_a_change_shows_within_a_minute() {
    let dynamo = Dynamo::start().await;
    let store = settings(&dynamo);
    let read = async |seconds| {
        let at = now() + SignedDuration::from_secs(seconds);
        (*store.load_settings(&shop(), at).await.unwrap()).clone()
    };
    assert_eq!(read(0).await, Settings::default());
    let mut own = Settings {
        name: "Acme Shoes".to_owned(),
        test_mode: true,
        ..Settings::default()
    };
    own.notification_types
        .insert(NotificationType::Shipped, vec![Channel::Sms]);
    assert!(!store.is_known(&shop(), now()).await.unwrap());
    store.put_settings(&shop(), &own).await.unwrap();
    assert!(store.is_known(&shop(), now()).await.unwrap());
    assert_eq!(read(0).await, own);
    let before = own.clone();
    own.test_mode = false;
    store.put_settings(&shop(), &own).await.unwrap();
    assert_eq!(read(59).await, before);
    assert_eq!(read(60).await, own);
}

/// Writes an item as an operator may by hand, in the JSON of streams.
async fn write(dynamo: &Dynamo, table: &str, item: serde_json::Value) {
    let item: serde_dynamo::Item = serde_json::from_value(item).unwrap();
    let put = dynamo.aws().dynamodb_client().put_item().table_name(table);
    put.set_item(Some(item.into())).send().await.unwrap();
}

#[tokio::test]
async fn one_setting_of_a_wrong_type_does_not_take_the_others_with_it() {
    let dynamo = Dynamo::start().await;
    let item = serde_json::json!({
        "pk": {"S": "SHOP#acme"}, "sk": {"S": "SETTINGS"},
        "name": {"S": "Acme\u{FFFF} Shoes"},
        "review_after_days": {"S": "seven"},
    });
    write(&dynamo, "Settings", item).await;
    let read = settings(&dynamo)
        .load_settings(&shop(), now())
        .await
        .unwrap();
    assert_eq!(read.name, "Acme\u{FFFD} Shoes");
    assert_eq!(
        read.review_after_days,
        Settings::default().review_after_days
    );
}

#[tokio::test]
async fn a_key_signs_in_whatever_else_its_entry_says() {
    let dynamo = Dynamo::start().await;
    let (_, hash) = api_key::generate_key().unwrap();
    let item = serde_json::json!({
        "pk": {"S": format!("KEY#{}", hash.as_str())}, "sk": {"S": "KEY"},
        "shop": {"S": "acme"}, "label": {"N": "1"}, "created_at": {"S": "yesterday"},
    });
    write(&dynamo, "Settings", item).await;
    let found = settings(&dynamo).shop_of_key(&hash, now()).await.unwrap();
    assert_eq!(found, Some(shop()));
}

#[tokio::test]
async fn an_address_is_suppressed_whatever_its_entry_says() {
    let dynamo = Dynamo::start().await;
    let store = contacts(&dynamo);
    let entry = suppressed("bounce");
    let (acme, address) = (shop(), "ann@example.com");
    let suppress = store.suppress_address(&acme, Channel::Email, address, &entry);
    suppress.await.unwrap();
    let scan = dynamo.aws().dynamodb_client().scan().table_name("Contacts");
    let items = scan.send().await.unwrap().items.unwrap();
    let item = serde_dynamo::Item::from(items[0].clone());
    let mut item = serde_json::to_value(item).unwrap();
    item["at"] = serde_json::json!({"S": "yesterday"});
    item["reason"] = serde_json::json!({"N": "1"});
    write(&dynamo, "Contacts", item).await;
    let found = store.find_suppression(&acme, Channel::Email, address);
    assert!(found.await.unwrap().is_some());
}
