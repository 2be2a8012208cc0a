//! What one caller may ask for, so that others have their turn.
//!
//! Requests are counted [as they come](Rate); what is dear is counted [while it is in work](AtOnce); who shows
//! tokens that are not right is [told to wait](Refusals). Long work is counted where it waits: in its queue.

mod at_once;
mod rate;
mod refusals;

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use actix_web::ResponseError;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web;
use keepworth_access::{Act, Caller, Via};
use keepworth_intake::Failure;

use crate::{ApiError, settings};
use at_once::{AtOnce, Held};
use rate::Rate;
pub(crate) use refusals::Refusals;

/// Who is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// Who a token or the kernel names.
    Caller { issuer: String, subject: String },
    /// Whoever asks from there.
    Address(IpAddr),
    /// Who asks over a socket of this machine, and is not named.
    Here,
}

impl Who {
    /// A caller by name, anybody by where they are.
    pub(crate) fn of(caller: Option<&Caller>, address: Option<IpAddr>) -> Self {
        match (caller.filter(|it| it.via != Via::Nothing), address) {
            (Some(caller), _) => Self::Caller {
                issuer: caller.issuer.clone(),
                subject: caller.subject.clone(),
            },
            (None, Some(address)) => Self::Address(neighbourhood(address)),
            (None, None) => Self::Here,
        }
    }
}

/// What belongs to one: who has an address of version 6 has the 2^64 beside it.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(it) => Ipv6Addr::from_bits(it.to_bits() >> 64 << 64).into(),
        v4 => v4,
    }
}

/// The limits of a process.
#[derive(Clone)]
pub(crate) struct Limits(Arc<Inner>);

struct Inner {
    requests: Rate<Who>,
    feeds: AtOnce,
    imports: AtOnce,
    refusals: Refusals,
}

impl Limits {
    pub(crate) fn new(settings: &settings::Limits) -> Self {
        let (rate, burst) = (settings.requests_per_second, settings.requests_burst);
        Self(Arc::new(Inner {
            requests: Rate::per_second(rate, burst, "limits.requests_per_second"),
            feeds: AtOnce::new("feeds", settings.feeds.get(), "limits.feeds"),
            imports: AtOnce::new("files of records", settings.imports.get(), "limits.imports"),
            refusals: Refusals::new(settings),
        }))
    }

    /// Counts a request.
    ///
    /// # Errors
    /// That there were too many, and when there will not be.
    pub(crate) fn count(&self, who: &Who) -> Result<(), Failure> {
        self.0.requests.count(who)
    }

    /// Who showed tokens that were not right.
    pub(crate) fn refusals(&self) -> &Refusals {
        &self.0.refusals
    }

    /// Of what kind the request is, where it is dear.
    fn dear(&self, request: &ServiceRequest) -> Option<&AtOnce> {
        let (_, below) = request.path().split_once("/v1/")?;
        match *request.method() {
            Method::GET if below.starts_with("feed/") => Some(&self.0.feeds),
            Method::POST if below == "imports" => Some(&self.0.imports),
            _ => None,
        }
    }
}

/// Middleware: what is dear is done for a caller so often at once, until its answer is sent to its end.
pub(crate) async fn hold<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<Held<B>>>, actix_web::Error> {
    let limits = request.app_data::<web::Data<Limits>>().cloned();
    let dear = limits.as_ref().and_then(|it| it.dear(&request));
    let place = dear.map(|dear| {
        let caller = Act::current();
        let address = request.peer_addr().map(|it| it.ip());
        dear.place(Who::of(caller.as_ref().map(Act::caller), address))
    });
    match place.transpose() {
        Ok(place) => {
            let answer = next.call(request).await?;
            Ok(answer.map_body(|_, body| EitherBody::left(Held::new(body, place))))
        }
        Err(failure) => {
            // The body is not read: nothing of it shall be kept waiting either.
            let answer = ApiError::from(failure).error_response();
            Ok(request.into_response(answer).map_into_right_body())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_version_6_are_one() {
        let who = |address: &str| Who::of(None, Some(address.parse().unwrap()));
        assert_eq!(who("2001:db8::1"), who("2001:db8::ffff:1"));
        assert_ne!(who("2001:db8::1"), who("2001:db8:0:1::1"));
        assert_ne!(who("127.0.0.1"), who("127.0.0.2"));
        assert_eq!(who("::ffff:127.0.0.1"), who("127.0.0.1"));
    }

    #[test]
    fn who_is_let_in_without_a_name_is_an_address() {
        let anybody = Caller::new("anybody", "anybody", Via::Nothing, []);
        let address = "10.0.0.1".parse().ok();
        assert_eq!(Who::of(Some(&anybody), address), Who::of(None, address));
        let named = Caller::new("i", "s", Via::Token, []);
        assert_ne!(Who::of(Some(&named), address), Who::of(None, address));
    }
}
