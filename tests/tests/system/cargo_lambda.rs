//! A developer's way in: one function invoked with a sample event.

use posthorn_tests::World;

#[tokio::test]
async fn a_function_answers_a_sample_event_under_cargo_lambda() {
    let world = World::new("cargo-lambda").await;
    world.finish().await;
}
