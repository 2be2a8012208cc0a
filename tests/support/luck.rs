//! Luck of tests that draw a company of their own: by no generator that the product has.

/// Uniforms between 0 and 1, the same for ever (Lehmer's generator).
pub struct Luck(pub u64);

impl Luck {
    pub fn next(&mut self) -> f64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 as f64 / 2_147_483_647.0
    }
}
