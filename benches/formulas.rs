//! How long a condition, a value and a text with holes take, beside minijinja's own engine, and what they weigh.

use std::hint::black_box;

use criterion::Criterion;
use parlor::conversation::Value;
use parlor::program::formula::{Budget, Formula, Names, Template};

struct Known(Value);

impl Names for Known {
    fn value(&self, name: &str) -> Value {
        self.0.member(name)
    }

    fn is_open(&self, _hours: &str) -> bool {
        true
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let known: Value = serde_json::from_str(
        r#"{"visits": 3, "status": "shipped", "order_no": "A-12345", "eta": "24 Nov", "visitor": {"name": "Dana"},
            "reply": "where is my order", "stores": [{"city": "Rome", "size": 3}, {"city": "Bonn", "size": 1}]}"#,
    )
    .expect("names");
    let context = minijinja::Value::from(minijinja::value::Serde(&known));
    let names = Known(known);
    let engine = minijinja::Environment::new();
    for source in [
        "visits + 1",
        "status == \"shipped\"",
        "visits > 2 and status == \"shipped\"",
        "visitor.name | default('there')",
        "reply is like \"*(track|where)*(order|parcel)*\"",
        "stores | sort(attribute='size') | map(attribute='city') | join(', ')",
    ] {
        let formula = Formula::read(source).expect("it reads");
        criterion.bench_function(source, |bencher| {
            bencher.iter(|| black_box(formula.value(&names, &mut Budget::new())));
        });
    }
    for source in
        ["Order {{ order_no }} arrives {{ eta }}.", "{% for s in stores %}{{ s.city }}, {% endfor %}"]
    {
        let template = Template::read(source).expect("it reads");
        criterion.bench_function(source, |bencher| {
            bencher.iter(|| black_box(template.say(&names, &mut Budget::new())));
        });
        let theirs = engine.template_from_str(source).expect("it reads");
        criterion.bench_function(&format!("minijinja: {source}"), |bencher| {
            bencher.iter(|| black_box(theirs.render(context.clone())));
        });
    }
    // What is made to be slow: each runs until its budget ends.
    for source in [
        "{% for a in range(3000) %}{% for b in range(3000) %}{{ b }}{% endfor %}{% endfor %}",
        "{% for a in range(3000) %}{% if ('aX' * 9000) | upper | lower | title == 'x' %}y{% endif %}{% endfor %}",
        "{% for a in range(3000) %}{% if (reply * 800) is like '*(a|b)*(c|d)*(e|f)*zz*' %}y{% endif %}{% endfor %}",
        "{% for a in range(3000) %}{% if range(900) | map('string') | sort | unique == a %}y{% endif %}{% endfor %}",
        "{% for a in range(3000) %}{% if 0.123456789 | round(300) == a %}y{% endif %}{% endfor %}",
    ] {
        let template = Template::read(source).expect("it reads");
        criterion.bench_function(&format!("budget: {source}"), |bencher| {
            bencher.iter(|| black_box(template.say(&names, &mut Budget::new())));
        });
    }
    let theirs = engine.compile_expression("visits + 1").expect("it reads");
    criterion.bench_function("minijinja: visits + 1", |bencher| {
        bencher.iter(|| black_box(theirs.eval(context.clone())));
    });
    criterion.bench_function("read a template with two holes", |bencher| {
        bencher.iter(|| black_box(Template::read("Order {{ order_no }} arrives {{ eta }}.")));
    });
    criterion.final_summary();
}
