//! Integration tests of the engine.

mod reference;
