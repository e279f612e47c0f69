//! What every row of the table of notification types holds to, by being in it.

use crate::{
    fixtures::at,
    story::{Step, Story},
};
use jiff::SignedDuration;
use posthorn_domain::{
    notification::{NotificationState, SuppressionReason},
    notification_type::{
        ActionRequest, Channel, FollowUpDelay, NotificationType, OrderValidity, ShipmentValidity,
        StatusCondition, Tone, TriggerRule,
    },
    order::OrderItem,
    pace::Urgency,
    stage::OrderStage,
    status::Reason,
};
use std::collections::BTreeMap;

/// A change that causes a notification: the last step does, the others lead there.
struct Cause {
    steps: Vec<Step>,
    is_of_part: bool,
}

/// The steps that lead to each of the causes of a type.
fn causes(notification_type: NotificationType) -> Vec<Cause> {
    let triggers = notification_type.table_row().triggers.iter();
    triggers.map(cause).collect()
}

fn cause(trigger: &TriggerRule) -> Cause {
    let step = |what: &'static str, at: &'static str| Step { what, at };
    let (last, condition) = match trigger {
        TriggerRule::StageByShop(OrderStage::New) => ("order".to_owned(), None),
        TriggerRule::StageByShop(stage) => (format!("shop {stage}"), None),
        TriggerRule::Stage(OrderStage::PartiallyShipped) => ("rollup".to_owned(), None),
        TriggerRule::Stage(stage) => (stage.to_string(), None),
        TriggerRule::Status(statuses, condition) => (statuses[0].to_string(), Some(*condition)),
        TriggerRule::Reason(reasons, condition) => (reasons[0].to_string(), Some(*condition)),
        TriggerRule::Registration => ("parcel".to_owned(), None),
        TriggerRule::NumberCorrection => ("number 1Z999AA10123456789".to_owned(), None),
        TriggerRule::Delay => ("delayed.weather".to_owned(), None),
        TriggerRule::EtaRevision => ("eta 27".to_owned(), None),
        TriggerRule::EtaMiss => ("silence".to_owned(), None),
        TriggerRule::FollowUp(after, _) => return cause(&after.table_row().triggers[0]),
    };
    // What was never sent cannot come back.
    let needs_parcel = match trigger {
        TriggerRule::StageByShop(stage) => stage.is_shipped(),
        trigger => *trigger != TriggerRule::Registration,
    };
    let mut steps = Vec::new();
    if last != "order" {
        steps.push(step("order", "22 09:00"));
    }
    if needs_parcel {
        steps.push(step("parcel", "22 10:00"));
    }
    match (trigger, condition) {
        (TriggerRule::EtaRevision, _) => steps.push(step("eta 25", "23 09:00")),
        (TriggerRule::EtaMiss, _) => steps.push(step("eta 23", "22 11:00")),
        (_, Some(StatusCondition::ProblemReported)) => {
            steps.push(step("exception.generic", "23 09:00"));
        }
        _ => {}
    }
    steps.push(step(last.leak(), "24 12:00"));
    Cause {
        steps,
        is_of_part: *trigger == TriggerRule::Stage(OrderStage::PartiallyShipped)
            || condition == Some(StatusCondition::ArrivesAlone),
    }
}

/// The life up to the cause, whose facts wait to be dispatched. The shop wants this type
/// on both channels, and of the others only what must come before it.
fn story(notification_type: NotificationType, cause: &Cause) -> Story {
    let mut story = Story::new();
    let types = NotificationType::ALL.iter();
    story.settings.notification_types = types.map(|one| (*one, Vec::new())).collect();
    let mut want = |one| {
        drop(
            story
                .settings
                .notification_types
                .insert(one, Channel::ALL.to_vec()),
        );
    };
    want(NotificationType::Exception);
    want(notification_type);
    story.settings.review_url = Some("https://acme.example/review".to_owned());
    if cause.is_of_part {
        story.order.items = vec![item("Boots"), item("Socks")];
        story.is_rolled_up_later = true;
    }
    let (last, before) = cause.steps.split_last().unwrap();
    story.play(before);
    if cause.is_of_part {
        story.shipments[0].items = vec![item("Boots")];
    }
    story.wait_until(at(last.at));
    story.step(last);
    story
}

fn item(title: &str) -> OrderItem {
    OrderItem {
        id: None,
        title: title.to_owned(),
        quantity: 1,
    }
}

/// What was sent of the type, by channel.
fn sent(story: &Story, notification_type: NotificationType) -> BTreeMap<String, usize> {
    let mut sent = BTreeMap::new();
    for told in &story.told {
        let (channel, one) = told.split_once(' ').unwrap();
        if one == notification_type.as_str() {
            *sent.entry(channel.to_owned()).or_default() += 1;
        }
    }
    sent
}

fn for_each_cause(check: impl Fn(NotificationType, Story)) {
    for notification_type in NotificationType::ALL.iter().copied() {
        let causes = causes(notification_type);
        assert!(!causes.is_empty(), "{notification_type} has no trigger");
        for cause in causes {
            check(notification_type, story(notification_type, &cause));
        }
    }
}

/// Ten days later all that waits was decided on.
fn dispatch_all(story: &mut Story) {
    story.dispatch();
    story.wait_until(story.now + SignedDuration::from_hours(240));
}

