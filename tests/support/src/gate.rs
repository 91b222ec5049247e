//! A port that refuses connections until it is opened.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::oneshot;

/// A port of loopback that nobody listens on, and which later leads to another one. It is closed when it is dropped.
pub struct Gate {
    address: SocketAddr,
    open: Option<oneshot::Sender<u16>>,
    shut: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Gate {
    /// Panics when loopback has no free port.
    pub fn closed() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        // A port that is bound and not listened on is nobody else's meanwhile.
        let socket = TcpSocket::new_v4().expect("a socket");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        socket.bind(any).expect("a free port");
        let address = socket.local_addr().expect("a bound address");
        let (open, opened) = oneshot::channel();
        let (shut, is_shut) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = is_shut => {}
                    () = lead(socket, opened) => {}
                }
            });
        });
        Self {
            address,
            open: Some(open),
            shut: Some(shut),
            thread: Some(thread),
        }
    }

    /// Its `host:port`.
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    /// Leads connections to that port of loopback from now on.
    pub fn open(&mut self, port: u16) {
        if let Some(open) = self.open.take() {
            let _ = open.send(port);
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        drop(self.shut.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn lead(socket: TcpSocket, opened: oneshot::Receiver<u16>) {
    let Ok(port) = opened.await else {
        return std::future::pending().await;
    };
    let listener = socket.listen(64).expect("a listener");
    while let Ok((mut from, _)) = listener.accept().await {
        tokio::spawn(async move {
            if let Ok(mut to) = TcpStream::connect(("127.0.0.1", port)).await {
                let _ = copy_bidirectional(&mut from, &mut to).await;
            }
        });
    }
}
