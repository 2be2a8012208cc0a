//! The experience service over HTTP: one file per resource, handlers that parse, call and answer.
//!
//! **For:** paths, statuses, parameters, examples. **Must not know:** tables; what is done, [`keepworth_experience::app`] does.
//!
//! ```
//! use keepworth_experience_http::ExperienceService;
//!
//! let contract = keepworth_platform::document::<ExperienceService>();
//! assert!(contract.paths.paths.contains_key("/v1/feedback"));
//! ```

mod feed;
mod feedback;
mod interaction;
mod metric;

use keepworth_access::permission::{FeedsRead, FiguresRead, PersonsRead, RecordsImport};
use keepworth_erasure::Subjects;
use keepworth_experience::Experience;
use keepworth_imports::Imports;
use keepworth_platform::{Allowed, Covered, Service, imports};
use keepworth_store::{Db, Migrations};
use utoipa_actix_web::service_config::ServiceConfig;

/// The service, for who reads records of single customers.
type PersonsReader = Allowed<PersonsRead, Experience>;
/// The service, for who sends records.
type Importer = Allowed<RecordsImport, Experience>;
/// The service, for who reads feeds.
type FeedsReader = Allowed<FeedsRead, Experience>;
/// The service, for who reads results.
type FiguresReader = Allowed<FiguresRead, Experience>;

/// The service as it is mounted.
pub struct ExperienceService;

impl Service for ExperienceService {
    type App = Experience;

    const NAME: &'static str = "experience";
    const DESCRIPTION: &'static str = "What customers answered when asked, and every contact with \
        them. Feeds the simulator with metrics and exposures.";
    const TAGS: &'static [(&'static str, &'static str)] = &[
        ("feedback", "What customers answered when asked."),
        (
            "interactions",
            "Contacts between customers and the company.",
        ),
        ("metrics", "Scores with their intervals."),
        imports::TAG,
        ("feeds", "What the simulator reads."),
    ];
    const COVERED: Covered = Covered {
        covers: &[
            "what customers answered, with intervals for every score",
            "contacts: by which channel, how long, whether they solved the issue",
            "exposures from which the link from experience to retention is estimated",
        ],
        assists: &["finding where journeys stall"],
        leaves: &[
            ("asking customers, and designing surveys", "a survey tool"),
            ("answering customers", "a contact centre or help desk"),
        ],
    };

    fn routes(config: &mut ServiceConfig<'_>) {
        imports::routes(config);
        config
            .service(feedback::list_feedback)
            .service(feedback::load_feedback)
            .service(feedback::batch_upsert_feedback)
            .service(interaction::list_interactions)
            .service(interaction::load_interaction)
            .service(interaction::batch_upsert_interactions)
            .service(metric::list_metrics)
            .service(metric::list_phases)
            .service(feed::read_metrics)
            .service(feed::list_metrics)
            .service(feed::read_exposures)
            .service(feed::list_exposures);
    }

    fn migrations() -> Migrations {
        keepworth_experience::migrations()
    }

    fn imports(app: &Experience) -> Option<Imports> {
        Some(app.imports().clone())
    }

    fn subjects(app: &Experience) -> Subjects {
        app.subjects()
    }

    fn db(app: &Experience) -> &Db {
        app.db()
    }
}
