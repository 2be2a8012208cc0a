//! Fourth powers, which tell how heavy the tails are.

/// Sums of fourth powers, for `Σ(y − r·x)⁴`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Tail {
    yyyy: f64,
    yyyx: f64,
    yyxx: f64,
    yxxx: f64,
    pub(super) xxxx: f64,
}

impl Tail {
    pub(super) fn add(&mut self, y: f64, x: f64) {
        let (yy, yx, xx) = (y * y, y * x, x * x);
        self.yyyy += yy * yy;
        self.yyyx += yy * yx;
        self.yyxx += yy * xx;
        self.yxxx += yx * xx;
        self.xxxx += xx * xx;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.yyyy += other.yyyy;
        self.yyyx += other.yyyx;
        self.yyxx += other.yyxx;
        self.yxxx += other.yxxx;
        self.xxxx += other.xxxx;
    }

    /// `xxxx` is that of all customers, those without any `y` included.
    pub(super) fn residuals(&self, r: f64, xxxx: f64) -> f64 {
        let Self {
            yyyy,
            yyyx,
            yyxx,
            yxxx,
            ..
        } = self;
        yyyy + r * (-4.0 * yyyx + r * (6.0 * yyxx + r * (-4.0 * yxxx + r * xxxx)))
    }
}
