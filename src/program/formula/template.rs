//! A text with holes: said to a visitor, written as JSON, or put into a url.

use minijinja::machinery::{Span, ast, parse};

use super::Names;
use super::budget::{Budget, TEXT_BYTES_MAX};
use super::build::Builder;
use super::evaluate::{Round, Run};
use super::fault::{Fault, Stop, kind};
use super::filters::items_of;
use super::holes::masked;
use super::node::Node;
use super::print::{Full, json_letters, json_within, percent, print_within};
use crate::conversation::Value;
use crate::program::expression::{Trouble, has_holes, trouble};

/// A text with holes, such as `Order {{ order_no }} has shipped.` The same for all threads.
#[derive(Debug)]
pub struct Template {
    source: Box<str>,
    /// Without any, the source is all there is to say.
    pieces: Box<[Piece]>,
}

/// A stretch of the source.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    start: u32,
    end: u32,
}

#[derive(Debug)]
enum Piece {
    Text(Stretch),
    Hole(Hole),
    If(Box<If>),
    For(Box<For>),
}

/// An expression, and where it stands.
#[derive(Debug)]
struct Hole {
    node: Node,
    stretch: Stretch,
}

/// `{% if %} … {% elif %} … {% else %} … {% endif %}`
#[derive(Debug)]
struct If {
    branches: Vec<(Hole, Box<[Piece]>)>,
    otherwise: Box<[Piece]>,
}

/// `{% for x in list if … %} … {% else %} … {% endfor %}`
#[derive(Debug)]
struct For {
    /// How many names each item is taken apart into; none for a single name.
    apart: Option<usize>,
    list: Hole,
    only: Option<Hole>,
    body: Box<[Piece]>,
    otherwise: Box<[Piece]>,
}

/// How holes are filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Say,
    /// `in_text`: whether what was written last stands between JSON's quotes.
    Json {
        in_text: bool,
    },
    Url,
}

impl Template {
    /// A text that has no holes, whatever stands in it.
    pub fn plain(text: &str) -> Template {
        Template { source: text.into(), pieces: Box::default() }
    }

    /// Reads a text.
    pub fn read(source: &str) -> Result<Template, Trouble> {
        if !has_holes(source) {
            return Ok(Template::plain(source));
        }
        let masked = masked(source)?;
        let whole = parse(&masked, "text", Default::default()).map_err(|error| trouble(source, &error))?;
        let ast::Stmt::Template(whole) = &whole else {
            return Ok(Template::plain(source));
        };
        let mut reader = Reader { source, masked: &masked, builder: Builder::new(source) };
        let pieces = reader.pieces(&whole.children)?;
        match &*pieces {
            [] => Ok(Template::plain("")),
            [Piece::Text(stretch)] => Ok(Template::plain(&source[stretch.range()])),
            _ => Ok(Template { source: source.into(), pieces }),
        }
    }

    /// The text, if it is the same whatever the names hold.
    pub fn as_plain(&self) -> Option<&str> {
        self.pieces.is_empty().then_some(&*self.source)
    }

    /// As its author wrote it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The text with its holes filled.
    pub fn say(&self, names: &dyn Names, budget: &mut Budget) -> Result<String, Fault> {
        self.write(Manner::Say, names, budget)
    }

    /// As JSON: a hole inside JSON's quotes is escaped as text, one outside is a JSON value, and nothing is `null`.
    pub fn json(&self, names: &dyn Names, budget: &mut Budget) -> Result<String, Fault> {
        self.write(Manner::Json { in_text: false }, names, budget)
    }

    /// As a url: what fills a hole is percent-encoded, unless it is a member of `env`.
    pub fn url(&self, names: &dyn Names, budget: &mut Budget) -> Result<String, Fault> {
        self.write(Manner::Url, names, budget)
    }

    fn write(&self, manner: Manner, names: &dyn Names, budget: &mut Budget) -> Result<String, Fault> {
        if self.pieces.is_empty() {
            return Ok(String::from(&*self.source));
        }
        let out = String::with_capacity(self.source.len() + 16);
        let mut writer = Writer { source: &self.source, run: Run::new(names, budget), out, manner };
        writer.pieces(&self.pieces)?;
        let Writer { run, out, .. } = writer;
        match run.budget.reading(out.len()) {
            Ok(()) => Ok(out),
            Err(stop) => Err(stop.fault(&self.source, &Node::NOTHING, names)),
        }
    }
}

impl Stretch {
    fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

struct Reader<'s> {
    source: &'s str,
    masked: &'s str,
    builder: Builder<'s>,
}

