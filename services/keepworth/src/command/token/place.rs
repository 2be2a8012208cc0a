//! Where tokens are kept: at which services, and how they are found and shown.

use anyhow::ensure;
use keepworth_contract::client::{Client, ClientError, all_pages};
use keepworth_contract::token::Token;
use keepworth_contract::{MAX_PAGE_SIZE, SequenceQuery};
use serde::Serialize;

use crate::present::{Sheet, row};
use crate::registry::{SERVICES, names};
use crate::{Global, Server};

/// At which services of which Keepworth.
#[derive(clap::Args)]
pub(super) struct Place {
    /// At this service; give it several times for more (default: every service).
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    #[command(flatten)]
    server: Server,
}

/// A token at a service.
#[derive(Serialize)]
pub(super) struct Kept {
    pub(super) service: &'static str,
    #[serde(flatten)]
    pub(super) token: Token,
}

impl Place {
    /// A client of each service, by its name.
    pub(super) fn clients(&self, global: &Global) -> anyhow::Result<Vec<(&'static str, Client)>> {
        let known = || SERVICES.iter().map(|it| it.name);
        for name in &self.services {
            let is_known = known().any(|it| it == name);
            ensure!(
                is_known,
                "there is no service `{name}`; there are {}",
                names()
            );
        }
        let wanted = known()
            .filter(|it| self.services.is_empty() || self.services.iter().any(|name| name == it));
        let client = |name| Ok((name, Client::new(name, self.server.reach(name, global)?)?));
        wanted.map(client).collect()
    }
}

/// Every token that the caller may see.
pub(super) async fn all(client: &Client) -> Result<Vec<Token>, ClientError> {
    let query = |cursor| SequenceQuery {
        page_size: Some(MAX_PAGE_SIZE),
        cursor,
    };
    all_pages(async |cursor| client.list_tokens(&query(cursor)).await).await
}

/// The tokens of that name or id, at each service that has one.
pub(super) async fn named<'a>(
    clients: &'a [(&'static str, Client)],
    name: &str,
) -> anyhow::Result<Vec<(&'static str, &'a Client, Token)>> {
    let mut found = Vec::new();
    for (service, client) in clients {
        let tokens = all(client).await?.into_iter();
        let mut tokens: Vec<_> = tokens
            .filter(|it| it.name == name || it.id.to_string() == name)
            .collect();
        ensure!(
            tokens.len() < 2,
            "{service} keeps tokens called `{name}` of several owners; give the id of one, as `keepworth token \
             list` shows it"
        );
        found.extend(tokens.pop().map(|token| (*service, client, token)));
    }
    ensure!(
        !found.is_empty(),
        "no token is called `{name}`; `keepworth token list` shows them"
    );
    Ok(found)
}

/// Tokens as people read them.
pub(super) fn sheet(title: &str, kept: &[Kept]) -> Sheet {
    let columns = "service | name | owner | may | until | last used | id";
    let mut sheet = Sheet::new(title, columns)
        .when_empty("There is no token; `keepworth token create` makes one");
    for Kept { service, token } in kept {
        let used = token.last_used_on.map(|day| day.to_string());
        row![sheet =>
            *service, token.name.clone(), format!("{} {}", token.owner_issuer, token.owner_subject),
            token.effective_permissions.join(" "), token.expires_at.format("%Y-%m-%d %H:%M").to_string(),
            used, token.id.to_string()
        ];
    }
    sheet
}
