//! The customers and the experience service, as far as finance reads them: feeds over real HTTP.

use actix_web::dev::ServerHandle;
use actix_web::web::{Data, Path, Query};
use actix_web::{App, HttpResponse, HttpServer, get, rt};
use keepworth_contract::feed::FeedQuery;
use keepworth_finance::Peers;
use keepworth_platform::ApiError;
use keepworth_platform::feed;
use keepworth_store::{Db, DbOptions};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Feeds that are served until the value goes.
pub struct Upstream {
    pub peers: Peers,
    server: ServerHandle,
    _folder: TempDir,
}

#[derive(Clone)]
struct Feeds {
    db: Db,
    episodes: Vec<Value>,
    exposures: Vec<Value>,
}

#[get("/v1/feed/{name}")]
async fn read(
    app: Data<Feeds>,
    name: Path<String>,
    query: Query<FeedQuery>,
) -> Result<HttpResponse, ApiError> {
    let (name, rows) = match name.as_str() {
        "episodes" => ("episodes", app.episodes.clone()),
        "exposures" => ("exposures", app.exposures.clone()),
        _ => return Ok(HttpResponse::NotFound().finish()),
    };
    feed::answer(&app.db, name, 1, query.as_of, move |_, sink| {
        rows.iter().try_for_each(|row| sink.push(row))
    })
    .await
}

impl Upstream {
    /// Serves these rows, which are in key order.
    pub fn start(episodes: Vec<Value>, exposures: Vec<Value>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/data/feeds.db", folder.path().display());
        let feeds = Feeds {
            db: Db::open(&url, &DbOptions::default()).unwrap(),
            episodes,
            exposures,
        };
        let app = move || App::new().app_data(Data::new(feeds.clone())).service(read);
        let server = HttpServer::new(app)
            .workers(1)
            .bind(("127.0.0.1", 0))
            .unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        let server = server.disable_signals().run();
        let handle = server.handle();
        rt::spawn(server);
        Self {
            peers: Peers {
                customers: url.as_str().into(),
                experience: url.as_str().into(),
            },
            server: handle,
            _folder: folder,
        }
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        rt::spawn(self.server.stop(false));
    }
}

fn key(id: &str) -> Value {
    json!({ "source": "crm", "external_id": id })
}

/// A customer of `segment` from a day on, under observation since then.
pub fn episode(id: &str, segment: &str, from: &str, to: &str, channel: Option<&str>) -> Value {
    let mut row = json!({
        "customer": key(id), "segment": segment, "acquired_on": from, "observed_from": from,
        "observed_to": to, "left": false, "cause": null,
    });
    if let Some(channel) = channel {
        row["acquisition_channel"] = channel.into();
    }
    row
}

/// What a customer lived through in a month: contacts by channel, with seconds in all.
pub fn exposure(id: &str, month: &str, contacts: &[(&str, u64, u64)]) -> Value {
    let sums = contacts.iter().map(|(channel, count, seconds)| {
        let sum = json!({ "count": count, "handle_seconds": seconds });
        ((*channel).to_owned(), sum)
    });
    json!({
        "customer": key(id), "month": month, "contacts": sums.collect::<serde_json::Map<_, _>>(),
        "unresolved": 0, "abandoned": 0, "scores": {},
    })
}
