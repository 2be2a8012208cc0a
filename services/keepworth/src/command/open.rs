//! `keepworth open`: a browser of this machine's user, with a session.

use std::net::IpAddr;
use std::process::{Command, Stdio};

use keepworth_contract::client::Client;
use keepworth_platform::access::{LocalPlace, write_private};
use keepworth_platform::server::session_url;

use crate::command::Outcome;
use crate::{Global, runtime};

/// Open the Keepworth that runs on this machine in a browser.
///
/// The page that opens may do everything until that server ends. Its address works once, within 15 minutes.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  keepworth open
  keepworth open --print             for a browser that is not found, or on another desktop of yours
  keepworth open --port 8081         of the server on that port

The address goes to the browser in a file that nobody else can read, since others see what stands on a command
line. It is printed too.")]
pub(crate) struct Args {
    /// Of the server on this port (default: from the settings).
    #[arg(long)]
    port: Option<u16>,
    /// Print the address, and start no browser.
    #[arg(long)]
    print: bool,
}

impl Args {
    pub(crate) fn run(self, global: &Global) -> anyhow::Result<Outcome> {
        let settings = global.settings(&[])?;
        let port = self.port.unwrap_or(settings.server.port);
        let scheme = settings.server.tls.scheme();
        let url = format!("{scheme}://{}:{port}", own_host(&settings.server.host));
        let client = Client::new("keepworth", settings.reach_at(url.clone()))?;
        let ticket = runtime::block_on(async { Ok(client.create_session_ticket().await?.ticket) })?;
        let address = session_url(&url, &ticket);
        println!("{address}");
        if self.print {
            return Ok(Outcome::Done);
        }
        let page = LocalPlace::new(&settings.access.run_dir, port).page();
        write_private(&page, &sending_on(&address))?;
        let browser = std::env::var_os("BROWSER").unwrap_or_else(|| "xdg-open".into());
        let mut browser = Command::new(browser);
        let started = browser
            .arg(&page)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !started.is_ok_and(|it| it.success()) {
            eprintln!("No browser could be started; open the address above yourself.");
        }
        Ok(Outcome::Done)
    }
}

/// Where on this machine a server is that listens at a host.
fn own_host(host: &str) -> String {
    match host.parse::<IpAddr>() {
        Ok(it) if it.is_unspecified() => "127.0.0.1".to_owned(),
        Ok(IpAddr::V6(it)) => format!("[{it}]"),
        _ => host.to_owned(),
    }
}

/// A page that leads to an address of this program's own making, which needs no escaping.
fn sending_on(address: &str) -> String {
    format!(
        "<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">\
         <meta http-equiv=\"refresh\" content=\"0; url={address}\"><title>Keepworth</title>\
         <a href=\"{address}\">Keepworth</a>\n"
    )
}
