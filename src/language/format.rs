//! The one true layout: two spaces a level, one statement a line, columns where neighbours are alike.
//!
//! Comments and groups of lines stay as the author set them; nothing is sorted, nothing is wrapped.
//! `format(parse(format(x)))` is `format(x)`.

use crate::language::syntax::*;
use crate::language::text::{long_lines, quoted};

/// Prints a tree. What could not be read is not in the tree: format only files without findings.
pub fn format(file: &File) -> String {
    let mut page = Page { out: String::new(), level: 0 };
    page.lines(&file.block, Spread::Wide, |_, _| None, |page, line| page.declaration(line.item));
    page.out
}

/// Whether an empty line stands between all neighbours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spread {
    Wide,
    Close,
}

/// A cell of a column: which column its line belongs to, and how wide the cell is by itself.
type Cell = (Column, usize);

/// Neighbouring lines of the same sort share a column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Settings,
    Vars,
    Remembered,
    Saves,
    Hours,
    Arrows,
}

struct Page {
    out: String,
    level: usize,
}

impl Page {
    // -------------------------------------------------------------------------------------- lines and blocks

    /// Prints the lines of a block, with what stands between them. `cell` tells the first cell of a line that
    /// belongs to a column; `print` prints a line, the width of its column given.
    fn lines<T>(
        &mut self,
        block: &Block<T>,
        spread: Spread,
        cell: impl Fn(&Page, &T) -> Option<Cell>,
        print: impl Fn(&mut Page, &Wide<'_, T>),
    ) {
        let cells: Vec<Option<Cell>> = block.lines.iter().map(|line| cell(self, &line.item)).collect();
        let widths = column_widths(&cells, block);
        for (number, line) in block.lines.iter().enumerate() {
            let mut above = line.above.as_slice();
            if number == 0 {
                above = without_leading_blank(above);
            } else if spread == Spread::Wide && above.first() != Some(&Trivia::Blank) {
                self.out.push('\n');
            }
            self.trivia(above);
            self.indent();
            print(self, &Wide { item: &line.item, column: widths[number] });
            if let Some(comment) = &line.comment {
                self.put(&format!(" {}", comment.text));
            }
            self.out.push('\n');
        }
        let mut below = block.below.as_slice();
        while let [rest @ .., Trivia::Blank] = below {
            below = rest;
        }
        self.trivia(if block.lines.is_empty() { without_leading_blank(below) } else { below });
    }

    fn trivia(&mut self, trivia: &[Trivia]) {
        for piece in trivia {
            match piece {
                Trivia::Blank => self.out.push('\n'),
                Trivia::Comment(comment) => {
                    self.indent();
                    self.put(&comment.text);
                    self.out.push('\n');
                }
            }
        }
    }

    /// ` {`, the lines one level deeper, `}`.
    fn block<T>(
        &mut self,
        block: &Block<T>,
        cell: impl Fn(&Page, &T) -> Option<Cell>,
        print: impl Fn(&mut Page, &Wide<'_, T>),
    ) {
        self.put(" {");
        if let Some(comment) = &block.opening {
            self.put(&format!(" {}", comment.text));
        }
        self.out.push('\n');
        self.level += 1;
        self.lines(block, Spread::Close, cell, print);
        self.level -= 1;
        self.indent();
        self.put("}");
    }

    fn indent(&mut self) {
        for _ in 0..self.level {
            self.out.push_str("  ");
        }
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    // ----------------------------------------------------------------------------------------- declarations

    fn declaration(&mut self, item: &Declaration) {
        match item {
            Declaration::Bot(bot) => {
                self.put(&format!("bot {}", text(&bot.name)));
                self.block(
                    &bot.block,
                    |_, line| Some(bot_line_cell(line)),
                    |page, line| match line.item {
                        BotLine::Var(var) => page.var(var, line.column),
                        BotLine::Setting(setting) => page.setting(setting, line.column),
                    },
                );
            }
            Declaration::Integration(integration) => {
                self.put(&format!("integration {} {}", text(&integration.name), integration.kind.text));
                self.block(
                    &integration.block,
                    |_, line| integration_cell(line),
                    |page, line| match line.item {
                        IntegrationLine::Save(save) => page.put(&aligned_save(save, line.column)),
                        IntegrationLine::Field(field) => page.setting(field, line.column),
                    },
                );
            }
            Declaration::Phrases(phrases) => {
                self.put(&format!("phrases {}", text(&phrases.name)));
                self.listens(&phrases.block);
            }
            Declaration::Intent(intent) => {
                self.put(&format!("intent {}", text(&intent.name)));
                self.block(
                    &intent.block,
                    |_, _| None,
                    |page, line| match line.item {
                        IntentLine::Sample(sample) => page.text(sample),
                        IntentLine::Domain(domain) => page.put(&format!("domain {}", text(domain))),
                    },
                );
            }
            Declaration::Entity(entity) => {
                self.put(&format!("entity {}", text(&entity.name)));
                self.block(&entity.block, |_, _| None, |page, line| page.entity_value(line.item));
            }
            Declaration::Hours(hours) => {
                self.put(&format!("hours {}", text(&hours.name)));
                self.block(
                    &hours.block,
                    |_, value| hour_cell(value),
                    |page, line| page.hour(line.item, line.column),
                );
            }
            Declaration::Dialog(dialog) => {
                self.put(&match &dialog.kind {
                    DialogKind::Plain => String::new(),
                    DialogKind::Fallback => "fallback ".to_string(),
                    DialogKind::Escalation => "escalation ".to_string(),
                    DialogKind::Disambiguation => "disambiguation ".to_string(),
                    DialogKind::On(event) => {
                        let duration = event.duration.as_ref().map(|time| format!(" {}", duration(time)));
                        format!("on {}{} ", event.name, duration.unwrap_or_default())
                    }
                });
                self.put(&format!("dialog {}", text(&dialog.name)));
                self.steps(&dialog.block);
            }
        }
    }

    fn setting(&mut self, setting: &Setting, column: usize) {
        self.put(&setting.name.text);
        for (number, value) in setting.values.iter().enumerate() {
            let gap = if number == 0 { 1 + column.saturating_sub(setting.name.text.len()) } else { 1 };
            self.put(&" ".repeat(gap));
            match value {
                Argument::Text(text) => self.text(text),
                Argument::Value(value) => self.put(&value.text),
            }
        }
    }

    fn var(&mut self, var: &Var, column: usize) {
        let word = if var.remember { "remember" } else { "var" };
        let gap = " ".repeat(1 + column.saturating_sub(var.name.text.len()));
        self.put(&format!("{word} {}{gap}{}", var.name.text, kind(&var.kind)));
        if let Some(value) = &var.value {
            self.put(&format!(" = {}", value.source));
        }
    }

    fn entity_value(&mut self, value: &EntityValue) {
        for (number, other) in value.matchers.iter().enumerate() {
            self.put(if number == 0 { "" } else { " or " });
            self.put(&matcher(other));
            if number == 0
                && let Some(kept) = &value.value
            {
                self.put(&format!(" = {}", literal(kept)));
            }
        }
    }

    fn hour(&mut self, hour: &Value, column: usize) {
        let mut words = hour.text.split_whitespace();
        let first = words.next().unwrap_or("");
        let rest: Vec<&str> = words.collect();
        self.put(first);
        if !rest.is_empty() {
            self.put(&" ".repeat(1 + column.saturating_sub(first.chars().count())));
            self.put(&rest.join(" "));
        }
    }

    fn listens(&mut self, block: &Block<Listen>) {
        self.block(
            block,
            |_, _| None,
            |page, line| match line.item {
                Listen::Any(any) => page.put(&any.iter().map(matcher).collect::<Vec<_>>().join(" or ")),
                Listen::ButNot(not) => page.put(&format!("but not {}", matcher(not))),
            },
        );
    }

    // ------------------------------------------------------------------------------------------------ steps

    fn steps(&mut self, block: &Block<Step>) {
        self.block(
            block,
            |_, step| step_cell(step),
            |page, line| match line.item {
                Step::UserSays(listens) => {
                    page.put("user says");
                    page.listens(listens);
                }
                Step::Var(var) => page.var(var, line.column),
                Step::Do { label, statement } => {
                    if let Some(label) = label {
                        page.put(&format!("{}:", label.text));
                    }
                    if let Some(statement) = statement {
                        page.put(if label.is_some() { " " } else { "" });
                        page.statement(statement);
                    }
                }
            },
        );
    }

    fn statement(&mut self, item: &Statement) {
        match item {
            Statement::Say { text, action } => {
                self.put("say ");
                self.text(text);
                self.action(action.as_ref());
            }
            Statement::Note(text) => self.word_text("note", text),
            Statement::Image { url, alt } => {
                self.word_text("image", url);
                self.more(alt.as_ref());
            }
            Statement::Card(text) => self.word_text("card", text),
            Statement::Log { event, detail } => {
                self.word_text("log", event);
                self.more(detail.as_ref());
            }
            Statement::Pause(time) => self.put(&format!("pause {}", duration(time))),
            Statement::Respond(Respond::Word(word)) => self.put(&format!("respond within {}", word.text)),
            Statement::Respond(Respond::Time(time)) => {
                self.put(&format!("respond within {}", duration(time)))
            }
            Statement::Set { path, value } => self.put(&format!("set {} = {}", path.text, value.source)),
            Statement::If(item) => self.if_(item),
            Statement::Ask(ask) => {
                self.put(&format!("ask {} ", ask.name.text));
                if let Some(of) = &ask.kind {
                    self.put(&format!("{} ", kind(of)));
                }
                self.text(&ask.text);
                self.put(if ask.focused { " focused" } else { "" });
                self.then(&ask.then);
            }
            Statement::Choose(choose) => {
                self.put(&format!("choose {} ", choose.name.text));
                self.text(&choose.text);
                self.put(if choose.focused { " focused" } else { "" });
                self.rules(&choose.rules);
            }
            Statement::Collect(steps) => {
                self.put("collect");
                self.steps(steps);
            }
            Statement::Call(call) => {
                self.word_text("call", &call.integration);
                self.then(&call.then);
            }
            Statement::Transfer(transfer) => {
                self.put(&format!("transfer to {} ", transfer.to.text));
                self.text(&transfer.target);
                if let Some(say) = &transfer.say {
                    self.put(" say ");
                    self.text(say);
                }
                if let Some(rules) = &transfer.rules {
                    self.rules(rules);
                }
            }
            Statement::Go(action) => self.put(&arrow(action)),
        }
    }

    fn if_(&mut self, item: &If) {
        self.put(&format!("if {}", item.condition.source));
        self.steps(&item.then);
        match &item.otherwise {
            None => {}
            Some(Else::If(other)) => {
                self.put(" else ");
                self.if_(other);
            }
            Some(Else::Block(block)) => {
                self.put(" else");
                self.steps(block);
            }
        }
    }

    fn then(&mut self, then: &Then) {
        match then {
            Then::Nothing => {}
            Then::Rules(rules) => self.rules(rules),
            Then::Action(action) => self.action(Some(action)),
        }
    }

    fn action(&mut self, action: Option<&Action>) {
        if let Some(action) = action {
            self.put(&format!(" {}", arrow(action)));
        }
    }

    // ------------------------------------------------------------------------------------------------ rules

    fn rules(&mut self, block: &Block<Rule>) {
        self.block(
            block,
            |_, rule| arrow_cell(rule),
            |page, line| {
                let rule = line.item;
                let head = rule_head(rule);
                page.put(&head);
                match &rule.tail.body {
                    Body::Block(steps) => page.steps(steps),
                    Body::Short { say, action } => {
                        if let Some(say) = say {
                            page.put(" say ");
                            page.text(say);
                        } else if action.is_some() {
                            page.put(&" ".repeat(line.column.saturating_sub(head.chars().count())));
                        }
                        page.action(action.as_ref());
                    }
                }
            },
        );
    }

    // ------------------------------------------------------------------------------------------------ texts

    fn word_text(&mut self, word: &str, text: &Text) {
        self.put(&format!("{word} "));
        self.text(text);
    }

    fn more(&mut self, text: Option<&Text>) {
        if let Some(text) = text {
            self.put(" ");
            self.text(text);
        }
    }

    fn text(&mut self, item: &Text) {
        let Some(lines) = long_lines(&item.value).filter(|_| item.long) else {
            return self.put(&text(item));
        };
        self.put("\"\"\"\n");
        for line in lines.iter().filter(|_| !item.value.is_empty()) {
            if !line.is_empty() {
                self.indent();
                self.put("  ");
                self.put(line);
            }
            self.out.push('\n');
        }
        self.indent();
        self.put("\"\"\"");
    }
}

/// A line with the width of its column.
struct Wide<'a, T> {
    item: &'a T,
    column: usize,
}

impl<T> std::ops::Deref for Wide<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.item
    }
}

