//! What a condition or a template reads: names, filters and tests with their places, or why it cannot be read.
//!
//! minijinja reads it; this file walks the tree that minijinja makes, so that names are checked before anything runs.

use std::ops::Range;

use minijinja::machinery::{Span, ast, parse, parse_expr};

use super::formula::{harmless, masked};

/// The longest expression, in bytes.
pub const EXPRESSION_BYTES_MAX: usize = 2_000;
/// The longest template, in bytes.
pub const TEMPLATE_BYTES_MAX: usize = 32_768;

/// The filters an expression can use: those of minijinja whose work is bounded by what they are given.
pub const FILTERS: &[&str] = &[
    "abs",
    "batch",
    "bool",
    "capitalize",
    "count",
    "d",
    "default",
    "first",
    "float",
    "groupby",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "tojson",
    "trim",
    "unique",
    "upper",
    "urlencode",
];

/// The tests an expression can use behind `is`.
pub const TESTS: &[&str] = &[
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "even",
    "false",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "like",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "open",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
    "upper",
];

/// The functions an expression can call.
pub const FUNCTIONS: &[&str] = &["range", "dict"];

/// What an expression or template reads.
#[derive(Debug, Default)]
pub struct Reading {
    /// The names, each with the name behind its first dot: `visitor.name` is `("visitor", Some("name"))`.
    pub names: Vec<Used>,
    /// `| filter`
    pub filters: Vec<(String, Range<usize>)>,
    /// `is test`
    pub tests: Vec<(String, Range<usize>)>,
    /// `"Office" is open`: the hours asked for.
    pub hours: Vec<(String, Range<usize>)>,
    /// Whether hours are asked for whose name is no fixed text.
    pub hours_by_value: bool,
    /// `f(…)` for functions nobody knows.
    pub functions: Vec<(String, Range<usize>)>,
    /// What the whole expression is, if it is a fixed value.
    pub constant: Option<Constant>,
    /// Tags that texts cannot have, such as `{% set %}`.
    pub tags: Vec<(&'static str, Range<usize>)>,
}

/// A name that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// The first name.
    pub root: String,
    /// The name behind the first dot.
    pub member: Option<String>,
    /// Where both stand.
    pub range: Range<usize>,
    /// Whether it is only asked about, in a condition or a test, and so never shown itself.
    pub asked: bool,
}

/// The type of a fixed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constant {
    /// `"text"`
    Text,
    /// `7`
    Number,
    /// `true`
    Flag,
    /// `[…]`
    List,
    /// `{…}`
    Map,
    /// `none`
    Nothing,
}

/// Why it cannot be read, and where.
#[derive(Debug)]
pub struct Trouble {
    /// Where.
    pub range: Range<usize>,
    /// In minijinja's words.
    pub message: String,
}

/// Reads a condition or a value.
pub fn read_expression(source: &str) -> Result<Reading, Trouble> {
    harmless(source, 0..source.len())?;
    let expr = parse_expr(source).map_err(|error| trouble(source, &error))?;
    let mut walk = Walk { source, reading: Reading::default(), local: Vec::new(), asked: false };
    walk.reading.constant = constant(&expr);
    walk.expr(&expr);
    Ok(walk.reading)
}

/// Whether a text has holes at all; most have none, and those are not read.
pub fn has_holes(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// Reads a text with holes.
pub fn read_template(source: &str) -> Result<Reading, Trouble> {
    let masked = masked(source)?;
    let whole = parse(&masked, "text", Default::default()).map_err(|error| trouble(source, &error))?;
    let mut walk = Walk { source, reading: Reading::default(), local: Vec::new(), asked: false };
    walk.statement(&whole);
    Ok(walk.reading)
}

pub(super) fn trouble(source: &str, error: &minijinja::Error) -> Trouble {
    let range = error.range().unwrap_or(0..source.len());
    // minijinja counts a letter it does not know as one byte, however long it is.
    let end = (range.end..source.len()).find(|at| source.is_char_boundary(*at)).unwrap_or(source.len());
    let start = (0..=range.start.min(end)).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
    Trouble { range: start..end, message: error.detail().unwrap_or("it is no expression").to_string() }
}

fn constant(expr: &ast::Expr<'_>) -> Option<Constant> {
    Some(match expr {
        ast::Expr::Const(value) => {
            let value = &value.value;
            match value.kind() {
                minijinja::value::ValueKind::String => Constant::Text,
                minijinja::value::ValueKind::Number => Constant::Number,
                minijinja::value::ValueKind::Bool => Constant::Flag,
                minijinja::value::ValueKind::None => Constant::Nothing,
                _ => return None,
            }
        }
        ast::Expr::UnaryOp(op) if matches!(op.op, ast::UnaryOpKind::Neg) => constant(&op.expr)?,
        ast::Expr::List(_) => Constant::List,
        ast::Expr::Map(_) => Constant::Map,
        _ => return None,
    })
}

struct Walk<'s> {
    source: &'s str,
    reading: Reading,
    /// Names that a `{% for %}` or `{% with %}` made.
    local: Vec<String>,
    /// Inside of a condition or a test.
    asked: bool,
}

