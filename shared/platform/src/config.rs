//! Settings from the environment: the only place that reads it.

use std::{collections::BTreeMap, str::FromStr};

/// Where a function's settings come from, and where in the template to look
/// when one is missing.
///
/// A variable that is set to nothing counts as not set.
#[derive(Debug, Clone)]
pub struct Config {
    function: &'static str,
    source: ConfigSource,
}

#[derive(Debug, Clone)]
enum ConfigSource {
    Environment,
    Fixed(BTreeMap<String, String>),
}

/// Why a function cannot start. One line, which names the variable and the
/// resource of the template that should set it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It was not set.
    #[error("{name} is not set (see `{function}` in infra/template.yaml)")]
    Missing {
        /// The variable.
        name: &'static str,
        /// The resource in the template.
        function: &'static str,
    },
    /// It is set to something else than what was expected.
    #[error("{name} is not {expected} (see `{function}` in infra/template.yaml)")]
    Unreadable {
        /// The variable.
        name: &'static str,
        /// What it should be.
        expected: &'static str,
        /// The resource in the template.
        function: &'static str,
    },
}

impl Config {
    /// The settings of `function`, named as in infra/template.yaml, from the
    /// environment of the process.
    pub const fn for_function(function: &'static str) -> Self {
        Self {
            function,
            source: ConfigSource::Environment,
        }
    }

    /// Settings given by hand, for tests: the environment of a process is
    /// shared by all its tests.
    pub fn with_settings<'a>(
        function: &'static str,
        settings: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let settings = settings
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self {
            function,
            source: ConfigSource::Fixed(settings),
        }
    }

    /// A setting without which the function cannot work.
    pub fn require_setting(&self, name: &'static str) -> Result<String, ConfigError> {
        self.find_setting(name).ok_or(ConfigError::Missing {
            name,
            function: self.function,
        })
    }

    /// A setting that may be absent.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the only place that reads the environment"
    )]
    pub fn find_setting(&self, name: &str) -> Option<String> {
        let value = match &self.source {
            ConfigSource::Environment => std::env::var(name).ok(),
            ConfigSource::Fixed(settings) => settings.get(name).cloned(),
        };
        value.filter(|value| !value.is_empty())
    }

    /// A setting with a default: `expected` completes "is not …", as in "a whole number".
    pub fn parsed_or<T: FromStr>(
        &self,
        name: &'static str,
        expected: &'static str,
        default: T,
    ) -> Result<T, ConfigError> {
        let Some(text) = self.find_setting(name) else {
            return Ok(default);
        };
        text.parse().map_err(|_| ConfigError::Unreadable {
            name,
            expected,
            function: self.function,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_setting_is_named_with_the_place_that_should_set_it() {
        let config = Config::with_settings("Evaluate", []);
        assert_eq!(
            config
                .require_setting("POSTHORN_BUS")
                .unwrap_err()
                .to_string(),
            "POSTHORN_BUS is not set (see `Evaluate` in infra/template.yaml)"
        );
    }

    #[test]
    fn a_setting_set_to_nothing_counts_as_missing() {
        let config = Config::with_settings("Evaluate", [("POSTHORN_BUS", "")]);
        assert!(config.require_setting("POSTHORN_BUS").is_err());
    }

    #[test]
    fn a_number_that_is_none_is_refused_by_name() {
        let config = Config::with_settings("Poll", [("POSTHORN_POLL_SHARDS", "many")]);
        let error = config
            .parsed_or::<u32>("POSTHORN_POLL_SHARDS", "a whole number", 1)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "POSTHORN_POLL_SHARDS is not a whole number (see `Poll` in infra/template.yaml)"
        );
    }

    #[test]
    fn what_is_not_set_has_its_default() {
        let config = Config::with_settings("Poll", []);
        assert_eq!(
            config.parsed_or("POSTHORN_POLL_SHARDS", "a whole number", 4_u32),
            Ok(4)
        );
    }
}
