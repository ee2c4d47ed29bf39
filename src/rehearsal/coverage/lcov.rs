//! Coverage as LCOV, which editors show beside the lines: dialogs are its functions, steps, starters and rules its lines,
//! what can go one way or another on a line its branches.

use std::collections::BTreeMap;

use crate::rehearsal::parts::{Kind, Part, PartId};

use super::Coverage;

/// What stands on a line.
#[derive(Default)]
struct Line {
    /// How often it was passed through, if it is a step, a starter or a rule.
    count: Option<u32>,
    branches: Vec<u32>,
}

impl Coverage {
    /// The tracefile, with the paths as the bot was given.
    pub fn lcov(&self) -> String {
        let mut files: BTreeMap<&str, Vec<(PartId, &Part)>> = BTreeMap::new();
        for (id, part) in self.parts.iter().filter(|(_, part)| part.never.is_none()) {
            files.entry(&part.path).or_default().push((id, part));
        }
        let mut text = String::new();
        for (path, parts) in files {
            text.push_str(&format!("TN:\nSF:{}\n", on_one_line(path)));
            self.functions(&parts, &mut text);
            self.lines(&parts, &mut text);
            text.push_str("end_of_record\n");
        }
        text
    }

    fn functions(&self, parts: &[(PartId, &Part)], text: &mut String) {
        let dialogs: Vec<_> = parts.iter().filter(|(_, part)| part.kind == Kind::Dialog).collect();
        for (_, part) in &dialogs {
            text.push_str(&format!("FN:{},{}\n", part.line, on_one_line(&part.dialog)));
        }
        for (id, part) in &dialogs {
            text.push_str(&format!("FNDA:{},{}\n", self.count(*id), on_one_line(&part.dialog)));
        }
        let hit = dialogs.iter().filter(|(id, _)| self.count(*id) > 0).count();
        text.push_str(&format!("FNF:{}\nFNH:{hit}\n", dialogs.len()));
    }

    fn lines(&self, parts: &[(PartId, &Part)], text: &mut String) {
        let mut lines: BTreeMap<u32, Line> = BTreeMap::new();
        for (id, part) in parts.iter().filter(|(_, part)| part.kind != Kind::Dialog) {
            let line = lines.entry(part.line).or_default();
            let is_line = matches!(part.kind, Kind::Step | Kind::Starter | Kind::Rule);
            // The step comes first on its line; how its question takes an answer by itself is a branch of it.
            match line.count {
                None if is_line => line.count = Some(self.count(*id)),
                _ => line.branches.push(self.count(*id)),
            }
        }
        let (mut found, mut hit) = (0, 0);
        for (number, line) in &lines {
            for (branch, count) in line.branches.iter().enumerate() {
                let taken = if line.count == Some(0) { "-".to_string() } else { count.to_string() };
                text.push_str(&format!("BRDA:{number},0,{branch},{taken}\n"));
                found += 1;
                hit += usize::from(*count > 0);
            }
        }
        text.push_str(&format!("BRF:{found}\nBRH:{hit}\n"));
        let counts = || lines.iter().filter_map(|(number, line)| Some((number, line.count?)));
        for (number, count) in counts() {
            text.push_str(&format!("DA:{number},{count}\n"));
        }
        let hit = counts().filter(|(_, count)| *count > 0).count();
        text.push_str(&format!("LF:{}\nLH:{hit}\n", counts().count()));
    }
}

fn on_one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
