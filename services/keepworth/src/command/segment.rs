//! `keepworth segment`: groups of customers that are modelled together, and whether their leaving is seen.

use anyhow::Context;
use clap::Subcommand;
use keepworth_contract::Word;
use keepworth_contract::customers::{CustomersClient, Segment, SegmentInput, SegmentKind};

use crate::command::Outcome;
use crate::present::{Presenting, Sheet, row};
use crate::reading::word::word;
use crate::{Global, Server, runtime};

/// List segments, or say how one leaves: by contract, or without a word.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    List(List),
    Put(Put),
}

/// List segments in the order of their keys, with their kinds.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  keepworth segment list")]
struct List {
    #[command(flatten)]
    asking: Asking,
}

/// Register a segment, or change its name or its kind.
///
/// Of a segment of kind `contract` it is on record who left, and when. Customers of kind `purchases` buy when they
/// like and stop without a word: a baseline estimates from the days on which they bought who is still there.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth segment put shop --kind purchases
  keepworth segment put shop --name \"Web shop\"")]
struct Put {
    /// Names it everywhere.
    key: String,
    /// Names it for people; left out, it stays, and that of a new segment is its key.
    #[arg(long)]
    name: Option<String>,
    /// Whether leaving is seen: contract or purchases; left out, it stays, and a new segment is of kind contract.
    #[arg(long, value_parser = word::<SegmentKind>)]
    kind: Option<SegmentKind>,
    #[command(flatten)]
    asking: Asking,
}

/// Which running Keepworth, and how its answer looks.
#[derive(clap::Args)]
struct Asking {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    presenting: Presenting,
}

impl Asking {
    fn client(&self, global: &Global) -> anyhow::Result<CustomersClient> {
        Ok(CustomersClient::new(
            self.server.reach("customers", global)?,
        )?)
    }

    fn show(&self, segments: Vec<Segment>) -> anyhow::Result<Outcome> {
        self.presenting
            .show(segments, |segments| Ok(vec![sheet(&segments)]))?;
        Ok(Outcome::Done)
    }
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        match self.action {
            Action::List(it) => {
                let client = it.asking.client(global)?;
                let segments = runtime::block_on(async { Ok(client.list_segments().await?) })?;
                it.asking.show(segments.items)
            }
            Action::Put(it) => it.run(global),
        }
    }
}

impl Put {
    fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let client = self.asking.client(global)?;
        let put = runtime::block_on(async {
            let segments = client.list_segments().await?.items;
            let known = segments.into_iter().find(|it| it.key == self.key);
            let known = known.map(|it| it.name);
            let input = SegmentInput {
                name: self.name.or(known).unwrap_or_else(|| self.key.clone()),
                kind: self.kind,
            };
            let put = client.put_segment(&self.key, &input).await;
            put.with_context(|| format!("segment `{}`", self.key))
        })?;
        self.asking.show(vec![put])
    }
}

fn sheet(segments: &[Segment]) -> Sheet {
    let mut sheet = Sheet::new("", "segment | name | kind").when_empty("There is no segment yet");
    for it in segments {
        row![sheet => &it.key, &it.name, it.kind.name().to_lowercase()];
    }
    sheet
}
