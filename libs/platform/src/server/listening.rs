//! A port that is taken, and the socket beside it.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::sync::Arc;

use crate::access::{Gate, Local, LocalPlace};
use crate::limits::Limits;
use crate::settings::Settings;
use crate::tls::Certificate;

/// A process that listens, and has not begun to answer yet.
pub struct Listening {
    /// Where.
    pub address: SocketAddr,
    pub(super) listener: TcpListener,
    pub(super) certificate: Option<Certificate>,
    pub(super) socket: Option<UnixListener>,
    pub(super) gate: Gate,
    pub(super) limits: Limits,
}

impl Listening {
    /// The URL to ask it at.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address)
    }

    /// The address at which a browser of this machine's user has a session, once and within 15 minutes; none
    /// where nobody is known to be that.
    #[must_use]
    pub fn session_url(&self) -> Option<String> {
        let ticket = self.gate.ticket()?;
        Some(session_url(&self.url(), &ticket))
    }
}

/// The page of the server at an address, with a ticket where browsers send it nowhere.
#[must_use]
pub fn session_url(url: &str, ticket: &str) -> String {
    format!("{}/docs/#ticket={ticket}", url.trim_end_matches('/'))
}

/// Takes the port, and the socket beside it for the user that the process runs as.
///
/// # Errors
/// When the port is taken or the address is not ours, the socket cannot be made, or others could reach it
/// and nobody would ask who they are; the message says which, and what to do.
pub fn listen(settings: &Settings) -> io::Result<Listening> {
    let listening = listen_for_health(settings)?;
    let (address, access) = (listening.address, &settings.access);
    if !address.ip().is_loopback() && access.issuers.is_empty() && !access.insecure_open_to_all {
        return Err(io::Error::other(format!(
            "{address} can be reached from other machines, and nothing says who may do what there; name in \
             access.issuers who vouches for callers, listen on 127.0.0.1, or let everybody in with --set \
             access.insecure_open_to_all=true"
        )));
    }
    let place = LocalPlace::new(&access.run_dir, address.port());
    let (local, socket) = match Local::open(place) {
        Ok((local, socket)) => (Some(Arc::new(local)), Some(socket)),
        // In a container there may be no place for one, and nobody to use it.
        Err(error) if access.insecure_open_to_all || !access.issuers.is_empty() => {
            tracing::info!(%error, "there is no socket for commands");
            (None, None)
        }
        Err(error) => return Err(error),
    };
    Ok(Listening {
        socket,
        gate: Gate::new(local, access)?,
        ..listening
    })
}

/// Takes the port of a process that only says how it is, to anybody.
///
/// # Errors
/// When the port is taken or the address is not ours, or the certificate cannot be served; the message names
/// what is wrong.
pub fn listen_for_health(settings: &Settings) -> io::Result<Listening> {
    let limits = Limits::new(&settings.limits);
    let settings = &settings.server;
    let certificate = Certificate::open(&settings.tls)?;
    let place = (settings.host.as_str(), settings.port);
    let listener = TcpListener::bind(place).map_err(|error| {
        io::Error::new(
            error.kind(),
            format!(
                "cannot listen on {}:{}: {error}; choose another with --port",
                settings.host, settings.port
            ),
        )
    })?;
    Ok(Listening {
        address: listener.local_addr()?,
        listener,
        certificate,
        socket: None,
        gate: Gate::default(),
        limits,
    })
}
