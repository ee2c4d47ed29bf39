//! The example of a connector for somebody else's bot: it takes what rings, answers, goes on after a new start, hands over.

#[path = "../../../examples/connector.rs"]
mod connector;

use serde_json::json;

use super::*;
use connector::Connector;

#[test]
fn the_example_of_a_connector_answers_goes_on_and_hands_over() {
    let served = served();
    let key = served.token("guest-bot").bearer.clone();
    let start = || Connector::new(&served.address.to_string(), "guest-bot", &key, "Bot");
    let mut guest = start();
    assert_eq!(guest.round(0), Ok(0));
    let begun = served.nobody().post("/api/v1/conversations", &json!({ "skill": "Human" })).ok();
    let visitor = served.bearer(begun["token"].as_str().expect("there is a pass"));
    let path = format!("/api/v1/conversations/{}", begun["conversation"].as_str().expect("it has a name"));
    let own = || visitor.said(&path);
    while own().is_empty() {
        guest.round(0).expect("it works");
    }
    assert_eq!(own(), ["agent: Hello, I am a guest here."].map(|line| line.replace("agent", "bot")));

    // What was said is answered once, however often it looks.
    visitor.say(&path, "1", "good day");
    for _ in 0..3 {
        assert_eq!(guest.round(0), Ok(1));
    }
    assert_eq!(own().len(), 3, "{:?}", own());
    assert!(own()[2].contains("You said: good day."));

    // It is gone, and somebody speaks meanwhile: the next one goes on, and the one before hears that its login has ended.
    visitor.say(&path, "2", "still there?");
    let mut next = start();
    assert_eq!(next.round(0), Ok(1));
    assert_eq!(own().len(), 5, "{:?}", own());
    assert!(own()[4].contains("You said: still there?."));
    assert!(guest.round(0).is_err_and(|why| why.contains("stale-login")));

    visitor.say(&path, "3", "a person, please");
    assert_eq!(next.round(0), Ok(1));
    assert_eq!(next.round(0), Ok(0));
    assert!(!own().iter().any(|line| line.contains("You said: a person")));

    let mut wrong = Connector::new(&served.address.to_string(), "guest-bot", "parlor_no", "Bot");
    assert!(wrong.round(0).is_err_and(|why| why.contains("wrong-login")));
}
