//! The customers service over HTTP: one file per resource, handlers that parse, call and answer.
//!
//! **For:** paths, statuses, parameters, examples. **Must not know:** tables; what is done, [`keepworth_customers::app`] does.
//!
//! ```
//! use keepworth_customers_http::CustomersService;
//!
//! let contract = keepworth_platform::document::<CustomersService>();
//! assert!(contract.paths.paths.contains_key("/v1/customers"));
//! ```

mod customer;
mod erasure;
mod feed;
mod lifecycle_event;
mod segment;
mod subject_export;

use keepworth_access::permission::{
    FeedsRead, FiguresRead, PersonsRead, RecordsImport, SubjectErase, SubjectExport,
};
use keepworth_customers::Customers;
use keepworth_erasure::Subjects;
use keepworth_imports::Imports;
use keepworth_platform::{Allowed, Background, Covered, Service, imports};
use keepworth_store::{Db, Migrations};
use tokio::sync::watch;
use utoipa_actix_web::service_config::ServiceConfig;

/// The service, for who reads results.
type FiguresReader = Allowed<FiguresRead, Customers>;
/// The service, for who sends records.
type Importer = Allowed<RecordsImport, Customers>;
/// The service, for who reads feeds.
type FeedsReader = Allowed<FeedsRead, Customers>;
/// The service, for who reads records of single customers.
type PersonsReader = Allowed<PersonsRead, Customers>;

/// The service, for who has customers erased.
type Eraser = Allowed<SubjectErase, Customers>;
/// The service, for who answers customers what is held of them.
type Exporter = Allowed<SubjectExport, Customers>;

/// The service as it is mounted.
pub struct CustomersService;

impl Service for CustomersService {
    type App = Customers;

    const NAME: &'static str = "customers";
    const DESCRIPTION: &'static str = "Who the customers are, in which segment, since when, and \
        whether they left. Feeds the simulator with cohorts and episodes.";
    const TAGS: &'static [(&'static str, &'static str)] = &[
        ("customers", "Who the customers are, and their segment."),
        (
            "lifecycle events",
            "What happened to customers: who left, when and why.",
        ),
        (
            "segments",
            "Groups of customers that are modelled together.",
        ),
        (
            "erasures",
            "Customers who want to be forgotten, or to know what is held of them: in every service.",
        ),
        imports::TAG,
        ("feeds", "What the simulator reads."),
    ];
    const COVERED: Covered = Covered {
        covers: &[
            "who the customers are, in which segment, since when, and whether they left",
            "cohorts and episodes from which retention is estimated",
        ],
        assists: &["segments, which are registered here and defined elsewhere"],
        leaves: &[
            ("contact data, sales and campaigns", "a CRM"),
            (
                "joining the records of one person from several systems",
                "a customer data platform",
            ),
        ],
    };

    fn routes(config: &mut ServiceConfig<'_>) {
        imports::routes(config);
        config
            .service(customer::list_customers)
            .service(customer::load_customer)
            .service(customer::load_customer_by_external_id)
            .service(customer::batch_upsert_customers)
            .service(lifecycle_event::list_lifecycle_events)
            .service(lifecycle_event::load_lifecycle_event)
            .service(lifecycle_event::batch_upsert_lifecycle_events)
            .service(segment::list_segments)
            .service(segment::load_segment)
            .service(segment::put_segment)
            .service(segment::delete_segment)
            .service(erasure::create_erasure)
            .service(erasure::list_erasures)
            .service(erasure::load_erasure)
            .service(erasure::confirm_erasure)
            .service(erasure::cancel_erasure)
            .service(subject_export::create_subject_export)
            .service(feed::read_cohorts)
            .service(feed::list_cohorts)
            .service(feed::read_episodes)
            .service(feed::list_episodes);
    }

    fn migrations() -> Migrations {
        keepworth_customers::migrations()
    }

    fn imports(app: &Customers) -> Option<Imports> {
        Some(app.imports().clone())
    }

    fn background(app: &Customers, stop: watch::Receiver<bool>) -> Background {
        Box::pin(app.clone().work(stop))
    }

    fn subjects(app: &Customers) -> Subjects {
        app.subjects()
    }

    fn db(app: &Customers) -> &Db {
        app.db()
    }
}
