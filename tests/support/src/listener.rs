//! What the servers of the tests have in common: a free port, a thread for each connection, and an end that leaves none.

use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// Listens until it is dropped, and closes its connections then.
#[derive(Debug)]
pub struct Listener {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    connections: Mutex<Vec<TcpStream>>,
    closed: AtomicBool,
}

impl Listener {
    /// Starts on a free port. Each connection is `hold`'s, on a thread of its own; one that breaks is the client's affair.
    pub fn start<T>(hold: impl Fn(TcpStream) -> T + Clone + Send + 'static) -> Self {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = socket.local_addr().expect("its address");
        let shared = Arc::new(Shared::default());
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            move || listen(&socket, &shared, &hold)
        });
        Self { address, shared, thread: Some(thread) }
    }
}

fn listen<T>(socket: &TcpListener, shared: &Shared, hold: &(impl Fn(TcpStream) -> T + Clone + Send + 'static)) {
    for stream in socket.incoming().flatten() {
        if shared.closed.load(Ordering::SeqCst) {
            return;
        }
        locked(&shared.connections).extend(stream.try_clone());
        let hold = hold.clone();
        thread::spawn(move || drop(hold(stream)));
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        // Wakes the thread, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        for connection in locked(&self.shared.connections).iter() {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

/// A port nobody listens on, below those the system gives to clients: none of theirs takes it before its server does, or while
/// that is started anew.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = u16::try_from(std::process::id() % PORTS).unwrap_or_default();
    loop {
        let next = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(begin.wrapping_mul(37));
        let port = FIRST_PORT + next % u16::try_from(PORTS).unwrap_or_default();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

const FIRST_PORT: u16 = 20_000;
const PORTS: u32 = 12_000;

/// A lock that a thread which failed does not keep.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
