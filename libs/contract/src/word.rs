//! Words of which there are few: enumerations with one spelling on the wire, in databases and in
//! what people type.

use std::str::FromStr;

use strum::VariantArray;

/// An enumeration whose values have names, from `strum`'s derives.
pub trait Word: Copy + FromStr + Into<&'static str> + VariantArray {
    /// Every value, in the order of the wire.
    fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// Its name on the wire.
    fn name(self) -> &'static str {
        self.into()
    }

    /// The value of a [`name`](Self::name).
    #[must_use]
    fn find(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

impl<T: Copy + FromStr + Into<&'static str> + VariantArray> Word for T {}