impl Reader<'_> {
    fn pieces(&mut self, statements: &[ast::Stmt<'_>]) -> Result<Box<[Piece]>, Trouble> {
        let mut pieces = Vec::with_capacity(statements.len());
        for statement in statements {
            pieces.extend(self.piece(statement)?);
        }
        Ok(pieces.into())
    }

    fn piece(&mut self, statement: &ast::Stmt<'_>) -> Result<Option<Piece>, Trouble> {
        let tag = |name: &str, span: Span, builder: &Builder<'_>| {
            builder.trouble(span, format!("a text cannot have `{{% {name} %}}`; it can have `if` and `for`"))
        };
        Ok(Some(match statement {
            ast::Stmt::EmitRaw(raw) => return Ok(self.text(raw.raw).map(Piece::Text)),
            ast::Stmt::EmitExpr(emit) => Piece::Hole(self.hole(&emit.expr, emit.span())?),
            ast::Stmt::IfCond(cond) => Piece::If(Box::new(self.condition(cond)?)),
            ast::Stmt::ForLoop(item) => Piece::For(Box::new(self.repetition(item)?)),
            ast::Stmt::Template(item) => return tag("template", item.span(), &self.builder),
            ast::Stmt::WithBlock(item) => return tag("with", item.span(), &self.builder),
            ast::Stmt::Set(item) => return tag("set", item.span(), &self.builder),
            ast::Stmt::SetBlock(item) => return tag("set", item.span(), &self.builder),
            ast::Stmt::AutoEscape(item) => return tag("autoescape", item.span(), &self.builder),
            ast::Stmt::FilterBlock(item) => return tag("filter", item.span(), &self.builder),
            ast::Stmt::Do(item) => return tag("do", item.span(), &self.builder),
        }))
    }

    /// Where a text stands: its letters are those of the source, not of the mask.
    fn text(&self, raw: &str) -> Option<Stretch> {
        let start = (raw.as_ptr() as usize).checked_sub(self.masked.as_ptr() as usize)?;
        let end = (start + raw.len()).min(self.source.len());
        (start < end).then_some(Stretch { start: start as u32, end: end as u32 })
    }

    /// minijinja's places begin at the braces, or at the word before; a fault shows the expression alone.
    fn hole(&mut self, expr: &ast::Expr<'_>, span: Span) -> Result<Hole, Trouble> {
        let node = self.builder.expression(expr)?;
        let end = (span.end_offset as usize).min(self.source.len());
        let start = (span.start_offset as usize).min(end);
        let mut text = self.source.get(start..end).unwrap_or("");
        for before in ["{{", "{%", "-", "+"] {
            text = text.strip_prefix(before).unwrap_or(text);
        }
        text = text.trim();
        for word in ["if ", "elif ", "in "] {
            text = text.strip_prefix(word).unwrap_or(text).trim_start();
        }
        let start = (text.as_ptr() as usize).saturating_sub(self.source.as_ptr() as usize);
        Ok(Hole { node, stretch: Stretch { start: start as u32, end: (start + text.len()) as u32 } })
    }

    fn condition(&mut self, cond: &ast::IfCond<'_>) -> Result<If, Trouble> {
        let mut branches = Vec::new();
        let mut next = cond;
        loop {
            let test = self.hole(&next.expr, next.expr.span())?;
            let body = self.inner(next.expr.span(), &next.true_body)?;
            branches.push((test, body));
            // `elif` arrives as an `if` alone in the `else`; a row of them is no nesting.
            match next.false_body.as_slice() {
                [ast::Stmt::IfCond(inner)] => next = inner,
                otherwise => {
                    let otherwise = self.inner(cond.expr.span(), otherwise)?;
                    return Ok(If { branches, otherwise });
                }
            }
        }
    }

    fn inner(&mut self, span: Span, statements: &[ast::Stmt<'_>]) -> Result<Box<[Piece]>, Trouble> {
        self.builder.enter(span)?;
        let pieces = self.pieces(statements);
        self.builder.leave();
        pieces
    }

    fn repetition(&mut self, item: &ast::ForLoop<'_>) -> Result<For, Trouble> {
        let span = item.iter.span();
        if item.recursive {
            return self.builder.trouble(span, "a `for` cannot be recursive here");
        }
        let list = self.hole(&item.iter, span)?;
        let known = self.builder.locals.len();
        let apart = self.targets(&item.target, span)?;
        let only = match &item.filter_expr {
            Some(expr) => Some(self.hole(expr, expr.span())?),
            None => None,
        };
        self.builder.loops += 1;
        let body = self.inner(span, &item.body);
        self.builder.loops -= 1;
        self.builder.locals.truncate(known);
        let otherwise = self.inner(span, &item.else_body)?;
        Ok(For { apart, list, only, body: body?, otherwise })
    }

    fn targets(&mut self, target: &ast::Expr<'_>, span: Span) -> Result<Option<usize>, Trouble> {
        let several = match target {
            ast::Expr::Var(var) => {
                self.builder.locals.push(var.id.to_string());
                return Ok(None);
            }
            ast::Expr::List(list) => &list.items,
            ast::Expr::Tuple(tuple) => &tuple.items,
            _ => return self.builder.trouble(span, "a `for` needs a name for each item"),
        };
        for name in several {
            let ast::Expr::Var(var) = name else {
                return self.builder.trouble(span, "a `for` takes an item apart into names only");
            };
            self.builder.locals.push(var.id.to_string());
        }
        Ok(Some(several.len()))
    }
}

struct Writer<'a> {
    source: &'a str,
    run: Run<'a>,
    out: String,
    manner: Manner,
}