/// For every line the widest cell among the neighbours that share its column. For arrows the whole list of rules
/// counts; elsewhere an empty line, a comment or a line of another sort ends the neighbourhood.
fn column_widths<T>(cells: &[Option<Cell>], block: &Block<T>) -> Vec<usize> {
    let arrows =
        cells.iter().flatten().filter(|(column, _)| *column == Column::Arrows).map(|(_, width)| *width).max();
    let mut widths = Vec::with_capacity(cells.len());
    while let Some(cell) = cells.get(widths.len()) {
        let from = widths.len();
        let Some((column, own)) = cell else {
            widths.push(0);
            continue;
        };
        let same = |at: &usize| {
            cells[*at].is_some_and(|(other, _)| other == *column) && block.lines[*at].above.is_empty()
        };
        let to = from + 1 + (from + 1..cells.len()).take_while(same).count();
        let widest = cells[from..to].iter().flatten().map(|(_, width)| *width).max().unwrap_or(*own);
        let width = if *column == Column::Arrows { arrows.unwrap_or(*own) } else { widest };
        widths.resize(to, width);
    }
    widths
}

fn without_leading_blank(trivia: &[Trivia]) -> &[Trivia] {
    match trivia {
        [Trivia::Blank, rest @ ..] => rest,
        _ => trivia,
    }
}

