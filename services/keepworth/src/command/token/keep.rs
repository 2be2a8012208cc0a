//! Tokens for programs: made, listed, changed, withdrawn, at each service that they open.

use anyhow::{Context, bail};
use clap::Subcommand;
use keepworth_contract::client::Client;
use keepworth_contract::token::{TokenInput, TokenRotation, TokenWithSecret};
use sha2::{Digest, Sha256};

use super::place::{Kept, Place, all, named, sheet};
use crate::command::Outcome;
use crate::present::Presenting;
use crate::{Global, runtime};

#[derive(Subcommand)]
pub(super) enum Action {
    Create(Create),
    List(List),
    Rotate(Rotate),
    Revoke(Revoke),
}

/// Make a token for a program, and print it, this once.
///
/// It opens the services named, for what it is made for, as long as you yourself may: when you may less, so does
/// it. It can make no tokens. Keep it where the program reads it and nobody else: services keep a digest of it
/// alone, and cannot show it again.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth token create nightly --permission records:import > nightly.token
  keepworth token create report --permission figures:read --service finance --days 30
  KEEPWORTH_TOKEN_FILE=nightly.token keepworth import customers customers.csv --url https://keepworth.example

openapi/PERMISSIONS.md says what each permission is for. A token holds for a year at the most.")]
pub(super) struct Create {
    /// What it is for, such as nightly; no other token of yours has the name.
    name: String,
    /// What it may do, such as records:import; give it several times for more.
    #[arg(long = "permission", value_name = "PERMISSION", required = true)]
    permissions: Vec<String>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    span: Span,
}

/// List your tokens at each service; everybody's, for who runs Keepworth.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth token list
  keepworth token list --format json

What opens is shown when a token is made, and never again.")]
pub(super) struct List {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    presenting: Presenting,
}

/// Change a token of yours for a new one, and print that, this once.
///
/// For 24 hours the old one opens too, so that the program can be given the new one meanwhile. Who changes it
/// again within them ends the oldest at once.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth token rotate nightly > nightly.token

Where a token has become known to others, revoke it: the old one would open for another day.")]
pub(super) struct Rotate {
    /// Its name.
    name: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    span: Span,
}

/// Withdraw a token: it opens nothing more, within a second.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth token revoke nightly
  keepworth token revoke 019a0000-0000-7000-8000-000000000000        of somebody else, by its id

The audit keeps what was done with it, under its id.")]
pub(super) struct Revoke {
    /// Its name, or its id as `keepworth token list` shows it.
    name: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    presenting: Presenting,
}

/// How long a token holds.
#[derive(clap::Args)]
struct Span {
    /// It holds for so many days, at most 366.
    #[arg(long, value_name = "N", default_value_t = 90)]
    days: u32,
}

impl Action {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self {
            Self::Create(it) => it.run(global),
            Self::List(it) => it.run(global),
            Self::Rotate(it) => it.run(global),
            Self::Revoke(it) => it.run(global),
        }
    }
}

impl Create {
    fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let clients = self.place.clients(global)?;
        let mut input = TokenInput {
            name: self.name,
            permissions: self.permissions,
            days: self.span.days,
            sha256: None,
        };
        runtime::block_on(async {
            let (mut made, mut secret) = (Vec::new(), None);
            for (service, client) in &clients {
                match client.create_token(&input).await {
                    Ok(answer) => {
                        made.push((client, answer.token.id));
                        input.sha256 = Some(shared(answer, &mut secret)?);
                    }
                    Err(error) => {
                        withdraw(&made).await;
                        bail!("{service} made no token, and so none was made: {error}");
                    }
                }
            }
            show(secret, &clients, input.days)
        })
    }
}

/// The digest of a token that other services shall know too.
fn shared(answer: TokenWithSecret, secret: &mut Option<String>) -> anyhow::Result<String> {
    let text = secret.take().or(answer.secret);
    let text = text.context("the service answered no token")?;
    let digest = Sha256::digest(&text);
    *secret = Some(text);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// All or none: what was made before one service refused is withdrawn.
async fn withdraw(made: &[(&Client, uuid::Uuid)]) {
    for (client, id) in made {
        if let Err(error) = client.delete_token(*id).await {
            eprintln!("warning: the token {id} stays behind: {error}");
        }
    }
}

/// Prints what opens, for a file or another program, and beside it what people want to know.
fn show(secret: Option<String>, clients: &[(&str, Client)], days: u32) -> anyhow::Result<Outcome> {
    let services = Vec::from_iter(clients.iter().map(|(name, _)| *name)).join(", ");
    println!("{}", secret.context("no service was named")?);
    eprintln!("It opens {services} for {days} days, and is not shown again.");
    Ok(Outcome::Done)
}

impl List {
    fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let clients = self.place.clients(global)?;
        let kept = runtime::block_on(async {
            let mut kept = Vec::new();
            for (service, client) in &clients {
                let tokens = all(client).await?.into_iter();
                kept.extend(tokens.map(|token| Kept { service, token }));
            }
            Ok(kept)
        })?;
        self.presenting
            .show(kept, |kept| Ok(vec![sheet("Tokens", &kept)]))?;
        Ok(Outcome::Done)
    }
}

impl Rotate {
    fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let clients = self.place.clients(global)?;
        let mut rotation = TokenRotation {
            days: self.span.days,
            sha256: None,
        };
        runtime::block_on(async {
            let (mut secret, mut changed) = (None, Vec::new());
            for (service, client, token) in named(&clients, &self.name).await? {
                match client.rotate_token(token.id, &rotation).await {
                    Ok(answer) => rotation.sha256 = Some(shared(answer, &mut secret)?),
                    Err(error) if changed.is_empty() => return Err(error.into()),
                    // What was changed cannot be had again: the new one is shown all the same.
                    Err(error) => {
                        eprintln!("error: {service} keeps the old token: {error}");
                        show(secret, &changed, rotation.days)?;
                        return Ok(Outcome::Partly);
                    }
                }
                changed.push((service, client.clone()));
            }
            show(secret, &changed, rotation.days)
        })
    }
}

impl Revoke {
    fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let clients = self.place.clients(global)?;
        let gone = runtime::block_on(async {
            let mut gone = Vec::new();
            for (service, client, token) in named(&clients, &self.name).await? {
                let token = client.delete_token(token.id).await?;
                gone.push(Kept { service, token });
            }
            Ok(gone)
        })?;
        self.presenting
            .show(gone, |gone| Ok(vec![sheet("Withdrawn", &gone)]))?;
        Ok(Outcome::Done)
    }
}