#[test]
fn each_type_is_sent_once_per_channel_on_its_trigger() {
    for_each_cause(|notification_type, mut story| {
        let facts = story.facts.clone();
        dispatch_all(&mut story);
        let once: BTreeMap<String, usize> = Channel::ALL
            .iter()
            .map(|channel| (channel.to_string(), 1))
            .collect();
        assert_eq!(
            sent(&story, notification_type),
            once,
            "{notification_type}: {:#?}",
            story.fates()
        );
        // The same facts again, as queues deliver them.
        story.facts = facts;
        dispatch_all(&mut story);
        assert_eq!(
            sent(&story, notification_type),
            once,
            "{notification_type} again"
        );
    });
}

#[test]
fn no_type_is_sent_where_the_shop_has_switched_it_off() {
    for_each_cause(|notification_type, mut story| {
        story
            .settings
            .notification_types
            .insert(notification_type, Vec::new());
        dispatch_all(&mut story);
        assert_eq!(
            sent(&story, notification_type),
            BTreeMap::new(),
            "{notification_type}"
        );
    });
}

#[test]
fn each_type_goes_by_the_channels_of_its_row_where_the_shop_says_nothing() {
    for_each_cause(|notification_type, mut story| {
        story.settings.notification_types.remove(&notification_type);
        dispatch_all(&mut story);
        let mut channels: Vec<String> = notification_type
            .table_row()
            .channels
            .iter()
            .map(ToString::to_string)
            .collect();
        channels.sort();
        let sent: Vec<String> = sent(&story, notification_type).into_keys().collect();
        assert_eq!(sent, channels, "{notification_type}");
    });
}

#[test]
fn no_type_is_sent_when_it_is_of_no_use_any_more() {
    for_each_cause(|notification_type, mut story| {
        let row = notification_type.table_row();
        let days = match row.triggers[0] {
            TriggerRule::FollowUp(_, FollowUpDelay::Days(days)) => days,
            TriggerRule::FollowUp(_, FollowUpDelay::Review) => story.settings.review_after_days,
            _ => 0,
        };
        story.now += row.useful_for() + SignedDuration::from_hours(24 * i64::from(days) + 1);
        story.dispatch();
        assert_eq!(
            sent(&story, notification_type),
            BTreeMap::new(),
            "{notification_type}"
        );
    });
}

#[test]
fn after_a_cancellation_only_what_outlives_it_is_sent() {
    for_each_cause(|notification_type, mut story| {
        let is_outlived = notification_type
            .table_row()
            .outlives
            .contains(&OrderStage::Cancelled);
        let is_over = story.order.stage.is_final() || story.order.stage == OrderStage::Returning;
        if is_outlived || is_over {
            return;
        }
        let facts = std::mem::take(&mut story.facts);
        story.step(&Step {
            what: "shop cancelled",
            at: "24 12:00",
        });
        story.facts = facts;
        dispatch_all(&mut story);
        assert_eq!(
            sent(&story, notification_type),
            BTreeMap::new(),
            "{notification_type}"
        );
        let is_overtaken = story.ledger.iter().all(|notification| {
            notification.trigger.notification_type != notification_type
                || matches!(
                    notification.state,
                    NotificationState::Suppressed {
                        reason: SuppressionReason::Overtaken,
                        ..
                    }
                )
        });
        assert!(is_overtaken, "{notification_type}: {:#?}", story.fates());
    });
}

#[test]
fn the_columns_of_a_row_agree() {
    for notification_type in NotificationType::ALL.iter().copied() {
        let row = notification_type.table_row();
        let is_of_stage = notification_type.order_stage().is_some();
        assert!(
            !is_of_stage || row.order_validity != OrderValidity::Never,
            "{notification_type} is about an order and never true of one"
        );
        let is_of_status = row
            .triggers
            .iter()
            .any(|trigger| Reason::ALL.iter().any(|reason| trigger.has_reason(*reason)));
        assert!(
            !is_of_status || row.shipment_validity != ShipmentValidity::Never,
            "{notification_type} is about a shipment and never true of one"
        );
        assert!(
            row.asks != ActionRequest::Always || row.urgency == Urgency::Urgent,
            "{notification_type} asks for action and waits"
        );
        let follows = |trigger: &TriggerRule| matches!(trigger, TriggerRule::FollowUp(..));
        assert!(
            !row.triggers.iter().any(follows) || row.awaits.is_some(),
            "{notification_type} waits without a reason"
        );
        assert!(
            row.tone != Tone::Trouble || notification_type.reported_reason(None).is_some(),
            "{notification_type} describes a problem and has no reason"
        );
        assert!(
            row.useful_for() >= row.resend_after(),
            "{notification_type} would be sent again when it is of no use"
        );
        let says = notification_type.describe_type();
        assert!(
            says.starts_with(char::is_uppercase) && says.ends_with('.'),
            "{notification_type}: {says}"
        );
    }
}

/// Which notification each stage and each reason causes: silence is a decision as well.
#[test]
fn every_stage_and_every_reason_is_decided() {
    let names = |fits: &dyn Fn(&TriggerRule) -> bool| {
        let types: Vec<&str> = NotificationType::find_triggered(fits)
            .map(NotificationType::as_str)
            .collect();
        types.join(", ")
    };
    let mut table = Vec::new();
    for stage in OrderStage::ALL.iter().copied() {
        let by_shop = names(&|trigger| *trigger == TriggerRule::StageByShop(stage));
        let by_any = names(&|trigger| *trigger == TriggerRule::Stage(stage));
        table.push(format!("{stage}: {by_any}{by_shop}"));
    }
    for reason in Reason::ALL.iter().copied() {
        table.push(format!(
            "{reason}: {}",
            names(&|trigger| trigger.has_reason(reason))
        ));
    }
    insta::assert_snapshot!(table.join("\n"));
}
