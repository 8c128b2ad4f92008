//! The `apta` binary.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    #[cfg(feature = "faults")]
    let _faults = domain::faults::from_environment();
    // Before anything opens a TLS connection: several crates share this one provider.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("apta: another TLS provider is already installed");
    }
    std::process::exit(api::cli::run());
}
