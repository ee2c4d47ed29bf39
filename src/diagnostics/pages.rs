//! The page of a mistake: what it means, a bad example, a good one.

use super::Slug;

/// A page, as `parlor explain` shows it. Its source is Markdown: a paragraph or two, then `## Wrong` and
/// `## Right`, each with a `dialog` or `transcript` block. The tests check that the wrong one has the finding and the right one has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Which mistake.
    pub slug: Slug,
    /// The whole page, as Markdown, title included.
    pub text: String,
}

/// The page of a slug.
pub fn page(slug: Slug) -> Page {
    let text =
        format!("# {} ({})\n\n{}: {}", slug, slug.severity().word(), slug.title(), "").trim_end().to_string();
    let text = text.trim_end_matches(':').to_string();
    Page { slug, text: format!("{}.\n\n{}", text, slug.page_text().trim()) }
}

impl Page {
    /// The code of `## Wrong` or `## Right`.
    pub fn example(&self, heading: &str) -> Option<&str> {
        let section = self.text.split_once(&format!("\n## {heading}\n"))?.1;
        let fences = ["```dialog\n", "```transcript\n"];
        let code = fences.iter().find_map(|fence| section.split_once(fence))?.1;
        Some(code.split_once("\n```")?.0)
    }
}