fn bot_line_cell(line: &BotLine) -> Cell {
    match line {
        BotLine::Var(var) => var_cell(var),
        BotLine::Setting(setting) => (Column::Settings, setting.name.text.len()),
    }
}

fn var_cell(var: &Var) -> Cell {
    (if var.remember { Column::Remembered } else { Column::Vars }, var.name.text.len())
}

fn step_cell(step: &Step) -> Option<Cell> {
    match step {
        Step::Var(var) => Some(var_cell(var)),
        _ => None,
    }
}

fn integration_cell(line: &IntegrationLine) -> Option<Cell> {
    match line {
        IntegrationLine::Save(save) => {
            Some((Column::Saves, save.path.as_ref().map_or(0, |path| path.text.len())))
        }
        IntegrationLine::Field(field) => Some((Column::Settings, field.name.text.len())),
    }
}

fn hour_cell(hour: &Value) -> Option<Cell> {
    Some((Column::Hours, hour.text.split_whitespace().next().map_or(0, |word| word.chars().count())))
}

/// The arrows of choices, `otherwise` and `retry` stand in a column; a `when` is a sentence and stays one.
fn arrow_cell(rule: &Rule) -> Option<Cell> {
    match &rule.tail.body {
        Body::Short { say: None, action: Some(_) } if !matches!(rule.when, When::Fits(_)) => {
            Some((Column::Arrows, rule_head(rule).chars().count()))
        }
        _ => None,
    }
}

