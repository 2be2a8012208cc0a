//! The memo's colors: blue for what is gained, orange for what is lost, and they differ in more than hue.

use krilla::color::rgb::Color;

macro_rules! colors {
    ($($(#[doc = $doc:literal])+ $name:ident = $red:literal $green:literal $blue:literal;)+) => {
        $($(#[doc = $doc])+ pub(crate) fn $name() -> Color { Color::new($red, $green, $blue) })+
    };
}

colors! {
    /// Text that is read first.
    ink = 0x18 0x22 0x2e;
    /// Text beside it.
    grey = 0x55 0x60 0x6d;
    /// Rules and grids.
    rule = 0xd8 0xdd 0xe3;
    /// What is gained.
    gain = 0x1f 0x5e 0x9e;
    /// An input at its 10th percentile.
    low = 0x9f 0xc1 0xe2;
    /// The band of 90 in 100 futures.
    outer = 0xd9 0xe6 0xf4;
    /// The band of 50 in 100 futures.
    inner = 0x9d 0xc0 0xe3;
    /// What is lost.
    loss = 0xb4 0x51 0x1f;
    /// Where losses lie.
    loss_ground = 0xfb 0xf2 0xec;
    /// Paper.
    paper = 0xff 0xff 0xff;
}
