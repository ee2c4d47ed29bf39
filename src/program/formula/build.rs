//! From minijinja's tree, which borrows from the source, to our own; and what minijinja reads but we have no use for.

use minijinja::machinery::{Span, ast};
use minijinja::value::ValueKind;

use super::filters::{Filter, Signature};
use super::holes::{FORMULA_DEPTH_MAX, too_deep};
use super::is::{self, Test};
use super::node::{Chain, Filtered, LoopField, Node, Operator, Sift, Tested};
use crate::conversation::Value;
use crate::program::expression::Trouble;

/// What stands around the part that is being built.
pub(super) struct Builder<'s> {
    source: &'s str,
    /// Names that the loops around it made, the outermost first.
    pub(super) locals: Vec<String>,
    /// How many loops stand around it.
    pub(super) loops: u16,
    depth: usize,
}

/// Arguments in the order of the parameters.
type Given<'a, 'e> = Vec<Option<&'a ast::Expr<'e>>>;

impl<'s> Builder<'s> {
    pub(super) fn new(source: &'s str) -> Builder<'s> {
        Builder { source, locals: Vec::new(), loops: 0, depth: 0 }
    }

    pub(super) fn trouble<T>(&self, span: Span, message: impl Into<String>) -> Result<T, Trouble> {
        let end = (span.end_offset as usize).min(self.source.len());
        Err(Trouble { range: (span.start_offset as usize).min(end)..end, message: message.into() })
    }

    /// Goes one level deeper, unless that is too deep.
    pub(super) fn enter(&mut self, span: Span) -> Result<(), Trouble> {
        if self.depth >= FORMULA_DEPTH_MAX {
            return self.trouble(span, too_deep());
        }
        self.depth += 1;
        Ok(())
    }

    /// Comes back from where [`Builder::enter`] went.
    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    pub(super) fn expression(&mut self, expr: &ast::Expr<'_>) -> Result<Node, Trouble> {
        self.enter(expr.span())?;
        let part = self.part(expr);
        self.leave();
        part
    }

    fn part(&mut self, expr: &ast::Expr<'_>) -> Result<Node, Trouble> {
        match expr {
            ast::Expr::Const(item) => self.constant(&item.value, expr.span()),
            ast::Expr::Var(var) => self.name(var.id, expr.span()),
            ast::Expr::GetAttr(get) => self.member(get, expr.span()),
            ast::Expr::GetItem(get) => {
                let item = (self.expression(&get.expr)?, self.expression(&get.subscript_expr)?);
                Ok(match item {
                    (of, Node::Constant(Value::Text(name))) => Node::Member(Box::new((of, (*name).into()))),
                    item => Node::Item(Box::new(item)),
                })
            }
            ast::Expr::Slice(slice) => self.slice(slice),
            ast::Expr::UnaryOp(op) => self.unary(op),
            ast::Expr::BinOp(_) => self.chain(expr),
            ast::Expr::Compare(compare) => {
                let first = self.expression(&compare.expr)?;
                let mut rest = Vec::with_capacity(compare.ops.len());
                for next in &compare.ops {
                    rest.push((compared(next.op), self.expression(&next.expr)?));
                }
                Ok(Node::Between(Box::new(Chain { first, rest: rest.into() })))
            }
            ast::Expr::IfExpr(item) => Ok(Node::Choice(Box::new([
                self.expression(&item.test_expr)?,
                self.expression(&item.true_expr)?,
                self.maybe(item.false_expr.as_ref())?,
            ]))),
            ast::Expr::Filter(filter) => self.filter(filter, expr.span()),
            ast::Expr::Test(test) => self.test(test, expr.span()),
            ast::Expr::Call(call) => self.call(call, expr.span()),
            ast::Expr::List(list) => self.list(&list.items),
            ast::Expr::Tuple(tuple) => self.list(&tuple.items),
            ast::Expr::Map(map) => self.map(map),
        }
    }

    fn maybe(&mut self, expr: Option<&ast::Expr<'_>>) -> Result<Node, Trouble> {
        expr.map_or(Ok(Node::NOTHING), |expr| self.expression(expr))
    }

    fn constant(&self, value: &minijinja::Value, span: Span) -> Result<Node, Trouble> {
        Ok(Node::Constant(match value.kind() {
            ValueKind::Bool => Value::Flag(value.is_true()),
            ValueKind::String => Value::text(value.as_str().unwrap_or_default()),
            ValueKind::Number => match i64::try_from(value.clone()) {
                Ok(whole) if value.is_integer() => Value::Whole(whole),
                _ => match f64::try_from(value.clone()) {
                    Ok(number) if number.is_finite() => Value::number(number),
                    _ => return self.trouble(span, "this number is too large"),
                },
            },
            _ => Value::Nothing,
        }))
    }

    fn name(&self, name: &str, span: Span) -> Result<Node, Trouble> {
        match self.locals.iter().rposition(|local| local == name) {
            Some(place) => Ok(Node::Local(place as u16)),
            None if name == "loop" && self.loops > 0 => {
                self.trouble(span, "`loop` is asked for one of its members, such as `loop.index`")
            }
            None => Ok(Node::Name(name.into())),
        }
    }

    fn member(&mut self, get: &ast::GetAttr<'_>, span: Span) -> Result<Node, Trouble> {
        if let ast::Expr::Var(var) = &get.expr
            && var.id == "loop"
            && let Some(inner) = self.loops.checked_sub(1)
        {
            return match LoopField::ALL.iter().find(|(name, _)| *name == get.name) {
                Some((_, field)) => Ok(Node::Loop(*field, inner)),
                None => {
                    let known: Vec<&str> = LoopField::ALL.iter().map(|(name, _)| *name).collect();
                    self.trouble(span, format!("`loop` has no `{}`; it has {}", get.name, known.join(", ")))
                }
            };
        }
        Ok(Node::Member(Box::new((self.expression(&get.expr)?, get.name.into()))))
    }

    fn slice(&mut self, slice: &ast::Slice<'_>) -> Result<Node, Trouble> {
        Ok(Node::Slice(Box::new([
            self.expression(&slice.expr)?,
            self.maybe(slice.start.as_ref())?,
            self.maybe(slice.stop.as_ref())?,
            self.maybe(slice.step.as_ref())?,
        ])))
    }

    fn unary(&mut self, op: &ast::UnaryOp<'_>) -> Result<Node, Trouble> {
        let part = self.expression(&op.expr)?;
        Ok(match (&op.op, part) {
            (ast::UnaryOpKind::Neg, Node::Constant(Value::Whole(whole))) if whole != i64::MIN => {
                Node::Constant(Value::Whole(-whole))
            }
            (ast::UnaryOpKind::Neg, Node::Constant(Value::Number(number))) => {
                Node::Constant(Value::number(-number))
            }
            (ast::UnaryOpKind::Neg, part) => Node::Negative(Box::new(part)),
            (ast::UnaryOpKind::Not, Node::Chain(mut chain)) if matches!(*chain.rest, [(Operator::In, _)]) => {
                chain.rest[0].0 = Operator::NotIn;
                Node::Chain(chain)
            }
            (ast::UnaryOpKind::Not, part) => Node::Not(Box::new(part)),
        })
    }

    /// `a + b + c` arrives as a tree that leans to the left as deep as it is long; it is kept as a row.
    fn chain(&mut self, expr: &ast::Expr<'_>) -> Result<Node, Trouble> {
        let mut spine = Vec::new();
        let mut first = expr;
        while let ast::Expr::BinOp(op) = first {
            spine.push(op);
            first = &op.left;
        }
        let first = self.expression(first)?;
        let mut rest = Vec::with_capacity(spine.len());
        for op in spine.into_iter().rev() {
            rest.push((operator(op.op), self.expression(&op.right)?));
        }
        Ok(Node::Chain(Box::new(Chain { first, rest: rest.into() })))
    }

    fn list(&mut self, items: &[ast::Expr<'_>]) -> Result<Node, Trouble> {
        let mut parts = Vec::with_capacity(items.len());
        for item in items {
            parts.push(self.expression(item)?);
        }
        if parts.iter().all(|part| matches!(part, Node::Constant(_))) {
            let values = parts
                .into_iter()
                .map(|part| if let Node::Constant(value) = part { value } else { Value::Nothing });
            return Ok(Node::Constant(Value::list(values.collect())));
        }
        Ok(Node::List(parts.into()))
    }

    fn map(&mut self, map: &ast::Map<'_>) -> Result<Node, Trouble> {
        let mut entries = Vec::with_capacity(map.keys.len());
        for (name, value) in map.keys.iter().zip(&map.values) {
            entries.push((self.expression(name)?, self.expression(value)?));
        }
        Ok(entries_of(entries))
    }

    /// Puts arguments in the order of the parameters.
    fn given<'a, 'e>(
        &self,
        what: &str,
        args: &'a [ast::CallArg<'e>],
        params: &[&str],
        needed: usize,
        by_place: usize,
        span: Span,
    ) -> Result<Given<'a, 'e>, Trouble> {
        let mut given: Given<'a, 'e> = vec![None; params.len()];
        let mut next = 0;
        for arg in args {
            match arg {
                ast::CallArg::Pos(expr) => {
                    if next >= by_place {
                        return self
                            .trouble(expr.span(), format!("`{what}` takes {}", expected(params, by_place)));
                    }
                    given[next] = Some(expr);
                    next += 1;
                }
                ast::CallArg::Kwarg(name, expr) => match params.iter().position(|param| param == name) {
                    Some(place) if given[place].is_none() => given[place] = Some(expr),
                    Some(_) => return self.trouble(expr.span(), format!("`{what}` is given `{name}` twice")),
                    None => {
                        return self.trouble(
                            expr.span(),
                            format!("`{what}` knows no `{name}`; it takes {}", expected(params, by_place)),
                        );
                    }
                },
                ast::CallArg::PosSplat(expr) | ast::CallArg::KwargSplat(expr) => {
                    return self.trouble(expr.span(), "`*` and `**` have no meaning before an argument here");
                }
            }
        }
        match given.iter().take(needed).position(Option::is_none) {
            Some(missing) => self.trouble(span, format!("`{what}` needs its `{}`", params[missing])),
            None => Ok(given),
        }
    }

    fn args(
        &mut self,
        signature: &Signature,
        args: &[ast::CallArg<'_>],
        span: Span,
    ) -> Result<Box<[Node]>, Trouble> {
        let given =
            self.given(signature.name, args, signature.params, signature.needed, signature.by_place, span)?;
        // Parameters at the end that are not given need no room.
        let last = given.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        given.into_iter().take(last).map(|arg| self.maybe(arg)).collect()
    }

    fn filter(&mut self, filter: &ast::Filter<'_>, span: Span) -> Result<Node, Trouble> {
        let Some(expr) = &filter.expr else {
            return self.trouble(span, "a filter stands behind a value");
        };
        let value = self.expression(expr)?;
        match filter.name {
            "map" => self.map_filter(value, &filter.args, span),
            "select" | "reject" | "selectattr" | "rejectattr" => self.sift(filter, value, span),
            name => {
                let Some(signature) = Filter::find(name) else {
                    return self.trouble(span, format!("there is no filter `{name}`"));
                };
                let args = self.args(signature, &filter.args, span)?;
                Ok(Node::Filter(Box::new(Filtered { filter: signature.filter, value, args })))
            }
        }
    }

    /// `map(attribute="name", default=…)` or `map("filter", …)`
    fn map_filter(&mut self, value: Node, args: &[ast::CallArg<'_>], span: Span) -> Result<Node, Trouble> {
        if let Some((ast::CallArg::Pos(first), rest)) = args.split_first() {
            let name = self.written_out(first, "the name of a filter")?;
            let Some(signature) = Filter::find(&name) else {
                return self.trouble(first.span(), format!("`map` knows no filter `{name}`"));
            };
            let args = self.args(signature, rest, span)?;
            return Ok(Node::Each(Box::new(Filtered { filter: signature.filter, value, args })));
        }
        let given = self.given("map", args, &["attribute", "default"], 1, 0, span)?;
        Ok(Node::Pluck(Box::new([value, self.maybe(given[0])?, self.maybe(given[1])?])))
    }

    fn sift(&mut self, filter: &ast::Filter<'_>, list: Node, span: Span) -> Result<Node, Trouble> {
        let by_attribute = filter.name.ends_with("attr");
        let params: &[&str] = if by_attribute { &["attribute", "test", "value"] } else { &["test", "value"] };
        let given =
            self.given(filter.name, &filter.args, params, usize::from(by_attribute), params.len(), span)?;
        let (attribute, given) = given.split_at(usize::from(by_attribute));
        let attribute = match attribute {
            [Some(expr)] => Some(self.expression(expr)?),
            _ => None,
        };
        let (test, arg) = match given {
            [Some(test), arg] => {
                let name = self.written_out(test, "the name of a test")?;
                let Some((found, takes)) = Test::find(&name) else {
                    return self.trouble(test.span(), format!("there is no test `{name}`"));
                };
                if takes != arg.is_some() {
                    return self.trouble(test.span(), wrong_argument(&name, takes));
                }
                (Some(found), self.maybe(*arg)?)
            }
            _ => (None, Node::NOTHING),
        };
        Ok(Node::Sift(Box::new(Sift {
            list,
            attribute,
            test,
            arg,
            keeps: filter.name.starts_with("select"),
        })))
    }

    /// A text that has to be known when the bot is compiled.
    fn written_out(&self, expr: &ast::Expr<'_>, what: &str) -> Result<String, Trouble> {
        match expr {
            ast::Expr::Const(item) if item.value.as_str().is_some() => {
                Ok(item.value.as_str().unwrap_or_default().to_string())
            }
            other => self.trouble(other.span(), format!("{what} stands here in quotes")),
        }
    }

    fn test(&mut self, test: &ast::Test<'_>, span: Span) -> Result<Node, Trouble> {
        let Some((found, takes)) = Test::find(test.name) else {
            return self.trouble(span, format!("there is no test `{}`", test.name));
        };
        let given = match test.args.as_slice() {
            [] => None,
            [ast::CallArg::Pos(arg)] => Some(arg),
            _ => return self.trouble(span, format!("`{}` takes one value at most", test.name)),
        };
        if takes != given.is_some() {
            return self.trouble(span, wrong_argument(test.name, takes));
        }
        let value = self.expression(&test.expr)?;
        let arg = self.maybe(given)?;
        match (found, &arg) {
            (Test::Like, Node::Constant(Value::Text(text))) => match is::pattern(text) {
                Ok(pattern) => Ok(Node::Like(Box::new((value, pattern)))),
                Err(slip) => self.trouble(given.map_or(span, ast::Expr::span), slip),
            },
            _ => Ok(Node::Test(Box::new(Tested { test: found, value, arg }))),
        }
    }

    fn call(&mut self, call: &ast::Call<'_>, span: Span) -> Result<Node, Trouble> {
        match &call.expr {
            ast::Expr::Var(var) if var.id == "range" => {
                let given = self.given("range", &call.args, &["from", "to", "step"], 1, 3, span)?;
                Ok(Node::Range(Box::new([
                    self.maybe(given[0])?,
                    self.maybe(given[1])?,
                    self.maybe(given[2])?,
                ])))
            }
            ast::Expr::Var(var) if var.id == "dict" => {
                let mut entries = Vec::with_capacity(call.args.len());
                for arg in &call.args {
                    let ast::CallArg::Kwarg(name, value) = arg else {
                        return self.trouble(span, "`dict` takes names and values: `dict(a=1, b=2)`");
                    };
                    entries.push((Node::Constant(Value::text(*name)), self.expression(value)?));
                }
                Ok(entries_of(entries))
            }
            ast::Expr::Var(var) => self.trouble(span, format!("there is no function `{}`", var.id)),
            ast::Expr::GetAttr(get) => self.trouble(
                span,
                format!(
                    "`.{}(…)` cannot be called; what changes a value is written as a filter: `| {}`",
                    get.name, get.name
                ),
            ),
            _ => self.trouble(span, "this cannot be called"),
        }
    }
}

fn entries_of(entries: Vec<(Node, Node)>) -> Node {
    let fixed: Option<std::collections::BTreeMap<String, Value>> = entries
        .iter()
        .map(|entry| match entry {
            (Node::Constant(Value::Text(name)), Node::Constant(value)) => {
                Some((name.to_string(), value.clone()))
            }
            _ => None,
        })
        .collect();
    fixed.map_or_else(|| Node::Map(entries.into()), |map| Node::Constant(Value::map(map)))
}

fn wrong_argument(test: &str, takes: bool) -> String {
    match takes {
        true => format!("`{test}` needs a value behind it"),
        false => format!("`{test}` takes no value"),
    }
}

fn expected(params: &[&str], by_place: usize) -> String {
    match (params, by_place) {
        ([], _) => "nothing in parentheses".to_string(),
        (params, 0) => params.iter().map(|param| format!("`{param}=…`")).collect::<Vec<_>>().join(", "),
        (params, _) => params.iter().map(|param| format!("`{param}`")).collect::<Vec<_>>().join(", "),
    }
}

fn compared(op: ast::CompareOpKind) -> Operator {
    match op {
        ast::CompareOpKind::Eq => Operator::Equal,
        ast::CompareOpKind::Ne => Operator::Unequal,
        ast::CompareOpKind::Lt => Operator::Less,
        ast::CompareOpKind::Lte => Operator::LessOrEqual,
        ast::CompareOpKind::Gt => Operator::Greater,
        ast::CompareOpKind::Gte => Operator::GreaterOrEqual,
        ast::CompareOpKind::In => Operator::In,
        ast::CompareOpKind::NotIn => Operator::NotIn,
    }
}

fn operator(op: ast::BinOpKind) -> Operator {
    match op {
        ast::BinOpKind::Eq => Operator::Equal,
        ast::BinOpKind::Ne => Operator::Unequal,
        ast::BinOpKind::Lt => Operator::Less,
        ast::BinOpKind::Lte => Operator::LessOrEqual,
        ast::BinOpKind::Gt => Operator::Greater,
        ast::BinOpKind::Gte => Operator::GreaterOrEqual,
        ast::BinOpKind::ScAnd => Operator::And,
        ast::BinOpKind::ScOr => Operator::Or,
        ast::BinOpKind::Add => Operator::Add,
        ast::BinOpKind::Sub => Operator::Subtract,
        ast::BinOpKind::Mul => Operator::Multiply,
        ast::BinOpKind::Div => Operator::Divide,
        ast::BinOpKind::FloorDiv => Operator::DivideWhole,
        ast::BinOpKind::Rem => Operator::Remainder,
        ast::BinOpKind::Pow => Operator::Power,
        ast::BinOpKind::Concat => Operator::Join,
        ast::BinOpKind::In => Operator::In,
    }
}
