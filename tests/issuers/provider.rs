//! Tokens of a real provider, found by discovery.

use std::time::Duration;

use super::{ask, ask_for};
use crate::support::{Database, Keepworth, Kind, Provider};

/// The least time between two attempts to fetch keys, and a little.
const PAUSE: Duration = Duration::from_secs(11);

#[test]
fn who_a_real_provider_vouches_for_is_let_in() {
    let Some(mut provider) = Provider::start() else {
        return;
    };
    let database = Database::new(Kind::Sqlite);
    let grant = r#"{ claim = "groups", value = "cem-analysts", role = "analyst" }"#;
    let settings = provider.settings(database.folder(), grant);
    let keepworth = Keepworth::start(&["up", "--config", &settings], &database, &[]);
    let (analyst, nobody) = (provider.token("analysts"), provider.token("nobody"));
    assert_eq!(ask(&keepworth, &analyst).0, 200);
    assert_eq!(
        ask_for(&keepworth, "/customers/v1/customers", &analyst).0,
        200
    );
    let (status, detail) = ask_for(&keepworth, "/finance/v1/audit-entries", &analyst);
    assert_eq!(status, 403, "{detail}");
    assert_eq!(ask(&keepworth, &nobody).0, 403, "a group without a role");

    std::thread::sleep(PAUSE);
    provider.rotate();
    let renewed = provider.token("analysts");
    assert_eq!(ask(&keepworth, &renewed), (200, String::new()));
    let (status, detail) = ask(&keepworth, &analyst);
    assert_eq!(status, 401, "its key was withdrawn: {detail}");

    provider.go_away();
    assert_eq!(ask(&keepworth, &renewed).0, 200, "what is known goes on");
    // Who starts while it is away knows nobody, and says so.
    let fresh = Database::new(Kind::Sqlite);
    let keepworth = Keepworth::start(&["up", "--config", &settings], &fresh, &[]);
    let (status, detail) = ask(&keepworth, &renewed);
    assert_eq!(status, 503, "{detail}");
    assert!(detail.contains(&provider.url), "{detail}");
}
