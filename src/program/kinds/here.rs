//! Where and when a visitor speaks: what "tomorrow" and "1,5" mean depends on it.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::conversation::Moment;

/// The day, the time and the language in which a message is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    now: DateTime,
    tag: String,
    language: Language,
}

/// The languages whose words for numbers, days and times are known; in all others digits are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    German,
    Other,
}

impl Here {
    /// At this moment, in this time zone (`Europe/Berlin`; one that is not known counts as UTC), in this language
    /// (`en-US`).
    pub fn new(now: Moment, zone: &str, language: &str) -> Here {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let now = Timestamp::from_millisecond(now.0).unwrap_or(Timestamp::UNIX_EPOCH);
        let tag = language.to_ascii_lowercase().replace('_', "-");
        let language = match tag.split('-').next().unwrap_or("") {
            "en" => Language::English,
            "de" => Language::German,
            _ => Language::Other,
        };
        Here { now: zone.to_datetime(now), tag, language }
    }

    pub(super) fn today(&self) -> Date {
        self.now.date()
    }

    pub(super) fn now(&self) -> DateTime {
        self.now
    }

    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// The language as the bot names it, in small letters.
    pub(super) fn tag(&self) -> &str {
        &self.tag
    }

    /// Whether 12/24 is a day in December.
    pub(super) fn month_first(&self) -> bool {
        self.tag == "en-us"
    }

    /// Whether 1.5 is one and a half (else it is 1,5).
    pub(super) fn decimal_point(&self) -> bool {
        const COUNTRIES: &[&str] = &["de-ch", "de-li", "it-ch", "es-mx", "es-us", "es-pr"];
        const LANGUAGES: &[&str] = &["en", "zh", "ja", "ko", "he", "th", "hi", "bn", "ur", "ms", "cy", "ga"];
        let language = self.tag.split('-').next().unwrap_or("");
        LANGUAGES.contains(&language) || COUNTRIES.contains(&self.tag.as_str())
    }
}
