//! A platform beside a store at hand: one input from beginning to end, every append kept before the next thing happens.
//!
//! For tools, tests and small houses. A house with many visitors commits in groups, as the server does.

use crate::conversation::Moment;
use crate::store::Store;

use super::handle::Platform;
use super::input::Input;
use super::output::Output;

/// Lets something happen and does all that is asked of the store. What is left is for the world outside.
pub fn keep(platform: &mut Platform, store: &dyn Store, input: Input, now: Moment) -> Vec<Output> {
    let mut left = Vec::new();
    let mut inputs = vec![input];
    while let Some(input) = inputs.pop() {
        let mut next = Vec::new();
        for output in platform.handle(input, now) {
            match output {
                Output::Append { ticket, append } => {
                    next.push(
                        match store
                            .append(std::slice::from_ref(&append))
                            .map(|outcomes| outcomes.into_iter().next())
                        {
                            Ok(Some(outcome)) => Input::Stored { ticket, outcome },
                            Ok(None) => Input::Stored { ticket, outcome: crate::store::Outcome::Unknown },
                            Err(failure) => Input::StoreFailed(failure),
                        },
                    );
                }
                Output::Read { ticket, key } => next.push(match store.newest(&key) {
                    Ok(kept) => Input::Read { ticket, kept },
                    Err(failure) => Input::StoreFailed(failure),
                }),
                output => left.push(output),
            }
        }
        inputs.extend(next.into_iter().rev());
    }
    left
}
