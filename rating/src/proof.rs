//! What a text in the name of a store must be before a word of it is believed.

/// Larger than any that a store signs.
const LARGEST: usize = 64 * 1024;

/// Why a text is not believed. For the log; whoever sent it is told nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("it has not the shape of a signed text")]
    Shape,
    #[error("it is signed by another algorithm than the store's")]
    Algorithm,
    #[error("its chain does not lead to a pinned root")]
    Root,
    #[error("a certificate of its chain is not signed by the next, or may not sign")]
    Chain,
    #[error("it, or a certificate of its chain, is not valid now")]
    Expired,
    #[error("its certificates are not the App Store's")]
    Purpose,
    #[error("its key is none of the store's")]
    Key,
    #[error("its signature is wrong")]
    Signature,
    #[error("its content is not what it should be")]
    Content,
    #[error("it is of another app, product or environment")]
    Foreign,
}

/// The three parts of a JWS: head, content, signature.
pub(crate) fn parts(jws: &str) -> Result<[&str; 3], Refused> {
    if jws.len() > LARGEST {
        return Err(Refused::Shape);
    }
    let parts: Vec<&str> = jws.split('.').collect();
    parts.try_into().map_err(|_| Refused::Shape)
}
