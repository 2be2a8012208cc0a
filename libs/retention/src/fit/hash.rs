use sha2::{Digest, Sha256};

/// Hashes the input as a model sees it: names and numbers in order, independent of file format.
#[derive(Debug, Clone, Default)]
pub struct InputHash(Sha256);

/// Bytes hashed at a time: one call per number would cost more than the hash.
const BLOCK: usize = 4096;

impl InputHash {
    /// An empty hash.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a name; its length goes in too, so that `ab, c` differs from `a, bc`.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
        self
    }

    /// Adds a sequence of numbers by their bits.
    #[must_use]
    pub fn numbers(mut self, numbers: impl IntoIterator<Item = f64>) -> Self {
        let (mut count, mut block) = (0_u64, Vec::with_capacity(BLOCK));
        for number in numbers {
            block.extend_from_slice(&number.to_bits().to_le_bytes());
            count += 1;
            if block.len() >= BLOCK {
                self.0.update(&block);
                block.clear();
            }
        }
        self.0.update(&block);
        self.0.update(count.to_le_bytes());
        self
    }

    /// `sha256:` and 64 hex digits.
    pub fn finish(self) -> String {
        let digest = self.0.finalize();
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }
}
