//! What programs tell problems and faults apart by. Names stay; new ones may come.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a request failed, for programs.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProblemCode {
    /// The request cannot be read.
    MalformedRequest,
    /// Some fields cannot be taken: `invalid_params` has them.
    ValidationFailed,
    /// Nobody says who they are, or not so that it can be believed.
    Unauthenticated,
    /// The caller does not have the permission that it takes.
    Forbidden,
    /// Who signed the token does not give its keys at the moment.
    IssuerUnavailable,
    /// There is no such thing.
    NotFound,
    /// The path has other methods: `Allow` has them.
    MethodNotAllowed,
    /// There is it in no form that `Accept` names.
    NotAcceptable,
    /// The resource is not of the version that `If-Match` names.
    PreconditionFailed,
    /// The resource is there: name the version that is replaced in `If-Match`.
    PreconditionRequired,
    /// The first request with this `Idempotency-Key` is still in work.
    IdempotencyKeyInFlight,
    /// The body is too large.
    BodyTooLarge,
    /// The body did not come in time.
    BodyTooSlow,
    /// The body is not JSON.
    NotJson,
    /// The body is of a kind that is not taken.
    UnsupportedMediaType,
    /// The server does not go by the name that it was asked for under.
    UnknownHost,
    /// More at once than is done at once.
    TooManyRequests,
    /// Another service is missing, or did not answer as promised.
    ServiceUnreachable,
    /// The database is written by somebody else.
    DatabaseLocked,
    /// The database cannot be written.
    DatabaseReadOnly,
    /// The database does not answer.
    DatabaseUnavailable,
    /// The database is of a newer release.
    DatabaseNewer,
    /// The disk is full.
    DiskFull,
    /// There is no room in the temporary folder.
    NoRoom,
    /// Whether it was written is not known: send it again.
    FateUnknown,
    /// Nobody waits for the answer.
    ReaderLeft,
    /// A signed head of the record of who did what does not go on from the one before.
    AuditHeadRefused,
    /// Something broke on our side.
    InternalError,
    /// Another record has the same key.
    Duplicate,
    /// Amounts are too large to be added up.
    TooLarge,
    /// The job was cancelled.
    Cancelled,
    /// The same caller has asked again, and needs this answer no more.
    Superseded,
    /// Amounts are in several currencies.
    MixedCurrencies,
    /// The source has another rate of that day.
    RateExists,
    /// The books of that month are closed.
    PeriodClosed,
    /// There are no customers to compute it from.
    NoCustomers,
    /// There are no amounts to compute it from.
    NoMoney,
    /// The hazard of leaving cannot be estimated.
    NoHazard,
    /// Too little is in for a pilot to be read.
    PilotUnreadable,
    /// Records end before the time that they are asked for.
    RecordsTooShort,
    /// Records changed while they were read.
    RecordsChanged,
    /// The import is still in work.
    ImportInWork,
    /// The import wrote nothing that could be taken back.
    NothingToUndo,
    /// Records of the import have changed since, or others have come to need them.
    ChangedSince,
    /// The body is no form.
    NotAForm,
    /// The receiver of the webhook said that it is gone.
    WebhookGone,
    /// Something else stands on it: remove that first.
    InUse,
    /// The customer was erased before, and nothing has come back.
    AlreadyErased,
    /// Who asks for it cannot confirm it too.
    SamePerson,
    /// It is not awaiting a confirmation.
    NotAwaited,
    /// What is held has changed since it was counted.
    CountsChanged,
    /// The secret of erasures is not there.
    SecretMissing,
    /// The version does not stand where that can be done to it.
    WrongState,
    /// Nothing of it was ever held against its forecast.
    NotMeasured,
    /// The months tell nothing of what was approved, so that nothing can begin with it.
    NotLearnt,
    /// The run cannot be made again as it was kept, so nothing is taken away of it, and nobody decides on it.
    RunNotReproducible,
}

/// What is wrong with a field, for programs.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FaultCode {
    /// It is needed.
    Missing,
    /// It is not known here.
    UnknownField,
    /// It is of another type, such as a number in place of a text.
    WrongType,
    /// It is not written as it must be.
    WrongFormat,
    /// It is none of the words that can be.
    UnknownValue,
    /// It cannot be, for a reason that the text says.
    InvalidValue,
    /// It is outside its limits.
    OutOfRange,
    /// It is below zero.
    Negative,
    /// It is no whole number.
    NotWhole,
    /// It has too few characters.
    TooShort,
    /// It has too many characters.
    TooLong,
    /// There are too few of them.
    TooFew,
    /// There are too many of them.
    TooMany,
    /// It has more decimals than its currency.
    TooManyDecimals,
    /// It is too large to be counted.
    TooLarge,
    /// It has control characters.
    ControlCharacter,
    /// It lies before what records can have.
    TooEarly,
    /// It has not come yet.
    InTheFuture,
    /// It is not over yet.
    NotOver,
    /// It comes before what it must follow.
    DatesOutOfOrder,
    /// Its month is closed.
    PeriodClosed,
    /// It is there twice.
    Duplicate,
    /// Its id comes twice in one import with different content.
    DuplicateId,
    /// The key came with another request.
    KeyReused,
    /// The segment is not registered.
    UnknownSegment,
    /// The customer is not known.
    UnknownCustomer,
    /// The account is not described.
    UnknownAccount,
    /// The baseline is not kept here.
    UnknownBaseline,
    /// No scenario is kept under that key, or in that version.
    UnknownScenario,
    /// The scenario says nothing at this place.
    UnknownPlace,
    /// The component does not belong to the category.
    WrongComponent,
    /// The evidence is of another lever.
    WrongLever,
    /// It is no number that can be.
    WrongNumber,
    /// The shares do not add up.
    WrongShares,
    /// It is given without the component that it belongs to.
    WithoutComponent,
    /// It is given without a day of leaving.
    WithoutLeaving,
    /// It is given where it means nothing.
    WithoutMeaning,
    /// It is given for a method that has none.
    WithoutMethod,
    /// It is given without a programme.
    WithoutProgramme,
    /// Both currencies are the same.
    SameCurrency,
    /// It is in another currency.
    OtherCurrency,
    /// Amounts are in several currencies.
    MixedCurrencies,
    /// A month has no exchange rate of the pair.
    MissingFxRate,
    /// It contradicts what the curve says.
    ContradictsCurve,
    /// No curve follows from it.
    NoCurve,
    /// Both cannot be true.
    Contradiction,
    /// A figure that the scenario needs is not in the baseline.
    FigureMissing,
    /// The baseline cannot be simulated.
    UnusableBaseline,
    /// It cannot be drawn by the sampling that is asked for.
    CannotBeSampled,
    /// It does not rise.
    NotRising,
    /// The file is no table.
    MalformedCsv,
    /// The mapping cannot be read, or does not fit the file.
    WrongMapping,
    /// It can be read in more than one way.
    Ambiguous,
    /// The score is outside the scale of what was asked.
    OffScale,
    /// The scenario cannot be simulated.
    InvalidScenario,
    /// A charge is below zero.
    NegativeCharge,
    /// It is no date.
    NotADate,
    /// It is no amount.
    NotAnAmount,
    /// Debit and credit of the voucher differ.
    UnbalancedVoucher,
    /// No run has that id.
    UnknownRun,
    /// The run is of something else.
    OtherRun,
    /// It stands in the way of an approval, and is not overridden.
    NotOverridden,
    /// It is no finding of the gate.
    UnknownFinding,
}
