//! Every line of `tests/formulas/expressions.md` is a test; whatever is written, nothing panics or costs more than it may; and where
//! minijinja's own engine means the same, it says the same.

use std::path::Path;

use parlor::conversation::Value;
use parlor::program::expression::{read_expression, read_template};
use parlor::program::formula::{
    Budget, FORMULA_DEPTH_MAX, Fault, Formula, MADE_BYTES_MAX, Names, TEXT_BYTES_MAX, Template,
    VALUE_BYTES_MAX,
};
use proptest::prelude::*;

const PAGE: &str = "tests/formulas/expressions.md";

struct Known(Value);

impl Names for Known {
    fn value(&self, name: &str) -> Value {
        self.0.member(name)
    }

    fn is_open(&self, hours: &str) -> bool {
        hours == "Office"
    }

    fn is_private(&self, name: &str) -> bool {
        name == "pin"
    }
}

fn known(page: &str) -> Known {
    let json =
        page.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).expect("names as JSON");
    Known(serde_json::from_str(json).expect("names are JSON"))
}

fn fault(fault: Fault) -> String {
    format!("fault: {}", fault.message)
}

/// What one line of the page comes to.
fn comes_to(line: &str, names: &Known) -> String {
    let mut budget = Budget::new();
    let budget = &mut budget;
    let said = |result: Result<String, Fault>| {
        result.map_or_else(fault, |text| serde_json::to_string(&text).expect("texts are JSON"))
    };
    for manner in ["say", "json", "url"] {
        let Some(text) = line.strip_prefix(manner).and_then(|rest| rest.strip_prefix(' ')) else {
            continue;
        };
        let text = if manner == "say" { text.replace("\\n", "\n") } else { text.to_string() };
        return match Template::read(&text) {
            Err(trouble) => format!("trouble: {}", trouble.message),
            Ok(template) => said(match manner {
                "say" => template.say(names, budget),
                "json" => template.json(names, budget),
                _ => template.url(names, budget),
            }),
        };
    }
    match Formula::read(line) {
        Err(trouble) => format!("trouble: {}", trouble.message),
        Ok(formula) => formula
            .value(names, budget)
            .map_or_else(fault, |value| serde_json::to_string(&value).expect("values are JSON")),
    }
}

