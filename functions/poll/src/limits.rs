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
    Failure, Outcome, Profile,
    carrier::Carrier,
    quota::{self, Breaker, Change, Cost, Errand, Free, Ledger, Purse, Taken, Toll},
};
use posthorn_domain::id::CarrierId;
use posthorn_platform::{
    clock,
    error::Error,
    store::limits::{LimitStore, Versioned},
};
use tokio::time::sleep;
use tracing::warn;

/// How often a lease is tried against others who take at the same time.
const ATTEMPTS: usize = 5;

/// How long to wait when nobody knows what is left.
const UNKNOWN_WAIT: Duration = Duration::from_mins(1);

/// What this process knows of the limits of carriers. A carrier without quotas
/// that answers costs neither a read nor a write.
#[derive(Debug)]
pub(crate) struct Limits {
    store: LimitStore,
    known: Mutex<HashMap<&'static str, Arc<Keeper>>>,
}

/// Keeps one carrier's limits.
#[derive(Debug)]
pub(crate) struct Keeper {
    carrier: CarrierId,
    profile: &'static Profile,
    store: LimitStore,
    breaker: Mutex<Breaker>,
    account: lock::Mutex<Account>,
}

/// What this process has leased, and the ledger as it was read or written last.
#[derive(Debug, Default)]
struct Account {
    purse: Purse,
    ledger: Option<Versioned<Ledger>>,
}

/// The toll of one message, of which it is known how much it will need.
struct Gate {
    keeper: Arc<Keeper>,
    errand: Mutex<Errand>,
}

impl Limits {
    pub(crate) fn new(store: LimitStore) -> Self {
        Self {
            store,
            known: Mutex::default(),
        }
    }

