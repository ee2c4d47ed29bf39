//! Things in columns, each as wide as it has to be.

use unicode_segmentation::UnicodeSegmentation;

use crate::cli::exit::Failure;
use crate::cli::terminal::{Paint, Terminal, paint};
use crate::diagnostics::render::visible::visible;

/// Letters of a cell; what is longer is cut.
const CELL_LETTERS_MAX: usize = 60;

/// Columns with names.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(heads: &[&str]) -> Table {
        Table { rows: vec![heads.iter().map(|head| head.to_string()).collect()] }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells = cells
            .into_iter()
            .map(|cell| crate::cli::columns::cut(&visible(&cell.replace('\n', " ")), CELL_LETTERS_MAX));
        self.rows.push(cells.collect());
    }

    /// Prints them; nothing at all, if there is nothing below the names.
    pub(super) fn print(&self, terminal: &Terminal) -> Result<(), Failure> {
        if self.rows.len() < 2 {
            return Ok(());
        }
        let columns = self.rows.first().map_or(0, Vec::len);
        let wide = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| letters(cell)).max().unwrap_or(0)
        };
        let wide: Vec<usize> = (0..columns).map(wide).collect();
        let mut printed = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (cell, wide) in row.iter().zip(&wide) {
                line.push_str(cell);
                line.push_str(&" ".repeat(wide - letters(cell) + 2));
            }
            let line = line.trim_end();
            match number {
                0 => printed.push_str(&paint(terminal.color, Paint::Dim, line)),
                _ => printed.push_str(line),
            }
            printed.push('\n');
        }
        terminal.data(&printed)
    }
}

fn letters(text: &str) -> usize {
    text.graphemes(true).count()
}
