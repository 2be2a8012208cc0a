//! Places of what a model holds: each kind of its own, so that none is taken for another's.

use std::ops::{Index, IndexMut};

use super::{Curve, Effect, Initiative, Input, Prepared};
use crate::kernel::{Lane, Months};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident of $($held:ty),+;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) struct $name(pub(crate) usize);

        $(
            impl Index<$name> for $held {
                type Output = <$held as Index<usize>>::Output;

                #[inline(always)]
                fn index(&self, id: $name) -> &Self::Output {
                    &self[id.0]
                }
            }

            impl IndexMut<$name> for $held {
                #[inline(always)]
                fn index_mut(&mut self, id: $name) -> &mut Self::Output {
                    &mut self[id.0]
                }
            }
        )+
    )+};
}

ids! {
    /// Place of an input among those of a model, and of its values among those of a batch of trials.
    InputId of Vec<Input>, [Prepared], [Lane];
    /// Place of an adoption curve, and of its values by month.
    CurveId of Vec<Curve>, Vec<Months>;
    /// Place of an effect, and of its strength; after those of the model come those after something was decided.
    EffectId of Vec<Effect>, Vec<Lane>, [Effect], [Lane];
    /// Place of an initiative, and of whether it is done; pilots before what they gate.
    InitiativeId of Vec<Initiative>, Vec<Lane>, [Initiative], [Lane];
}
