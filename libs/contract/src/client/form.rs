//! A file with fields beside it, as forms of browsers are sent (RFC 7578). It is put together here, and not by the
//! HTTP client, whose forms can be sent only once: a service that is busy is asked again.

use uuid::Uuid;

use crate::{ImportFile, ImportInput};

/// A form on its way.
pub(super) struct Form {
    boundary: String,
    bytes: Vec<u8>,
}

impl Form {
    /// The form of an import.
    pub(super) fn of(input: &ImportInput) -> Self {
        let mut form = Self {
            boundary: Uuid::new_v4().simple().to_string(),
            bytes: Vec::with_capacity(input.file.bytes.len() + 4096),
        };
        let texts = [
            ("kind", &input.kind),
            ("mapping", &input.mapping),
            ("from", &input.from),
            ("customer_source", &input.customer_source),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                form.add(name, "", text.as_bytes());
            }
        }
        form.add("dry_run", "", input.dry_run.to_string().as_bytes());
        form.add_file("file", &input.file);
        if let Some(with) = &input.with {
            form.add_file("with", with);
        }
        form.bytes
            .extend(format!("--{}--\r\n", form.boundary).into_bytes());
        form
    }

    fn add_file(&mut self, name: &str, file: &ImportFile) {
        // As browsers write names that would end the quotation, or the line.
        let quoted = file.name.replace('"', "%22");
        let quoted = quoted.replace('\r', "%0D").replace('\n', "%0A");
        let more = format!("; filename=\"{quoted}\"\r\ncontent-type: application/octet-stream");
        self.add(name, &more, &file.bytes);
    }

    fn add(&mut self, name: &str, more: &str, bytes: &[u8]) {
        let head = format!(
            "--{}\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n",
            self.boundary
        );
        self.bytes.extend(head.into_bytes());
        self.bytes.extend(bytes);
        self.bytes.extend(b"\r\n");
    }

    /// Its media type.
    pub(super) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// As it is sent.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
