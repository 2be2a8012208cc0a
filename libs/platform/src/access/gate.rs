//! Recognises callers.

use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::{ResponseError, web};
use keepworth_access::{Act, Caller, Role, Via};
use keepworth_intake::Failure;
use sha2::{Digest, Sha256};

use super::Local;
use crate::ApiError;

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
    /// Whether everybody is.
    is_open: bool,
}

/// What a request shows of its caller.
#[derive(Clone, Copy)]
enum Shown<'a> {
    Socket(Peer),
    Token(&'a str),
    Nothing,
}

impl Gate {
    /// Lets in who `local` vouches for, and everybody when it `is_open`.
    #[must_use]
    pub fn new(local: Option<Arc<Local>>, is_open: bool) -> Self {
        Self { local, is_open }
    }

    /// Lets nobody in any more who was let in by this process alone.
    pub(crate) fn close(&self) {
        if let Some(local) = &self.local {
            local.close();
        }
    }

    /// The caller, or that nobody says who they are.
    fn caller(&self, shown: Shown<'_>) -> Result<Option<Caller>, Failure> {
        match shown {
            Shown::Socket(peer) => self.of_socket(peer).map(Some),
            Shown::Token(token) => self.of_token(token).map(Some),
            Shown::Nothing if self.is_open => Ok(Some(Caller::new(
                "anybody",
                "anybody",
                Via::Nothing,
                [Role::Admin],
            ))),
            Shown::Nothing => Ok(None),
        }
    }

    fn of_socket(&self, peer: Peer) -> Result<Caller, Failure> {
        let local = self.local.as_ref().filter(|it| it.uid == peer.uid);
        local.map(|it| it.caller(Via::Socket)).ok_or_else(|| {
            Failure::forbidden("only the user that Keepworth runs as may use this socket")
        })
    }

    fn of_token(&self, token: &str) -> Result<Caller, Failure> {
        let digest = Sha256::digest(token);
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

fn shown(request: &ServiceRequest) -> Result<Shown<'_>, Failure> {
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

/// Middleware: what follows is done for the caller.
pub(crate) async fn recognise<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let gate = request.app_data::<web::Data<Gate>>().cloned();
    let caller = shown(&request).and_then(|shown| gate.map_or(Ok(None), |gate| gate.caller(shown)));
    let answer = match caller {
        Ok(Some(caller)) => Act::by(caller).around(next.call(request)).await?,
        Ok(None) => next.call(request).await?,
        Err(failure) => {
            let answer = ApiError::from(failure).error_response();
            return Ok(request.into_response(answer).map_into_right_body());
        }
    };
    Ok(answer.map_into_left_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_let_in_unless_somebody_vouches() {
        let folder = tempfile::tempdir().unwrap();
        let (local, token) = Local::for_tests(folder.path());
        let uid = local.uid;
        let gate = Gate::new(Some(Arc::new(local)), false);
        let status = |shown| gate.caller(shown).map_err(|it| it.kind().status());
        assert_eq!(status(Shown::Nothing), Ok(None));
        for known in [Shown::Socket(Peer { uid }), Shown::Token(&token)] {
            assert!(status(known).unwrap().is_some());
        }
        assert_eq!(status(Shown::Socket(Peer { uid: uid + 1 })), Err(403));
        for wrong in ["", "x", &token[1..], &token.to_uppercase()] {
            assert_eq!(status(Shown::Token(wrong)), Err(401), "{wrong}");
        }
        let nobody = Gate::default();
        assert!(nobody.caller(Shown::Socket(Peer { uid })).is_err());
        assert!(nobody.caller(Shown::Token("")).is_err());
        let open = Gate::new(None, true);
        assert_eq!(
            open.caller(Shown::Nothing).unwrap().unwrap().via,
            Via::Nothing
        );
        assert!(
            open.caller(Shown::Token("x")).is_err(),
            "a wrong token is no token"
        );
    }
}