impl Writer<'_> {
    fn pieces(&mut self, pieces: &[Piece]) -> Result<(), Fault> {
        for piece in pieces {
            match piece {
                Piece::Text(stretch) => self.text(*stretch)?,
                Piece::Hole(hole) => self.hole(hole)?,
                Piece::If(cond) => self.condition(cond)?,
                Piece::For(item) => self.repetition(item)?,
            }
        }
        Ok(())
    }

    #[cold]
    fn fault(&self, stop: Stop, hole: &Hole) -> Fault {
        stop.fault(self.source.get(hole.stretch.range()).unwrap_or(""), &hole.node, self.run.names)
    }

    fn value(&mut self, hole: &Hole) -> Result<Value, Fault> {
        self.run.value(&hole.node).map_err(|stop| self.fault(stop, hole))
    }

    fn text(&mut self, stretch: Stretch) -> Result<(), Fault> {
        let text = self.source.get(stretch.range()).unwrap_or("");
        if self.out.len() + text.len() > TEXT_BYTES_MAX {
            let hole = Hole { node: Node::NOTHING, stretch };
            return Err(self.fault(too_long(), &hole));
        }
        self.out.push_str(text);
        if let Manner::Json { in_text } = &mut self.manner {
            let mut escaped = false;
            for byte in text.bytes() {
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' => escaped = *in_text,
                    b'"' => *in_text = !*in_text,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn hole(&mut self, hole: &Hole) -> Result<(), Fault> {
        let value = self.value(hole)?;
        let written = match (self.manner, &value) {
            (Manner::Say, value) => print_within(value, &mut self.out, TEXT_BYTES_MAX),
            (Manner::Json { in_text: false }, value) => json_within(value, &mut self.out, TEXT_BYTES_MAX),
            (Manner::Url, value) if hole.node.root() == Some("env") => {
                print_within(value, &mut self.out, TEXT_BYTES_MAX)
            }
            (manner, Value::Text(text)) => encoded(manner, text, &mut self.out),
            (manner, value) => {
                let mut text = String::new();
                print_within(value, &mut text, TEXT_BYTES_MAX)
                    .and_then(|()| encoded(manner, &text, &mut self.out))
            }
        };
        written.map_err(|Full| self.fault(too_long(), hole))
    }

    fn condition(&mut self, cond: &If) -> Result<(), Fault> {
        for (test, body) in &cond.branches {
            if self.value(test)?.is_true() {
                return self.pieces(body);
            }
        }
        self.pieces(&cond.otherwise)
    }

    fn repetition(&mut self, item: &For) -> Result<(), Fault> {
        let list = self.value(&item.list)?;
        let known = self.run.locals.len();
        let items = items_of(&list, self.run.budget).map_err(|stop| self.fault(stop, &item.list))?;
        let picked;
        let items = match &item.only {
            None => &*items,
            Some(only) => {
                let mut kept = Vec::new();
                for one in items.iter() {
                    self.bind(one, item)?;
                    if self.value(only)?.is_true() {
                        kept.push(one.clone());
                    }
                    self.run.locals.truncate(known);
                }
                picked = kept;
                &picked
            }
        };
        if items.is_empty() {
            return self.pieces(&item.otherwise);
        }
        let round = self.run.loops.len();
        self.run.loops.push(Round { index: 0, length: items.len() });
        for (index, one) in items.iter().enumerate() {
            self.run.loops.truncate(round);
            self.run.loops.push(Round { index, length: items.len() });
            self.bind(one, item)?;
            self.pieces(&item.body)?;
            self.run.locals.truncate(known);
        }
        self.run.loops.truncate(round);
        Ok(())
    }

    /// Gives an item its name, or takes it apart into several.
    fn bind(&mut self, one: &Value, item: &For) -> Result<(), Fault> {
        self.run.budget.work(1).map_err(|stop| self.fault(stop, &item.list))?;
        let Some(count) = item.apart else {
            self.run.locals.push(one.clone());
            return Ok(());
        };
        match one {
            Value::List(parts) if parts.len() == count => self.run.locals.extend(parts.iter().cloned()),
            // A group of `groupby` is a map, and also a pair.
            Value::Map(map)
                if count == 2
                    && map.len() == 2
                    && map.contains_key("grouper")
                    && map.contains_key("list") =>
            {
                self.run.locals.extend([one.member("grouper"), one.member("list")]);
            }
            other => {
                let stop = Stop::new(format!("{} cannot be taken apart into {count} names", kind(other)));
                return Err(self.fault(stop, &item.list));
            }
        }
        Ok(())
    }
}

#[cold]
fn too_long() -> Stop {
    Stop::new(format!("the text becomes longer than {TEXT_BYTES_MAX} bytes, the most a text may have"))
}

/// A text as it may stand between JSON's quotes, or in a url.
fn encoded(manner: Manner, text: &str, out: &mut String) -> Result<(), Full> {
    match manner {
        Manner::Url => percent(text, b"-._~", out, TEXT_BYTES_MAX),
        _ => json_letters(text, out, TEXT_BYTES_MAX),
    }
}