fn rule_head(rule: &Rule) -> String {
    let mut head = match &rule.when {
        When::Fits(fits) => format!("when {}", any_but(fits)),
        When::Choice(choice) => {
            let each =
                choice.each.as_ref().map(|(name, list)| format!("for {} in {} ", name.text, list.text));
            let value = choice.value.as_ref().map(|value| format!(" = {}", literal(value)));
            let other: String =
                choice.fits.any.iter().map(|other| format!(" or {}", matcher(other))).collect();
            let not: String =
                choice.fits.but_not.iter().map(|not| format!(" but not {}", matcher(not))).collect();
            format!(
                "{}{}{}{other}{not}",
                each.unwrap_or_default(),
                text(&choice.label),
                value.unwrap_or_default()
            )
        }
        When::Otherwise(_) => "otherwise".to_string(),
        When::Retry(count) => format!("retry {}", count.text),
    };
    if let Some(condition) = &rule.tail.condition {
        head.push_str(&format!(" and if {}", condition.source));
    }
    for item in &rule.tail.saves {
        head.push(' ');
        head.push_str(&aligned_save(item, 0));
    }
    head
}

fn any_but(fits: &Fits) -> String {
    let any = fits.any.iter().map(matcher).collect::<Vec<_>>().join(" or ");
    let not: String = fits.but_not.iter().map(|not| format!(" but not {}", matcher(not))).collect();
    format!("{any}{not}")
}