#[test]
fn the_page_of_expressions_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = std::fs::read_to_string(&path).expect("the page is there");
    let names = known(&page);
    let (mut inside, mut rows, mut out) = (false, 0, String::new());
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```formulas";
        } else if inside {
            let written = line.split("   => ").next().unwrap_or(line).trim_end();
            let line = format!("{written}   => {}", comes_to(written, &names));
            rows += 1;
            out.push_str(&line);
            out.push('\n');
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    assert!(rows > 400, "{rows} rows");
    assert!(!out.contains("s3cret") || out.matches("s3cret").count() == 1, "a secret is shown");
    if std::env::var_os("UPDATE").is_some() && out != page {
        std::fs::write(&path, out).expect("the page can be written");
    } else {
        for (is, should) in out.lines().zip(page.lines()) {
            assert_eq!(is, should, "{PAGE}");
        }
    }
}

/// One of these; they stand two spaces apart, since some hold one.
fn one_of(words: &'static str) -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(words.split("  ").collect::<Vec<_>>())
}

/// Parts of expressions, well-formed or not.
fn parts() -> impl Strategy<Value = String> {
    let word = one_of(
        "visits  price  order_no  stores  visitor  numbers  missing  0  1  2  -1  2.5  3000  \
         9223372036854775807  \"\"  \"abc\"  'x'  true  none  []  {}  (  )  [  ]  {  }  ,  :  .  +  -  \
         *  /  //  %  **  ~  ==  !=  <  <=  >  >=  and  or  not  in  is  if  else  |  upper  join  \
         sort  map  batch  slice  replace  range  dict  length  tojson  select  list  split  round  \
         int  sum  groupby  unique  like  odd  defined  attribute=  \"odd\"  \"upper\"  .name  .city  \
         [0]  [::-1]  (2)  (\"a\")  ('size')  }}  {{  {%  %}  é",
    );
    prop::collection::vec(word, 0..14).prop_map(|words| words.join(" "))
}

/// Expressions that can be read, built from the inside out.
fn formulas() -> impl Strategy<Value = String> {
    let leaf = one_of(
        "visits  price  order_no  status  missing  yes  stores  numbers  visitor  visitor.tags  0  7  \
         2.5  -3  \"\"  \"a,b\"  \"x\"  none  true  range(9)  [1, 2, 'a']  {'a': 1}",
    )
    .prop_map(str::to_string);
    leaf.prop_recursive(5, 40, 3, |inner| {
        let operator = one_of("+  -  *  /  //  %  **  ~  ==  !=  <  <=  >  >=  and  or  in  not in");
        let filter = one_of(
            "abs  batch(2)  batch(3, 0)  bool  capitalize  default(1)  d(2, true)  first  float(0)  \
             groupby('city')  int(0)  items  join(',')  last  length  lines  list  lower  \
             map(attribute='city')  map('string')  max  min  reject('odd')  rejectattr('open')  \
             replace('', 'xyxyxy')  reverse  round(1)  round(-1, 'ceil')  select  select('gt', 1)  \
             selectattr('size', 'ge', 7)  slice(2)  slice(3, 'x')  sort  sort(attribute='size')  \
             split(',')  split  string  sum  title  tojson  tojson(2)  trim  unique  upper  urlencode",
        );
        let test = one_of(
            "defined  none  odd  divisibleby 2  startingwith 'a'  lower  like '*a*'  in [1, 'a']  gt 1",
        );
        prop_oneof![
            (inner.clone(), operator, inner.clone())
                .prop_map(|(one, op, other)| format!("({one} {op} {other})")),
            (inner.clone(), filter).prop_map(|(value, filter)| format!("({value} | {filter})")),
            (inner.clone(), test).prop_map(|(value, test)| format!("({value} is {test})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(test, yes, no)| format!("({yes} if {test} else {no})")),
            (inner.clone(), inner.clone()).prop_map(|(of, at)| format!("({of})[{at}]")),
            (inner.clone(), inner.clone()).prop_map(|(of, at)| format!("({of})[:{at}]")),
            inner.clone().prop_map(|value| format!("(-{value})")),
            inner.prop_map(|value| format!("[{value}, {value}]")),
        ]
    })
}

fn page_names() -> Known {
    known(
        &std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE))
            .expect("the page is there"),
    )
}

/// What an expression makes is within its bounds, and both budgets only fall.
fn within_bounds(source: &str, names: &Known) {
    let Ok(formula) = Formula::read(source) else { return };
    assert!(read_expression(source).is_ok(), "the checker reads what runs: {source}");
    let mut budget = Budget::new();
    if let Ok(value) = formula.value(names, &mut budget) {
        assert!(value.size() <= VALUE_BYTES_MAX + names.0.size(), "{source}");
        assert!(serde_json::to_string(&value).is_ok());
    }
    assert!(budget.bytes_left() <= MADE_BYTES_MAX);
}

proptest! {
    #[test]
    fn whatever_is_written_nothing_panics(source in parts()) {
        let names = page_names();
        within_bounds(&source, &names);
        for text in [format!("{{{{ {source} }}}}"), format!("a {source} {{{{ visits }}}} b"), format!("{{% if {source} %}}x{{% endif %}}")] {
            let template = Template::read(&text);
            prop_assert!(template.is_err() || read_template(&text).is_ok());
            if let Ok(template) = template
                && let Ok(said) = template.say(&names, &mut Budget::new())
            {
                prop_assert!(said.len() <= TEXT_BYTES_MAX);
            }
        }
    }

    #[test]
    fn what_can_be_read_stays_within_bounds(source in formulas()) {
        let names = page_names();
        prop_assert!(Formula::read(&source).is_ok(), "{}", source);
        within_bounds(&source, &names);
        let looped = format!("{{% for x in range(2000) %}}{{{{ {source} }}}}{{% endfor %}}");
        if let Ok(template) = Template::read(&looped)
            && let Ok(said) = template.say(&names, &mut Budget::new())
        {
            prop_assert!(said.len() <= TEXT_BYTES_MAX);
        }
    }

    #[test]
    fn minijinja_says_the_same_where_it_means_the_same(source in same()) {
        let names = page_names();
        let engine = minijinja::Environment::new();
        let context = minijinja::Value::from(minijinja::value::Serde(&names.0));
        let theirs = engine.compile_expression(&source).and_then(|compiled| compiled.eval(context));
        let ours = Formula::read(&source).expect(&source).value(&names, &mut Budget::new());
        if let (Ok(ours), Ok(theirs)) = (&ours, &theirs) {
            let theirs: Value = serde_json::to_value(theirs).expect("values are JSON").into();
            prop_assert_eq!(serde_json::to_string(ours).ok(), serde_json::to_string(&theirs).ok(), "{}", source);
        }
        // Where ours is a fault, theirs is one as well.
        if ours.is_err() {
            prop_assert!(theirs.is_err(), "{}: {:?}", source, ours);
        }
    }
}

/// Expressions that mean the same to minijinja: every part has the kind that its place asks for.
fn same() -> impl Strategy<Value = String> {
    let number = one_of("visits  price  0  7  2.5  3000  1000000007  (-3)").prop_map(str::to_string);
    let number = number.prop_recursive(4, 20, 2, |inner| {
        let operator = one_of("+  -  *  //  %  /");
        prop_oneof![
            (inner.clone(), operator, inner.clone())
                .prop_map(|(one, op, other)| format!("({one} {op} {other})")),
            (inner.clone(), one_of("abs  int  round  round(1)  round(2, 'floor')  float",))
                .prop_map(|(value, filter)| format!("({value} | {filter})")),
            inner.prop_map(|value| format!("(-{value})")),
        ]
    });
    let text = one_of("order_no  status  reply  empty  'a,b,,c'  ' x\\ty '  'Hello (big) wOrld'")
        .prop_map(str::to_string);
    let text = text.prop_recursive(4, 20, 2, |inner| {
        let filter = one_of(
            "upper  lower  title  capitalize  trim  trim('a,')  replace('a', 'bb')  replace('', '-')  \
             reverse  string  default('z', true)  split(',') | join('+')  split | join('_')  \
             split(',', 1) | join('_')  list | join('.')  lines | join('/')",
        );
        prop_oneof![
            (inner.clone(), one_of("+  ~",), inner.clone())
                .prop_map(|(one, op, other)| format!("({one} {op} {other})")),
            (inner.clone(), filter).prop_map(|(value, filter)| format!("({value} | {filter})")),
            (inner.clone(), one_of("[1:]  [:2]  [-3:]  [:-1]  [::2]  [1:4:2]",))
                .prop_map(|(value, slice)| format!("({value}){slice}")),
        ]
    });
    let list = one_of("numbers  visitor.tags  []  [1, 2, 1, 'a', 'A', 'b']  range(7)  [[1, 'x'], [2]]")
        .prop_map(str::to_string);
    let list = list.prop_recursive(3, 12, 2, |inner| {
        let filter = one_of(
            "sort  sort(reverse=true)  sort(case_sensitive=true)  unique  unique(case_sensitive=true)  \
             reverse | list  list  batch(2)  batch(4, 0)  slice(2)  slice(3, 'f')  select('odd')  \
             reject('odd')  select  reject  select('in', [1, 2])  select('string')  reject('number')",
        );
        prop_oneof![
            (inner.clone(), filter).prop_map(|(value, filter)| format!("({value} | {filter})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("(({one}) + ({other}) | list)")),
        ]
    });
    let compare = one_of("==  !=  <  <=  >  >=");
    prop_oneof![
        number.clone(),
        text.clone(),
        list.clone(),
        (number.clone(), compare.clone(), number.clone())
            .prop_map(|(one, op, other)| format!("{one} {op} {other}")),
        (text.clone(), compare.clone(), text.clone())
            .prop_map(|(one, op, other)| format!("{one} {op} {other}")),
        (text.clone(), text.clone()).prop_map(|(one, other)| format!("{one} in {other}")),
        (number.clone(), list.clone()).prop_map(|(one, other)| format!("{one} not in {other}")),
        (
            list,
            one_of(
                "length  first  last  min  max  select('string') | join(',')  \
                 select('integer') | map('string')",
            )
        )
            .prop_map(|(list, filter)| format!("{list} | {filter}")),
        (text.clone(), one_of("is lower  is upper  is startingwith 'a'  is endingwith 'd'  | length",))
            .prop_map(|(text, test)| format!("{text} {test}")),
        (number, one_of("is number  is divisibleby 3  is gt 2",))
            .prop_map(|(number, test)| format!("{number} {test}")),
        (text.clone(), compare, text.clone(), text)
            .prop_map(|(one, op, other, more)| format!("({one} {op} {other} and {more}) or 'no'")),
    ]
}

#[test]
fn what_is_nested_deep_is_refused_and_what_is_long_is_not() {
    // As small a stack as a thread is usually given, in a build without optimisations.
    let checked = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(|| {
        let names = page_names();
        let nested = |open: &str, core: &str, close: &str, depth: usize| {
            format!("{}{core}{}", open.repeat(depth), close.repeat(depth))
        };
        let mut read = 0;
        for depth in [1, 10, 20, 40, 60, 62, 63, 64, 65, 100, 150, 400, 900] {
            for source in [
                nested("(", "1", ")", depth),
                nested("[", "1", "]", depth),
                nested("{'a':", "1", "}", depth),
                nested("not ", "1", "", depth),
                nested("-", "1", "", depth),
                nested("- ", "1", "", depth),
                nested("x[", "1", "]", depth),
                nested("1 if 1 else ", "1", "", depth),
                nested("", "1", " if 1", depth),
                nested("1+(", "1", ")", depth),
                nested("x", "", ".a", depth),
                nested("", "x", "[0]", depth),
                nested("", "x", "|d", depth),
                nested("", "x", " is odd", depth),
                nested("", "x", "()", depth),
                nested("1 ~ ", "1", "", depth),
                nested("1<", "1", "", depth),
                nested("1 and ", "1", "", depth),
            ] {
                let formula = Formula::read(&source);
                let checked = read_expression(&source);
                assert!(checked.is_ok() || formula.is_err(), "{source}");
                if let Ok(formula) = formula {
                    read += 1;
                    let _ = formula.value(&names, &mut Budget::new());
                }
            }
            for text in [
                nested("{% if 1 %}", "x", "{% endif %}", depth),
                nested("{% for a in [1] %}", "{{ a }}", "{% endfor %}", depth),
                format!("{{% if 0 %}}{}{{% endif %}}", "{% elif 0 %}".repeat(depth)),
                nested(
                    "{% for a in [1] %}",
                    &format!("{{{{ {} }}}}", nested("(", "a", ")", depth)),
                    "{% endfor %}",
                    depth,
                ),
                "{% if 0 %}{% else %}".repeat(depth) + &"{% endif %}".repeat(depth),
                "{{ -".repeat(depth),
            ] {
                let _ = read_template(&text);
                if let Ok(template) = Template::read(&text) {
                    read += 1;
                    let _ = template.say(&names, &mut Budget::new());
                }
            }
        }
        read
    });
    let read = checked.expect("a thread").join().expect("no overflow");
    assert!(read > 150, "{read} were read");
    let long = ["visits"; 200].join(" + ");
    let names = page_names();
    assert_eq!(Formula::read(&long).expect("long").value(&names, &mut Budget::new()), Ok(Value::Whole(600)));
    let deep = format!("{}1{}", "(".repeat(FORMULA_DEPTH_MAX + 1), ")".repeat(FORMULA_DEPTH_MAX + 1));
    assert!(Formula::read(&deep).expect_err("deep").message.contains(&FORMULA_DEPTH_MAX.to_string()));
}

#[test]
fn fixed_values_and_plain_texts_are_known_as_such() {
    let constant = |source: &str| Formula::read(source).expect("it reads").constant().cloned();
    assert_eq!(constant("-3"), Some(Value::Whole(-3)));
    assert_eq!(constant("[1, 'a']").map(|value| value.to_string()).as_deref(), Some("[1,\"a\"]"));
    assert_eq!(constant("{'a': 1}").map(|value| value.to_string()).as_deref(), Some("{\"a\":1}"));
    assert_eq!(constant("visits"), None);
    let plain = |source: &str| Template::read(source).expect("it reads").as_plain().map(str::to_string);
    assert_eq!(plain("Hello {there} {# you #}\n").as_deref(), Some("Hello {there} {# you #}\n"));
    assert_eq!(plain("Hello {{ name }}"), None);
    assert_eq!(Template::plain("{{ x").say(&page_names(), &mut Budget::new()).as_deref(), Ok("{{ x"));
}

#[test]
fn one_budget_is_shared_by_all_it_is_given_to() {
    let names = page_names();
    let formula = Formula::read("range(3000) | length").expect("it reads");
    let mut budget = Budget::new();
    let failed = (0..1000).find_map(|_| formula.value(&names, &mut budget).err()).expect("it ends");
    assert!(failed.message.contains("100000 units of work"), "{failed}");
}
