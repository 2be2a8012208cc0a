//! Which records come in files, and what taking them in touches.

use keepworth_contract::experience::{FeedbackInput, InteractionInput};
use keepworth_imports::{RecordKind, Takes, rows_of};

use crate::app;
use crate::store::feedback::FEEDBACK;
use crate::store::interaction::INTERACTIONS;

/// Every kind.
pub(crate) const KINDS: &[&dyn Takes] = &[&FEEDBACK_KIND, &INTERACTION_KIND];

const FEEDBACK_KIND: RecordKind<FeedbackInput> = RecordKind {
    name: "feedback",
    upsert: app::feedback::upsert,
    touched: |conn, items| Ok(vec![rows_of(&FEEDBACK, conn, items)?]),
    tables: &[&FEEDBACK],
    hold: |_| Ok(()),
    held: |_, _| Ok(Vec::new()),
};

const INTERACTION_KIND: RecordKind<InteractionInput> = RecordKind {
    name: "interactions",
    upsert: app::interaction::upsert,
    touched: |conn, items| Ok(vec![rows_of(&INTERACTIONS, conn, items)?]),
    tables: &[&INTERACTIONS],
    hold: |_| Ok(()),
    held: |_, _| Ok(Vec::new()),
};
