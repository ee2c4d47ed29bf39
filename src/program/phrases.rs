//! The lists of phrases that come with the language: yes, no, bye, help, back, in a few languages.

/// What a visitor says for it, as exact texts; words that also stand in longer answers are left to the author.
pub fn built_in(name: &str, language: &str) -> Option<&'static [&'static str]> {
    let language = language.split('-').next().unwrap_or(language).to_lowercase();
    let lists = LISTS.iter().find(|(code, _)| *code == language).or(LISTS.first())?.1;
    lists.iter().find(|(list, _)| *list == name).map(|(_, phrases)| *phrases)
}

/// The languages that have lists of their own; all others get the first one's.
pub fn languages() -> impl Iterator<Item = &'static str> {
    LISTS.iter().map(|(code, _)| *code)
}

type Lists = &'static [(&'static str, &'static [&'static str])];

const LISTS: &[(&str, Lists)] = &[
    (
        "en",
        &[
            (
                "yes",
                &[
                    "yes",
                    "y",
                    "yeah",
                    "yep",
                    "yup",
                    "ya",
                    "ok",
                    "okay",
                    "k",
                    "sure",
                    "of course",
                    "absolutely",
                    "definitely",
                    "correct",
                    "right",
                    "that's right",
                    "exactly",
                    "yes please",
                    "please do",
                    "go ahead",
                    "sounds good",
                    "fine",
                    "all right",
                    "alright",
                    "i do",
                    "i agree",
                    "agreed",
                    "👍",
                ],
            ),
            (
                "no",
                &[
                    "no",
                    "n",
                    "nope",
                    "nah",
                    "no thanks",
                    "no thank you",
                    "not now",
                    "not really",
                    "never",
                    "no way",
                    "wrong",
                    "incorrect",
                    "that's wrong",
                    "absolutely not",
                    "i don't",
                    "i do not",
                    "don't",
                    "👎",
                ],
            ),
            (
                "bye",
                &[
                    "bye",
                    "bye bye",
                    "goodbye",
                    "good bye",
                    "see you",
                    "see ya",
                    "cya",
                    "that's all",
                    "that is all",
                    "nothing",
                    "nothing else",
                    "no that's all",
                    "i'm done",
                    "done",
                    "have a nice day",
                    "👋",
                ],
            ),
            (
                "help",
                &[
                    "help",
                    "help me",
                    "i need help",
                    "what can you do",
                    "what can i say",
                    "how does this work",
                    "options",
                    "menu",
                ],
            ),
            ("back", &["back", "go back", "previous", "return", "one step back", "undo"]),
        ],
    ),
    (
        "de",
        &[
            (
                "yes",
                &[
                    "ja",
                    "j",
                    "jo",
                    "jep",
                    "ja bitte",
                    "ja gerne",
                    "gerne",
                    "klar",
                    "na klar",
                    "sicher",
                    "natürlich",
                    "genau",
                    "richtig",
                    "stimmt",
                    "das stimmt",
                    "ok",
                    "okay",
                    "in ordnung",
                    "einverstanden",
                    "passt",
                    "gut",
                    "👍",
                ],
            ),
            (
                "no",
                &[
                    "nein",
                    "n",
                    "nee",
                    "nö",
                    "nein danke",
                    "lieber nicht",
                    "jetzt nicht",
                    "auf keinen fall",
                    "falsch",
                    "das ist falsch",
                    "stimmt nicht",
                    "niemals",
                    "👎",
                ],
            ),
            (
                "bye",
                &[
                    "tschüss",
                    "tschüs",
                    "ciao",
                    "auf wiedersehen",
                    "bis bald",
                    "bis dann",
                    "das war's",
                    "das war alles",
                    "nichts",
                    "fertig",
                    "👋",
                ],
            ),
            (
                "help",
                &["hilfe", "hilf mir", "ich brauche hilfe", "was kannst du", "was kann ich sagen", "menü"],
            ),
            ("back", &["zurück", "geh zurück", "einen schritt zurück", "vorherige"]),
        ],
    ),
    (
        "fr",
        &[
            (
                "yes",
                &[
                    "oui",
                    "o",
                    "ouais",
                    "oui merci",
                    "oui s'il vous plaît",
                    "d'accord",
                    "bien sûr",
                    "certainement",
                    "exact",
                    "exactement",
                    "c'est ça",
                    "ok",
                    "👍",
                ],
            ),
            (
                "no",
                &[
                    "non",
                    "n",
                    "non merci",
                    "pas maintenant",
                    "pas du tout",
                    "jamais",
                    "faux",
                    "c'est faux",
                    "👎",
                ],
            ),
            ("bye", &["au revoir", "salut", "à bientôt", "c'est tout", "rien", "rien d'autre", "👋"]),
            ("help", &["aide", "aidez-moi", "à l'aide", "j'ai besoin d'aide", "que peux-tu faire", "menu"]),
            ("back", &["retour", "revenir", "en arrière", "précédent"]),
        ],
    ),
    (
        "es",
        &[
            (
                "yes",
                &[
                    "sí",
                    "si",
                    "s",
                    "claro",
                    "claro que sí",
                    "por supuesto",
                    "de acuerdo",
                    "vale",
                    "exacto",
                    "correcto",
                    "sí por favor",
                    "ok",
                    "👍",
                ],
            ),
            (
                "no",
                &["no", "n", "no gracias", "ahora no", "para nada", "nunca", "incorrecto", "eso no", "👎"],
            ),
            (
                "bye",
                &["adiós", "chao", "hasta luego", "hasta pronto", "eso es todo", "nada", "nada más", "👋"],
            ),
            ("help", &["ayuda", "ayúdame", "necesito ayuda", "qué puedes hacer", "menú"]),
            ("back", &["atrás", "volver", "regresar", "anterior"]),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_list() {
        for language in languages() {
            for name in crate::language::words::PHRASES {
                assert!(built_in(name, language).is_some_and(|list| list.len() > 3), "{name} in {language}");
            }
        }
        assert_eq!(built_in("yes", "de-AT").unwrap()[0], "ja");
        assert_eq!(built_in("yes", "xx").unwrap()[0], "yes");
        assert_eq!(built_in("maybe", "en"), None);
    }
}
