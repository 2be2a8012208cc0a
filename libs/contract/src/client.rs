//! Typed clients of the services.

mod call;
mod courier;
mod error;
mod feed_reader;
mod fetcher;
mod form;
mod heads;
mod http;
mod imports;
mod order;
mod pages;
mod reach;
mod sending;
mod sessions;
mod subject;
#[cfg(test)]
mod tests;
mod tokens;

use std::path::PathBuf;

use reqwest::{Method, RequestBuilder, Url};
use uuid::Uuid;

pub use courier::{Courier, TargetError, check_target};
pub use error::ClientError;
pub(crate) use feed_reader::Piece;
pub use feed_reader::{FeedReader, TRAILER_START};
pub use fetcher::Fetcher;
pub use heads::HeadsClient;
pub use order::Ordered;
pub(crate) use order::WAIT;
pub use pages::all_pages;
pub use reach::{Reach, Token};
use sending::innermost;

/// Makes the client of a service: a method for each operation of its contract, by the operation's id.
macro_rules! client {
    (
        $(#[$doc:meta])*
        $client:ident of $service:literal;
        $(
            $(#[$about:meta])*
            $name:ident($($arg:ident: $kind:ty),*) -> $answer:ty = $how:ident($($with:expr),*);
        )*
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $client($crate::client::Client);

        impl $client {
            /// The operations of the contract that it has a method for.
            pub const OPERATIONS: &'static [&'static str] = &[$(stringify!($name)),*];

            /// A client of the service.
            ///
            /// # Errors
            /// [`ClientError`](crate::client::ClientError) when the HTTP client cannot be set up.
            pub fn new(
                reach: impl Into<$crate::client::Reach>,
            ) -> Result<Self, $crate::client::ClientError> {
                $crate::client::Client::new($service, reach).map(Self)
            }

            /// The operations of a service that is reached already.
            #[must_use]
            pub fn over(client: $crate::client::Client) -> Self {
                Self(client)
            }

            $(
                $(#[$about])*
                ///
                /// # Errors
                /// [`ClientError`](crate::client::ClientError).
                pub async fn $name(
                    &self,
                    $($arg: $kind),*
                ) -> Result<$answer, $crate::client::ClientError> {
                    self.0.$how($($with),*).await
                }
            )*
        }
    };
}
pub(crate) use client;

/// A service of Keepworth, reached over HTTP.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    /// The socket that is used as long as it is there.
    socket: Option<(reqwest::Client, PathBuf)>,
    token: Option<Token>,
    service: String,
    base_url: String,
}

impl Client {
    /// A client of `service`.
    ///
    /// # Errors
    /// [`ClientError::Authorities`] for a file of authorities that cannot be used, [`ClientError::Setup`] when
    /// the HTTP client cannot be set up.
    pub fn new(service: &str, reach: impl Into<Reach>) -> Result<Self, ClientError> {
        let reach = reach.into();
        let over = |socket: PathBuf| Ok((http::over(&socket)?, socket));
        Ok(Self {
            http: http::believing(reach.ca_file.as_deref())?,
            socket: reach.socket.map(over).transpose()?,
            token: reach.token,
            service: service.to_owned(),
            base_url: reach.url.trim_end_matches('/').to_owned(),
        })
    }

    /// A request of `path`, on the line that leads to the service now: it may have been started since.
    fn request(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, ClientError> {
        let mut address = self.address(path)?;
        let http = match &self.socket {
            Some((http, socket)) if socket.exists() => {
                // What never leaves the machine is not encrypted: the kernel says who is at the other end.
                let _ = address.set_scheme("http");
                http
            }
            _ => &self.http,
        };
        Ok(http.request(method, address))
    }

    /// A request that creates something, under a key of its own: sent again, it creates nothing more.
    fn creating(&self, path: &[&str]) -> Result<RequestBuilder, ClientError> {
        let key = Uuid::new_v4().to_string();
        let request = self.request(Method::POST, path)?;
        Ok(request.header("idempotency-key", key))
    }

    /// Where the contract has `path`; each part may be any text.
    fn address(&self, path: &[&str]) -> Result<Url, ClientError> {
        // An address leaves these out, and is then that of something else.
        if let Some(segment) = path.iter().find(|it| matches!(**it, "" | "." | "..")) {
            let segment = (*segment).to_owned();
            return Err(ClientError::Address { segment });
        }
        let wrong = |reason: &dyn std::fmt::Display| ClientError::Unreachable {
            service: self.service.clone(),
            url: self.base_url.clone(),
            reason: reason.to_string(),
        };
        let mut address = Url::parse(&self.base_url).map_err(|error| wrong(&error))?;
        match address.path_segments_mut() {
            Ok(mut segments) => segments.pop_if_empty().push("v1").extend(path),
            Err(()) => return Err(wrong(&"it is no address of a service")),
        };
        Ok(address)
    }
}