fn aligned_save(save: &Save, column: usize) -> String {
    let path = save.path.as_ref().map_or("", |path| path.text.as_str());
    match &save.value {
        Some(value) => {
            format!("save {path}{} = {}", " ".repeat(column.saturating_sub(path.len())), value.source)
        }
        None => format!("save {path}").trim_end().to_string(),
    }
}

fn matcher(item: &Matcher) -> String {
    match &item.kind {
        MatcherKind::Exact(exact) => text(exact),
        MatcherKind::Pattern(pattern) => format!("pattern {}", quoted(&pattern.value, true)),
        MatcherKind::Words(words) => format!("words {}", quoted(&words.value, true)),
        MatcherKind::Phrases(name) => format!("phrases {}", text(name)),
        MatcherKind::Intent(name) => format!("intent {}", text(name)),
        MatcherKind::Regex(item) => regex(item),
        MatcherKind::Anything => "anything".to_string(),
        MatcherKind::Success => "success".to_string(),
        MatcherKind::Failure => "failure".to_string(),
        MatcherKind::Silence(time) => format!("silence {}", duration(time)),
    }
}

/// A regex between its slashes; a slash inside is escaped.
fn regex(item: &Regex) -> String {
    let mut out = "/".to_string();
    let mut letters = item.source.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                out.push('\\');
                out.extend(letters.next());
            }
            '/' => out.push_str("\\/"),
            _ => out.push(letter),
        }
    }
    out.push_str(if item.ignore_case { "/i" } else { "/" });
    out
}

/// A text on one line. A pattern used as text elsewhere never comes here.
fn text(item: &Text) -> String {
    quoted(&item.value, false)
}

fn literal(item: &Literal) -> String {
    match item {
        Literal::Text(item) => text(item),
        Literal::Value(value) => value.text.clone(),
    }
}

fn kind(item: &Type) -> String {
    let name = if item.quoted { quoted(&item.name, false) } else { item.name.clone() };
    if item.private { format!("{name} private") } else { name }
}

fn duration(item: &Duration) -> String {
    format!("{}{}", item.number, item.unit)
}

fn arrow(action: &Action) -> String {
    match &action.target {
        Target::Next => "-> next".to_string(),
        Target::Repeat => "-> repeat".to_string(),
        Target::Wait => "-> wait".to_string(),
        Target::End => "-> end".to_string(),
        Target::EndAll => "-> end all".to_string(),
        Target::Back => "-> back".to_string(),
        Target::Close => "-> close".to_string(),
        Target::CloseWithoutSurvey => "-> close without survey".to_string(),
        Target::Dialog { name, label: None } => format!("-> dialog {}", text(name)),
        Target::Dialog { name, label: Some(label) } => format!("-> dialog {}.{}", text(name), label.text),
        Target::Label(label) => format!("-> {}", label.text),
    }
}
