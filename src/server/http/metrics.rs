//! What Prometheus reads of a running house: how much is asked, how long it takes, what waits and what is open.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;

use super::doors::class;

/// Milliseconds that answers are counted by.
const BUCKETS: [u64; 10] = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 10_000];

/// Counts of a run.
#[derive(Default)]
pub(super) struct Metrics {
    classes: [AtomicU64; 6],
    buckets: [AtomicU64; BUCKETS.len() + 1],
    micros: AtomicU64,
}

impl Metrics {
    pub(super) fn answered(&self, status: StatusCode, took: Duration) {
        self.classes[class(status)].fetch_add(1, Ordering::Relaxed);
        let millis = took.as_millis() as u64;
        let bucket = BUCKETS.iter().position(|most| millis < *most).unwrap_or(BUCKETS.len());
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(took.as_micros() as u64, Ordering::Relaxed);
    }

    /// As Prometheus reads it.
    pub(super) fn write(&self, out: &mut Page) {
        out.about("parlor_http_responses_total", "counter", "Answers, by the first digit of their status");
        for (digit, count) in self.classes.iter().enumerate().skip(1) {
            out.value(
                "parlor_http_responses_total",
                &[("class", &format!("{digit}xx"))],
                count.load(Ordering::Relaxed),
            );
        }
        let name = "parlor_http_duration_seconds";
        out.about(name, "histogram", "How long answers took, long polls included");
        let mut sum = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            sum += count.load(Ordering::Relaxed);
            let most =
                BUCKETS.get(bucket).map_or("+Inf".to_string(), |most| (*most as f64 / 1e3).to_string());
            out.value(&format!("{name}_bucket"), &[("le", &most)], sum);
        }
        out.value(&format!("{name}_sum"), &[], self.micros.load(Ordering::Relaxed) as f64 / 1e6);
        out.value(&format!("{name}_count"), &[], sum);
    }
}

/// A page in the text form of Prometheus.
#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    pub(super) fn about(&mut self, name: &str, kind: &str, says: &str) {
        let _ = writeln!(self.0, "# HELP {name} {says}\n# TYPE {name} {kind}");
    }

    pub(super) fn value(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.0.push_str(name);
        for (number, (label, word)) in labels.iter().enumerate() {
            let word = word.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{}{label}=\"{word}\"", if number == 0 { "{" } else { "," });
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    pub(super) fn text(self) -> String {
        self.0
    }
}
