//! Keeps to what carriers allow, and leaves them alone when they are down.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::{future::BoxFuture, lock};
use jiff::Timestamp;
use posthorn_carriers::{
    CarrierError, CarrierProfile, TrackingResult,
    carrier::Carrier,
    quota::{
        self, Acquired, BreakerChange, CircuitBreaker, PollBudget, QuotaUsage, RateLimiter,
        RequestCost, TokenLease, Unlimited,
    },
};
use posthorn_domain::id::CarrierId;
use posthorn_platform::{
    clock,
    error::ServiceError,
    store::carrier_limits::{LimitStore, Versioned},
};
use tokio::time::sleep;
use tracing::warn;

/// How often a lease is tried against others who take at the same time.
const ATTEMPTS: usize = 5;

/// How long to wait when it is unknown what is left.
const UNKNOWN_WAIT: Duration = Duration::from_mins(1);

/// What this process knows of the limits of carriers. A carrier without quotas
/// that answers costs neither a read nor a write.
#[derive(Debug)]
pub(crate) struct CarrierLimiters {
    store: LimitStore,
    known: Mutex<HashMap<&'static str, Arc<CarrierLimiter>>>,
}

/// Keeps one carrier's limits.
#[derive(Debug)]
pub(crate) struct CarrierLimiter {
    carrier: CarrierId,
    profile: &'static CarrierProfile,
    store: LimitStore,
    breaker: Mutex<CircuitBreaker>,
    account: lock::Mutex<LimiterState>,
}

/// What this process has leased, and the ledger as it was read or written last.
#[derive(Debug, Default)]
struct LimiterState {
    purse: TokenLease,
    ledger: Option<Versioned<QuotaUsage>>,
}

/// The toll of one message, of which it is known how much it will need.
struct MessageLimiter {
    keeper: Arc<CarrierLimiter>,
    errand: Mutex<PollBudget>,
}

impl CarrierLimiters {
    pub(crate) fn new(store: LimitStore) -> Self {
        Self {
            store,
            known: Mutex::default(),
        }
    }

    /// Who keeps the limits of `carrier`.
    pub(crate) fn carrier_limiter(&self, carrier: &dyn Carrier) -> Arc<CarrierLimiter> {
        let profile = carrier.carrier_profile();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let keeper = known.entry(profile.id).or_insert_with(|| {
            Arc::new(CarrierLimiter {
                carrier: carrier.id(),
                profile,
                store: self.store.clone(),
                breaker: Mutex::default(),
                account: lock::Mutex::default(),
            })
        });
        Arc::clone(keeper)
    }
}

impl CarrierLimiter {
    /// How long the carrier is to be left alone.
    pub(crate) fn current_backoff(&self, now: Timestamp) -> Option<Duration> {
        self.lock_breaker().current_backoff(now)
    }

    /// Takes note of what a round has met; gives what others must learn of it.
    pub(crate) fn note_outcomes<'a>(
        &self,
        outcomes: impl IntoIterator<Item = &'a TrackingResult>,
        consecutive_failures: u32,
        now: Timestamp,
    ) -> Option<BreakerChange> {
        self.lock_breaker()
            .note_outcomes(outcomes, consecutive_failures, now)
    }

    /// The toll for asking after so many numbers.
    pub(crate) fn message_limiter(self: &Arc<Self>, numbers: usize) -> Box<dyn RateLimiter> {
        if self.profile.quotas.is_empty() {
            return Box::new(Unlimited);
        }
        Box::new(MessageLimiter {
            keeper: Arc::clone(self),
            errand: Mutex::new(PollBudget::new(self.profile, numbers)),
        })
    }

    fn lock_breaker(&self) -> MutexGuard<'_, CircuitBreaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pays `cost`, or says how long to wait; leases as much as is `expected`
    /// where nothing is held. The `clock` is read again after the table was
    /// written: a short lease may be over by then.
    async fn acquire_tokens(
        &self,
        cost: RequestCost,
        expected: RequestCost,
        clock: impl Fn() -> Timestamp,
    ) -> Result<Result<(), Duration>, ServiceError> {
        let mut account = self.account.lock().await;
        match account.purse.acquire_tokens(cost, clock()) {
            Acquired::Paid => return Ok(Ok(())),
            Acquired::Closed(wait) => return Ok(Err(wait)),
            Acquired::Empty => {}
        }
        for _ in 0..ATTEMPTS {
            let Versioned { state, version } = match account.ledger.take() {
                Some(ledger) => ledger,
                None => self.store.load_limits(&self.carrier).await?,
            };
            let (mut ledger, now) = (state, clock());
            let quotas = self.profile.quotas;
            let lease = match account
                .purse
                .lease_tokens(&mut ledger, quotas, cost, expected, now)
            {
                Ok(lease) => lease,
                Err(wait) => return Ok(Err(wait)),
            };
            if self
                .store
                .replace_limits(&self.carrier, &ledger, version)
                .await?
            {
                account.purse.add_lease(lease);
                account.ledger = Some(Versioned {
                    state: ledger,
                    version: version + 1,
                });
                if account.purse.acquire_tokens(cost, clock()) == Acquired::Paid {
                    return Ok(Ok(()));
                }
            }
        }
        Ok(Err(Duration::from_secs(1)))
    }
}