    /// Who keeps the limits of `carrier`.
    pub(crate) fn keeper(&self, carrier: &dyn Carrier) -> Arc<Keeper> {
        let profile = carrier.profile();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let keeper = known.entry(profile.id).or_insert_with(|| {
            Arc::new(Keeper {
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

impl Keeper {
    /// How long the carrier is to be left alone.
    pub(crate) fn pause(&self, now: Timestamp) -> Option<Duration> {
        self.breaker().pause(now)
    }

    /// Takes note of what a round has met; gives what others must learn of it.
    pub(crate) fn note<'a>(
        &self,
        outcomes: impl IntoIterator<Item = &'a Outcome>,
        strikes: u32,
        now: Timestamp,
    ) -> Option<Change> {
        self.breaker().note(outcomes, strikes, now)
    }

    /// The toll for asking after so many numbers.
    pub(crate) fn gate(self: &Arc<Self>, numbers: usize) -> Box<dyn Toll> {
        if self.profile.quotas.is_empty() {
            return Box::new(Free);
        }
        Box::new(Gate {
            keeper: Arc::clone(self),
            errand: Mutex::new(Errand::new(self.profile, numbers)),
        })
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pays `cost`, or says how long to wait; leases as much as is `expected`
    /// where nothing is held. The `clock` is read again after the table was
    /// written: a short lease may be over by then.
    async fn pay(
        &self,
        cost: Cost,
        expected: Cost,
        clock: impl Fn() -> Timestamp,
    ) -> Result<Result<(), Duration>, Error> {
        let mut account = self.account.lock().await;
        match account.purse.pay(cost, clock()) {
            Taken::Paid => return Ok(Ok(())),
            Taken::Closed(wait) => return Ok(Err(wait)),
            Taken::Empty => {}
        }
        for _ in 0..ATTEMPTS {
            let Versioned { state, version } = match account.ledger.take() {
                Some(ledger) => ledger,
                None => self.store.load(&self.carrier).await?,
            };
            let (mut ledger, now) = (state, clock());
            let quotas = self.profile.quotas;
            let lease = match account.purse.draw(&mut ledger, quotas, cost, expected, now) {
                Ok(lease) => lease,
                Err(wait) => return Ok(Err(wait)),
            };
            if self.store.replace(&self.carrier, &ledger, version).await? {
                account.purse.fill(lease);
                account.ledger = Some(Versioned {
                    state: ledger,
                    version: version + 1,
                });
                if account.purse.pay(cost, clock()) == Taken::Paid {
                    return Ok(Ok(()));
                }
            }
        }
        Ok(Err(Duration::from_secs(1)))
    }
}

impl Gate {
    async fn pass(&self, numbers: usize) -> Result<(), Failure> {
        let cost = Cost::call(numbers);
        loop {
            let expected = self.errand().expected();
            match self.keeper.pay(cost, expected, clock::now).await {
                Ok(Ok(())) => {
                    self.errand().paid(numbers);
                    return Ok(());
                }
                Ok(Err(wait)) if self.errand().may_wait(wait) => sleep(wait).await,
                Ok(Err(wait)) => return Err(quota::out_of_quota(wait)),
                Err(error) => {
                    let carrier = &self.keeper.carrier;
                    warn!(%carrier, %error, "Nobody knows what {carrier} still allows: {error}");
                    return Err(quota::out_of_quota(UNKNOWN_WAIT));
                }
            }
        }
    }

    fn errand(&self) -> MutexGuard<'_, Errand> {
        self.errand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Toll for Gate {
    fn pay(&self, numbers: usize) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(self.pass(numbers))
    }
}

impl fmt::Debug for Gate {
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

    static HOURLY: Profile = Profile {
        quotas: &[Quota {
            limit: 60,
            unit: Unit::Calls,
            period: Period::Rolling(Duration::from_hours(1)),
        }],
        ..Profile::named("usps", "USPS")
    };

    static AMPLE: Profile = Profile {
        quotas: &[Quota {
            limit: 100_000,
            unit: Unit::Calls,
            period: Period::Rolling(Duration::from_hours(24)),
        }],
        ..Profile::named("fedex", "FedEx")
    };

    fn keeper(profile: &'static Profile, aws: &Aws) -> Arc<Keeper> {
        Arc::new(Keeper {
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
            let one = Cost::call(1);
            let payments = keepers
                .iter()
                .map(|keeper| keeper.pay(one, one, move || at(minute)));
            let paid = futures::future::join_all(payments).await;
            n_paid += paid
                .into_iter()
                .filter(|paid| matches!(paid, Ok(Ok(()))))
                .count();
        }
        assert_eq!(n_paid, 60);
        let wait = keepers[0]
            .pay(Cost::call(1), Cost::call(1), || at(60))
            .await;
        assert!(wait.unwrap().is_err());
    }

    #[tokio::test]
    async fn who_is_told_to_wait_asks_the_table_no_more() {
        let dynamo = Dynamo::start().await;
        let aws = dynamo.aws();
        let keeper = keeper(&HOURLY, &aws);
        let fifteen = Cost {
            calls: 15,
            numbers: 15,
        };
        keeper
            .pay(fifteen, fifteen, || at(0))
            .await
            .unwrap()
            .unwrap();
        let wait = keeper.pay(Cost::call(1), Cost::call(1), || at(1)).await;
        let wait = wait.unwrap().unwrap_err();
        assert!(wait > Duration::from_mins(5), "{wait:?}");
        let before = aws.meter().read();
        let again = keeper.pay(Cost::call(1), Cost::call(1), || at(2)).await;
        assert_eq!(
            again.unwrap(),
            Err(wait.saturating_sub(Duration::from_mins(1)))
        );
        assert_eq!(aws.meter().read(), before);
    }

    #[tokio::test]
    async fn of_an_ample_quota_many_calls_cost_one_write() {
        let dynamo = Dynamo::start().await;
        let aws = dynamo.aws();
        let keeper = keeper(&AMPLE, &aws);
        for _ in 0..1000 {
            let paid = keeper.pay(Cost::call(30), Cost::call(30), || at(0)).await;
            assert_eq!(paid.unwrap(), Ok(()));
        }
        assert_eq!(aws.meter().read().table_writes, 1);
    }

    #[tokio::test]
    async fn a_carrier_without_quotas_has_no_ledger() {
        static FREE: Profile = Profile::named("ups", "UPS");
        let dynamo = Dynamo::start().await;
        let aws = dynamo.aws();
        let gate = keeper(&FREE, &aws).gate(25);
        for _ in 0..25 {
            gate.pay(1).await.unwrap();
        }
        assert_eq!(aws.meter().read(), Consumed::default());
    }
}
