//! Recognises callers.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::{ResponseError, web};
use keepworth_access::{Act, Caller, Role, Via};
use keepworth_intake::Failure;
use keepworth_tokens::{Digest, Tokens, is_token};
use sha2::Sha256;

use super::Local;
use super::counted::counted;
use super::local::{ALONE, LOCAL};
use super::sessions::Sessions;
use super::verifier::Verifier;
use crate::ApiError;
use crate::limits::Limits;
use crate::reason::REASON;
use crate::settings::Access;

/// The user at the other end of a socket, as the kernel names it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    /// Its number.
    pub(crate) uid: u32,
}

/// Who is let in.
#[derive(Clone, Default)]
pub struct Gate {
    /// The user that the process runs as, by socket and by token.
    local: Option<Arc<Local>>,
    /// Who issuers vouch for.
    verifier: Verifier,
    /// Whom tokens for programs speak for, by the path below which they open something.
    doors: Arc<Vec<(String, Tokens)>>,
    /// Whether everybody is.
    is_open: bool,
}

/// What a request shows of its caller.
#[derive(Clone, Copy)]
pub(super) enum Shown<'a> {
    Socket(Peer),
    Token(&'a str),
    Nothing,
}

impl Gate {
    /// Lets in whom `local` and the issuers of the settings vouch for, and everybody where the settings say so.
    ///
    /// # Errors
    /// When the keys of an issuer could never be fetched, for a file of authorities that cannot be used.
    pub fn new(local: Option<Arc<Local>>, access: &Access) -> io::Result<Self> {
        Ok(Self {
            local,
            verifier: Verifier::new(&access.issuers)?,
            doors: Arc::default(),
            is_open: access.insecure_open_to_all,
        })
    }

    /// Whether somebody is who the process runs as.
    pub(crate) fn is_local(caller: &Caller) -> bool {
        caller.issuer == LOCAL
    }

    /// The sessions of browsers on this machine.
    pub(crate) fn sessions(&self) -> Result<&Sessions, Failure> {
        let local = self.local.as_ref().map(|it| &it.sessions);
        local.ok_or_else(|| Failure::not_found("this server has no sessions of this machine"))
    }

    /// A ticket for a browser on this machine, where there is a user of it.
    pub(crate) fn ticket(&self) -> Option<String> {
        Some(self.local.as_ref()?.sessions.ticket(Instant::now()))
    }

    /// Lets in, too, whom the tokens of each service speak for, below its path.
    pub(crate) fn with_tokens(self, doors: Vec<(String, Tokens)>) -> Self {
        Self {
            doors: Arc::new(doors),
            ..self
        }
    }

    /// Lets nobody in any more who was let in by this process alone.
    pub(crate) fn close(&self) {
        if let Some(local) = &self.local {
            local.close();
        }
    }

    /// The caller of what is at a path, or that nobody says who they are.
    pub(super) async fn caller(
        &self,
        shown: Shown<'_>,
        path: &str,
    ) -> Result<Option<Caller>, Failure> {
        match shown {
            Shown::Socket(peer) => self.of_socket(peer).map(Some),
            Shown::Token(token) if Verifier::is_for(token) => {
                let caller = self.verifier.caller(token).await?;
                if let Some(tokens) = self.tokens(path) {
                    tokens.note_roles(&caller).await?;
                }
                Ok(Some(caller))
            }
            Shown::Token(token) if is_token(token) => match self.tokens(path) {
                Some(tokens) => self.of_program(tokens, token).await.map(Some),
                // What is there is for everybody.
                None => Ok(None),
            },
            Shown::Token(token) => self.of_token(token).map(Some),
            Shown::Nothing if self.is_open => {
                Ok(Some(Caller::new("anybody", "anybody", Via::Nothing, ALONE)))
            }
            Shown::Nothing => Ok(None),
        }
    }

    fn of_socket(&self, peer: Peer) -> Result<Caller, Failure> {
        let local = self.local.as_ref().filter(|it| it.uid == peer.uid);
        local.map(|it| it.caller(Via::Socket)).ok_or_else(|| {
            Failure::forbidden("only the user that Keepworth runs as may use this socket")
        })
    }

    /// The tokens that open what is at a path.
    fn tokens(&self, path: &str) -> Option<&Tokens> {
        let door = self.doors.iter().find(|(below, _)| path.starts_with(below));
        door.map(|(_, tokens)| tokens)
    }

    /// The owner of a token for programs, with the roles that they have now as far as is known.
    async fn of_program(&self, tokens: &Tokens, token: &str) -> Result<Caller, Failure> {
        let found = tokens.find(token).await?;
        let roles: Vec<Role> = match found.issuer.as_str() {
            LOCAL => {
                let local = self.local.as_ref();
                let is_own = local.is_some_and(|it| it.uid.to_string() == found.subject);
                is_own.then_some(ALONE).into_iter().flatten().collect()
            }
            issuer => {
                let seen = found.roles.iter().copied();
                let given = |role: &Role| self.verifier.may_grant(issuer, *role);
                seen.filter(given).collect()
            }
        };
        Ok(found.caller(roles))
    }