impl MessageLimiter {
    async fn pass_limits(&self, numbers: usize) -> Result<(), CarrierError> {
        let cost = RequestCost::for_request(numbers);
        loop {
            let expected = self.lock_budget().expected_cost();
            match self.keeper.acquire_tokens(cost, expected, clock::now).await {
                Ok(Ok(())) => {
                    self.lock_budget().record_payment(numbers);
                    return Ok(());
                }
                Ok(Err(wait)) if self.lock_budget().may_wait(wait) => sleep(wait).await,
                Ok(Err(wait)) => return Err(quota::out_of_quota(wait)),
                Err(error) => {
                    let carrier = &self.keeper.carrier;
                    warn!(%carrier, %error, "Could not read what {carrier} still allows: {error}");
                    return Err(quota::out_of_quota(UNKNOWN_WAIT));
                }
            }
        }
    }

    fn lock_budget(&self) -> MutexGuard<'_, PollBudget> {
        self.errand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RateLimiter for MessageLimiter {
    fn acquire(&self, numbers: usize) -> BoxFuture<'_, Result<(), CarrierError>> {
        Box::pin(self.pass_limits(numbers))
    }
}

impl fmt::Debug for MessageLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("carrier", &self.keeper.carrier)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use posthorn_carriers::profile::{Period, Quota, Unit};
    use posthorn_platform::{
        Aws,
        store::meter::Consumed,
        testing::{self, Dynamo},
    };

    static HOURLY: CarrierProfile = CarrierProfile {
        quotas: &[Quota {
            limit: 60,
            unit: Unit::Calls,
            period: Period::Rolling(Duration::from_hours(1)),
        }],
        ..CarrierProfile::with_name("usps", "USPS")
    };

    static AMPLE: CarrierProfile = CarrierProfile {
        quotas: &[Quota {
            limit: 100_000,
            unit: Unit::Calls,
            period: Period::Rolling(Duration::from_hours(24)),
        }],
        ..CarrierProfile::with_name("fedex", "FedEx")
    };

    fn keeper(profile: &'static CarrierProfile, aws: &Aws) -> Arc<CarrierLimiter> {
        Arc::new(CarrierLimiter {
            carrier: CarrierId::parse(profile.id).unwrap(),
            profile,
            store: LimitStore::new(aws, &testing::config()).unwrap(),
            breaker: Mutex::default(),
            account: lock::Mutex::default(),
        })
    }

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_795_305_600).unwrap() + SignedDuration::from_mins(minute)
    }

    #[tokio::test]
    async fn processes_share_what_a_carrier_allows() {
        let dynamo = Dynamo::start().await;
        let keepers: Vec<_> = (0..4).map(|_| keeper(&HOURLY, &dynamo.aws())).collect();
        let mut n_paid = 0;
        for minute in 0..60 {
            let one = RequestCost::for_request(1);
            let payments = keepers
                .iter()
                .map(|keeper| keeper.acquire_tokens(one, one, move || at(minute)));
            let paid = futures::future::join_all(payments).await;
            n_paid += paid
                .into_iter()
                .filter(|paid| matches!(paid, Ok(Ok(()))))
                .count();
        }
        assert_eq!(n_paid, 60);
        let wait = keepers[0]
            .acquire_tokens(
                RequestCost::for_request(1),
                RequestCost::for_request(1),
                || at(60),
            )
            .await;
        assert!(wait.unwrap().is_err());
    }

    #[tokio::test]
    async fn who_is_told_to_wait_asks_the_table_no_more() {
        let dynamo = Dynamo::start().await;
        let aws = dynamo.aws();
        let keeper = keeper(&HOURLY, &aws);
        let fifteen = RequestCost {
            calls: 15,
            numbers: 15,
        };
        keeper
            .acquire_tokens(fifteen, fifteen, || at(0))
            .await
            .unwrap()
            .unwrap();
        let wait = keeper
            .acquire_tokens(
                RequestCost::for_request(1),
                RequestCost::for_request(1),
                || at(1),
            )
            .await;
        let wait = wait.unwrap().unwrap_err();
        assert!(wait > Duration::from_mins(5), "{wait:?}");
        let before = aws.capacity_meter().read_units();
        let again = keeper
            .acquire_tokens(
                RequestCost::for_request(1),
                RequestCost::for_request(1),
                || at(2),
            )
            .await;
        assert_eq!(
            again.unwrap(),
            Err(wait.saturating_sub(Duration::from_mins(1)))
        );
        assert_eq!(aws.capacity_meter().read_units(), before);
    }

    #[tokio::test]
    async fn of_an_ample_quota_many_calls_cost_one_write() {
        let dynamo = Dynamo::start().await;
        let aws = dynamo.aws();
        let keeper = keeper(&AMPLE, &aws);
        for _ in 0..1000 {
            let paid = keeper
                .acquire_tokens(
                    RequestCost::for_request(30),
                    RequestCost::for_request(30),
                    || at(0),
                )
                .await;
            assert_eq!(paid.unwrap(), Ok(()));
        }
        assert_eq!(aws.capacity_meter().read_units().table_writes, 1);
    }

    #[tokio::test]
    async fn a_carrier_without_quotas_has_no_ledger() {
        static FREE: CarrierProfile = CarrierProfile::with_name("ups", "UPS");
        let dynamo = Dynamo::start().await;
        let aws = dynamo.aws();
        let gate = keeper(&FREE, &aws).message_limiter(25);
        for _ in 0..25 {
            gate.acquire(1).await.unwrap();
        }
        assert_eq!(aws.capacity_meter().read_units(), Consumed::default());
    }
}
