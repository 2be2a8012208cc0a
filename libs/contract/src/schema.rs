//! Schemas of generic types, under the names that people give them.
//!
//! utoipa names a generic type after its own words and its arguments' (`Page_Recorded`), the same for
//! every argument of a nested one, and repeats the argument's schema inside: generated clients would
//! get one type for several.

use std::borrow::Cow;

use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::Word;
use crate::batch::{Batch, BatchFields};
use crate::feed::{FeedPage, FeedPageFields};
use crate::simulator::{Level, NoLevel};
use crate::{Page, Recorded, page::PageFields, record::RecordedFields};

type Schemas = Vec<(String, RefOr<Schema>)>;

/// The schema of `Fields`, with `name` as one more field.
fn with_field<Fields: PartialSchema>(name: &str, field: impl Into<RefOr<Schema>>) -> RefOr<Schema> {
    match Fields::schema() {
        RefOr::T(Schema::Object(object)) => ObjectBuilder::from(object)
            .property(name, field)
            .required(name)
            .into(),
        other => other,
    }
}

fn reference<T: ToSchema>() -> Ref {
    Ref::from_schema_name(T::name())
}

fn add<T: ToSchema>(schemas: &mut Schemas) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

/// What a record is called that comes in as `RevenueInput`: a `Revenue`.
fn plain<T: ToSchema>() -> String {
    T::name().trim_end_matches("Input").to_owned()
}

impl<T: ToSchema> PartialSchema for Recorded<T> {
    fn schema() -> RefOr<Schema> {
        with_field::<RecordedFields>("record", reference::<T>())
    }
}

impl<T: ToSchema> ToSchema for Recorded<T> {
    fn name() -> Cow<'static, str> {
        plain::<T>().into()
    }

    fn schemas(schemas: &mut Schemas) {
        add::<T>(schemas);
    }
}

impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        with_field::<PageFields>("items", ArrayBuilder::new().items(reference::<T>()))
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        format!("{}Page", T::name()).into()
    }

    fn schemas(schemas: &mut Schemas) {
        add::<T>(schemas);
    }
}

impl<T: ToSchema> PartialSchema for Batch<T> {
    fn schema() -> RefOr<Schema> {
        with_field::<BatchFields>("items", ArrayBuilder::new().items(reference::<T>()))
    }
}

impl<T: ToSchema> ToSchema for Batch<T> {
    fn name() -> Cow<'static, str> {
        format!("{}Batch", plain::<T>()).into()
    }

    fn schemas(schemas: &mut Schemas) {
        BatchFields::schemas(schemas);
        add::<T>(schemas);
    }
}

impl<T: ToSchema> PartialSchema for FeedPage<T> {
    fn schema() -> RefOr<Schema> {
        with_field::<FeedPageFields>("items", ArrayBuilder::new().items(reference::<T>()))
    }
}

impl<T: ToSchema> ToSchema for FeedPage<T> {
    fn name() -> Cow<'static, str> {
        format!("{}FeedPage", T::name().trim_end_matches("Row")).into()
    }

    fn schemas(schemas: &mut Schemas) {
        FeedPageFields::schemas(schemas);
        add::<T>(schemas);
    }
}

/// With its words in place: where one form of a union is a type of its own and the other is none, some
/// generators make no type of the first.
impl PartialSchema for Level {
    fn schema() -> RefOr<Schema> {
        let words = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(NoLevel::all().map(NoLevel::name)));
        OneOfBuilder::new()
            .description(Some(
                "A percentile: a number, or the word that says why there is none.",
            ))
            .item(f64::schema())
            .item(words)
            .into()
    }
}

impl ToSchema for Level {}
