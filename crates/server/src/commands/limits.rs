//! How patient the server is, and with how many at once.

use std::time::Duration;

use clap::Args;

/// Limits that keep slow or many clients from holding the server. Times are in milliseconds.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct Limits {
    /// Most connections at once; one more is closed as soon as it is accepted.
    #[arg(long, env = "DIABAN_MAX_CONNECTIONS", default_value_t = 1_024, value_parser = count)]
    max_connections: usize,
    /// Longest wait for the first bytes of a connection.
    #[arg(long, env = "DIABAN_FIRST_BYTE_TIMEOUT", default_value_t = 10_000, value_parser = millis())]
    first_byte_timeout: u64,
    /// Longest time from the first byte of a request to the end of its headers.
    #[arg(long, env = "DIABAN_HEADER_TIMEOUT", default_value_t = 10_000, value_parser = millis())]
    header_timeout: u64,
    /// Longest silence between two requests of one connection.
    #[arg(long, env = "DIABAN_IDLE_TIMEOUT", default_value_t = 60_000, value_parser = millis())]
    idle_timeout: u64,
    /// Longest silence within a request's body; the whole body may take six times as long.
    #[arg(long, env = "DIABAN_BODY_TIMEOUT", default_value_t = 10_000, value_parser = millis())]
    body_timeout: u64,
    /// Longest time an answer waits for its reader to take some of it.
    #[arg(long, env = "DIABAN_WRITE_TIMEOUT", default_value_t = 30_000, value_parser = millis())]
    write_timeout: u64,
}

/// Up to ten minutes.
fn millis() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=600_000)
}

fn count(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| (1..=100_000).contains(n)).ok_or_else(|| "1 to 100000".to_owned())
}

impl Limits {
    /// The settings with these limits.
    pub(crate) fn apply(&self, config: server::ServeConfig) -> server::ServeConfig {
        server::ServeConfig {
            max_connections: self.max_connections,
            first_byte_timeout: Duration::from_millis(self.first_byte_timeout),
            header_timeout: Duration::from_millis(self.header_timeout),
            idle_timeout: Duration::from_millis(self.idle_timeout),
            body_timeout: Duration::from_millis(self.body_timeout),
            write_timeout: Duration::from_millis(self.write_timeout),
            ..config
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Alone {
        #[command(flatten)]
        limits: Limits,
    }

    #[test]
    fn what_is_not_said_is_as_the_product_sets_it() {
        let limits = Alone::parse_from(["x"]).limits;
        let (made, own) = (limits.apply(server::ServeConfig::default()), server::ServeConfig::default());
        assert_eq!(format!("{made:?}"), format!("{own:?}"));
        assert!(Alone::try_parse_from(["x", "--header-timeout", "0"]).is_err());
        assert!(Alone::try_parse_from(["x", "--max-connections", "0"]).is_err());
    }
}
