//! Loops compiled for several widths of vectors, chosen when the program runs.

/// Declares a function whose body is compiled for every vector width that this machine may have
/// and called through [`pulp::Arch`].
///
/// Bodies are plain loops over lanes of independent trials, and the compiler neither reorders nor
/// fuses floating-point operations, so every width gives the same bits. A body copies the lanes it
/// works on into locals and back: what it was handed may overlap for all the compiler knows, and
/// then it would work one trial at a time.
macro_rules! kernel {
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident<$life:lifetime>($($arg:ident: $type:ty),* $(,)?) $(-> $out:ty)?
        $body:block
    ) => {
        $(#[$meta])*
        $vis fn $name<$life>(arch: pulp::Arch, $($arg: $type),*) $(-> $out)? {
            struct Call<$life> { $($arg: $type),* }
            impl<$life> pulp::NullaryFnOnce for Call<$life> {
                type Output = kernel!(@output $($out)?);
                #[inline(always)]
                fn call(self) -> Self::Output {
                    let Self { $($arg),* } = self;
                    $body
                }
            }
            arch.dispatch(Call { $($arg),* })
        }
    };
    (@output) => { () };
    (@output $out:ty) => { $out };
}
pub(crate) use kernel;
