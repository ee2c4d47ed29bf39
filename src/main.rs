//! The `parlor` program: everything it does is in [`parlor::cli`].

fn main() -> std::process::ExitCode {
    parlor::cli::main()
}