    fn of_token(&self, token: &str) -> Result<Caller, Failure> {
        let digest = <Sha256 as sha2::Digest>::digest(token);
        let with_session = self.local.as_ref().filter(|it| it.sessions.know(token));
        if let Some(local) = with_session {
            return Ok(local.caller(Via::Session));
        }
        // What is compared says nothing of the token, however long it takes.
        let local = self
            .local
            .as_ref()
            .filter(|it| it.token_digest == digest[..]);
        local.map(|it| it.caller(Via::Token)).ok_or_else(|| {
            Failure::unauthenticated(
                "the token is not known; those of this machine end with the process that made them: \
                 `keepworth token` prints the present one",
            )
        })
    }
}

/// What a request shows of its caller.
pub(super) fn shown(request: &ServiceRequest) -> Result<Shown<'_>, Failure> {
    if shows_token(request.uri().path()) || shows_token(request.query_string()) {
        return Err(Failure::malformed(
            "a token stands in the address, where logs and histories keep it; send it as `Authorization: Bearer \
             …`, and change this one for a new one with `keepworth token rotate`",
        ));
    }
    // Who shows a token wants to be known by it, whatever line it comes over.
    if let Some(value) = request.headers().get(AUTHORIZATION) {
        let text = value.to_str().unwrap_or_default();
        let token = text
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        return token
            .map(|(_, token)| Shown::Token(token.trim()))
            .ok_or_else(|| {
                Failure::unauthenticated("Authorization is no `Bearer TOKEN`; send a token so")
            });
    }
    Ok(request
        .conn_data::<Peer>()
        .map_or(Shown::Nothing, |peer| Shown::Socket(*peer)))
}

/// Whether a text has a token for programs in it.
fn shows_token(text: &str) -> bool {
    let mut starts = text.match_indices(keepworth_tokens::PREFIX);
    starts.any(|(at, _)| {
        let shown = text[at..].split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
        shown.take(1).any(|it| Digest::of(it).is_ok())
    })
}

/// What the request asks for, on behalf of its caller.
fn act(request: &ServiceRequest, caller: Caller) -> Result<Act, Failure> {
    let path = request.path();
    let operation = format!("{} {}", request.method(), below_version(path));
    let reason = request.headers().get(REASON).map(|value| {
        let text = value.to_str().map(str::trim).unwrap_or_default();
        let is_plain = (1..=LONGEST_REASON).contains(&text.len());
        is_plain.then(|| text.to_owned()).ok_or_else(|| {
            let detail = format!(
                "Keepworth-Reason is not 1 to {LONGEST_REASON} characters of ASCII; say in a sentence why"
            );
            Failure::malformed(detail)
        })
    });
    Ok(Act::by(caller, operation, reason.transpose()?))
}

/// One process may serve a service at its root or below its name: both are the same operation.
fn below_version(path: &str) -> &str {
    path.find("/v1/").map_or(path, |start| &path[start..])
}

fn refused<B: MessageBody>(
    request: ServiceRequest,
    failure: Failure,
) -> ServiceResponse<EitherBody<B>> {
    let answer = ApiError::from(failure).error_response();
    request.into_response(answer).map_into_right_body()
}

/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// Middleware: what follows is done for the caller.
pub(crate) async fn recognise<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let gate = request.app_data::<web::Data<Gate>>().cloned();
    let limits = request.app_data::<web::Data<Limits>>().cloned();
    let caller = match (gate, limits) {
        (Some(gate), Some(limits)) => counted(&gate, &limits, &request).await,
        _ => Ok(None),
    };
    let answer = match caller {
        Ok(Some(caller)) => match act(&request, caller) {
            Ok(act) => act.around(next.call(request)).await?,
            Err(failure) => return Ok(refused(request, failure)),
        },
        Ok(None) => next.call(request).await?,
        Err(failure) => return Ok(refused(request, failure)),
    };
    Ok(answer.map_into_left_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_is_let_in_unless_somebody_vouches() {
        let folder = tempfile::tempdir().unwrap();
        let (local, token) = Local::for_tests(folder.path());
        let uid = local.uid;
        let gate = Gate {
            local: Some(Arc::new(local)),
            ..Gate::default()
        };
        let status = async |shown| {
            gate.caller(shown, "/")
                .await
                .map_err(|it| it.kind().status())
        };
        assert_eq!(status(Shown::Nothing).await, Ok(None));
        for known in [Shown::Socket(Peer { uid }), Shown::Token(&token)] {
            assert!(status(known).await.unwrap().is_some());
        }
        assert_eq!(status(Shown::Socket(Peer { uid: uid + 1 })).await, Err(403));
        for wrong in ["", "x", &token[1..], &token.to_uppercase(), "a.b.c"] {
            assert_eq!(status(Shown::Token(wrong)).await, Err(401), "{wrong}");
        }
        let nobody = Gate::default();
        assert!(
            nobody
                .caller(Shown::Socket(Peer { uid }), "/")
                .await
                .is_err()
        );
        assert!(nobody.caller(Shown::Token(""), "/").await.is_err());
        let open = Gate {
            is_open: true,
            ..Gate::default()
        };
        let anybody = open.caller(Shown::Nothing, "/").await.unwrap().unwrap();
        assert_eq!(anybody.via, Via::Nothing);
        assert!(
            open.caller(Shown::Token("x"), "/").await.is_err(),
            "a wrong token is no token"
        );
    }
}