impl Walk<'_> {
    fn range(&self, span: Span) -> Range<usize> {
        let end = (span.end_offset as usize).min(self.source.len());
        (span.start_offset as usize).min(end)..end
    }

    /// A word's own place inside a wider one: minijinja's spans of filters and tests include what they are applied to.
    fn word(&self, name: &str, span: Span) -> Range<usize> {
        let range = self.range(span);
        let text = self.source.get(range.clone()).unwrap_or("");
        match text.rfind(name) {
            Some(at) => range.start + at..range.start + at + name.len(),
            None => range,
        }
    }

    fn statements(&mut self, statements: &[ast::Stmt<'_>]) {
        statements.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &ast::Stmt<'_>) {
        match statement {
            ast::Stmt::Template(template) => self.statements(&template.children),
            ast::Stmt::EmitExpr(emit) => self.expr(&emit.expr),
            ast::Stmt::EmitRaw(_) => {}
            ast::Stmt::ForLoop(item) => {
                self.expr(&item.iter);
                let known = self.local.len();
                self.local.push("loop".to_string());
                self.declare(&item.target);
                self.maybe(&item.filter_expr);
                self.statements(&item.body);
                self.local.truncate(known);
                self.statements(&item.else_body);
            }
            ast::Stmt::IfCond(item) => {
                self.condition(&item.expr);
                self.statements(&item.true_body);
                self.statements(&item.false_body);
            }
            ast::Stmt::WithBlock(item) => self.tag("with", item.span()),
            ast::Stmt::Set(item) => self.tag("set", item.span()),
            ast::Stmt::SetBlock(item) => self.tag("set", item.span()),
            ast::Stmt::AutoEscape(item) => self.tag("autoescape", item.span()),
            ast::Stmt::FilterBlock(item) => self.tag("filter", item.span()),
            ast::Stmt::Do(item) => self.tag("do", item.span()),
        }
    }

    fn tag(&mut self, name: &'static str, span: Span) {
        let range = self.range(span);
        self.reading.tags.push((name, range));
    }

    fn declare(&mut self, target: &ast::Expr<'_>) {
        match target {
            ast::Expr::Var(var) => self.local.push(var.id.to_string()),
            ast::Expr::List(list) => list.items.iter().for_each(|item| self.declare(item)),
            ast::Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.declare(item)),
            _ => {}
        }
    }

    fn maybe(&mut self, expr: &Option<ast::Expr<'_>>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }

    fn name(&mut self, root: &str, member: Option<&str>, span: Span) {
        if !self.local.iter().any(|local| local == root) {
            let range = self.range(span);
            self.reading.names.push(Used {
                root: root.to_string(),
                member: member.map(str::to_string),
                range,
                asked: self.asked,
            });
        }
    }

    /// A condition: what stands in it is asked about and not shown.
    fn condition(&mut self, expr: &ast::Expr<'_>) {
        let before = std::mem::replace(&mut self.asked, true);
        self.expr(expr);
        self.asked = before;
    }

    fn args(&mut self, args: &[ast::CallArg<'_>]) {
        for arg in args {
            match arg {
                ast::CallArg::Pos(expr)
                | ast::CallArg::Kwarg(_, expr)
                | ast::CallArg::PosSplat(expr)
                | ast::CallArg::KwargSplat(expr) => self.expr(expr),
            }
        }
    }

    fn expr(&mut self, expr: &ast::Expr<'_>) {
        match expr {
            ast::Expr::Var(var) => self.name(var.id, None, var.span()),
            ast::Expr::Const(_) => {}
            ast::Expr::Slice(slice) => {
                self.expr(&slice.expr);
                self.maybe(&slice.start);
                self.maybe(&slice.stop);
                self.maybe(&slice.step);
            }
            ast::Expr::UnaryOp(op) if matches!(op.op, ast::UnaryOpKind::Not) => self.condition(&op.expr),
            ast::Expr::UnaryOp(op) => self.expr(&op.expr),
            ast::Expr::BinOp(op) => {
                self.expr(&op.left);
                self.expr(&op.right);
            }
            ast::Expr::Compare(compare) => {
                self.condition(&compare.expr);
                compare.ops.iter().for_each(|op| self.condition(&op.expr));
            }
            ast::Expr::IfExpr(item) => {
                self.condition(&item.test_expr);
                self.expr(&item.true_expr);
                self.maybe(&item.false_expr);
            }
            ast::Expr::Filter(filter) => {
                let place = self.word(filter.name, filter.span());
                self.reading.filters.push((filter.name.to_string(), place));
                match &filter.expr {
                    Some(expr) if matches!(filter.name, "length" | "count" | "bool") => self.condition(expr),
                    expr => self.maybe(expr),
                }
                self.args(&filter.args);
            }
            ast::Expr::Test(test) => self.test(test),
            ast::Expr::GetAttr(get) => match &get.expr {
                ast::Expr::Var(var) => self.name(var.id, Some(get.name), get.span()),
                other => self.expr(other),
            },
            ast::Expr::GetItem(get) => {
                match (&get.expr, get.subscript_expr.as_const()) {
                    (ast::Expr::Var(var), Some(key)) if key.as_str().is_some() => {
                        self.name(var.id, key.as_str(), get.span());
                    }
                    (other, _) => self.expr(other),
                }
                self.expr(&get.subscript_expr);
            }
            ast::Expr::Call(call) => {
                match &call.expr {
                    ast::Expr::Var(var) if FUNCTIONS.contains(&var.id) => {}
                    ast::Expr::Var(var) => {
                        let place = self.range(var.span());
                        self.reading.functions.push((var.id.to_string(), place));
                    }
                    other => {
                        let place = self.range(call.span());
                        self.reading.functions.push(("this".to_string(), place));
                        self.expr(other);
                    }
                }
                self.args(&call.args);
            }
            ast::Expr::List(list) => list.items.iter().for_each(|item| self.expr(item)),
            ast::Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.expr(item)),
            ast::Expr::Map(map) => {
                map.keys.iter().for_each(|key| self.expr(key));
                map.values.iter().for_each(|value| self.expr(value));
            }
        }
    }

    fn test(&mut self, test: &ast::Spanned<ast::Test<'_>>) {
        let place = self.word(test.name, test.span());
        self.reading.tests.push((test.name.to_string(), place));
        if test.name == "open"
            && let Some(name) = test.expr.as_const().and_then(|name| name.as_str().map(str::to_string))
        {
            let place = self.range(test.span());
            let inside = self.source.get(place.clone()).and_then(|text| text.find(&name));
            let place = match inside {
                Some(at) => place.start + at..place.start + at + name.len(),
                None => place,
            };
            self.reading.hours.push((name, place));
        } else {
            self.reading.hours_by_value |= test.name == "open";
            self.condition(&test.expr);
        }
        self.args(&test.args);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_filters_and_tests_with_their_places() {
        let source = "visitor.name | defualt('x') ~ order_no";
        let reading = read_expression(source).unwrap();
        assert_eq!(&source[reading.filters[0].1.clone()], "defualt");
        assert_eq!(reading.names[0].member.as_deref(), Some("name"));
        assert_eq!(&source[reading.names[1].range.clone()], "order_no");
        let reading = read_expression("'Office' is open and x is like 'a*'").unwrap();
        assert_eq!(reading.hours[0].0, "Office");
        assert_eq!(reading.tests[1].0, "like");
        assert_eq!(read_expression("-3").unwrap().constant, Some(Constant::Number));
        assert!(read_expression("a b").is_err());
        assert!(read_expression("x = 1").is_err());
        let reading = read_template("{% for s in stores %}{{ s.city }}{{ t }}{% endfor %}").unwrap();
        assert_eq!(reading.names.iter().map(|name| name.root.as_str()).collect::<Vec<_>>(), ["stores", "t"]);
    }
}
